import Cryptography
import Testing

@Suite struct SecureRandomTests {
  @Test func givesAsManyBytesAsAskedAlsoAcrossItsBuffer() {
    var random = SecureRandom()
    for count in [0, 1, 12, 4_095, 4_096, 4_097, 20_000] {
      let bytes = random.bytes(count)
      #expect(bytes.count == count)
      // A buffer handed out before it was filled would show as zeros at the seams.
      if count >= 4_095 {
        let zeros = bytes.count { $0 == 0 }
        #expect(zeros < count / 32)
      }
    }
  }

  @Test func copiesAndGeneratorsNeverRepeatEachOther() {
    var first = SecureRandom()
    var copy = first
    var other = SecureRandom()
    var seen: Set<[UInt8]> = []
    for _ in 0..<1_000 {
      seen.insert(first.bytes(12))
      seen.insert(copy.bytes(12))
      seen.insert(other.bytes(12))
    }
    #expect(seen.count == 3_000)
  }

  @Test func servesAsASwiftGenerator() {
    var random = SecureRandom()
    let rolls = Set((0..<1_000).map { _ in Int.random(in: 1...6, using: &random) })
    #expect(rolls == [1, 2, 3, 4, 5, 6])
  }
}
