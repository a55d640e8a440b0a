import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

extension Replica {
  /// Who leads for a child, who did, and who is asked to (rows 16 to 18): nobody is left out, so
  /// the history stays to be read.
  func leadList(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    try input.finish()
    var leads: [(since: CalendarDate?, record: RecordID, json: JSON)] = []
    let entries = try content(of: child, in: .index).flatMap { stored, content in
      content.records(of: "leadProfessional").map { (stored, $0.id, $0.record) }
    }
    for (stored, id, record) in entries {
      let lead = record.values("lead").first ?? GroupValue()
      let next = entries.filter { _, _, other in
        other.values("inPlaceOf").contains { $0.identifier("inPlaceOf") == id }
      }
      let json = try json(lead, id, record, in: stored)
        .with("handsOverTo", .string(handOverWords(next.map(\.2))))
      leads.append((lead.date("since"), id, json))
    }
    leads.sort { left, right in
      let (first, second) = (left.since?.daysSince1970 ?? 0, right.since?.daysSince1970 ?? 0)
      return (second, left.record) < (first, right.record)
    }
    let current = leads.count { $0.json["state"]?.stringValue == "leads" }
    let words = current == 1 ? "One leads" : current == 0 ? "Nobody leads" : "\(current) lead"
    return [
      "child": .string(child.text), "name": .string(try childName(child)),
      "sentence": .string("\(words), in what is held here as of \(now.momentText)."),
      "leads": .array(leads.map(\.json)),
      "bases": .array(
        CodeLists.leadBasis.codes.map {
          ["value": .string($0.value), "label": .string($0.label)]
        }),
      "agencies": .array(
        try agencies().map { ["value": .string($0.id.text), "label": .string($0.name)] }),
      "ownAgency": .string(agency.text),
    ]
  }

  /// Whoever is to follow, and what they have said.
  private func handOverWords(_ successors: [RecordContent]) -> String {
    successors.compactMap { record in
      guard let lead = record.values("lead").first, let name = lead.text("name") else { return nil }
      let answer = record.values("acceptance").first
      let said =
        switch answer?.text("accepted") {
        case "accepted": "accepted on \(answer?.text("on") ?? "")"
        case "declined": "declined"
        default: "asked"
        }
      return "\(name), \(said)"
    }.joined(separator: "; ")
  }

  private func json(
    _ lead: GroupValue, _ id: RecordID, _ record: RecordContent, in stored: StoredCompartment
  ) throws -> JSON {
    let own: AgencyID? = lead.identifier("agency")
    let answer = record.values("acceptance").first
    let accepted = answer?.text("accepted")
    let absences = record.values("absence").compactMap { absence in
      absence.date("from").map { from in
        "from \(from.text)" + (absence.text("to").map { " to \($0)" } ?? "")
      }
    }
    let state =
      if !lead.leads(on: today) { "past" } else if accepted == "declined" {
        "declined"
      } else if accepted == "accepted" { "leads" } else { "asked" }
    let basis = record.values("basis").compactMap { $0.text("basis") }
      .map { CodeLists.leadBasis.label(for: $0) ?? $0 }
    let last = record.groups.values.flatMap(\.siblings).max { $0.value.time < $1.value.time }
    return [
      "record": .string(id.text), "state": .string(state),
      "name": .string(lead.text("name") ?? ""),
      "agency": .string(try own.map { try name(of: $0) } ?? ""),
      "contact": .string(lead.text("contact") ?? ""),
      "since": .string(lead.text("since") ?? ""), "until": .string(lead.text("until") ?? ""),
      "basis": .string(distinct(basis).joined(separator: " / ")),
      "answeredOn": .string(answer?.text("on") ?? ""),
      "deputy": .string(
        record.values("deputy").map { deputy in
          [deputy.text("name"), deputy.text("contact")].compactMap { $0 }.joined(separator: ", ")
        }.joined(separator: " / ")),
      "absence": .string(absences.joined(separator: " / ")),
      "isOwn": .bool(own == agency),
      "isUndecided": .bool(record.groups.values.contains { $0.isUndecided }),
      "by": .string(try last.map { try name(of: $0.value.author) } ?? ""),
      "at": .string(last?.value.claimedMilliseconds.momentText ?? ""),
      "custodian": .string(try name(of: stored.compartment.custodian)),
    ]
  }
}
