import CaseRecords
import Causality
import Disclosure
import Operations
import ReplicaStore
import SyncEngine

extension Replica {
  /// Two entries that may be one child, one beside the other, and what has been said about them.
  func childPair(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let other = try self.child(try input.required("other"))
    try input.finish()
    guard child != other else {
      throw OperationError(.usage, "These are one identifier already: name two.")
    }
    let aliases = try aliases()
    let state =
      if aliases.members(child).contains(other) {
        "joined"
      } else if try !findings(between: child, and: other, aliases).isEmpty {
        "differ"
      } else {
        "open"
      }
    return [
      "state": .string(state),
      "children": .array(try [child, other].map { try entry(of: $0) }),
    ]
  }

  /// The other entries that are recorded as this child, as far as they may be shown.
  func joined(with child: ChildID) throws -> [JSON] {
    try aliases().members(child).subtracting([child]).sorted().compactMap { other in
      let parts = try store.compartments(of: other).filter { try isShown($0) }
      if parts.isEmpty { return nil }
      let names = try parts.filter { $0.compartment.category == .index }.flatMap { stored in
        try store.content(of: stored).records(of: "child").flatMap { $0.record.values("name") }
          .map { [$0.text("given"), $0.text("family")].compactMap { $0 }.joined(separator: " ") }
      }
      let custodians = Set(parts.map(\.compartment.custodian)).sorted()
      return [
        "child": .string(other.text), "name": .string(distinct(names).joined(separator: " / ")),
        "agencies": .array(try custodians.map { .string(try name(of: $0)) }),
      ]
    }
  }

  /// As this one identifier has it, also when it is joined with another.
  private func entry(of child: ChildID) throws -> JSON {
    let parts = try store.compartments(of: child).filter { try isShown($0) }
    var rows: [JSON] = []
    for stored in parts where stored.compartment.category == .index {
      for (id, record) in try store.content(of: stored).records(of: "child") {
        let words = try words(id, record, in: stored)
        rows += words["rows"]?.arrayValue ?? []
      }
    }
    let custodians = Set(parts.map(\.compartment.custodian))
    return [
      "child": .string(child.text), "name": .string(try childName(child)), "rows": .array(rows),
      "parts": .array(
        Set(parts.map(\.compartment.category)).sorted().map {
          .string(PlainWords.part($0))
        }),
      "agencies": .array(try custodians.sorted().map { .string(try name(of: $0)) }),
    ]
  }
}
