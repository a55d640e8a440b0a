#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/random.h>
#include <sys/prctl.h>

// prctl is variadic, which Swift cannot call. Names the calling thread; the kernel keeps 15 bytes.
static inline int clinux_name_thread(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

// <sys/socket.h> would clash with the Glibc module, so what it declares is reached another way.
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// accept4 without the peer's address; 02000000 is SOCK_CLOEXEC, 04000 SOCK_NONBLOCK.
static inline int clinux_accept(int listening) {
  return (int)syscall(SYS_accept4, listening, 0, 0, 02000000 | 04000);
}

// struct ucred, which SO_PEERCRED fills in.
struct clinux_credentials {
  int32_t process;
  uint32_t user;
  uint32_t group;
};

// epoll_event is packed on x86-64; building it here keeps that out of Swift.
static inline int clinux_epoll_control(int epoll, int operation, int descriptor, uint32_t events,
                                       uint64_t identifier) {
  struct epoll_event event = {.events = events, .data = {.u64 = identifier}};
  return epoll_ctl(epoll, operation, descriptor, &event);
}
