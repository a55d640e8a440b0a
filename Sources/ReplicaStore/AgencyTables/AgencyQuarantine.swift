package import CaseRecords
package import Causality
import SQLite
package import SyncProtocol

/// Where work that was set apart stands.
package enum QuarantinedWorkState: Int64, Sendable {
  /// The hub has it too, and nobody there has decided.
  case waiting = 0
  case returned = 1
  /// It never left this device.
  case hereOnly = 2
}

/// Own work that was set apart.
package struct QuarantinedWork: Hashable, Sendable {
  package let number: Int64
  package let compartment: CompartmentID
  package let dot: Dot
  package let reason: QuarantineReason
  package let atMilliseconds: UInt64
  package let state: QuarantinedWorkState
  package let change: Change
}

extension ReplicaStore {
  package func saveQuarantine(
    _ change: Change, in compartment: CompartmentID, reason: QuarantineReason,
    state: QuarantinedWorkState, atMilliseconds: UInt64
  ) throws {
    _ = try database.run(
      "INSERT INTO quarantine (compartment, actor, counter, reason, at_ms, state, body) "
        + "VALUES (?, ?, ?, ?, ?, ?, ?)", .id(compartment), .actor(change.dot.actor),
      .uint(change.dot.counter), .uint(reason.rawValue), .uint(atMilliseconds),
      .integer(state.rawValue),
      .blob(try seal(change.encoded(), in: KeyVault.ownNumber)))
  }

  package func quarantinedWork() throws -> [QuarantinedWork] {
    try database.query(
      "SELECT number, compartment, actor, counter, reason, at_ms, state, body FROM quarantine "
        + "ORDER BY number"
    ) { row in
      QuarantinedWork(
        number: row.int(0), compartment: try row.id(1),
        dot: Dot(actor: row.actor(2), counter: row.unsigned(3)),
        reason: QuarantineReason(rawValue: row.unsigned(4)) ?? .notHeld,
        atMilliseconds: row.unsigned(5),
        state: QuarantinedWorkState(rawValue: row.int(6)) ?? .waiting,
        change: try Change(encoded: open(row.blob(7), in: KeyVault.ownNumber)))
    }
  }

  package func deleteQuarantine(_ number: Int64) throws {
    _ = try database.run("DELETE FROM quarantine WHERE number = ?", .integer(number))
  }

  /// Something that the hub was given too, so that a decision of its operator concerns it.
  package func hasQuarantineAtHub() throws -> Bool {
    try database.first("SELECT 1 FROM quarantine WHERE state <> 2 LIMIT 1") { _ in true } ?? false
  }

  /// The hub has let it stand in the record: the copy set apart here goes.
  package func noteReleased(_ dot: Dot, in compartment: CompartmentID) throws {
    _ = try database.run(
      "DELETE FROM quarantine WHERE state <> 2 AND compartment = ? AND actor = ? AND counter = ?",
      .id(compartment), .actor(dot.actor), .uint(dot.counter))
  }

  /// The hub has given it back: it stays here, and here only.
  package func noteReturned(_ dot: Dot, in compartment: CompartmentID) throws {
    _ = try database.run(
      "UPDATE quarantine SET state = 1 WHERE state = 0 AND compartment = ? AND actor = ? "
        + "AND counter = ?", .id(compartment), .actor(dot.actor), .uint(dot.counter))
  }

  package func isQuarantined(_ compartment: CompartmentID) throws -> Bool {
    try database.first(
      "SELECT 1 FROM quarantine WHERE compartment = ? LIMIT 1", .id(compartment)
    ) { _ in true }
      ?? false
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
}
