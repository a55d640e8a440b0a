import CLinux
import Glibc

/// The signals that a daemon answers, as something to wait for instead of an interruption.
///
/// A signal handler may hardly call anything, and certainly no Swift. So the signals are blocked,
/// in every thread, and read from a file descriptor (`signalfd(2)`). Blocking works only for
/// threads that start afterwards: call `take` first thing in a *synchronous* main. SIGPIPE is
/// ignored: a peer that went away is an error of `write`, not our end.
package struct Signals: Sendable {
  package enum Event: Sendable, Equatable {
    /// SIGTERM or SIGINT: finish what is in hand and end.
    case stop
    /// SIGHUP: read the configuration again, if the daemon can.
    case reload
  }

  /// Becomes readable when a signal has come: for an epoll loop.
  package let descriptor: Int32

  /// Blocks the signals in the calling thread and all its future children. Once per process.
  package static func take() throws(FileError) -> Signals {
    var wanted = sigset_t()
    sigemptyset(&wanted)
    for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&wanted, number) }
    let status = pthread_sigmask(SIG_BLOCK, &wanted, nil)
    guard status == 0 else { throw FileError(.create, "signalfd", errno: status) }
    signal(SIGPIPE, SIG_IGN)
    let descriptor = signalfd(-1, &wanted, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
    guard descriptor >= 0 else { throw FileError(.create, "signalfd", errno: errno) }
    return Signals(descriptor: descriptor)
  }

  /// The next signal, waiting for it as long as the limit allows; nil when none came.
  /// - Parameter limitMilliseconds: negative waits for ever, zero does not wait.
  package func next(limitMilliseconds: Int32 = -1) throws(FileError) -> Event? {
    while true {
      var query = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&query, 1, limitMilliseconds)
      if ready < 0 && errno == EINTR { continue }
      guard ready >= 0 else { throw FileError(.read, "signalfd", errno: errno) }
      if ready == 0 { return nil }
      var information = signalfd_siginfo()
      let count = read(descriptor, &information, MemoryLayout<signalfd_siginfo>.size)
      if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
      guard count == MemoryLayout<signalfd_siginfo>.size else {
        throw FileError(.read, "signalfd", errno: count < 0 ? errno : EIO)
      }
      return Int32(information.ssi_signo) == SIGHUP ? .reload : .stop
    }
  }
}
