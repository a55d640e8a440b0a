import CaseRecords
import Causality
import Operations
import SyncEngine

// What concerns one practitioner: the children they work with, and what somebody should see to.
extension Replica {
  func worklist(_ input: OperationInput) throws -> JSON {
    let author = try author(input)
    try input.finish()
    let board = try worklistBoard()
    let rules = board.basis.rules
    let asker = WorklistAsker(author, rules)
    var own: [(entry: WorklistBoard.Entry, why: [String])] = []
    var found: [(alert: WorklistAlert, name: String, isOwn: Bool)] = []
    for entry in board.entries.values {
      let why = asker.reasons(entry)
      if !why.isEmpty { own.append((entry, why)) }
      for alert in entry.alerts {
        let isOwn = asker.isNamed(alert.owner)
        guard isOwn || !why.isEmpty || asker.isForAnybody(alert.owner) else { continue }
        found.append((alert, entry.name, isOwn))
      }
    }
    own.sort { ($0.entry.name, $0.entry.matter.child) < ($1.entry.name, $1.entry.matter.child) }
    // Own before the others', the longest overdue first, and what has no day last.
    found.sort { left, right in
      func place(_ isOwn: Bool, _ alert: WorklistAlert) -> (Int, Int, ChildID, String) {
        let day = (alert.due ?? alert.since)?.daysSince1970 ?? Int.max
        return (isOwn ? 0 : 1, day, alert.child, alert.kind.rawValue)
      }
      return place(left.isOwn, left.alert) < place(right.isOwn, right.alert)
    }
    let children = own.prefix(WorklistLimits.listedMax)
    let alerts = found.prefix(WorklistLimits.listedMax)
    return [
      "sentence": .string(
        "\(own.count) \(own.count == 1 ? "child" : "children"), \(found.count) to see to, by what "
          + "is held here as of \(now.momentText)."),
      "asOf": .count(now),
      "children": .array(children.map { json($0.entry, why: $0.why, rules) }),
      "childrenNotListed": .count(own.count - children.count),
      "alerts": .array(
        alerts.map { json($0.alert, name: $0.name, isOwn: $0.isOwn, rules) }),
      "alertsNotListed": .count(found.count - alerts.count),
      "leadRoles": leadRoles(board),
    ]
  }

  func worklistRules() throws -> WorklistRules {
    WorklistRules(
      today: today, agency: agency,
      people: Dictionary(
        try practitioners().map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }),
      agencyNames: Dictionary(
        try agencies().map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first }),
      preCAFKeptDays: preCAFKeptDays)
  }

  private func json(
    _ entry: WorklistBoard.Entry, why: [String], _ rules: WorklistRules
  ) -> JSON {
    let matter = entry.matter
    return [
      "child": .string(matter.child.text), "name": .string(entry.name),
      "birth": .string(distinct(matter.facts.flatMap(\.births)).joined(separator: " / ")),
      "why": .array(why.map { .string($0) }),
      "caf": .string(cafWords(entry, rules)), "lead": .string(leadWords(entry, rules)),
    ]
  }

  func cafWords(_ entry: WorklistBoard.Entry, _ rules: WorklistRules) -> String {
    if let caf = entry.matter.openCAF {
      let status = CodeLists.cafStatus.label(for: caf.status) ?? caf.status
      return "CAF: \(status), \(rules.name(of: caf.agency))"
    }
    let wasThere = entry.matter.facts.contains { !$0.flags.isEmpty || !$0.assessments.isEmpty }
    return wasThere ? "CAF: Closed" : "no CAF is on the entries held here"
  }

  func leadWords(_ entry: WorklistBoard.Entry, _ rules: WorklistRules) -> String {
    let leads = entry.leads.map { rules.name(of: $0.person) + ($0.isAccepted ? "" : " (asked)") }
    return distinct(leads).joined(separator: "; ")
  }

  private func json(
    _ alert: WorklistAlert, name: String, isOwn: Bool, _ rules: WorklistRules
  ) -> JSON {
    [
      "kind": .string(alert.kind.rawValue), "child": .string(alert.child.text),
      "name": .string(name), "sentence": .string(alert.sentence),
      "since": alert.since.map { .string($0.text) } ?? .null,
      "due": alert.due.map { .string($0.text) } ?? .null,
      "owner": .string(rules.name(of: alert.owner)), "isOwn": .bool(isOwn),
    ]
  }

  /// Row 19: how many children each person leads for, or is asked to; and each agency.
  private func leadRoles(_ board: WorklistBoard) -> JSON {
    let rules = board.basis.rules
    var people: [CaseworkFacts.Person: (children: Int, asked: Int)] = [:]
    var agencies: [AgencyID?: Int] = [:]
    for entry in board.entries.values where !entry.leads.isEmpty {
      for person in Set(entry.leads.map { rules.known($0.person) }) {
        let isAccepted = entry.leads.contains {
          $0.isAccepted && rules.known($0.person) == person
        }
        people[person, default: (0, 0)].children += isAccepted ? 1 : 0
        people[person, default: (0, 0)].asked += isAccepted ? 0 : 1
      }
      for agency in Set(entry.leads.filter(\.isAccepted).map(\.person.agency)) {
        agencies[agency, default: 0] += 1
      }
    }
    let rows = people.map { (name: rules.name(of: $0.key), agency: $0.key.agency, roles: $0.value) }
      .sorted { ($1.roles.children, $0.name) < ($0.roles.children, $1.name) }
    let totals = agencies.map { (name: rules.name(of: $0.key), children: $0.value) }
      .sorted { ($1.children, $0.name) < ($0.children, $1.name) }
    return [
      "people": .array(
        rows.map {
          [
            "name": .string($0.name), "agency": .string(rules.name(of: $0.agency)),
            "children": .count($0.roles.children), "asked": .count($0.roles.asked),
          ]
        }),
      "agencies": .array(
        totals.map { ["agency": .string($0.name), "children": .count($0.children)] }),
    ]
  }
}
