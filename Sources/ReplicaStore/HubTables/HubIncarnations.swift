import CaseRecords
package import Causality
import SQLite
package import SyncProtocol

/// One run of a device's replica, as the hub sees it.
package struct HubIncarnation: Hashable, Sendable {
  package let number: Int64
  package let id: IncarnationID
  package let device: Int64
  package var exchange: UInt64
  package var cursor: UInt64
  package var cursorBefore: UInt64
  package var digest: HoldingsDigest
  package var digestBefore: HoldingsDigest
  package var lastContactMilliseconds: UInt64
  package var unsent: UInt64
  package var skewMilliseconds: Int64
  package var policySeen: UInt64
  /// The last epoch in which this incarnation has given back what it holds.
  package var recoveredEpoch: UInt64
}

/// Whether the next thing to send of a compartment is its state, whatever changes are in the log:
/// so where what the device has is known by its own word alone.
package enum HubStateDue: Int64, Sendable {
  case no = 0
  case yes = 1
  /// Sent in the hold's exchange, which is not confirmed yet.
  case sent = 2
}

/// What one incarnation has been sent of one compartment.
package struct HubHold: Hashable, Sendable {
  package let incarnation: Int64
  package let compartment: Int64
  package var vector: VersionVector
  package var before: VersionVector
  package var exchange: UInt64
  package var revokedMilliseconds: UInt64?
  package var stateDue: HubStateDue

  package init(
    incarnation: Int64, compartment: Int64, vector: VersionVector, before: VersionVector,
    exchange: UInt64, revokedMilliseconds: UInt64? = nil, stateDue: HubStateDue = .no
  ) {
    self.incarnation = incarnation
    self.compartment = compartment
    self.vector = vector
    self.before = before
    self.exchange = exchange
    self.revokedMilliseconds = revokedMilliseconds
    self.stateDue = stateDue
  }
}

extension HoldingsDigest {
  package init(stored bytes: [UInt8]) {
    let words = bytes.prefix(16).enumerated().reduce(into: [UInt64(0), 0]) {
      $0[$1.offset / 8] = $0[$1.offset / 8] << 8 | UInt64($1.element)
    }
    self.init(high: words[0], low: words[1])
  }

  package var stored: [UInt8] { Identifier<IncarnationTag>(high: high, low: low).bytes }
}

extension ReplicaStore {
  package func incarnation(_ id: IncarnationID) throws -> HubIncarnation? {
    try incarnations(where: "id = ?", .id(id)).first
  }

  package func incarnation(number: Int64) throws -> HubIncarnation? {
    try incarnations(where: "number = ?", .integer(number)).first
  }

  package func incarnations(of device: Int64) throws -> [HubIncarnation] {
    try incarnations(where: "device = ? ORDER BY number", .integer(device))
  }

  package func allIncarnations() throws -> [HubIncarnation] {
    try incarnations(where: "?1 = ?1 ORDER BY number", .integer(1))
  }

  package func addIncarnation(_ id: IncarnationID, device: Int64, forkOf: Int64?) throws {
    let empty = HoldingsDigest().stored
    _ = try database.run(
      "INSERT INTO incarnations (id, device, fork_of, digest, digest_before) "
        + "VALUES (?, ?, ?, ?, ?)",
      .id(id), .integer(device), forkOf.map { .integer($0) } ?? .null, .blob(empty), .blob(empty))
  }

  package func save(_ incarnation: HubIncarnation) throws {
    _ = try database.run(
      "UPDATE incarnations SET exchange = ?, cursor = ?, cursor_before = ?, digest = ?, "
        + "digest_before = ?, last_contact_ms = ?, unsent = ?, skew_ms = ?, policy_seen = ?, "
        + "recovered_epoch = ? WHERE number = ?",
      .uint(incarnation.exchange), .uint(incarnation.cursor), .uint(incarnation.cursorBefore),
      .blob(incarnation.digest.stored), .blob(incarnation.digestBefore.stored),
      .uint(incarnation.lastContactMilliseconds), .uint(incarnation.unsent),
      .integer(incarnation.skewMilliseconds), .uint(incarnation.policySeen),
      .uint(incarnation.recoveredEpoch), .integer(incarnation.number))
  }

  private func incarnations(where clause: String, _ value: SQLiteValue) throws -> [HubIncarnation] {
    try database.query(
      "SELECT number, id, device, exchange, cursor, cursor_before, digest, digest_before, "
        + "last_contact_ms, unsent, skew_ms, policy_seen, recovered_epoch FROM incarnations WHERE ",
      where: clause, value
    ) { row in
      HubIncarnation(
        number: row.int(0), id: try row.id(1), device: row.int(2), exchange: row.unsigned(3),
        cursor: row.unsigned(4), cursorBefore: row.unsigned(5),
        digest: HoldingsDigest(stored: row.blob(6)),
        digestBefore: HoldingsDigest(stored: row.blob(7)),
        lastContactMilliseconds: row.unsigned(8), unsent: row.unsigned(9),
        skewMilliseconds: row.int(10), policySeen: row.unsigned(11),
        recoveredEpoch: row.unsigned(12))
    }
  }

  // MARK: Actors

