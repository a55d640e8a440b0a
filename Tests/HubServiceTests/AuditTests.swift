import Causality
import HTTPTransport
import Operations
import SQLite
import Testing

@testable import HubService

@Suite("The audit log of the hub") struct AuditTests {
  let folder = TemporaryFolder()

  /// A hub on which ten orders were given, each of which also says what it led to.
  private func hub(isNew: Bool = true) throws -> TestHub {
    let hub = try TestHub(folder: folder, isNew: isNew)
    guard isNew else { return hub }
    _ = try hub.addAgency("school")
    for _ in 0..<4 {
      _ = try hub.operation("agreement-lock", ["agency": "school", "yes": true])
      _ = try hub.operation("agreement-sign", ["agency": "school"])
    }
    _ = try hub.code(for: "school")
    return hub
  }

  private func numbers(_ page: JSON) -> [Int64] {
    (page["lines"]?.arrayValue ?? []).compactMap { $0["number"]?.integerValue }
  }

  @Test func isReadInPagesNewestFirst() throws {
    let hub = try hub()
    defer { hub.stop() }
    let all = numbers(try hub.operation("audit-list"))
    #expect(all == (1...20).reversed())
    var paged: [Int64] = []
    var arguments: JSON = ["limit": 4]
    for _ in 0..<5 {
      let page = try hub.operation("audit-list", arguments)
      paged += numbers(page)
      arguments = ["limit": 4, "before": page["next"] ?? .null]
    }
    #expect(paged == all)
    // The fifth page is full and the last, and says so.
    #expect(arguments["before"] == .null)
  }

  @Test func isReadByWhoWhatAndWhen() throws {
    let clock = ManualClock()
    let hub = try TestHub(folder: folder, clock: clock)
    defer { hub.stop() }
    let school = try hub.addAgency("school")
    _ = try hub.device(of: "school")
    clock.advance(milliseconds: 86_400_000)
    _ = try hub.operation("agreement-lock", ["agency": "school", "yes": true])
    let now = UInt64(clock.wallMilliseconds())
    let table: [(JSON, [String])] = [
      (["who": "school"], ["device enrolled"]),
      (["who": .string(school.text)], ["device enrolled"]),
      (["who": "nobody"], []), (["action": "policy"], ["policy agreement lock"]),
      (["action": "olicy"], []), (["action": "agency"], ["agency-add", "agency"]),
      (["who": "operator", "action": "agency"], ["agency"]),
      (["sinceMilliseconds": .count(now)], ["agreement-lock", "policy agreement lock"]),
      (["sinceMilliseconds": .count(now + 1)], []),
    ]
    for (arguments, actions) in table {
      let lines = try hub.operation("audit-list", arguments)["lines"]?.arrayValue ?? []
      #expect(lines.compactMap { $0["action"]?.stringValue } == actions, "\(arguments.text())")
    }
    let enrolled = try hub.operation("audit-list", ["who": "school"])["lines"]?.arrayValue?.first
    #expect(enrolled?["name"] == "school")
    for wrong: JSON in [["limit": 0], ["limit": 501], ["who": ""], ["action": "a\nb"]] {
      #expect(throws: LocalFailure.self) { try hub.operation("audit-list", wrong) }
    }
  }

  @Test("shows a line that was changed, and by its noted digest what was taken away or made anew")
  func cannotBeChangedUnseen() throws {
    let whole = try hub()
    let head = try whole.operation("audit-verify")["head"] ?? .null
    #expect(try whole.operation("audit-verify", ["head": head])["notedLine"] == 20)
    _ = try whole.code(for: "school")
    #expect(try whole.operation("audit-verify", ["head": head])["notedLine"] == 20)
    whole.stop()
    let table: [(String, withoutHead: String?, withHead: String)] = [
      ("DELETE FROM audit WHERE number > 18", nil, "No line"),
      ("UPDATE audit SET who = 'somebody' WHERE number = 7", "at line 7", "at line 7"),
      ("DELETE FROM audit WHERE number = 3", "at line 4", "at line 4"),
      ("DELETE FROM audit", nil, "No line"),
    ]
    for (sql, withoutHead, withHead) in table {
      try Database(path: folder.path + "/replica.sqlite").execute(sql)
      let changed = try hub(isNew: false)
      defer { changed.stop() }
      if let withoutHead {
        #expect {
          try changed.operation("audit-verify")
        } throws: { ($0 as? LocalFailure)?.exit == .damaged && "\($0)".contains(withoutHead) }
      } else {
        #expect(try changed.operation("audit-verify")["whole"] == true)
      }
      #expect {
        try changed.operation("audit-verify", ["head": head])
      } throws: { ($0 as? LocalFailure)?.exit == .damaged && "\($0)".contains(withHead) }
    }
  }
}
