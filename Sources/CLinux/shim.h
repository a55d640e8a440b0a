#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/random.h>
#include <sys/prctl.h>

// prctl is variadic, which Swift cannot call. Names the calling thread; the kernel keeps 15 bytes.
static inline int clinux_name_thread(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

// No image of this process's memory for whoever collects the remains of a crash.
static inline int clinux_refuse_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

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

// A child process that ends when this one does, however this one ends: what posix_spawn cannot say.
// Between fork and execve nothing is called but what POSIX allows there (signal-safety(7)). The
// child leads a process group of its own, blocks no signal, reads nothing, and appends what it
// prints to the file `log`. Returns its identifier, or -1 with errno; a program that cannot be run
// ends with code 127.
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>

static inline int32_t clinux_spawn_bound(const char *program, char *const *words,
                                         char *const *environment, const char *log) {
  pid_t parent = getpid();
  pid_t child = fork();
  if (child != 0) return child;
  sigset_t none;
  sigemptyset(&none);
  int input = open("/dev/null", O_RDONLY);
  int output = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
  // A parent that ended before prctl has left nobody whose end could still be noticed.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == parent &&
      setpgid(0, 0) == 0 && sigprocmask(SIG_SETMASK, &none, NULL) == 0 && dup2(input, 0) == 0 &&
      dup2(output, 1) == 1 && dup2(output, 2) == 2)
    execve(program, words, environment);
  _exit(127);
}

// What the kernel tells of links, addresses and routes (rtnetlink(7)); <linux/…> does not clash.
// Opens a socket that hears the groups, without blocking; -1 with errno.
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

static inline int clinux_netlink_open(uint32_t groups) {
  int descriptor = (int)syscall(SYS_socket, 16, 3 | 02000000 | 04000, NETLINK_ROUTE);
  if (descriptor < 0) return -1;
  struct sockaddr_nl address = {.nl_family = 16, .nl_groups = groups};
  if (syscall(SYS_bind, descriptor, &address, sizeof address) == 0) return descriptor;
  int code = errno;
  close(descriptor);
  errno = code;
  return -1;
}
