import Foundation
import HTTPTransport
import Operations
import ReplicaStore
import Testing

@testable import HubService

@Suite struct CapacityTests {
  let folder = TemporaryFolder()

  @Test func nobodyBeginsWhatIsUnderWay() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    let upkeep = HubUpkeep(
      folder: HubFolder(path: folder.path), worker: hub.worker, log: .silent, clock: hub.clock)
    defer { upkeep.stop() }
    hub.worker.upkeep.begin(
      UpkeepProgress.Running(operation: "backup", who: "hub", sinceMilliseconds: 5))
    let refused = upkeep.begin("check", [:], who: "operator")
    #expect(refused?.exit == .conflict && refused?.sentence.contains("backup is under way") == true)
    let told = try hub.operation("upkeep")
    #expect(told["running"]?["operation"] == "backup" && told["check"] == .null)
    hub.worker.upkeep.end()
    #expect(upkeep.begin("check", [:], who: "operator") == nil)
    for _ in 0..<500 where try hub.operation("upkeep")["check"] == .null { usleep(10_000) }
    let done = try hub.operation("upkeep")
    #expect(done["check"]?["isWhole"] == true && done["check"]?["who"] == "operator")
  }

  @Test func growthAndForecastComeFromDailySamples() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let none = try hub.operation("capacity")
    #expect(none["growthBytesPerDay"] == .null && none["daysUntilFull"] == .null)
    let upkeep = HubUpkeep(
      folder: HubFolder(path: folder.path), worker: hub.worker, log: .silent, clock: hub.clock)
    defer { upkeep.stop() }
    /// Has the upkeep look at the clock until the hub knows so many days.
    func sampled(_ count: Int) throws -> JSON {
      for _ in 0..<500 {
        upkeep.tick()
        let report = try hub.operation("capacity")
        if report["days"]?.arrayValue?.count == count { return report }
        usleep(10_000)
      }
      return try hub.operation("capacity")
    }
    hub.clock.advance(milliseconds: 60_000)
    let first = try sampled(1)
    #expect(first["growthBytesPerDay"] == .null)
    let tables = first["tables"]?.arrayValue ?? []
    #expect(tables.contains { $0["name"] == "agencies" && $0["bytes"]?.integerValue ?? 0 > 0 })
    // A day on, and more of everything.
    hub.clock.advance(milliseconds: 86_400_000)
    for number in 0..<300 { _ = try hub.addAgency("agency \(number)") }
    let second = try sampled(2)
    let growth = try #require(second["growthBytesPerDay"]?.integerValue)
    #expect(growth > 0)
    let free = try #require(second["freeBytes"]?.integerValue)
    #expect(second["daysUntilFull"]?.integerValue ?? 0 <= free / growth + 1)
    // The same day again is the same day.
    #expect(try sampled(2)["days"]?.arrayValue?.count == 2)
  }

  @Test func statementsAreShownWithoutValues() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("Canaryname")
    let report = try hub.operation("capacity")
    let statements = report["statements"]?.arrayValue ?? []
    #expect(statements.count == 12)
    #expect(statements.allSatisfy { $0["count"]?.integerValue ?? 0 > 0 })
    let totals = statements.compactMap { $0["totalMilliseconds"]?.doubleValue }
    #expect(totals == totals.sorted(by: >) && totals.count == 12)
    #expect(!report.text().contains("Canaryname"))
  }

  @Test func aForecastIsMadeOnlyOfWhatGrows() {
    let table: [([(day: UInt64, bytes: UInt64)], Int64?, UInt64?)] = [
      ([], nil, nil), ([(5, 100)], nil, nil), ([(5, 100), (6, 100)], 0, nil),
      ([(5, 100), (7, 50)], -25, nil), ([(5, 100), (15, 300)], 20, 50),
    ]
    for (days, growth, left) in table {
      #expect(HubCapacity.growth(days) == growth)
      #expect(HubCapacity.daysUntilFull(growth, free: 1_000) == left)
    }
    #expect(HubCapacity.daysUntilFull(20, free: nil) == nil)
  }
}
