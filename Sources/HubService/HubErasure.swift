import CaseRecords
import Causality
import Disclosure
import HTTPTransport
import Operations
import ReplicaStore
import SyncEngine

// Erasing a child's record for all: an agency may erase what it alone has written, the operator
// what several have.
extension HubAdministration {
  /// Without `yes`, says what would happen, and that a person has to decide.
  func erase(_ arguments: JSON) throws -> JSON {
    let child = try child(arguments)
    let reason = try text(arguments, "reason")
    let parts = try core.engine.parts(of: child)
    let members = Set(parts.compactMap(\.compartment.child)).sorted()
    guard !parts.isEmpty else {
      throw LocalFailure.unknown("The hub holds nothing of this child, under any identifier.")
    }
    let facts: JSON = [
      "child": .string(child.text), "identifiers": .array(members.map { .string($0.text) }),
      "compartments": .count(parts.count),
      "agencies": .array(try names(holding: parts).map { .string($0) }),
    ]
    guard arguments["yes"]?.boolValue == true else {
      throw LocalFailure(
        .conflict,
        "\(parts.count) compartments would be destroyed here and at every agency that holds them, "
          + "for ever. To go on, give --yes.", details: facts)
    }
    try record(.erase(reason: reason), about: child)
    core.log.info("child erased", ["compartments": .count(parts.count)])
    return facts
  }

  private func names(holding parts: [StoredCompartment]) throws -> [String] {
    let custodians = Set(parts.map(\.compartment.custodian))
    return try core.store.agencies().filter { agency in
      try custodians.contains(agency.id)
        || parts.contains { try core.store.entitlement(agency.number, $0.number) != nil }
    }.map(\.name).sorted()
  }
}
