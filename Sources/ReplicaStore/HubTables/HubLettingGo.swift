package import CaseRecords
import SQLite

/// The hub's own copies of what it may not keep any more.
extension ReplicaStore {
  /// False when that was decided before.
  package func letGo(of compartment: Int64, atMilliseconds: UInt64) throws -> Bool {
    try database.run(
      "INSERT INTO letting_go VALUES (?, ?) ON CONFLICT DO NOTHING", .integer(compartment),
      .uint(atMilliseconds)) > 0
  }

  /// It may be kept again.
  package func keepAgain(_ compartment: Int64) throws {
    _ = try database.run("DELETE FROM letting_go WHERE compartment = ?", .integer(compartment))
  }

  package func lettingGoCount() throws -> Int {
    Int(try database.first("SELECT count(*) FROM letting_go") { $0.int(0) } ?? 0)
  }

  /// The oldest first; `since` in milliseconds since 1970, 0 where that was not written down.
  package func lettingGo(
    limit: Int
  ) throws -> [(stored: StoredCompartment, sinceMilliseconds: UInt64)] {
    try database.query(
      "SELECT compartment, since_ms FROM letting_go ORDER BY since_ms, compartment LIMIT ?",
      .integer(Int64(limit))
    ) { (number: $0.int(0), since: $0.unsigned(1)) }.compactMap { row in
      try compartment(number: row.number).map { ($0, row.since) }
    }
  }

  package func lettingGo(inCustodyOf agency: AgencyID) throws -> [StoredCompartment] {
    try database.query(
      "SELECT l.compartment FROM letting_go l JOIN compartments c ON c.number = l.compartment "
        + "WHERE c.custodian = ? ORDER BY l.compartment", .id(agency)
    ) { $0.int(0) }.compactMap { try compartment(number: $0) }
  }
}
