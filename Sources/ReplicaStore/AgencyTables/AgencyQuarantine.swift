package import CaseRecords
package import Causality
import SQLite
package import SyncProtocol

/// Own work that the hub set apart.
package struct QuarantinedWork: Hashable, Sendable {
  package let number: Int64
  package let compartment: CompartmentID
  package let dot: Dot
  package let reason: QuarantineReason
  package let atMilliseconds: UInt64
  package let change: Change
}

extension ReplicaStore {
  package func saveQuarantine(
    _ change: Change, in compartment: CompartmentID, reason: QuarantineReason,
    atMilliseconds: UInt64
  ) throws {
    _ = try database.run(
      "INSERT INTO quarantine (compartment, actor, counter, reason, at_ms, body) "
        + "VALUES (?, ?, ?, ?, ?, ?)", .id(compartment), .actor(change.dot.actor),
      .uint(change.dot.counter), .uint(reason.rawValue), .uint(atMilliseconds),
      .blob(try seal(change.encoded(), in: KeyVault.ownNumber)))
  }

  package func quarantinedWork() throws -> [QuarantinedWork] {
    try database.query(
      "SELECT number, compartment, actor, counter, reason, at_ms, body FROM quarantine "
        + "ORDER BY number"
    ) { row in
      QuarantinedWork(
        number: row.int(0), compartment: try row.id(1),
        dot: Dot(actor: row.actor(2), counter: row.unsigned(3)),
        reason: QuarantineReason(rawValue: row.unsigned(4)) ?? .notHeld,
        atMilliseconds: row.unsigned(5),
        change: try Change(encoded: open(row.blob(6), in: KeyVault.ownNumber)))
    }
  }

  // MARK: Work rescued from an expired lease, sealed to the hub

  package func saveRescued(_ sealed: [UInt8]) throws {
    _ = try database.run("INSERT INTO rescued (body) VALUES (?)", .blob(sealed))
  }

  package func rescued() throws -> [(number: Int64, body: [UInt8])] {
    try database.query("SELECT number, body FROM rescued ORDER BY number") {
      ($0.int(0), $0.blob(1))
    }
  }

  package func deleteRescued(_ number: Int64) throws {
    _ = try database.run("DELETE FROM rescued WHERE number = ?", .integer(number))
  }

  // MARK: Parts of large snapshots

  package func staged(_ compartment: CompartmentID) throws -> (digest: [UInt8], bytes: [UInt8])? {
    var digest: [UInt8]?
    var bytes: [UInt8] = []
    try database.forEach(
      "SELECT digest, body FROM staged WHERE compartment = ? ORDER BY first_byte",
      .id(compartment)
    ) { row in
      digest = row.blob(0)
      bytes += try open(row.blob(1), in: KeyVault.ownNumber)
    }
    return digest.map { ($0, bytes) }
  }

  package func stage(
    _ compartment: CompartmentID, digest: [UInt8], offset: UInt64, bytes: [UInt8]
  ) throws {
    if offset == 0 { try unstage(compartment) }
    _ = try database.run(
      "INSERT OR REPLACE INTO staged VALUES (?, ?, ?, ?)", .id(compartment), .blob(digest),
      .uint(offset), .blob(try seal(bytes, in: KeyVault.ownNumber)))
  }

  package func unstage(_ compartment: CompartmentID) throws {
    _ = try database.run("DELETE FROM staged WHERE compartment = ?", .id(compartment))
  }

  package func stagedCompartments() throws -> [CompartmentID] {
    try database.query("SELECT DISTINCT compartment FROM staged ORDER BY compartment") {
      try $0.id(0)
    }
  }
}
