package import CaseRecords
import Causality
import SQLite

/// What a hub's database that comes from a backup must not bring back.
extension ReplicaStore {
  /// Compartments whose keys were destroyed since the backup: the others had confirmed before that
  /// they purged theirs. They are scheduled to be purged here, and the others' lines of the
  /// disclosure ledger end; when exactly the backup does not know. Outside of transactions.
  package func forgetWithoutKeys(_ numbers: [Int64], atMilliseconds: UInt64) throws {
    // A number may have another key by now, of what came after an earlier restore.
    try vault.destroy(numbers)
    try transaction {
      for number in numbers {
        try scheduleHubPurge(number, atMilliseconds: atMilliseconds)
        _ = try database.run(
          "UPDATE disclosures SET until_ms = ? WHERE until_ms IS NULL "
            + "AND compartment = (SELECT id FROM compartments WHERE number = ?) "
            + "AND agency IS NOT (SELECT a.number FROM agencies a "
            + "JOIN compartments c ON c.custodian = a.id WHERE c.number = ?)",
          .uint(atMilliseconds), .integer(number), .integer(number))
      }
    }
  }

  /// Nobody has any of it any more.
  package func closeDisclosures(of compartment: CompartmentID, atMilliseconds: UInt64) throws {
    _ = try database.run(
      "UPDATE disclosures SET until_ms = ? WHERE compartment = ? AND until_ms IS NULL",
      .uint(atMilliseconds), .id(compartment))
  }

  /// Enrolment codes that nobody has used: one that was used since the backup would be good again.
  package func forgetCodes() throws { _ = try database.run("DELETE FROM enrolment_codes") }

  /// Devices whose word a restored hub waits for.
  package func unheardCount() throws -> Int {
    Int(try database.first("SELECT count(*) FROM unheard") { $0.int(0) } ?? 0)
  }
}

extension ReplicaStore {
  /// The disclosure ledger against the books of who holds what: copies that are on no open line,
  /// and open lines of what no device of that agency has.
  package func ledgerDifferences() throws -> (heldWithoutLine: Int, linesNotHeld: Int) {
    let held = try database.first(
      """
      SELECT count(*) FROM holds h JOIN incarnations i ON i.number = h.incarnation
      JOIN devices d ON d.number = i.device JOIN compartments c ON c.number = h.compartment
      WHERE NOT EXISTS (SELECT 1 FROM disclosures l
        WHERE l.compartment = c.id AND l.agency = d.agency AND l.until_ms IS NULL)
      """
    ) { Int($0.int(0)) }
    let lines = try database.first(
      """
      SELECT count(*) FROM disclosures l JOIN compartments c ON c.id = l.compartment
      WHERE l.until_ms IS NULL AND NOT EXISTS (SELECT 1 FROM holds h
        JOIN incarnations i ON i.number = h.incarnation JOIN devices d ON d.number = i.device
        WHERE h.compartment = c.number AND d.agency = l.agency)
      """
    ) { Int($0.int(0)) }
    return (held ?? 0, lines ?? 0)
  }
}
