import Simulation
import Testing

@Suite("A history is decided by its seed")
struct ReplayTests {
  @Test("the same seed gives the same history, another seed another one")
  func sameSeed() throws {
    let digests = try (1...3 as ClosedRange<UInt64>).map {
      try Campaign.traceDigest(seed: $0, steps: 60)
    }
    for (index, digest) in digests.enumerated() {
      #expect(try Campaign.traceDigest(seed: UInt64(index + 1), steps: 60) == digest)
    }
    #expect(Set(digests).count == digests.count)
  }
}
