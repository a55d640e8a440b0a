import CaseRecords
import Causality
import Disclosure
import Glibc
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

/// What the operator sees: identifiers, names of agencies and devices, times and counts. Nothing of
/// a child but its random identifier.
struct HubReports {
  let core: HubCore

  private var store: ReplicaStore { core.store }

  func agencies() throws -> JSON {
    let devices = try store.devices()
    return .array(
      try store.agencies().filter { $0.id != .hub }.map { agency in
        [
          "id": .string(agency.id.text), "name": .string(agency.name),
          "sector": .string(agency.sector), "locality": .string(agency.locality),
          "sensitive": .bool(agency.isSensitive),
          "devices": .count(devices.count { $0.agency == agency.number }),
          "agreementLocked": .bool(!core.engine.locks(on: agency.id).isEmpty),
        ]
      })
  }

  func devices() throws -> JSON {
    let runs = Dictionary(grouping: try store.allIncarnations(), by: \.device)
    let pending = try store.pendingRevocations()
    let agencies = Dictionary(
      uniqueKeysWithValues: try store.agencies().map {
        ($0.number, (name: $0.name, feed: try store.policyPosition(of: $0.number)))
      })
    return .array(
      try store.devices().map { device in
        let agency = agencies[device.agency] ?? (name: "", feed: 0)
        let own = runs[device.number] ?? []
        let last = own.max { $0.lastContactMilliseconds < $1.lastContactMilliseconds }
        return Self.device(
          device, of: agency.name, feed: agency.feed, runs: own.count, last: last,
          behind: try store.newsCount(of: device.agency, after: last?.cursor ?? 0),
          pending: pending[device.number])
      })
  }

  private static func device(
    _ device: HubDevice, of agency: String, feed: UInt64, runs: Int, last: HubIncarnation?,
    behind: Int, pending: (count: Int, sinceMilliseconds: UInt64)?
  ) -> JSON {
    [
      "id": .string(device.id.text), "name": .string(device.name),
      "agency": .string(agency),
      "enrolledMilliseconds": .count(device.enrolledMilliseconds),
      "revokedMilliseconds": device.revokedMilliseconds.map { .count($0) } ?? .null,
      "incarnations": .count(runs),
      "lastContactMilliseconds": contact(last),
      "unsent": .count(last?.unsent ?? 0),
      "clockAheadMilliseconds": .integer(last?.skewMilliseconds ?? 0),
      "compartmentsBehind": .count(behind),
      "policyBehind": .count(feed - min(feed, last?.policySeen ?? 0)),
      "pendingPurges": .count(pending?.count ?? 0),
      "pendingPurgesSinceMilliseconds": (pending?.sinceMilliseconds).map { .count($0) } ?? .null,
    ]
  }

  private static func contact(_ incarnation: HubIncarnation?) -> JSON {
    guard let at = incarnation?.lastContactMilliseconds, at > 0 else { return .null }
    return .count(at)
  }

  func status() throws -> JSON {
    let quarantined = try store.quarantineCounts().reduce(0) { $0 + $1.count }
    let pending = try store.pendingRevocations().values
    let oldest = pending.map(\.sinceMilliseconds).min()
    return [
      "epoch": .count(try core.engine.epoch),
      "commits": .count(try store.integer("commits") ?? 0),
      "agencies": try agencies(), "devices": try devices(),
      "compartments": .count(try store.compartmentCount()),
      "policyEntries": .count(try store.policyCount()),
      "pendingPurges": .count(pending.reduce(0) { $0 + $1.count }),
      "pendingPurgesSinceMilliseconds": oldest.map { .count($0) } ?? .null,
      "purgeReceipts": .count(try store.receiptCount()),
      "quarantined": .count(quarantined),
      "lettingGo": .count(try store.lettingGoCount()),
      "unreadable": .count(try store.unreadableCount()),
      "recovering": .count(try store.recoveringCount()),
      "waitingPolls": .count(core.polls.count),
      "leaseDays": .count(core.engine.leaseDays),
      "bytes": sizes(),
    ]
  }

  private func sizes() -> JSON {
    var sizes = JSON.Object()
    for file in ["replica.sqlite", "replica.sqlite-wal", "keys.sqlite", "policy.journal"] {
      var facts = stat()
      // What is not there takes no room.
      let isThere = stat(core.folder.path + "/" + file, &facts) == 0
      sizes[file] = .count(isThere ? Int64(facts.st_size) : 0)
    }
    return .object(sizes)
  }

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
