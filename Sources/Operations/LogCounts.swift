import Synchronization

/// How often a log was told of something that somebody should look at; readable from any thread.
package final class LogCounts: Sendable {
  private let warningsTold = Atomic(0)
  private let errorsTold = Atomic(0)

  init() {}

  package var warnings: Int { warningsTold.load(ordering: .relaxed) }
  package var errors: Int { errorsTold.load(ordering: .relaxed) }

  func add(_ level: Log.Level) {
    switch level {
    case .debug, .info: break
    case .warning: warningsTold.add(1, ordering: .relaxed)
    case .error: errorsTold.add(1, ordering: .relaxed)
    }
  }
}
