import CaseRecords
import Causality
import Disclosure
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

/// What the operator sees: identifiers, names of agencies and devices, times and counts. Nothing of
/// a child but its random identifier.
struct HubReports {
  let core: HubCore

  var store: ReplicaStore { core.store }

  func why(
    agency: HubAgency, _ answers: [(stored: StoredCompartment, decision: Decision)]
  ) -> JSON {
    .array(
      answers.map { stored, decision in
        [
          "compartment": .string(stored.id.text),
          "category": .string("\(stored.compartment.category)"),
          "custodian": .string(stored.compartment.custodian.text),
          "agency": .string(agency.name),
          "allowed": .bool(decision.isAllowed),
          "reasons": .array(decision.reasons.map { .string($0.sentence) }),
          "untilMilliseconds": decision.expiresAtMilliseconds.map { .count($0) } ?? .null,
        ]
      })
  }

  /// The journal's lines, as far as they name nobody: kind, identifiers, time.
  func journal() throws -> JSON {
    var lines: [JSON] = []
    try PolicyJournalFile.read(path: core.folder.journalPath, key: core.journalKey) {
      lines.append(Self.json($0))
    }
    return .array(lines)
  }

  private static func json(_ line: JournalLine) -> JSON {
    switch line {
    case .policy(let entry, let agency, let at):
      [
        "kind": .string(entry.kind.auditName), "id": .string(entry.id.text),
        "child": entry.child.map { .string($0.text) } ?? .null,
        "agency": .string(agency.text), "atMilliseconds": .count(at),
      ]
    case .agency(let agency): ["kind": "agency", "id": .string(agency.id.text)]
    case .device(let id, let agency, _, _, let at):
      [
        "kind": "device enrolled", "id": .string(id.text), "agency": .string(agency.text),
        "atMilliseconds": .count(at),
      ]
    case .deviceRevoked(let id, let at):
      ["kind": "device revoked", "id": .string(id.text), "atMilliseconds": .count(at)]
    }
  }
}
