import TestSupport
import Testing

/// A transaction that was cut off by the disk happened or did not, wherever it was cut.
@Suite("Storage that fails at each operation in turn")
struct StorageFaultTests {
  /// Which of `make test`'s twenty rounds are taken, one step in so many.
  private static let sampleEvery = 11

  @Test("error, full disk, short write, crash: nothing is half done, nothing acknowledged is lost")
  func campaign() throws {
    let recorded = try FaultDistrict()
    var transactions = 0
    var runs = 0
    for (number, step) in FaultStep.rounds(soaks ? 26 : 12).enumerated() {
      let snapshot = recorded.snapshot()
      for machine in step.machines where soaks || number % Self.sampleEvery == 3 {
        let campaign = try FaultCampaign(snapshot, step, on: machine)
        transactions += campaign.transactionCount
        for fault in SimulatedDisk.Fault.allCases {
          var place = 1
          while try campaign.strike(fault, at: place) { place += 1 }
          runs += place - 1
        }
      }
      try recorded.run(step)
    }
    recorded.close()
    #expect(transactions >= (soaks ? 300 : 15), "\(transactions)")
    #expect(runs > 30 * transactions, "\(runs) faults for \(transactions) transactions")
  }
}
