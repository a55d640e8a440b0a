/// How long to wait before trying an unreachable hub again: exponential with full jitter.
///
/// The wait is drawn evenly from zero to a ceiling that doubles with each failure. Full jitter and
/// not a fixed delay, because a hundred devices lose the hub in the same second and must not come
/// back in the same second (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog,
/// 2015).
package struct Backoff: Sendable, Equatable {
  package let baseMilliseconds: Int64
  package let capMilliseconds: Int64
  /// Failures since the last success.
  package private(set) var failures = 0

  /// - Precondition: 0 < base ≤ cap.
  package init(baseMilliseconds: Int64 = 1_000, capMilliseconds: Int64 = 300_000) {
    precondition(baseMilliseconds > 0 && baseMilliseconds <= capMilliseconds)
    self.baseMilliseconds = baseMilliseconds
    self.capMilliseconds = capMilliseconds
  }

  /// The longest wait that the next failure can bring.
  package var ceilingMilliseconds: Int64 {
    // Doubling step by step and stopping at the cap cannot overflow, whatever the count of
    // failures.
    var ceiling = baseMilliseconds
    for _ in 0..<failures {
      if ceiling > capMilliseconds / 2 { return capMilliseconds }
      ceiling *= 2
    }
    return ceiling
  }

  /// Counts one failure and says how long to wait.
  package mutating func failed(using random: inout some RandomNumberGenerator) -> Int64 {
    let wait = Int64.random(in: 0...ceilingMilliseconds, using: &random)
    if failures < Int.max { failures += 1 }
    return wait
  }

  /// The line is back: the next failure starts from the base again.
  package mutating func succeeded() { failures = 0 }
}
