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

  package func deleteRescued(body: [UInt8]) throws {
    _ = try database.run("DELETE FROM rescued WHERE body = ?", .blob(body))
  }

  package func deleteQuarantine(_ number: Int64) throws {
    _ = try database.run("DELETE FROM quarantine WHERE number = ?", .integer(number))
  }

  package func isQuarantined(_ compartment: CompartmentID) throws -> Bool {
    try database.first(
      "SELECT 1 FROM quarantine WHERE compartment = ? LIMIT 1", .id(compartment)
    ) { _ in true }
      ?? false
  }
}
