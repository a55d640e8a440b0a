import Causality

/// SplitMix64 (Steele, Lea, Flood 2014): small, fast, and the same on every machine for ever, which
/// the standard library promises neither of its own generator nor of `Int.random(in:using:)`.
/// For samples only, never for keys.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// A stream of its own for one thing of one kind: family 17 stays the same family whatever else
  /// is generated, and however much of it.
  package init(seed: UInt64, stream: UInt64, index: Int) {
    var mixer = SeededGenerator(seed: seed)
    var second = SeededGenerator(seed: mixer.next() ^ stream)
    state = second.next() ^ (UInt64(truncatingIfNeeded: index) &* 0x9E37_79B9_7F4A_7C15)
    _ = next()
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// 0 ..< count; count is at least 1.
  mutating func below(_ count: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(count)).high)
  }

  mutating func between(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.count)
  }

  mutating func chance(percent: Int) -> Bool { below(100) < percent }

  /// One of the list, which is never empty.
  mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }

  /// Up to `count` different ones, in the order drawn.
  mutating func pick<Element>(_ count: Int, of list: [Element]) -> [Element] {
    var rest = list
    var picked: [Element] = []
    while picked.count < count, !rest.isEmpty { picked.append(rest.remove(at: below(rest.count))) }
    return picked
  }

  mutating func identifier<Tag>() -> Identifier<Tag> { Identifier(using: &self) }

  /// A number set aside for drama and samples (Ofcom): 0113 496 0xxx, 01632 960xxx, 07700 900xxx.
  mutating func phone(mobile: Bool) -> String {
    let last = String(1000 + below(1000)).dropFirst()
    return mobile
      ? "07700 900\(last)" : chance(percent: 50) ? "0113 496 0\(last)" : "01632 960\(last)"
  }

  /// In the area ZZ99, which no address has.
  mutating func postcode() -> String {
    let letters = Array("ABDEFGHJLNPQRSTUWXYZ")
    return "ZZ99 \(below(10))\(pick(letters))\(pick(letters))"
  }
}
