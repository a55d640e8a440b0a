import CaseRecords
import Causality
import HTTPTransport
import Operations
import SyncProtocol
import Testing

@testable import HubService

@Suite("The report on issues") struct IssuesReportTests {
  let folder = TemporaryFolder()

  private func write(
    _ record: UInt64, _ kind: String, _ group: String, _ value: GroupValue
  ) -> Write {
    Write(
      record: RecordID(high: 7, low: record), kind: kind, group: group, value: value.encoded())
  }

  private func issue(_ number: UInt64, on day: String, level: String, state: String) -> [Write] {
    [
      write(
        number, "issue", "raised",
        GroupValue.one("locality", "batley").setting("on", day)),
      write(number, "issue", "issue", .one("issue", "Canaryword")),
      write(number, "issue", "level", .one("level", level)),
      write(number, "issue", "state", .one("state", state)),
    ]
  }

  private func response(_ number: UInt64, to issue: UInt64) -> Write {
    write(
      100 + number, "issueResponse", "response",
      GroupValue.one("response", "Canaryword").setting("on", "2025-11-01")
        .setting("issue", RecordID(high: 7, low: issue)))
  }

  @Test("counts what has no response, and what its originator was not told, by level")
  func countsWhatHasNotComeBack() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    let compartment = Compartment(
      id: CompartmentID(high: 1, low: 2), child: nil, category: .issues, custodian: device.agency)
    let writes =
      issue(1, on: "2025-11-14", level: "ecmGroup", state: "open")
      + issue(2, on: "2025-11-23", level: "ecmGroup", state: "open")
      + issue(3, on: "2025-10-01", level: "lpig", state: "escalated")
      + issue(4, on: "2025-10-01", level: "lpig", state: "closed")
      + [
        response(1, to: 3), response(2, to: 4),
        write(4, "issue", "originatorToldOn", .one("originatorToldOn", "2025-11-02")),
      ]
    var request = ExchangeRequest(
      epoch: 0, incarnation: device.incarnation, token: nil, digest: HoldingsDigest(),
      policySeen: 0, wallMilliseconds: 0)
    request.page = Page(
      compartments: [compartment],
      items: [
        .change(
          compartment.id,
          Change(
            dot: Dot(actor: Actor(rawValue: 9), counter: 1), context: VersionVector(),
            writes: writes, time: HybridTime(milliseconds: 1_764_000_000_000, logical: 0),
            claimedMilliseconds: 1_764_000_000_000, author: PractitionerID(high: 5, low: 5)))
      ])
    _ = hub.exchange(request, as: device)
    try hub.settle()
    // The test's clock stands on 24 November 2025.
    let report = try hub.operation("report-issues")
    let rows = report["rows"]?.arrayValue ?? []
    #expect(rows.map { $0["level"] } == ["ecmGroup", "lpig"])
    #expect(rows.first?["open"] == 2 && rows.first?["withoutResponse"] == 2)
    #expect(rows.first?["oldestWithoutResponseDays"] == 10)
    #expect(rows.last?["open"] == 1 && rows.last?["closed"] == 1)
    #expect(rows.last?["withoutResponse"] == 0 && rows.last?["originatorNotTold"] == 1)
    #expect(!report.text().contains("Canaryword"))
  }

  @Test func aReportThatThereIsNotIsRefused() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    for (name, arguments): (String, JSON) in [
      ("report-weather", [:]), ("report-needs", ["report": 1]),
      ("report-training", ["withinDays": -1]), ("report-training", ["withinDays": 3_651]),
    ] {
      #expect(throws: LocalFailure.self) { try hub.operation(name, arguments) }
    }
    #expect(throws: LocalFailure.self) {
      try hub.operation(
        "subject-access",
        [
          "child": "00000000000000000000000000000001", "to": "/tmp/x", "reason": "complaint",
          "reference": "1",
        ])
    }
  }
}
