import Testing

@testable import Simulation

@Suite("Shrunk histories that ended badly once")
struct ShrunkHistoriesTests {
  @Test(
    """
    what a lost device sends again, when the hub has let go of it, is set apart beside its name \
    (directed seed 993251)
    """)
  func sentAgainByALostDevice() throws {
    let run = SimulationRun(
      seed: 993_251, shape: SimulationRun.Shape(agencies: 3, devices: [0, 1, 2, 1]),
      events: [
        .exchange(device: 3, fault: .none), .begin(device: 3, child: 0, category: 1),
        .exchange(device: 3, fault: .replyLate),
        .policy(device: 0, child: 0, kind: .withdrawKeeping(scope: 578)),
        .exchange(device: 1, fault: .none), .reportLost(device: 3),
      ])
    #expect(try run.play(World.Templates()).failure == nil)
  }
}
