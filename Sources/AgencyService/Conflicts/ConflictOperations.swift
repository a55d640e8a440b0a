import CaseRecords
import Causality
import Disclosure
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

// Two people wrote in the same box without seeing each other. Both values stand until a person
// chooses; the choice is an ordinary write by somebody who has seen both.
extension Register<Written> {
  /// Several values stand, and they differ: two people who wrote the same agree.
  var isUndecided: Bool { Set(siblings.map(\.value.value)).count > 1 }
}

extension Replica {
  struct Conflict {
    let stored: StoredCompartment
    let record: RecordID
    let content: RecordContent
    let group: String
    let register: Register<Written>

    var kind: String { content.kind }
    /// What it is called on the command line.
    var name: String { "\(record.text)/\(group)" }
    /// The earliest first.
    var siblings: [Register<Written>.Sibling] {
      register.siblings.sorted { $0.value.time < $1.value.time }
    }
  }

  func conflicts() throws -> [Conflict] {
    var found: [Conflict] = []
    for id in try undecidedCompartments().sorted() {
      guard let stored = try store.compartment(id), try isShown(stored) else { continue }
      for (id, record) in try store.content(of: stored).records.sorted(by: { $0.key < $1.key }) {
        for (group, register) in record.groups.sorted(by: { $0.key < $1.key })
        where register.isUndecided {
          found.append(
            Conflict(
              stored: stored, record: id, content: record, group: group, register: register))
        }
      }
    }
    return found
  }

  func conflictList(_ input: OperationInput) throws -> JSON {
    let child = try input.text("child").map { try self.child($0) }
    try input.finish()
    let members = try child.map { try aliases().members($0) }
    let shown = try conflicts().filter { conflict in
      guard let members else { return true }
      return conflict.stored.compartment.child.map { members.contains($0) } ?? false
    }
    return [
      "sentence": .string(
        shown.isEmpty ? "No conflict in what is held here." : "\(shown.count) to decide."),
      "conflicts": .array(try shown.map { .object(try json($0)) }),
    ]
  }

  func json(_ conflict: Conflict) throws -> JSON.Object {
    var object = JSON.Object()
    object["conflict"] = .string(conflict.name)
    object["record"] = .string(conflict.record.text)
    object["group"] = .string(conflict.group)
    object["part"] = .string(conflict.stored.id.text)
    object["child"] = conflict.stored.compartment.child.map { .string($0.text) } ?? .null
    object["name"] = .string(
      try conflict.stored.compartment.child.map { try childName($0) } ?? "")
    object["category"] = .string("\(conflict.stored.compartment.category)")
    object["field"] = .string(
      "\(PlainWords.fromName(conflict.kind)): \(PlainWords.fromName(conflict.group))")
    object["title"] = .string(title(of: conflict))
    object["label"] = .string(FormWords.label(conflict.kind, conflict.group))
    object["values"] = .array(
      try conflict.siblings.enumerated().map { number, sibling in
        let value = RecordContent(kind: conflict.kind).value(sibling.value.value)
        return [
          "number": .count(number + 1), "value": value,
          "by": .string(try name(of: sibling.value.author)),
          "at": .string(sibling.value.claimedMilliseconds.momentText),
        ]
      })
    object["seen"] = .string(SeenToken(conflict.stored).text)
    return object
  }

  private func title(of conflict: Conflict) -> String {
    let element = conflict.content.values("about").first?.text("element")
    return FormWords.title(
      of: conflict.kind, element: element.flatMap { CAFElement(rawValue: $0) })
  }

  /// `part` tells apart what two agencies keep of one child under one name.
  func conflict(_ text: String, part: String?) throws -> Conflict {
    let all = try conflicts().filter { conflict in
      part.map { $0 == conflict.stored.id.text } ?? true
    }
    let exact = all.filter { $0.name == text }
    let found =
      exact.isEmpty
      ? all.filter { $0.name.hasPrefix(text) || $0.record.text.hasPrefix(text) } : exact
    if found.count == 1 { return found[0] }
    throw OperationError(
      found.isEmpty ? .failure : .conflict,
      found.isEmpty
        ? "There is no such conflict here any more: somebody has decided, or the record may not be "
          + "shown here now. The list of conflicts says what waits."
        : "Several begin so: \(found.map(\.name).joined(separator: ", ")).")
  }
}