  /// The incarnation that mints under an actor of a compartment.
  package func owner(of actor: Actor, in compartment: Int64) throws -> Int64? {
    try database.first(
      "SELECT incarnation FROM actors WHERE compartment = ? AND actor = ? AND is_release = 0",
      .integer(compartment), .actor(actor)
    ) { $0.int(0) }
  }

  /// False when the actor is bound in any compartment already: an actor is never reused.
  package func bind(_ actor: Actor, in compartment: Int64, to incarnation: Int64) throws -> Bool {
    let isTaken =
      try database.first("SELECT 1 FROM actors WHERE actor = ? LIMIT 1", .actor(actor)) { _ in true
      }
      ?? false
    if isTaken { return false }
    _ = try database.run(
      "INSERT INTO actors VALUES (?, ?, ?, 0)", .actor(actor), .integer(compartment),
      .integer(incarnation))
    return true
  }

  /// The actors of one compartment that belong to devices of `agency`, and those that do not.
  package func actors(in compartment: Int64) throws -> [(actor: Actor, agency: Int64)] {
    try database.query(
      "SELECT a.actor, d.agency FROM actors a JOIN incarnations i ON i.number = a.incarnation "
        + "JOIN devices d ON d.number = i.device WHERE a.compartment = ?", .integer(compartment)
    ) { ($0.actor(0), $0.int(1)) }
  }

  // MARK: Holds

  /// The agencies that have written in what an incarnation was sent in that exchange.
  package func authors(
    ofHoldsOf incarnation: Int64, changedIn exchange: UInt64, limit: Int
  ) throws -> Set<Int64> {
    Set(
      try database.query(
        "SELECT d.agency FROM (SELECT compartment FROM holds WHERE incarnation = ?1 "
          + "AND exchange = ?2 LIMIT ?3) h JOIN actors a ON a.compartment = h.compartment "
          + "JOIN incarnations i ON i.number = a.incarnation "
          + "JOIN devices d ON d.number = i.device",
        .integer(incarnation), .uint(exchange), .integer(Int64(limit))
      ) { $0.int(0) })
  }

  package func hubHold(_ incarnation: Int64, _ compartment: Int64) throws -> HubHold? {
    try hubHolds(
      where: "incarnation = ?1 AND compartment = ?2", .integer(incarnation), .integer(compartment)
    ).first
  }

  package func hubHolds(of incarnation: Int64) throws -> [HubHold] {
    try hubHolds(where: "incarnation = ?1 AND ?2 IS NULL", .integer(incarnation), .null)
  }

  package func hubHolds(ofCompartment compartment: Int64) throws -> [HubHold] {
    try hubHolds(where: "compartment = ?1 AND ?2 IS NULL", .integer(compartment), .null)
  }

  /// What an incarnation was sent in exchange number `exchange`: taken back when it comes again.
  package func hubHolds(of incarnation: Int64, changedIn exchange: UInt64) throws -> [HubHold] {
    try hubHolds(
      where: "incarnation = ?1 AND exchange = ?2", .integer(incarnation), .uint(exchange))
  }

  package func revokedHolds(of incarnation: Int64, limit: Int) throws -> [HubHold] {
    try hubHolds(
      where: "incarnation = ?1 AND revoked_ms IS NOT NULL ORDER BY compartment LIMIT ?2",
      .integer(incarnation), .integer(Int64(limit)))
  }

  package func save(_ hold: HubHold) throws {
    _ = try database.run(
      "INSERT INTO holds VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        + "vector = excluded.vector, before = excluded.before, exchange = excluded.exchange, "
        + "revoked_ms = excluded.revoked_ms, state_due = excluded.state_due",
      .integer(hold.incarnation), .integer(hold.compartment), .blob(hold.vector.encoded()),
      .blob(hold.before.encoded()), .uint(hold.exchange), .uint(hold.revokedMilliseconds),
      .integer(hold.stateDue.rawValue))
  }

  package func deleteHold(_ incarnation: Int64, _ compartment: Int64) throws {
    _ = try database.run(
      "DELETE FROM holds WHERE incarnation = ? AND compartment = ?", .integer(incarnation),
      .integer(compartment))
  }

  private func hubHolds(
    where clause: String, _ first: SQLiteValue, _ second: SQLiteValue
  ) throws -> [HubHold] {
    try database.query(
      "SELECT incarnation, compartment, vector, before, exchange, revoked_ms, state_due "
        + "FROM holds WHERE ", where: clause, first, second
    ) { row in
      try Self.hubHold(row, from: 2, incarnation: row.int(0), compartment: row.int(1))
    }
  }

  /// What stands beside its two keys, in the columns from `column` on: vector, before, exchange,
  /// revoked_ms, state_due.
  static func hubHold(
    _ row: borrowing Row, from column: Int, incarnation: Int64, compartment: Int64
  ) throws -> HubHold {
    HubHold(
      incarnation: incarnation, compartment: compartment, vector: try row.vector(column),
      before: try row.vector(column + 1), exchange: row.unsigned(column + 2),
      revokedMilliseconds: row.isNull(column + 3) ? nil : row.unsigned(column + 3),
      stateDue: HubStateDue(rawValue: row.int(column + 4)) ?? .yes)
  }
}
