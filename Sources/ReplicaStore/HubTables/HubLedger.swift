package import CaseRecords
import Cryptography
import SQLite
package import SyncProtocol

/// One line of the disclosure ledger.
package struct LedgerLine: Hashable, Sendable {
  package let number: Int64
  package let agency: Int64
  package let compartment: CompartmentID
  /// Nil for what is not about one child.
  package let child: ChildID?
  package let category: UInt8
  package let basis: String
  package let fromMilliseconds: UInt64
  package let untilMilliseconds: UInt64?
}

extension ReplicaStore {
  /// The agency holds the compartment from now on, on this basis. A line that is open is kept.
  package func openDisclosure(
    agency: Int64, compartment: Compartment, basis: String, atMilliseconds: UInt64
  ) throws {
    let isOpen =
      try database.first(
        "SELECT 1 FROM disclosures WHERE compartment = ? AND agency = ? AND until_ms IS NULL",
        .id(compartment.id), .integer(agency)
      ) { _ in true } ?? false
    if isOpen { return }
    _ = try database.run(
      "INSERT INTO disclosures (agency, compartment, child, category, basis, from_ms) "
        + "VALUES (?, ?, ?, ?, ?, ?)", .integer(agency), .id(compartment.id),
      .id(compartment.child), .integer(Int64(compartment.category.rawValue)), .text(basis),
      .uint(atMilliseconds))
  }

  /// What is held already is held on another basis from now on: the line that is open ends, and the
  /// next begins. Nothing when it is not held, or on this basis already.
  package func continueDisclosure(
    agency: Int64, compartment: CompartmentID, basis: String, atMilliseconds: UInt64
  ) throws {
    let held = try database.first(
      "SELECT number FROM disclosures WHERE compartment = ? AND agency = ? AND until_ms IS NULL "
        + "AND basis <> ?", .id(compartment), .integer(agency), .text(basis)
    ) { $0.int(0) }
    guard let held else { return }
    _ = try database.run(
      "UPDATE disclosures SET until_ms = ? WHERE number = ?", .uint(atMilliseconds),
      .integer(held))
    _ = try database.run(
      "INSERT INTO disclosures (agency, compartment, child, category, basis, from_ms) "
        + "SELECT agency, compartment, child, category, ?, ? FROM disclosures WHERE number = ?",
      .text(basis), .uint(atMilliseconds), .integer(held))
  }

  package func closeDisclosure(
    agency: Int64, compartment: CompartmentID, atMilliseconds: UInt64
  ) throws {
    _ = try database.run(
      "UPDATE disclosures SET until_ms = ? WHERE compartment = ? AND agency = ? "
        + "AND until_ms IS NULL", .uint(atMilliseconds), .id(compartment), .integer(agency))
  }

  package func ledger(of child: ChildID) throws -> [LedgerLine] {
    try database.query(
      Self.ledgerColumns + " WHERE child = ? ORDER BY number", .id(child), row: Self.ledgerLine)
  }

  // MARK: Purge receipts

  package func saveReceipt(
    _ receipt: PurgeReceipt, incarnation: Int64, exchange: UInt64, orderedMilliseconds: UInt64,
    atMilliseconds: UInt64
  ) throws {
    _ = try database.run(
      "INSERT INTO purge_receipts "
        + "(incarnation, exchange, compartment, certificate, proof, ordered_ms, at_ms) "
        + "VALUES (?, ?, ?, ?, ?, ?, ?)", .integer(incarnation), .uint(exchange),
      .id(receipt.compartment),
      .blob(receipt.certificate), .blob(receipt.proof), .uint(orderedMilliseconds),
      .uint(atMilliseconds))
    try confirmOrders(
      to: incarnation, on: receipt.compartment, atMilliseconds: atMilliseconds)
  }

  /// What an exchange of this incarnation confirmed to be gone.
  package func purged(by incarnation: Int64, inExchange exchange: UInt64) throws -> [CompartmentID]
  {
    try database.query(
      "SELECT compartment FROM purge_receipts WHERE incarnation = ? AND exchange = ?",
      .integer(incarnation), .uint(exchange)
    ) { try $0.id(0) }
  }

  package func receiptCount() throws -> Int {
    Int(try database.first("SELECT count(*) FROM purge_receipts") { $0.int(0) } ?? 0)
  }

