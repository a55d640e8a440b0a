import CBOR
import Testing

@Suite struct RoundTripTests {
  @Test func randomValuesComeBackAndEncodeTheSame() throws {
    var generator = SeededGenerator(state: 8949)
    for round in 0..<300 {
      let value = randomValue(depth: 3, using: &generator)
      let encoded = value.encoded
      #expect(try CBOR(decoding: encoded) == value, "round \(round)")
      var decoder = CBORDecoder(encoded)
      #expect(try decoder.rawItem() == encoded, "round \(round)")
      try decoder.finish()
    }
  }

  /// Whatever bytes are accepted are the one encoding of what they were read as.
  @Test func damagedInputIsRefusedOrIsDeterministicItself() {
    var generator = SeededGenerator(state: 4242)
    var accepted = 0
    var refused = 0
    for _ in 0..<3000 {
      var input = randomValue(depth: 1, using: &generator).encoded
      let index = Int.random(in: input.indices, using: &generator)
      input[index] = UInt8.random(in: 0...255, using: &generator)
      do {
        let value = try CBOR(decoding: input)
        #expect(value.encoded == input)
        accepted += 1
      } catch {
        refused += 1
      }
    }
    #expect(accepted > 100)
    #expect(refused > 100)
  }

  @Test func integersAreShortestAtEveryBoundary() throws {
    for (value, length): (UInt64, Int) in [
      (0, 1), (23, 1), (24, 2), (255, 2), (256, 3), (65_535, 3), (65_536, 5),
      (0xffff_ffff, 5), (0x1_0000_0000, 9), (.max, 9),
    ] {
      for item in [CBOR.unsigned(value), .negative(value)] {
        #expect(item.encoded.count == length)
        #expect(try CBOR(decoding: item.encoded) == item)
      }
    }
  }
}
