import Cryptography
import Operations

/// The pause after wrong passphrases, for each name by itself: whoever guesses one operator's does
/// not keep the others out. Names that nobody has are counted alike.
final class GuessDelays: Sendable {
  /// So many names at once; then the one that was tried longest ago is forgotten. To be rid of a
  /// pause so takes more guesses, at scrypt's price each, than waiting.
  static let namesMax = 1_024

  private struct Entry {
    let delay: GuessDelay
    var last: Int64
  }

  private let entries = Lock<[[UInt8]: Entry]>([:])
  private let clock: any Clock

  init(clock: any Clock) { self.clock = clock }

  func remainingMilliseconds(for name: String) -> Int64 {
    entries.withLock { $0[Self.key(name)]?.delay.remainingMilliseconds ?? 0 }
  }

  func noteFailure(for name: String) {
    let key = Self.key(name)
    let now = clock.bootMilliseconds()
    entries.withLock { entries in
      if entries[key] == nil, entries.count >= Self.namesMax,
        let oldest = entries.min(by: { $0.value.last < $1.value.last })
      {
        entries[oldest.key] = nil
      }
      entries[key, default: Entry(delay: GuessDelay(clock: clock), last: now)].last = now
      entries[key]?.delay.noteFailure()
    }
  }

  private static func key(_ name: String) -> [UInt8] { sha256(Array(name.utf8)) }
}
