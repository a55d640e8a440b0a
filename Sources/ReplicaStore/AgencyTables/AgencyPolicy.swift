package import CaseRecords
import Causality
import SQLite
import SyncProtocol

package enum PolicyState: Int64, Sendable {
  case unsent = 0
  case committed = 1
  /// Returned to a person: a withdrawal that the grant did not know of stands against it.
  case refused = 2
}

package struct KnownPolicy: Hashable, Sendable {
  package let entry: PolicyEntry
  /// Place in this agency's feed; nil until the hub has committed the entry.
  package let position: UInt64?
  package let state: PolicyState
  package let note: String
}

extension ReplicaStore {
  /// Records an entry, or what became of it. Its author's agency is told it whole, so the copy kept
  /// there never loses its evidence.
  package func savePolicy(
    _ entry: PolicyEntry, position: UInt64?, state: PolicyState, note: String = ""
  ) throws {
    _ = try database.run(
      "INSERT INTO policy VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        + "child = excluded.child, position = excluded.position, state = excluded.state, "
        + "note = excluded.note, body = excluded.body",
      .id(entry.id), .id(entry.child), .uint(position), .integer(state.rawValue), .text(note),
      .blob(try seal(entry.encoded(), in: KeyVault.ownNumber)))
  }

  package func policy(_ id: PolicyID) throws -> KnownPolicy? {
    try knownPolicy(where: "id = ?", .id(id)).first
  }

  package func policy(of child: ChildID) throws -> [KnownPolicy] {
    try knownPolicy(where: "child = ? ORDER BY id", .id(child))
  }

  /// Entries that concern whole agencies, and aliases.
  package func allPolicy() throws -> [KnownPolicy] {
    try knownPolicy(where: "?1 = ?1 ORDER BY position", .integer(1))
  }

  package func agencyWidePolicy() throws -> [KnownPolicy] {
    try knownPolicy(where: "child IS NULL AND ?1 = ?1 ORDER BY id", .integer(1))
  }

  /// Withdrawals first: nothing may overtake them.
  package func unsentPolicy(limit: Int) throws -> [PolicyEntry] {
    let entries = try knownPolicy(where: "state = 0 AND ?1 = ?1", .integer(1)).map(\.entry)
    return Array(entries.sorted { ($0.urgency, $0.id) < ($1.urgency, $1.id) }.prefix(limit))
  }

  /// How many wait; told without opening them, so also while the keys are locked.
  package func unsentPolicyCount() throws -> Int {
    Int(try database.first("SELECT count(*) FROM policy WHERE state = 0") { $0.int(0) } ?? 0)
  }

  /// What the hub sent back, with why. Only these are opened, of the many that stand.
  package func refusedPolicy() throws -> [KnownPolicy] {
    try knownPolicy(where: "state = ?1 ORDER BY id", .integer(PolicyState.refused.rawValue))
  }

  /// At most as many as a change may depend on, what narrows first.
  package func unsentPolicy(of child: ChildID) throws -> [PolicyID] {
    // Found by the child, of whom there are a few entries, and not among all that is unsent: that
    // is what the plus says.
    let entries = try knownPolicy(where: "+state = 0 AND child = ?", .id(child)).map(\.entry)
    return entries.sorted { ($0.urgency, $0.id) < ($1.urgency, $1.id) }
      .prefix(SyncLimits.policyNamesMax).map(\.id)
  }

  private func knownPolicy(where clause: String, _ value: SQLiteValue) throws -> [KnownPolicy] {
    try database.query(
      "SELECT body, position, state, note FROM policy WHERE ", where: clause, value
    ) { row in
      KnownPolicy(
        entry: try policyEntry(row.blob(0)),
        position: row.isNull(1) ? nil : row.unsigned(1),
        state: PolicyState(rawValue: row.int(2)) ?? .unsent, note: row.text(3))
    }
  }
}

extension PolicyEntry {
  /// The order in which entries leave: what narrows goes before what widens.
  package var urgency: Int {
    switch kind {
    case .erase: 0
    case .agreementLock: 1
    case .withdrawal, .refusal, .shield: 2
    case .alias, .unalias: 3
    case .override: 4
    case .grant, .unshield, .agreementSigned: 5
    }
  }
}
