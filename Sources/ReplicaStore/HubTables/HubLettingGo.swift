package import CaseRecords
import SQLite

/// The hub's own copies of what it may not keep any more.
extension ReplicaStore {
  /// False when that was decided before.
  package func letGo(of compartment: Int64) throws -> Bool {
    try database.run(
      "INSERT INTO letting_go VALUES (?) ON CONFLICT DO NOTHING", .integer(compartment)) > 0
  }

  /// It may be kept again.
  package func keepAgain(_ compartment: Int64) throws {
    _ = try database.run("DELETE FROM letting_go WHERE compartment = ?", .integer(compartment))
  }

  package func lettingGoCount() throws -> Int {
    Int(try database.first("SELECT count(*) FROM letting_go") { $0.int(0) } ?? 0)
  }

  package func lettingGo(inCustodyOf agency: AgencyID) throws -> [StoredCompartment] {
    try database.query(
      "SELECT l.compartment FROM letting_go l JOIN compartments c ON c.number = l.compartment "
        + "WHERE c.custodian = ? ORDER BY l.compartment", .id(agency)
    ) { $0.int(0) }.compactMap { try compartment(number: $0) }
  }
}
