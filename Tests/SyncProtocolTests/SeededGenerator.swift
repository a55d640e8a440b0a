import CaseRecords
import Causality
import SyncProtocol

/// SplitMix64 (Steele et al. 2014): the same values on every run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }

  mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }

  mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

  /// Of every magnitude up to the limit of the protocol.
  mutating func integer(min: UInt64 = 0) -> UInt64 {
    max(min, oneIn(20) ? SyncLimits.integerMax : next() >> UInt64(11 + below(53)))
  }

  mutating func milliseconds() -> UInt64 {
    oneIn(30) ? HybridTime.millisecondsMax : 1_790_000_000_000 + next() % 10_000_000
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }

  mutating func identifier<Tag>() -> Identifier<Tag> { Identifier(high: next(), low: next()) }

  /// One of a few, so that messages refer to the same things more than once.
  mutating func familiar<Tag>(_ count: Int = 5) -> Identifier<Tag> {
    Identifier(high: 7, low: UInt64(below(count)) &* 0x9e37_79b9_7f4a_7c15)
  }

  mutating func text(_ lengthMax: Int = 30) -> String {
    let alphabet: [Character] = ["a", "Z", "é", "水", "\u{10151}", "\"", " ", "e\u{301}"]
    return String((0..<below(lengthMax + 1)).map { _ in alphabet[below(alphabet.count)] })
  }

  mutating func list<Element>(
    upTo count: Int, _ make: (inout SeededGenerator) -> Element
  ) -> [Element] {
    (0..<below(count + 1)).map { _ in make(&self) }
  }
}
