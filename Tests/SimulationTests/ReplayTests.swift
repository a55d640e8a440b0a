import Testing

@testable import Simulation

@Suite("A history is decided by its seed")
struct ReplayTests {
  @Test("the same seed gives the same history line by line, another seed another one")
  func sameSeed() throws {
    // One set of databases that serves one district after another must leave nothing behind.
    let shared = try World.Templates()
    let traces = try (1...3 as ClosedRange<UInt64>).map { seed in
      let histories = Campaign.Histories.random(steps: 60)
      let run = try #require(histories.run(seed))
      let played = try (0..<2).map { _ in
        try run.play(World.Templates(), keepsTrace: true).trace
      }
      #expect(run.play(shared, keepsTrace: true).trace.lines == played[0].lines)
      #expect(played[0].lines == played[1].lines && !played[0].lines.isEmpty)
      #expect(played[0].digest == played[1].digest)
      #expect(try Campaign.traceDigest(seed: seed, steps: 60) == played[0].digest)
      return played[0].digest
    }
    #expect(Set(traces).count == traces.count)
  }
}
