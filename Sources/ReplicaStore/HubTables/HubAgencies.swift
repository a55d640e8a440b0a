package import CaseRecords
import Causality
import SQLite
import SyncProtocol

package struct HubAgency: Hashable, Sendable {
  package let number: Int64
  package let id: AgencyID
  package let name: String
  package let sector: String
  package let locality: String
  /// A service whose very involvement is not shown to others.
  package let isSensitive: Bool

  package init(
    number: Int64, id: AgencyID, name: String, sector: String, locality: String, isSensitive: Bool
  ) {
    self.number = number
    self.id = id
    self.name = name
    self.sector = sector
    self.locality = locality
    self.isSensitive = isSensitive
  }
}

package struct HubDevice: Hashable, Sendable {
  package let number: Int64
  package let id: DeviceID
  package let agency: Int64
  package let name: String
  /// SHA-256 of the device's secret.
  package let secretDigest: [UInt8]
  package let enrolledMilliseconds: UInt64
  package let revokedMilliseconds: UInt64?
}

package struct EnrolmentCode: Hashable, Sendable {
  package let selector: String
  package let digest: [UInt8]
  package let agency: Int64
  package let expiresMilliseconds: UInt64
  package let tries: Int
  package let device: DeviceID?

  package init(
    selector: String, digest: [UInt8], agency: Int64, expiresMilliseconds: UInt64, tries: Int,
    device: DeviceID?
  ) {
    self.selector = selector
    self.digest = digest
    self.agency = agency
    self.expiresMilliseconds = expiresMilliseconds
    self.tries = tries
    self.device = device
  }
}

extension ReplicaStore {
  package func addAgency(
    id: AgencyID, name: String, sector: String, locality: String, isSensitive: Bool
  ) throws {
    _ = try database.run(
      "INSERT INTO agencies (id, name, sector, locality, is_sensitive) VALUES (?, ?, ?, ?, ?)",
      .id(id), .text(name), .text(sector), .text(locality), .integer(isSensitive ? 1 : 0))
  }

  package func agencies() throws -> [HubAgency] { try agencies(where: "1 ORDER BY number", nil) }

  package func agency(_ id: AgencyID) throws -> HubAgency? {
    try agencies(where: "id = ?", .id(id)).first
  }

  package func agency(number: Int64) throws -> HubAgency? {
    try agencies(where: "number = ?", .integer(number)).first
  }

  package func agency(named name: String) throws -> HubAgency? {
    try agencies(where: "name = ?", .text(name)).first
  }

  private func agencies(where clause: String, _ value: SQLiteValue?) throws -> [HubAgency] {
    let sql = "SELECT number, id, name, sector, locality, is_sensitive FROM agencies WHERE "
    guard let value else { return try database.query(sql, where: clause, row: Self.agency) }
    return try database.query(sql, where: clause, value, row: Self.agency)
  }

  private static func agency(_ row: borrowing Row) throws -> HubAgency {
    HubAgency(
      number: row.int(0), id: try row.id(1), name: row.text(2), sector: row.text(3),
      locality: row.text(4), isSensitive: row.int(5) == 1)
  }

  // MARK: Devices

  package func addDevice(
    id: DeviceID, agency: Int64, name: String, secretDigest: [UInt8], atMilliseconds: UInt64
  ) throws {
    _ = try database.run(
      "INSERT INTO devices (id, agency, name, secret_digest, enrolled_ms) VALUES (?, ?, ?, ?, ?)",
      .id(id), .integer(agency), .text(name), .blob(secretDigest), .uint(atMilliseconds))
  }

  package func device(_ id: DeviceID) throws -> HubDevice? {
    try devices(where: "id = ?", .id(id)).first
  }

  package func device(number: Int64) throws -> HubDevice? {
    try devices(where: "number = ?", .integer(number)).first
  }

  package func devices() throws -> [HubDevice] {
    try devices(where: "?1 = ?1 ORDER BY number", .integer(1))
  }

  package func devices(of agency: Int64) throws -> [HubDevice] {
    try devices(where: "agency = ? ORDER BY number", .integer(agency))
  }

  package func revokeDevice(_ id: DeviceID, atMilliseconds: UInt64) throws {
    _ = try database.run(
      "UPDATE devices SET revoked_ms = coalesce(revoked_ms, ?) WHERE id = ?",
      .uint(atMilliseconds), .id(id))
  }

  private func devices(where clause: String, _ value: SQLiteValue) throws -> [HubDevice] {
    try database.query(
      "SELECT number, id, agency, name, secret_digest, enrolled_ms, revoked_ms FROM devices WHERE ",
      where: clause, value
    ) { row in
      HubDevice(
        number: row.int(0), id: try row.id(1), agency: row.int(2), name: row.text(3),
        secretDigest: row.blob(4), enrolledMilliseconds: row.unsigned(5),
        revokedMilliseconds: row.isNull(6) ? nil : row.unsigned(6))
    }
  }

  // MARK: Enrolment codes

  package func saveCode(_ code: EnrolmentCode) throws {
    _ = try database.run(
      "INSERT OR REPLACE INTO enrolment_codes VALUES (?, ?, ?, ?, ?, ?)", .text(code.selector),
      .blob(code.digest), .integer(code.agency), .uint(code.expiresMilliseconds),
      .integer(Int64(code.tries)), .id(code.device))
  }

  package func code(_ selector: String) throws -> EnrolmentCode? {
    try database.first(
      "SELECT selector, digest, agency, expires_ms, tries, device FROM enrolment_codes "
        + "WHERE selector = ?", .text(selector)
    ) { row in
      EnrolmentCode(
        selector: row.text(0), digest: row.blob(1), agency: row.int(2),
        expiresMilliseconds: row.unsigned(3), tries: Int(row.int(4)),
        device: try row.optionalID(5))
    }
  }
}
