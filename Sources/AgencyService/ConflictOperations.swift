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
    let kind: String
    let group: String
    let register: Register<Written>

    /// What it is called on the command line.
    var name: String { "\(record.text)/\(group)" }
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
              stored: stored, record: id, kind: record.kind, group: group, register: register))
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
      "conflicts": .array(try shown.map { try json($0) }),
    ]
  }

  private func json(_ conflict: Conflict) throws -> JSON {
    let siblings = conflict.register.siblings.sorted { $0.value.time < $1.value.time }
    return [
      "conflict": .string(conflict.name),
      "child": conflict.stored.compartment.child.map { .string($0.text) } ?? .null,
      "name": .string(try conflict.stored.compartment.child.map { try childName($0) } ?? ""),
      "category": .string("\(conflict.stored.compartment.category)"),
      "field": .string(
        "\(PlainWords.fromName(conflict.kind)): \(PlainWords.fromName(conflict.group))"),
      "values": .array(
        try siblings.enumerated().map { number, sibling in
          let value = RecordContent(kind: conflict.kind).value(sibling.value.value)
          return [
            "number": .count(number + 1), "value": value,
            "by": .string(try name(of: sibling.value.author)),
            "at": .string(sibling.value.claimedMilliseconds.momentText),
          ]
        }),
      "seen": .string(SeenToken(conflict.stored).text),
    ]
  }

  private func conflict(_ text: String) throws -> Conflict {
    let found = try conflicts().filter {
      $0.name == text || $0.name.hasPrefix(text) || $0.record.text.hasPrefix(text)
    }
    if found.count == 1 { return found[0] }
    throw OperationError(
      found.isEmpty ? .failure : .conflict,
      found.isEmpty
        ? "There is no such conflict here any more: see cafsync conflicts list."
        : "Several begin so: \(found.map(\.name).joined(separator: ", ")).")
  }

  func conflictShow(_ input: OperationInput) throws -> JSON {
    let conflict = try conflict(try input.required("conflict"))
    try input.finish()
    return try json(conflict)
  }

  func conflictResolve(_ input: OperationInput) throws -> JSON {
    let conflict = try conflict(try input.required("conflict"))
    let siblings = conflict.register.siblings.sorted { $0.value.time < $1.value.time }
    let keep = try input.count("keep", in: 1...siblings.count)
    let text = try input.text("text")
    let token = try input.text("seen").map { try SeenToken(text: $0) }
    let author = try author(input)
    try input.finish()
    guard (keep == nil) != (text == nil) else {
      throw OperationError(.usage, "Say either --keep N, or --text with what shall stand instead.")
    }
    var draft = Draft(conflict.stored.compartment)
    if let keep {
      let value = siblings[keep - 1].value.value
      draft.set(
        conflict.record, conflict.kind, conflict.group, try GroupValue(encoded: value))
    } else if let text {
      guard let group = SchemaRegistry.standard.group(conflict.kind, conflict.group),
        let field = Self.mainField(of: group)
      else {
        throw OperationError(
          .usage, "These values have several fields: choose one of them with --keep.")
      }
      let base = try GroupValue(encoded: siblings[siblings.count - 1].value.value)
      draft.set(conflict.record, conflict.kind, conflict.group, base.setting(field, text))
    }
    let stored = try save(draft, author: author, seen: token?.vector)
    return saved(
      draft, ["seen": .string(SeenToken(stored).text)],
      "Decided. The other values are superseded, by somebody who had seen them.")
  }

  /// The box that a text is typed into: the only field, or the only long one.
  private static func mainField(of group: FieldGroup) -> String? {
    if group.fields.count == 1 { return group.fields[0].name }
    let long = group.fields.filter { $0.type == .longText }
    return long.count == 1 ? long[0].name : nil
  }
}
