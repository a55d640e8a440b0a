import Operations
import PageServer

/// The thread that looks whether the pages have been left alone.
///
/// It looks every ten seconds while there are sessions, and not at all while there are none: the
/// clock of sessions goes on while the machine sleeps, and no wait does. A laptop that is opened
/// again after the idle time is locked within ten seconds, and its sessions are over at once.
final class IdleLock: Sendable {
  private static let lookMilliseconds: Int64 = 10_000

  private let sessions: PageSessions
  private let isStopping = Lock(false)
  private let thread = WorkerThread(name: "idle", capacity: 1)

  init(sessions: PageSessions) { self.sessions = sessions }

  /// - Parameter becameIdle: called on this thread, once for each time.
  func start(_ becameIdle: @escaping @Sendable () -> Void) throws(WorkerThreadError) {
    try thread.submit { [self] in
      while !isStopping.withLock({ $0 }) {
        if sessions.takeIdle() { becameIdle() }
        sessions.bell.wait(milliseconds: sessions.isInUse ? Self.lookMilliseconds : .max)
      }
    }
  }

  func stop() {
    isStopping.withLock { $0 = true }
    sessions.bell.ring()
    thread.stop()
  }
}
