import Testing

@testable import Simulation

@Suite("Two worlds, of which one agency is to know nothing apart")
struct TwoWorldsTests {
  @Test("send it the same bytes, whatever others do with another child")
  func firstSeeds() throws {
    let options = Campaign.Options(.twoWorlds(steps: 150), firstSeed: 1, seeds: 8, jobs: 2)
    let report = try Campaign.run(options) { _ in
      false
    } note: { _ in
    }
    #expect(report.failures.map { "seed \($0.seed): \($0.failure)" } == [])
    #expect(report.tally.marks["two worlds were compared"] == 8)
    #expect(report.tally.marks["other words in one of two worlds"] ?? 0 > 4)
  }

  /// The positive control: what is no secret is noticed.
  @Test(
    "part where it is sent more, or other words",
    arguments: [
      // A fact about a child that it works with too.
      .fact(device: 0, child: 0, kind: .lead, agency: 0),
      // The family lets it know of the other child, or of more about the one.
      .policy(
        device: 0, child: 2,
        kind: .share(scope: 6, reach: 1, knowing: true, excluding: false, hours: nil)),
      .policy(
        device: 0, child: 0,
        kind: .share(scope: 7, reach: 1, knowing: true, excluding: false, hours: nil)),
    ] as [SimulationEvent])
  func noticed(event: SimulationEvent) throws {
    let silent: [SimulationEvent] = [
      .begin(device: 0, child: 0, category: 1), .begin(device: 0, child: 0, category: 0),
      .policy(
        device: 0, child: 0,
        kind: .share(scope: 6, reach: 1, knowing: true, excluding: false, hours: nil)),
      .hidden(.begin(device: 0, child: 2, category: 1)),
    ]
    let ending: [SimulationEvent] = [
      .exchange(device: 0, fault: .none), .exchange(device: 1, fault: .none),
    ]
    let shape = SimulationRun.Shape(agencies: 3, devices: [0, 1, 2])
    let run = SimulationRun(
      seed: 1, shape: shape, events: silent + [.hidden(event)] + ending, observer: 1)
    let templates = try World.Templates()
    #expect(
      run.play(templates).failure?.invariant
        == "what an agency may not know changes nothing that it is sent")
    #expect(run.with(silent + ending).play(templates).failure == nil)
  }
}
