/// SplitMix64 (Steele, Lea, Flood 2014): the same on every machine, for ever.
struct SimulationRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
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

  mutating func chance(percent: Int) -> Bool { below(100) < percent }

  mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }

  /// One of the list, each as often as its weight says.
  mutating func weighted<Element>(_ list: [(weight: Int, element: Element)]) -> Element {
    var rest = below(list.reduce(0) { $0 + $1.weight })
    for entry in list {
      if rest < entry.weight { return entry.element }
      rest -= entry.weight
    }
    return list[list.count - 1].element
  }
}
