import CaseRecords
import Causality
import Disclosure
import Operations
import ReplicaStore
import SyncEngine

// Erasing a child's record, everywhere and for ever.
extension Replica {
  /// With `preview`, says what will happen. Without, it is done for whoever types the child's name
  /// again, or says `yes`.
  func erase(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let isPreview = input.flag("preview")
    let isCertain = input.flag("yes")
    let typed = try input.text("name")
    let reason = try input.text("reason")
    let author = isPreview ? nil : try author(input)
    if isPreview { _ = try input.text("as") }
    try input.finish()
    let name = try childName(child)
    guard let author else { return try whatErasingDoes(to: child, called: name) }
    guard let reason else {
      throw OperationError(.usage, "Say why, for the record at the hub: --reason TEXT.")
    }
    let isSame = typed.map { NameFolding.folded($0) == NameFolding.folded(name) } ?? false
    guard isCertain || isSame else {
      throw OperationError(
        .conflict,
        typed == nil
          ? "Erasing cannot be undone. To go on, give the child's name as it is shown (--name), or "
            + "--yes."
          : "That is not the name of this child as it is held here. Nothing was erased.",
        details: try whatErasingDoes(to: child, called: name))
    }
    let entry = try record(.erase(reason: reason), about: child, author: author)
    return [
      "sentence": .string(
        "Recorded. It goes first in the next exchange; then every copy, this agency's own too, is "
          + "destroyed, and each device sends its receipt."),
      "entry": .string(entry.id.text),
    ]
  }

  private func whatErasingDoes(to child: ChildID, called name: String) throws -> JSON {
    let held = try held(child)
    let others = Set(held.map(\.compartment.custodian)).subtracting([agency])
    let unsent = try held.reduce(0) { try $0 + store.outboxCount(of: $1.number) }
    var consequences = [
      "All \(held.count) parts of the record held here are destroyed, here and everywhere.",
      "What other agencies, and the hub, hold of the child is destroyed too; nobody can undo it.",
      "Whatever is written about the child later, by anyone, is set apart.",
      "That it was erased, and what was decided about sharing, stays on record.",
    ]
    if unsent > 0 { consequences.append("\(unsent) changes have not been sent: they are lost.") }
    if !others.isEmpty {
      let names = try others.map { try self.name(of: $0) }.sorted().joined(separator: ", ")
      consequences.append(
        "Records of \(names) are among them. The hub will return this decision: only its operator "
          + "can erase what several agencies have written (cafsync hub erase).")
    }
    return [
      "sentence": .string("To be erased: \(name)."),
      "name": .string(name), "child": .string(child.text),
      "identifiers": .array(try aliases().members(child).sorted().map { .string($0.text) }),
      "consequences": .array(consequences.map { .string($0) }),
    ]
  }
}
