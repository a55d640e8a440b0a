package import CaseRecords
package import Causality
import SQLite

/// What a change that was deferred waits for.
package enum HubDeferralCause: Int64, Sendable {
  case earlierChange = 1
  case seenChange = 2
  case policy = 3
  case sameRequest = 4
}

/// How many changes of one device wait for one kind of thing.
package struct HubDeferral: Hashable, Sendable {
  package let device: Int64
  package let cause: HubDeferralCause
  package let count: Int
  package let sinceMilliseconds: UInt64
}

extension ReplicaStore {
  package func noteDeferral(
    of dot: Dot, in compartment: CompartmentID, by incarnation: Int64, cause: HubDeferralCause,
    atMilliseconds: UInt64
  ) throws {
    _ = try database.run(
      "INSERT INTO deferrals VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        + "waits_for = excluded.waits_for WHERE waits_for <> excluded.waits_for",
      .integer(incarnation), .id(compartment), .actor(dot.actor), .uint(dot.counter),
      .integer(cause.rawValue), .uint(atMilliseconds))
  }

  package func endDeferral(
    of dot: Dot, in compartment: CompartmentID, by incarnation: Int64
  ) throws {
    _ = try database.run(
      "DELETE FROM deferrals WHERE incarnation = ? AND compartment = ? AND actor = ? "
        + "AND counter = ?", .integer(incarnation), .id(compartment), .actor(dot.actor),
      .uint(dot.counter))
  }

  package func endDeferrals(by incarnation: Int64) throws {
    _ = try database.run("DELETE FROM deferrals WHERE incarnation = ?", .integer(incarnation))
  }

  package func hasDeferrals(by incarnation: Int64) throws -> Bool {
    try database.first(
      "SELECT 1 FROM deferrals WHERE incarnation = ? LIMIT 1", .integer(incarnation)
    ) { _ in true } ?? false
  }

  /// Of runs that no later one has taken the place of; the oldest first.
  package func deferrals() throws -> [HubDeferral] {
    try database.query(
      "SELECT i.device, f.waits_for, count(*), min(f.since_ms) FROM deferrals f "
        + "JOIN incarnations i ON i.number = f.incarnation WHERE NOT EXISTS (SELECT 1 "
        + "FROM incarnations n WHERE n.device = i.device AND n.number > i.number) "
        + "GROUP BY i.device, f.waits_for ORDER BY min(f.since_ms), i.device, f.waits_for"
    ) { row in
      HubDeferral(
        device: row.int(0), cause: HubDeferralCause(rawValue: row.int(1)) ?? .earlierChange,
        count: Int(row.int(2)), sinceMilliseconds: row.unsigned(3))
    }
  }
}
