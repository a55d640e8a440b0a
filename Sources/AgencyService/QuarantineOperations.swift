import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

// Work that was set apart, with its text: until the hub's operator has released it, or a person
// here has taken it up or discarded it.
extension Replica {
  func quarantineList(_ input: OperationInput) throws -> JSON {
    try input.finish()
    let work = try store.quarantinedWork()
    return [
      "sentence": .string(
        work.isEmpty
          ? "Nothing is set apart." : "Set apart, with its text, until a person decides:"),
      "work": .array(try work.map { try json($0) }),
    ]
  }

  private func json(_ work: QuarantinedWork) throws -> JSON {
    let compartment = try store.compartment(work.compartment).flatMap { stored in
      try isShown(stored) ? stored.compartment : nil
    }
    return [
      "number": .count(work.number), "reason": .string(Self.words(work.reason)),
      "state": .string(Self.words(work.state)), "at": .string(work.atMilliseconds.momentText),
      "by": .string(try name(of: work.change.author)),
      "child": compartment?.child.map { .string($0.text) } ?? .null,
      "name": try compartment?.child.map { .string(try childName($0)) } ?? .null,
      "mayBeTakenUp": .bool(compartment != nil),
      "rows": .array(try work.change.writes.flatMap { try rows(of: $0) }),
      "category": compartment.map { .string("\($0.category)") } ?? .null,
      "writes": .array(
        work.change.writes.map { write in
          [
            "kind": .string(write.kind), "field": .string(write.group),
            "value": RecordContent(kind: write.kind).value(write.value),
          ]
        }),
    ]
  }

  /// What was typed, in plain words.
  private func rows(of write: Write) throws -> [JSON] {
    let title = FormWords.title(of: write.kind, element: nil)
    guard let group = SchemaRegistry.standard.group(write.kind, write.group) else { return [] }
    let value = try GroupValue(encoded: write.value)
    return try group.fields.filter(\.isForPeople).compactMap { field in
      guard let text = try words(value[field.name], field.type) else { return nil }
      let label = FormWords.rowLabel(write.kind, group, field)
      return ["label": .string("\(title): \(label)"), "text": .string(text)]
    }
  }

  /// Saves it again, as a write of whoever does it. It supersedes nothing: what has been written
  /// since stands beside it, and a person chooses.
  func quarantineTakeUp(_ input: OperationInput) throws -> JSON {
    let work = try work(input)
    let author = try author(input)
    try input.finish()
    guard let stored = try store.compartment(work.compartment), try isShown(stored) else {
      throw OperationError(
        .refused,
        "This agency may not hold that part of the record now, so it cannot be taken up. It stays "
          + "set apart: discuss it with the family or the lead professional.")
    }
    try commit([(stored.compartment, work.change.writes, VersionVector())], author: author)
    try store.transaction { try store.deleteQuarantine(work.number) }
    return [
      "number": .count(work.number), "state": .string(try standing(of: stored).words),
      "sentence":
        "Saved again. Where it differs from what stands, both are kept until a person chooses.",
    ]
  }

  func quarantineDiscard(_ input: OperationInput) throws -> JSON {
    let work = try work(input)
    try input.finish()
    try store.transaction { try store.deleteQuarantine(work.number) }
    return [
      "number": .count(work.number),
      "sentence": .string(
        work.state == .waiting
          ? "Discarded here. The hub still has it, until its operator decides." : "Discarded."),
    ]
  }

  private func work(_ input: OperationInput) throws -> QuarantinedWork {
    guard let number = try input.count("number", in: 1...Int(Int32.max)) else {
      throw OperationError(
        .usage, "Say which by its number, as the list of what is set apart has it.")
    }
    guard let work = try store.quarantinedWork().first(where: { $0.number == Int64(number) }) else {
      throw OperationError(
        .failure, "Nothing is set apart under the number \(number) here (any more).")
    }
    return work
  }

  private static func words(_ state: QuarantinedWorkState) -> String {
    switch state {
    case .waiting: "the hub's operator has not decided yet"
    case .returned: "returned by the hub's operator"
    case .hereOnly: "on this device only"
    }
  }

  private static func words(_ reason: QuarantineReason) -> String {
    switch reason {
    case .writtenKnowingWithdrawal: "written although the consent was known to be withdrawn"
    case .notHeld: "written to something that this agency may not hold"
    case .contextNotDelivered: "written upon something that the hub had not delivered"
    case .tooLarge: "larger than the limit"
    case .authorNotAllowed: "written to what the hub alone writes, or by a device reported lost"
    case .categoryNotAllowed: "written where it does not belong"
    case .erased: "the child's record has been erased"
    }
  }
}
