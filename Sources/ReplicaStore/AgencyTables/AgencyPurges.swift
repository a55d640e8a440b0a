package import CaseRecords
import Causality
import SQLite
package import SyncProtocol

extension ReplicaStore {
  package func savePurge(_ receipt: PurgeReceipt, atMilliseconds: UInt64) throws {
    _ = try database.run(
      "INSERT INTO purges VALUES (?, ?, ?, ?, 0) ON CONFLICT DO NOTHING",
      .id(receipt.compartment), .blob(receipt.certificate), .blob(receipt.proof),
      .uint(atMilliseconds))
  }

  package func unacknowledgedPurges(limit: Int) throws -> [PurgeReceipt] {
    try database.query(
      "SELECT compartment, certificate, proof FROM purges WHERE acknowledged = 0 "
        + "ORDER BY compartment LIMIT ?", .integer(Int64(limit))
    ) { PurgeReceipt(compartment: try $0.id(0), certificate: $0.blob(1), proof: $0.blob(2)) }
  }

  package func acknowledgePurge(_ receipt: PurgeReceipt) throws {
    _ = try database.run(
      "UPDATE purges SET acknowledged = 1 WHERE compartment = ? AND certificate = ?",
      .id(receipt.compartment), .blob(receipt.certificate))
  }

  package func isPurged(_ compartment: CompartmentID, certificate: [UInt8]) throws -> Bool {
    try database.first(
      "SELECT 1 FROM purges WHERE compartment = ? AND certificate = ?",
      .id(compartment), .blob(certificate)
    ) { _ in true } ?? false
  }

  /// Every certificate this device has obeyed: what a hub that was restored may have forgotten.
  package func certificates() throws -> [Revocation] {
    try database.query("SELECT compartment, certificate FROM purges ORDER BY compartment") {
      Revocation(compartment: try $0.id(0), certificate: $0.blob(1))
    }
  }

  package func purgeCount() throws -> Int {
    Int(try database.first("SELECT count(*) FROM purges") { $0.int(0) } ?? 0)
  }
}
