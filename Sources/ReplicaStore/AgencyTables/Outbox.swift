import CaseRecords
package import Causality
import SQLite
package import SyncProtocol

/// One change that the hub has not acknowledged.
package struct OutboxEntry: Hashable, Sendable {
  package let position: Int64
  package let compartment: Int64
  package let change: Change
  /// In the last request, whose outcome is unknown.
  package let isInFlight: Bool
  /// In that or an earlier request. A dot that was never sent, and that the hub knows, is a twin's.
  package let wasSent: Bool
}

extension ReplicaStore {
  package func enqueue(_ change: Change, in compartment: Int64) throws {
    _ = try database.run(
      "INSERT INTO outbox (compartment, actor, counter, body) VALUES (?, ?, ?, ?)",
      .integer(compartment), .actor(change.dot.actor), .uint(change.dot.counter),
      .blob(try seal(change.encoded(), in: compartment)))
  }

  /// Where the entries stand, in the order they were saved, without opening them: from `after`, a
  /// position, exclusive.
  package func outboxPlaces(
    after: Int64, limit: Int
  ) throws -> [(position: Int64, compartment: Int64)] {
    try database.query(
      "SELECT position, compartment FROM outbox WHERE position > ? ORDER BY position LIMIT ?",
      .integer(after), .integer(Int64(limit))
    ) { ($0.int(0), $0.int(1)) }
  }

  package func outboxEntry(_ position: Int64) throws -> OutboxEntry? {
    try outbox(where: "position = ?1 AND ?2 = 0", position, 0).first
  }

  package func outboxCompartments() throws -> [Int64] {
    try database.query("SELECT DISTINCT compartment FROM outbox ORDER BY compartment") {
      $0.int(0)
    }
  }

  /// What is in a request whose outcome is unknown.
  package func inFlight() throws -> [OutboxEntry] {
    try outbox(where: "in_flight = 1 AND position > ?1 ORDER BY position LIMIT ?2", 0, .max)
  }

  package func outbox(of compartment: Int64) throws -> [OutboxEntry] {
    try outbox(where: "compartment = ?1 ORDER BY position LIMIT ?2", compartment, .max)
  }

  /// How many unsent changes each compartment has.
  package func outboxCounts() throws -> [(compartment: Int64, count: Int)] {
    try database.query("SELECT compartment, count(*) FROM outbox GROUP BY compartment") {
      ($0.int(0), Int($0.int(1)))
    }
  }

  package func outboxCount() throws -> Int {
    Int(try database.first("SELECT count(*) FROM outbox") { $0.int(0) } ?? 0)
  }

  package func outboxCount(of compartment: Int64) throws -> Int {
    Int(
      try database.first(
        "SELECT count(*) FROM outbox WHERE compartment = ?", .integer(compartment)
      ) { $0.int(0) } ?? 0)
  }

  package func hasInFlight() throws -> Bool {
    try database.first("SELECT 1 FROM outbox WHERE in_flight = 1 LIMIT 1") { _ in true } ?? false
  }

  package func markInFlight(_ positions: [Int64]) throws {
    for position in positions {
      _ = try database.run(
        "UPDATE outbox SET in_flight = 1 WHERE position = ?", .integer(position))
    }
  }

  package func clearInFlight() throws {
    _ = try database.run("UPDATE outbox SET in_flight = 2 WHERE in_flight = 1")
  }

  package func dequeue(_ position: Int64) throws {
    _ = try database.run("DELETE FROM outbox WHERE position = ?", .integer(position))
  }

  /// The same entry with other dependencies: a policy entry it waited for has been refused.
  package func rewrite(_ entry: OutboxEntry, as change: Change) throws {
    _ = try database.run(
      "UPDATE outbox SET body = ? WHERE position = ?",
      .blob(try seal(change.encoded(), in: entry.compartment)), .integer(entry.position))
  }

  package func dequeueAll(of compartment: Int64) throws {
    _ = try database.run("DELETE FROM outbox WHERE compartment = ?", .integer(compartment))
  }

  package func outboxEntry(dot: Dot, in compartment: Int64) throws -> OutboxEntry? {
    let position = try database.first(
      "SELECT position FROM outbox WHERE compartment = ? AND actor = ? AND counter = ?",
      .integer(compartment), .actor(dot.actor), .uint(dot.counter)
    ) { $0.int(0) }
    return try position.flatMap { try outboxEntry($0) }
  }

  package func isQueued(_ dot: Dot, in compartment: Int64) throws -> Bool {
    try database.first(
      "SELECT 1 FROM outbox WHERE compartment = ? AND actor = ? AND counter = ?",
      .integer(compartment), .actor(dot.actor), .uint(dot.counter)
    ) { _ in true } ?? false
  }

  package func dequeue(dot: Dot, in compartment: Int64) throws {
    _ = try database.run(
      "DELETE FROM outbox WHERE compartment = ? AND actor = ? AND counter = ?",
      .integer(compartment), .actor(dot.actor), .uint(dot.counter))
  }

  private func outbox(where clause: String, _ first: Int64, _ second: Int64) throws -> [OutboxEntry]
  {
    try database.query(
      "SELECT position, compartment, body, in_flight FROM outbox WHERE ", where: clause,
      .integer(first), .integer(second)
    ) { row in
      OutboxEntry(
        position: row.int(0), compartment: row.int(1),
        change: try Change(encoded: open(row.blob(2), in: row.int(1))),
        isInFlight: row.int(3) == 1, wasSent: row.int(3) != 0)
    }
  }
}
