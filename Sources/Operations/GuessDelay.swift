/// The pause after wrong passphrases, whoever they were given for.
///
/// The first few cost nothing but scrypt's tenth of a second. From the fifth on the next try has to
/// wait a second, then two, four, up to a minute; a quarter of an hour after the last one they are
/// forgotten. It is one count for all, since one for each name would tell names apart, and a right
/// passphrase does not end it: else one's own would let one go on guessing a colleague's. It keeps
/// off who comes through a page; whoever can read the daemon's files guesses elsewhere, at scrypt's
/// price. In memory alone: a restart forgets it.
package final class GuessDelay: Sendable {
  /// With so many, the next has to wait.
  package static let failuresWithoutPauseMax = 4
  package static let firstPauseMilliseconds: Int64 = 1_000
  package static let pauseMillisecondsMax: Int64 = 60_000
  package static let rememberedMilliseconds: Int64 = 900_000

  private let state = Lock((failures: 0, last: Int64(0)))
  private let clock: any Clock

  package init(clock: any Clock) { self.clock = clock }

  /// How long a try still has to wait; 0: not at all.
  package var remainingMilliseconds: Int64 {
    let now = clock.bootMilliseconds()
    return state.withLock { state in
      if now - state.last >= Self.rememberedMilliseconds { state.failures = 0 }
      return max(0, Self.pauseMilliseconds(afterFailures: state.failures) - (now - state.last))
    }
  }

  package func noteFailure() {
    let now = clock.bootMilliseconds()
    state.withLock { state in
      if now - state.last >= Self.rememberedMilliseconds { state.failures = 0 }
      state = (state.failures + 1, now)
    }
  }

  package static func pauseMilliseconds(afterFailures failures: Int) -> Int64 {
    guard failures > failuresWithoutPauseMax else { return 0 }
    // Six doublings are more than the longest pause.
    let doublings = min(failures - failuresWithoutPauseMax - 1, 6)
    return min(firstPauseMilliseconds << doublings, pauseMillisecondsMax)
  }
}
