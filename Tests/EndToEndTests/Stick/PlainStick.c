// Put before a daemon with LD_PRELOAD, this makes the file system under STICK_FOLDER as simple as
// that of a memory stick which other systems read too: a file has one name, no rights of its own,
// and a folder cannot be flushed. The tests' machine may have no such file system to mount.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_on_stick(const char *path) {
  const char *stick = getenv("STICK_FOLDER");
  return stick && strncmp(path, stick, strlen(stick)) == 0;
}

static int is_open_on_stick(int descriptor) {
  char name[64], path[4096];
  snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(name, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_on_stick(path);
}

int link(const char *old, const char *new) {
  struct stat facts;
  if (is_on_stick(old) && stat(old, &facts) == 0) {
    errno = EPERM;
    return -1;
  }
  return (int)syscall(SYS_linkat, AT_FDCWD, old, AT_FDCWD, new, 0);
}

int fchmod(int descriptor, mode_t mode) {
  if (is_open_on_stick(descriptor)) {
    errno = EPERM;
    return -1;
  }
  return (int)syscall(SYS_fchmod, descriptor, mode);
}

int fsync(int descriptor) {
  struct stat facts;
  if (is_open_on_stick(descriptor) && fstat(descriptor, &facts) == 0 && S_ISDIR(facts.st_mode)) {
    errno = EINVAL;
    return -1;
  }
  return (int)syscall(SYS_fsync, descriptor);
}
