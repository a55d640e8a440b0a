import CaseRecords
import Causality
import HTTPTransport
import Operations
import SyncProtocol
import Testing

@testable import HubService

@Suite struct BoardTests {
  let folder = TemporaryFolder()
  private static let day: Int64 = 86_400_000

  @Test func aSilentDeviceIsNamedWithWhatWaits() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    #expect(try hub.operation("blocked")["isClear"] == true)
    _ = try hub.addAgency("High school A")
    let device = try hub.device(of: "High school A")
    var request = ExchangeRequest(
      epoch: 0, incarnation: device.incarnation, token: nil, digest: HoldingsDigest(),
      policySeen: 0, wallMilliseconds: 0)
    request.unsentCount = 12
    _ = hub.exchange(request, as: device)
    try hub.settle()
    #expect(try hub.operation("blocked")["isClear"] == true)
    for (days, severity) in [(1, "warning"), (2, "warning"), (27, "critical")] as [(Int64, JSON)] {
      hub.clock.advance(milliseconds: days * Self.day)
      #expect(try things(hub).first?["severity"] == severity)
    }
    _ = hub.exchange(request, as: device)
    try hub.settle()
    #expect(try hub.operation("blocked")["isClear"] == true)
    hub.clock.advance(milliseconds: 3 * Self.day)
    let silent = try #require(try things(hub).first)
    #expect(
      silent["what"] == "High school A, desk: silent 3 days; 12 changes unsent at last contact.")
    #expect(silent["kind"] == "silent" && silent["count"] == 12)
    #expect(silent["deviceID"] == .string(device.id.text))
    #expect(
      silent["sinceMilliseconds"]?.integerValue == hub.clock.wallMilliseconds() - 3 * Self.day)
  }

  @Test func whatIsStuckIsListedMostUrgentFirst() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    for name in ["clinic", "school"] { _ = try hub.addAgency(name) }
    let clinic = try hub.device(of: "clinic")
    _ = try hub.device(of: "school")
    // Words about a child whose family has not let the hub keep any: set apart.
    _ = hub.publish(from: clinic, in: .development, about: ChildID(high: 1, low: 1))
    try hub.settle()
    _ = try hub.operation("agreement-lock", ["agency": "school", "yes": true])
    hub.clock.advance(milliseconds: 31 * Self.day)
    let all = try things(hub)
    #expect(
      all.map { $0["kind"]?.stringValue } == [
        "silent", "quarantine", "never in contact", "agreement locked",
      ])
    #expect(
      all.map { $0["severity"]?.stringValue } == ["critical", "warning", "warning", "note"])
    #expect(all[1]["what"] == "clinic, desk: 1 change stands apart, the oldest for 31 days.")
    let first = try hub.operation("blocked", ["limit": 1])
    #expect(first["things"]?.arrayValue?.count == 1 && first["leftOut"] == 3)
    #expect(first["severity"] == "critical" && first["count"] == 4)
    for thing in all {
      #expect(thing["do"]?.stringValue?.isEmpty == false)
    }
  }

  @Test func whatStandsApartSaysWhyAndWhoWasTold() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("clinic")
    let device = try hub.device(of: "clinic")
    let came = hub.clock.wallMilliseconds()
    for _ in 1...3 {
      _ = hub.publish(from: device, in: .development, about: ChildID(high: 1, low: 1))
      try hub.settle()
    }
    hub.clock.advance(milliseconds: 5_000)
    let page = try hub.operation("quarantine", ["limit": 2])
    #expect(page["changes"]?.arrayValue?.count == 2 && page["leftOut"] == 1 && page["next"] == 2)
    let rest = try hub.operation("quarantine", ["after": 2])
    #expect(rest["changes"]?.arrayValue?.map { $0["number"] } == [3] && rest["leftOut"] == 0)
    let change = try #require(page["changes"]?.arrayValue?.first)
    #expect(change["why"]?.stringValue?.hasSuffix("that may not be kept.") == true)
    #expect(change["waitingMilliseconds"] == 5_000 && change["decidedMilliseconds"] == .null)
    let told = change["told"]?.arrayValue ?? []
    #expect(told.map { $0["agency"] } == ["clinic"] && told.first?["device"] == "desk")
    #expect(told.first?["atMilliseconds"]?.integerValue == came)
    _ = try hub.operation("quarantine-return", ["number": 1])
    let all = try hub.operation("quarantine", ["all": true])["changes"]?.arrayValue ?? []
    #expect(all.first?["told"]?.arrayValue?.count == 2)
    #expect(all.first?["decidedMilliseconds"]?.integerValue == came + 5_000)
  }

  @Test func conflictsAndEventsAnswerOnAnEmptyHub() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    let conflicts = try hub.operation("conflicts")
    #expect(conflicts["total"] == 0 && conflicts["byBand"] == [0, 0, 0, 0])
    #expect(conflicts["uncounted"] == 0 && conflicts["oldestMilliseconds"] == .null)
    #expect(try hub.operation("events")["events"] == [])
    _ = try hub.addAgency("clinic")
    let device = try hub.device(of: "clinic")
    _ = try hub.operation("revoke-device", ["device": .string(device.id.text)])
    let events = try hub.operation("events")["events"]?.arrayValue ?? []
    #expect(events.map { $0["kind"] } == ["revoked"] && events.first?["agency"] == "clinic")
  }

  private func things(_ hub: TestHub) throws -> [JSON] {
    try hub.operation("blocked")["things"]?.arrayValue ?? []
  }
}
