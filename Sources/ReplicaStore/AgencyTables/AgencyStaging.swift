import Causality
import SQLite
package import SyncProtocol

/// Parts of snapshots larger than a page, until they are whole. They are kept across restarts, so a
/// back-fill over a line that dies every few seconds still ends.
extension ReplicaStore {
  /// How far each has come. The hub goes on from there if the state is still the same.
  package func stagedParts(limit: Int) throws -> [StagedPart] {
    try database.query(
      "SELECT c.id, s.digest, sum(s.byte_count) FROM staged s "
        + "JOIN compartments c ON c.number = s.compartment "
        + "GROUP BY s.compartment, s.digest ORDER BY c.id LIMIT ?", .integer(Int64(limit))
    ) { StagedPart(compartment: try $0.id(0), digest: $0.blob(1), receivedBytes: $0.unsigned(2)) }
  }

  /// The bytes so far; nil when nothing of this state is staged.
  package func stagedBytes(_ compartment: Int64, digest: [UInt8]) throws -> [UInt8]? {
    var bytes: [UInt8] = []
    var isAny = false
    try database.forEach(
      "SELECT body FROM staged WHERE compartment = ? AND digest = ? ORDER BY first_byte",
      .integer(compartment), .blob(digest)
    ) { row in
      isAny = true
      bytes += try open(row.blob(0), in: compartment)
    }
    return isAny ? bytes : nil
  }

  package func stagedByteCount(_ compartment: Int64, digest: [UInt8]) throws -> UInt64 {
    try database.first(
      "SELECT coalesce(sum(byte_count), 0) FROM staged WHERE compartment = ? AND digest = ?",
      .integer(compartment), .blob(digest)
    ) { $0.unsigned(0) } ?? 0
  }

  /// Adds the next part. The caller has checked that `offset` is where the bytes so far end.
  package func stage(
    _ compartment: Int64, digest: [UInt8], offset: UInt64, bytes: [UInt8]
  ) throws {
    _ = try database.run(
      "INSERT INTO staged VALUES (?, ?, ?, ?, ?)", .integer(compartment), .blob(digest),
      .uint(offset), .integer(Int64(bytes.count)), .blob(try seal(bytes, in: compartment)))
  }

  /// Part of a state has come, and the rest has not.
  package func hasStaged(_ compartment: Int64) throws -> Bool {
    try database.first(
      "SELECT 1 FROM staged WHERE compartment = ? LIMIT 1", .integer(compartment)
    ) { _ in true } ?? false
  }

  package func unstage(_ compartment: Int64) throws {
    _ = try database.run("DELETE FROM staged WHERE compartment = ?", .integer(compartment))
  }
}
