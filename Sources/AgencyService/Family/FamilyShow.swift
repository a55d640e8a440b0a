import CaseRecords
import Causality
import Disclosure
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

// The family of a child as far as it is held here: the household, wherever it is written, and the
// brothers and sisters with their schools and services.
extension Replica {
  func familyShow(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    try input.finish()
    let siblings = try siblings(of: child)
    let writers = try whereWritten(child)
    let households = try [child] + writers.filter { try !aliases().members(child).contains($0) }
    var members: [JSON] = []
    var homes: [JSON] = []
    for household in households {
      for (stored, content) in try content(of: household, in: .household) {
        for (id, record) in content.records(of: "familyMember") {
          members.append(try json(member: id, record, of: household, stored))
        }
        for (id, record) in content.records(of: "home") {
          homes.append(try placed(try json(id, record), of: household, stored))
        }
      }
    }
    let rules = try worklistRules()
    return [
      "sentence": .string(
        siblings.isEmpty
          ? "No brother or sister is joined with this child in what is held here."
          : "\(siblings.count) joined with this child as one family, in what is held here."),
      "child": .string(child.text), "name": .string(try childName(child)),
      "writtenWith": .array(
        try writers.map { ["child": .string($0.text), "name": .string(try nameIfHeld($0))] }),
      "members": .array(members), "homes": .array(homes),
      "siblings": .array(siblings.map { json(sibling: $0, rules) }),
    ]
  }

  /// With which children the household is written, by the links of this one.
  private func whereWritten(_ child: ChildID) throws -> [ChildID] {
    distinct(
      try content(of: child, in: .household).flatMap { _, content in
        content.records(of: "familyLink").flatMap { _, record in
          record.values("writtenWith").compactMap { $0.identifier("writtenWith") }
        }
      })
  }

  private func nameIfHeld(_ child: ChildID) throws -> String {
    try held(child).isEmpty ? "a child not held here" : try childName(child)
  }

  private func json(
    member id: RecordID, _ record: RecordContent, of child: ChildID, _ stored: StoredCompartment
  ) throws -> JSON {
    func said(_ group: String, _ field: String) -> [String] {
      distinct(record.values(group).compactMap { $0.text(field) })
    }
    func label(_ group: String, _ list: CodeList) -> JSON {
      let labels = said(group, group).map { list.label(for: $0) ?? $0 }
      return labels.isEmpty ? .null : .string(labels.joined(separator: " / "))
    }
    func flag(_ group: String) -> JSON {
      let answers = Set(record.values(group).compactMap { $0.yesNo(group) })
      return answers.count == 1 ? .bool(answers.contains(true)) : .null
    }
    func text(_ group: String) -> JSON {
      let texts = said(group, group)
      return texts.isEmpty ? .null : .string(texts.joined(separator: " / "))
    }
    let names = distinct(
      record.values("name").map {
        [$0.text("given"), $0.text("family")].compactMap { $0 }.joined(separator: " ")
      })
    let linked: ChildID? = record.values("child").first?.identifier("child")
    return try placed(
      [
        "record": .string(id.text), "name": .string(names.joined(separator: " / ")),
        "relationship": label("relationship", CodeLists.relationship),
        "parentalResponsibility": label(
          "parentalResponsibility", CodeLists.parentalResponsibility),
        "isCarer": flag("isCarer"), "livesHere": flag("livesHere"),
        "birth": .string(
          distinct(record.values("birth").map(\.birthWords)).joined(separator: " / ")),
        "contact": text("contact"), "school": text("school"),
        "services": .array(
          distinct(record.values("services").flatMap { $0.texts("services") ?? [] })
            .map { .string($0) }),
        "sibling": linked.map { .string($0.text) } ?? .null,
        "inConflict": .bool(record.groups.values.contains { $0.isUndecided }),
      ], of: child, stored)
  }

  /// Beside a record: with which child it is written, by whom it is kept, and what was seen of it.
  private func placed(
    _ record: JSON, of child: ChildID, _ stored: StoredCompartment
  ) throws -> JSON {
    guard case .object(var object) = record else { return record }
    object["writtenWith"] = .string(child.text)
    object["custodian"] = .string(try name(of: stored.compartment.custodian))
    object["seen"] = .string(SeenToken(stored).text)
    return .object(object)
  }

  private func json(sibling entry: WorklistBoard.Entry, _ rules: WorklistRules) -> JSON {
    let matter = entry.matter
    let schools = matter.facts.flatMap(\.rolls)
      .filter { $0.end.map { $0 >= rules.today } ?? true }.map(\.school)
    let services = entry.involved.map { rules.name(of: $0.agency) }
    return [
      "child": .string(matter.child.text), "name": .string(entry.name),
      "birth": .string(distinct(matter.facts.flatMap(\.births)).joined(separator: " / ")),
      "school": .string(distinct(schools).joined(separator: " / ")),
      "services": .array(distinct(services).map { .string($0) }),
      "caf": .string(cafWords(entry, rules)),
      "lead": .string(leadWords(entry, rules)),
    ]
  }
}
