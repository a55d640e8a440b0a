import Operations

/// What the upkeep is doing at this moment, for whoever looks.
final class UpkeepProgress: Sendable {
  struct Running: Sendable {
    let operation: String
    /// As the audit log names them.
    let who: String
    let sinceMilliseconds: UInt64
  }

  private let state = Lock<Running?>(nil)

  var running: Running? { state.withLock { $0 } }

  func begin(_ running: Running) { state.withLock { $0 = running } }

  /// Nil when nothing else was under way, and now this is.
  func beginAlone(_ mine: Running) -> Running? {
    state.withLock { running in
      if running == nil {
        running = mine
        return nil
      }
      return running
    }
  }

  func end() { state.withLock { $0 = nil } }
}
