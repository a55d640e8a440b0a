import Testing

@testable import Simulation

@Suite("A campaign")
struct CampaignTests {
  @Test("says so when a thread cannot begin, instead of reporting no failures")
  func cannotBegin() {
    let options = Campaign.Options(.random(steps: 1), firstSeed: 1, seeds: 4, jobs: 2)
    #expect(throws: NoRoom.self) {
      try Campaign.run(
        options, templates: { throw NoRoom() }, shouldStop: { _ in false }, note: { _ in })
    }
  }

  /// `.ci/test` plays thousands with optimised code; these are for whoever runs the tests alone.
  @Test(
    "finds nothing in the first seeds, and steps through each of them to its end",
    arguments: [false, true])
  func firstSeeds(isDirected: Bool) throws {
    let options = Campaign.Options(
      .random(steps: 150, isDirected: isDirected), firstSeed: 1, seeds: 16, jobs: 2)
    let report = try Campaign.run(options) { _ in
      false
    } note: { _ in
    }
    #expect(report.failures.map { "seed \($0.seed): \($0.failure)" } == [])
    #expect(report.seedsRun == 16 && report.tally.steps == 16 * 150)
  }

  /// Where the history is the shortest account of it that there is.
  @Test("finds nothing any more where it once did", arguments: [500, 8_551, 102_249] as [UInt64])
  func onceFound(seed: UInt64) throws {
    let options = Campaign.Options(.random(steps: 150), firstSeed: seed, seeds: 1, jobs: 1)
    let report = try Campaign.run(options) { _ in
      false
    } note: { _ in
    }
    #expect(report.failures.map { "\($0.failure)" } == [])
  }

  private struct NoRoom: Error {}
}
