import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

/// Whether anything comes back down: the issues of each locality and level that have no response
/// yet, and those whose originator has not been told of one. Counts and days, none of the words.
struct IssuesReport {
  let core: HubCore

  private struct Key: Hashable {
    let locality: String
    let level: String
  }

  private struct Tally {
    var open = 0
    var unanswered = 0
    var untold = 0
    var closed = 0
    var oldest: CalendarDate?
  }

  func answer() throws -> JSON {
    var tallies: [Key: Tally] = [:]
    var answered: Set<RecordID> = []
    var issues: [(id: RecordID, record: RecordContent)] = []
    for stored in try core.store.compartments(in: .issues) {
      let content = try core.store.content(of: stored)
      issues += content.records(of: "issue")
      for (_, response) in content.records(of: "issueResponse") {
        answered.formUnion(response.values("response").compactMap { $0.identifier("issue") })
      }
    }
    for (id, issue) in issues {
      let raised = issue.values("raised").first
      let key = Key(
        locality: raised?.text("locality") ?? "",
        level: issue.values("level").first?.text("level") ?? "ecmGroup")
      var tally = tallies[key] ?? Tally()
      let isClosed = issue.values("state").contains { $0.text("state") == "closed" }
      let isAnswered = answered.contains(id)
      if isClosed { tally.closed += 1 } else { tally.open += 1 }
      if !isAnswered && !isClosed {
        tally.unanswered += 1
        tally.oldest = [tally.oldest, raised?.date("on")].compactMap(\.self).min()
      }
      // What came back has to reach whoever raised it, also once the issue is closed.
      let isTold = issue.values("originatorToldOn").contains { $0.date("originatorToldOn") != nil }
      if isAnswered && !isTold { tally.untold += 1 }
      tallies[key] = tally
    }
    let today = CalendarDate(millisecondsSince1970: core.now)
    let levels = CodeLists.issueLevel.codes.map(\.value)
    return [
      "asOfMilliseconds": .count(core.now),
      "rows": .array(
        tallies.sorted { left, right in
          (left.key.locality, levels.firstIndex(of: left.key.level) ?? levels.count)
            < (right.key.locality, levels.firstIndex(of: right.key.level) ?? levels.count)
        }.map { key, tally in
          [
            "locality": .string(key.locality),
            "localityLabel": .string(CodeLists.locality.label(for: key.locality) ?? key.locality),
            "level": .string(key.level),
            "levelLabel": .string(CodeLists.issueLevel.label(for: key.level) ?? key.level),
            "open": .count(tally.open), "closed": .count(tally.closed),
            "withoutResponse": .count(tally.unanswered),
            "originatorNotTold": .count(tally.untold),
            "oldestWithoutResponseDays": Self.days(from: tally.oldest, to: today),
          ]
        }),
    ]
  }

  private static func days(from first: CalendarDate?, to last: CalendarDate?) -> JSON {
    guard let first, let last else { return .null }
    return .count(max(last.daysSince1970 - first.daysSince1970, 0))
  }
}
