import CaseRecords
package import Causality
import SQLite
package import SyncProtocol

package enum HoldState: Int64, Sendable {
  case held = 0
  /// Revoked: not shown, drained of unsent work, then purged.
  case revoked = 1
  /// After a RESEED: kept as it is until the hub's state comes, then the unsent work is re-minted.
  case rebasing = 2
  /// An own record that the hub had to let go of and may keep again: submitted anew from the start
  /// after the next exchange.
  case toSubmit = 3
}

/// What the hub and this device agree on about a compartment.
package struct AgencyHold: Hashable, Sendable {
  package let number: Int64
  package var acknowledged: VersionVector
  package var actor: Actor?
  package var state: HoldState
  /// The revocation obeyed, while `state` is `revoked`.
  package var certificate: [UInt8]?
  /// Dots of this agency that others have confirmed, as far as the hub has told.
  package var receivedByOthers: VersionVector

  package init(
    number: Int64, acknowledged: VersionVector = VersionVector(), actor: Actor? = nil,
    state: HoldState = .held, certificate: [UInt8]? = nil,
    receivedByOthers: VersionVector = VersionVector()
  ) {
    self.number = number
    self.acknowledged = acknowledged
    self.actor = actor
    self.state = state
    self.certificate = certificate
    self.receivedByOthers = receivedByOthers
  }
}

extension ReplicaStore {
  package func hold(_ number: Int64) throws -> AgencyHold? {
    try database.first(
      "SELECT compartment, acknowledged, actor, state, certificate, received_by_others "
        + "FROM holds WHERE compartment = ?", .integer(number), row: Self.hold)
  }

  package func save(_ hold: AgencyHold) throws {
    _ = try database.run(
      "INSERT INTO holds VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        + "acknowledged = excluded.acknowledged, actor = excluded.actor, state = excluded.state, "
        + "certificate = excluded.certificate, received_by_others = excluded.received_by_others",
      .integer(hold.number), .blob(hold.acknowledged.encoded()), .uint(hold.actor?.rawValue),
      .integer(hold.state.rawValue), hold.certificate.map { .blob($0) } ?? .null,
      .blob(hold.receivedByOthers.encoded()))
  }

  package func holds(in state: HoldState) throws -> [AgencyHold] {
    try database.query(
      "SELECT compartment, acknowledged, actor, state, certificate, received_by_others "
        + "FROM holds WHERE state = ? AND state <> 0", .integer(state.rawValue), row: Self.hold)
  }

  package func allHolds() throws -> [AgencyHold] {
    try database.query(
      "SELECT compartment, acknowledged, actor, state, certificate, received_by_others "
        + "FROM holds ORDER BY compartment", row: Self.hold)
  }

  /// What this device has written in, in the order of the compartments' numbers.
  package func writtenHolds(after number: Int64, limit: Int) throws -> [AgencyHold] {
    try database.query(
      "SELECT compartment, acknowledged, actor, state, certificate, received_by_others "
        + "FROM holds WHERE compartment > ? AND actor IS NOT NULL ORDER BY compartment LIMIT ?",
      .integer(number), .integer(Int64(limit)), row: Self.hold)
  }

  /// Revoked, with an order to name in the receipt, and nothing left to drain.
  package func drainedHolds(limit: Int) throws -> [AgencyHold] {
    try database.query(
      "SELECT compartment, acknowledged, actor, state, certificate, received_by_others "
        + "FROM holds h WHERE state = 1 AND state <> 0 AND certificate IS NOT NULL "
        + "AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.compartment = h.compartment) "
        + "ORDER BY compartment LIMIT ?", .integer(Int64(limit)), row: Self.hold)
  }

  /// After a RESEED: no actor of the run before may write again.
  package func forgetActors() throws {
    _ = try database.run("UPDATE holds SET actor = NULL WHERE actor IS NOT NULL")
  }

  /// Every compartment the hub is thought to know this device to hold: also what has been purged
  /// but is not yet confirmed, and, under an empty vector, what waits for a state after work was
  /// set apart.
  package func holdings() throws -> [Holding] {
    let held = try database.query(
      "SELECT c.id, h.acknowledged FROM holds h JOIN compartments c ON c.number = h.compartment "
        + "WHERE h.state = ? OR h.acknowledged <> ?", .integer(HoldState.rebasing.rawValue),
      .blob(VersionVector().encoded())
    ) { Holding(compartment: try $0.id(0), vector: try $0.vector(1)) }
    let purged = try openPurges().map {
      Holding(compartment: $0.receipt.compartment, vector: $0.held)
    }.filter { !$0.vector.isEmpty }
    return (held + purged)
      .sorted { $0.compartment < $1.compartment }
  }

  private static func hold(_ row: borrowing Row) throws -> AgencyHold {
    AgencyHold(
      number: row.int(0), acknowledged: try row.vector(1),
      actor: row.isNull(2) ? nil : row.actor(2), state: HoldState(rawValue: row.int(3)) ?? .held,
      certificate: row.optionalBlob(4), receivedByOthers: try row.vector(5))
  }
}