  /// False when it is kept already.
  package func keepUnreadable(
    _ sealed: [UInt8], from incarnation: Int64, atMilliseconds: UInt64
  ) throws -> Bool {
    try database.run(
      "INSERT INTO unreadable VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      .blob(sha256(sealed)), .integer(incarnation), .uint(atMilliseconds), .blob(sealed)) > 0
  }

  package func unreadable() throws -> [[UInt8]] {
    try database.query("SELECT body FROM unreadable ORDER BY at_ms, digest") { $0.blob(0) }
  }

  package func unreadableCount() throws -> Int {
    Int(try database.first("SELECT count(*) FROM unreadable") { $0.int(0) } ?? 0)
  }

  // MARK: Erasure and recovery

  package func markErased(_ compartment: CompartmentID, atMilliseconds: UInt64) throws {
    _ = try database.run(
      "INSERT INTO erased VALUES (?, ?) ON CONFLICT DO NOTHING", .id(compartment),
      .uint(atMilliseconds))
  }

  package func isErased(_ compartment: CompartmentID) throws -> Bool {
    try database.first("SELECT 1 FROM erased WHERE compartment = ?", .id(compartment)) { _ in true }
      ?? false
  }

  /// An order that a device has shown. One that holds against consent stays one that does.
  package func certifyRevocation(
    agency: Int64, compartment: CompartmentID, overConsent: Bool
  ) throws {
    _ = try database.run(
      "INSERT INTO certified_revocations VALUES (?, ?, ?) ON CONFLICT DO UPDATE "
        + "SET over_consent = max(over_consent, excluded.over_consent)", .integer(agency),
      .id(compartment), .integer(overConsent ? 1 : 0))
  }

  /// Whether the order holds against consent; nil when none was shown.
  package func certifiedRevocation(agency: Int64, compartment: CompartmentID) throws -> Bool? {
    try database.first(
      "SELECT over_consent FROM certified_revocations WHERE agency = ? AND compartment = ?",
      .integer(agency), .id(compartment)
    ) { $0.int(0) == 1 }
  }

  package func liftCertifiedRevocation(agency: Int64, compartment: CompartmentID) throws {
    _ = try database.run(
      "DELETE FROM certified_revocations WHERE agency = ? AND compartment = ?", .integer(agency),
      .id(compartment))
  }

  /// Holds everything back but what the hub itself publishes, and waits for every device that is
  /// not revoked: one that never exchanged, as this database has it, may have done so since.
  package func beginRecovery() throws {
    _ = try database.run(
      "INSERT OR IGNORE INTO recovering SELECT number FROM compartments "
        + "WHERE custodian <> ? OR category = ?", .id(AgencyID.hub),
      .integer(Int64(CaseRecords.Category.desk.rawValue)))
    _ = try database.run("DELETE FROM unheard")
    _ = try database.run(
      "INSERT INTO unheard SELECT number FROM devices WHERE revoked_ms IS NULL")
  }

  package func beginRecovery(of compartment: Int64) throws {
    _ = try database.run("INSERT OR IGNORE INTO recovering VALUES (?)", .integer(compartment))
  }

  package func endRecovery(of compartment: Int64) throws {
    _ = try database.run("DELETE FROM recovering WHERE compartment = ?", .integer(compartment))
  }

  package func endRecovery() throws {
    _ = try database.run("DELETE FROM recovering")
    _ = try database.run("DELETE FROM unheard")
  }

  /// This device's word is wanting no more.
  package func markHeard(device: Int64) throws {
    _ = try database.run("DELETE FROM unheard WHERE device = ?", .integer(device))
  }

  /// The agencies of devices that a restored hub has yet to hear.
  package func unheardAgencies() throws -> Set<Int64> {
    Set(
      try database.query(
        "SELECT DISTINCT agency FROM devices WHERE number IN (SELECT device FROM unheard)"
      ) { $0.int(0) })
  }

  /// A restored hub has yet to hear of some device what was withdrawn.
  package func awaitsWithdrawals() throws -> Bool {
    try database.first("SELECT 1 FROM unheard LIMIT 1") { _ in true } ?? false
  }

  package func recoveringNumbers() throws -> [Int64] {
    try database.query("SELECT compartment FROM recovering ORDER BY compartment") { $0.int(0) }
  }

  package func isRecovering(_ compartment: Int64) throws -> Bool {
    try database.first(
      "SELECT 1 FROM recovering WHERE compartment = ?", .integer(compartment)
    ) { _ in true } ?? false
  }

  package func recoveringCount() throws -> Int {
    Int(try database.first("SELECT count(*) FROM recovering") { $0.int(0) } ?? 0)
  }
}
