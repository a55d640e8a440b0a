import CBOR

/// SplitMix64 (Steele et al. 2014): the same values on every run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}

/// A value with canonical maps and no NaN, so that `==` compares it.
func randomValue(depth: Int, using generator: inout SeededGenerator) -> CBOR {
  switch Int.random(in: 0..<(depth > 0 ? 13 : 9), using: &generator) {
  case 0: .unsigned(randomInteger(using: &generator))
  case 1: .negative(randomInteger(using: &generator))
  case 2: .bytes((0..<Int.random(in: 0...40, using: &generator)).map { UInt8($0 * 7 & 0xff) })
  case 3, 4: .text(randomText(using: &generator))
  case 5: .bool(Bool.random(using: &generator))
  case 6: Bool.random(using: &generator) ? .null : .undefined
  case 7: .simple([0, 19, 32, 255].randomElement(using: &generator)!)
  case 8: .float(randomFloat(using: &generator))
  case 9, 10:
    .array(
      (0..<Int.random(in: 0...30, using: &generator)).map { _ in
        randomValue(depth: depth - 1, using: &generator)
      })
  case 11:
    .tagged(
      10_000 + randomInteger(using: &generator) % 100_000,
      randomValue(depth: depth - 1, using: &generator))
  default: randomMap(depth: depth, using: &generator)
  }
}

private func randomMap(depth: Int, using generator: inout SeededGenerator) -> CBOR {
  var values: [CBOR: CBOR] = [:]
  for _ in 0..<Int.random(in: 0...30, using: &generator) {
    let key: CBOR =
      switch Int.random(in: 0...3, using: &generator) {
      case 0: .unsigned(randomInteger(using: &generator))
      case 1: .negative(randomInteger(using: &generator))
      case 2: .bytes([UInt8.random(in: 0...255, using: &generator)])
      default: .text(randomText(using: &generator))
      }
    values[key] = randomValue(depth: depth - 1, using: &generator)
  }
  return CBOR.map(values.map { CBOR.Entry(key: $0.key, value: $0.value) }).canonical
}

private func randomInteger(using generator: inout SeededGenerator) -> UInt64 {
  generator.next() >> UInt64.random(in: 0...63, using: &generator)
}

private func randomText(using generator: inout SeededGenerator) -> String {
  let alphabet: [Character] = ["a", "Z", "é", "水", "\u{10151}", "\0", "\"", " ", "e\u{301}"]
  return String(
    (0..<Int.random(in: 0...30, using: &generator)).map { _ in
      alphabet.randomElement(using: &generator)!
    })
}

private func randomFloat(using generator: inout SeededGenerator) -> Double {
  let bits = generator.next()
  let value =
    switch Int.random(in: 0...2, using: &generator) {
    case 0: Double(Float16(bitPattern: UInt16(truncatingIfNeeded: bits)))
    case 1: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    default: Double(bitPattern: bits)
    }
  return value.isNaN ? -0.0 : value
}
