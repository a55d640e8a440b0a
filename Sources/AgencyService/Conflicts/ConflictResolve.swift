import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

extension Replica {
  /// Writes what a person has decided, as somebody who has seen what `seen` covers. What arrived
  /// after that stands beside it, and is decided next.
  func conflictResolve(_ input: OperationInput) throws -> JSON {
    let name = try input.required("conflict")
    let conflict = try conflict(name, part: try input.text("part"))
    let choice = try choice(input, in: conflict)
    let token = try input.text("seen").map { try SeenToken(text: $0) }
    let author = try author(input)
    try input.finish()
    guard token.map({ $0.compartment == conflict.stored.id }) ?? true else {
      throw OperationError(.usage, "The page showed another part of the record: load it again.")
    }
    var draft = Draft(conflict.stored.compartment)
    draft.replace(
      conflict.record, conflict.kind, conflict.group, try value(of: choice, in: conflict))
    let stored = try save(draft, author: author, seen: token?.vector)
    let register = try store.content(of: stored).records[conflict.record]?.groups[conflict.group]
    let isUndecided = register?.isUndecided ?? false
    return saved(
      draft,
      ["seen": .string(SeenToken(stored).text), "isUndecided": .bool(isUndecided)],
      isUndecided
        ? "Recorded. Another answer has arrived that you had not seen: it is kept beside yours, to "
          + "be decided next."
        : "Decided. The other values are superseded, by somebody who had seen them.")
  }

  private enum Choice {
    case one(Register<Written>.Sibling)
    case both
    case text(String)
    case values([String: String])
  }

  private func choice(_ input: OperationInput, in conflict: Conflict) throws -> Choice {
    let siblings = conflict.siblings
    let number = try input.count("keep", in: 1...siblings.count)
    let answer = try input.text("answer")
    let isBoth = input.flag("both")
    let text = try input.text("text")
    let values = try Self.texts(input.json("values"))
    var choices: [Choice] = []
    if let number { choices.append(.one(siblings[number - 1])) }
    if let answer {
      guard let sibling = siblings.first(where: { Self.key(of: $0) == answer }) else {
        throw OperationError(
          .conflict,
          "That answer has been replaced meanwhile: look at what stands now, and choose again.")
      }
      choices.append(.one(sibling))
    }
    if isBoth { choices.append(.both) }
    if let text { choices.append(.text(text)) }
    if !values.isEmpty { choices.append(.values(values)) }
    guard choices.count == 1 else {
      throw OperationError(
        .usage, "Say which answer to keep, or both, or what shall stand instead: one of the three.")
    }
    return choices[0]
  }

  private func value(of choice: Choice, in conflict: Conflict) throws -> GroupValue {
    let siblings = conflict.siblings
    let last = try GroupValue(encoded: siblings[siblings.count - 1].value.value)
    switch choice {
    case .one(let sibling): return try GroupValue(encoded: sibling.value.value)
    case .both:
      guard let joined = try joined(conflict) else {
        throw OperationError(
          .usage, "These answers cannot stand together: keep one of them, or write another.")
      }
      return last.setting(joined.field, joined.text)
    case .text(let text):
      guard let group = SchemaRegistry.standard.group(conflict.kind, conflict.group),
        let field = group.fields.count == 1 ? group.fields[0].name : group.longText
      else {
        throw OperationError(
          .usage, "These values have several fields: choose one of them, by its number.")
      }
      return last.setting(field, text)
    case .values(let values):
      guard let group = typedGroup(conflict) else {
        throw OperationError(.usage, "Nothing else can be written here: keep one of the answers.")
      }
      let known = group.typedFields.map { "\(group.name).\($0.name)" }
      if let stranger = values.keys.sorted().first(where: { !known.contains($0) }) {
        throw OperationError(.usage, "“\(stranger)” is no field of this: load the page again.")
      }
      return typed(values, into: last, of: group)
    }
  }
}
