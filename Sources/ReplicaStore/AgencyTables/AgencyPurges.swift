package import CaseRecords
package import Causality
import SQLite
package import SyncProtocol

/// A purge whose receipt the hub has not confirmed.
package struct OpenPurge: Hashable, Sendable {
  package let receipt: PurgeReceipt
  /// What the hub knew this device to hold: part of the digest until it has the receipt.
  package let held: VersionVector
}

extension ReplicaStore {
  /// Records a purge. `isProven`: nothing had to be deleted, so no file has to be cleaned first.
  /// A compartment can be purged, granted again and purged again under one certificate.
  package func savePurge(
    _ receipt: PurgeReceipt, held: VersionVector, isProven: Bool, atMilliseconds: UInt64
  ) throws {
    _ = try database.run(
      "INSERT INTO purges VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        + "proof = excluded.proof, held = excluded.held, purged_ms = excluded.purged_ms, "
        + "state = excluded.state", .id(receipt.compartment), .blob(receipt.certificate),
      .blob(receipt.proof), .blob(held.encoded()), .uint(atMilliseconds),
      .integer(isProven ? 1 : 0))
  }

  package func hasUnprovenPurges() throws -> Bool {
    try database.first("SELECT 1 FROM purges WHERE state = 0 LIMIT 1") { _ in true } ?? false
  }

  /// After a checkpoint that left no log: the receipts may be sent.
  package func markPurgesProven() throws {
    _ = try database.run("UPDATE purges SET state = 1 WHERE state = 0")
  }

  /// Receipts that may be sent.
  package func unacknowledgedPurges(limit: Int) throws -> [PurgeReceipt] {
    try database.query(
      "SELECT compartment, certificate, proof FROM purges WHERE state = 1 "
        + "ORDER BY compartment, certificate LIMIT ?", .integer(Int64(limit))
    ) { PurgeReceipt(compartment: try $0.id(0), certificate: $0.blob(1), proof: $0.blob(2)) }
  }

  /// Every purge that the hub has not confirmed, proven or not.
  package func openPurges() throws -> [OpenPurge] {
    try database.query(
      "SELECT compartment, certificate, proof, held FROM purges WHERE state < 2 "
        + "ORDER BY compartment, certificate", row: Self.openPurge)
  }

  package func openPurge(_ receipt: PurgeReceipt) throws -> OpenPurge? {
    try database.first(
      "SELECT compartment, certificate, proof, held FROM purges WHERE state < 2 "
        + "AND compartment = ? AND certificate = ?", .id(receipt.compartment),
      .blob(receipt.certificate), row: Self.openPurge)
  }

  package func acknowledgePurge(_ receipt: PurgeReceipt) throws {
    _ = try database.run(
      "UPDATE purges SET state = 2 WHERE compartment = ? AND certificate = ?",
      .id(receipt.compartment), .blob(receipt.certificate))
  }

  /// The hub has lost all account of it.
  package func forgetHeld(of compartment: CompartmentID) throws {
    _ = try database.run(
      "UPDATE purges SET held = ? WHERE state < 2 AND compartment = ?",
      .blob(VersionVector().encoded()), .id(compartment))
  }

  /// What a hub that was restored may have forgotten: the orders obeyed here, but not those of
  /// compartments that are held again.
  package func certificates() throws -> [Revocation] {
    try database.query(
      "SELECT compartment, certificate FROM purges WHERE certificate <> ? "
        + "AND compartment NOT IN (SELECT id FROM compartments) ORDER BY compartment",
      .blob(PurgeReceipt.withoutOrder)
    ) { Revocation(compartment: try $0.id(0), certificate: $0.blob(1)) }
  }

  package func purgeCount() throws -> Int {
    Int(try database.first("SELECT count(*) FROM purges") { $0.int(0) } ?? 0)
  }

  private static func openPurge(_ row: borrowing Row) throws -> OpenPurge {
    OpenPurge(
      receipt: PurgeReceipt(
        compartment: try row.id(0), certificate: row.blob(1), proof: row.blob(2)),
      held: try row.vector(3))
  }
}
