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

  private struct NoRoom: Error {}
}
