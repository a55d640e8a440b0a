import SQLite

/// What happened to a device's identity, or to the hub's own.
package enum HubIdentityEventKind: String, CaseIterable, Sendable {
  /// A new run of a device that had one before.
  case startedOver = "started over"
  // Told to start over, and why.
  case foreignToken = "foreign token"
  case spentToken = "spent token"
  case otherWords = "other words"
  case othersRun = "another's run"
  case lacksOwnWrites = "lacks own writes"
  case unknownEpoch = "unknown epoch"
  case oldAfterRestore = "old after restore"
  case tooManyRuns = "too many runs"
  case revoked = "revoked"
  case gaveBack = "gave back"
  case heldWhatWasPurged = "held what was purged"
  case rescuedUnreadable = "rescued unreadable"
  case hubRestored = "hub restored"
  case recoveryEnded = "recovery ended"
}

package struct HubIdentityEvent: Hashable, Sendable {
  package let number: Int64
  package let atMilliseconds: UInt64
  package let lastMilliseconds: UInt64
  package let times: Int
  package let kind: HubIdentityEventKind
  package let device: Int64?
  /// The run that it is about, and the one before: by their numbers.
  package let incarnation: Int64?
  package let earlier: Int64?
}

extension ReplicaStore {
  /// The same of the same device within the hour is counted, and no line of its own: a device can
  /// ask as often as it likes.
  package func noteIdentity(
    _ kind: HubIdentityEventKind, device: Int64?, incarnation: Int64? = nil,
    earlier: Int64? = nil, atMilliseconds: UInt64
  ) throws {
    let hour: UInt64 = 3_600_000
    let known = try database.first(
      "SELECT number FROM identity_events WHERE device IS ? AND kind = ? AND at_ms > ? "
        + "AND incarnation IS ? ORDER BY number DESC LIMIT 1", .optional(device),
      .text(kind.rawValue), .uint(atMilliseconds - min(hour, atMilliseconds)),
      .optional(incarnation)
    ) { $0.int(0) }
    if let known {
      _ = try database.run(
        "UPDATE identity_events SET times = times + 1, last_ms = ? WHERE number = ?",
        .uint(atMilliseconds), .integer(known))
      return
    }
    _ = try database.run(
      "INSERT INTO identity_events (at_ms, last_ms, kind, device, incarnation, earlier) "
        + "VALUES (?, ?, ?, ?, ?, ?)", .uint(atMilliseconds), .uint(atMilliseconds),
      .text(kind.rawValue), .optional(device), .optional(incarnation), .optional(earlier))
  }

  /// The newest first, those before number `before`.
  package func identityEvents(before: Int64, limit: Int) throws -> [HubIdentityEvent] {
    try database.query(
      "SELECT number, at_ms, last_ms, times, kind, device, incarnation, earlier "
        + "FROM identity_events WHERE number < ? ORDER BY number DESC LIMIT ?", .integer(before),
      .integer(Int64(limit))
    ) { row in
      guard let kind = HubIdentityEventKind(rawValue: row.text(4)) else {
        throw StoreError.damaged(file: "replica.sqlite", detail: "an event of an unknown kind")
      }
      return HubIdentityEvent(
        number: row.int(0), atMilliseconds: row.unsigned(1), lastMilliseconds: row.unsigned(2),
        times: Int(row.int(3)), kind: kind, device: row.isNull(5) ? nil : row.int(5),
        incarnation: row.isNull(6) ? nil : row.int(6), earlier: row.isNull(7) ? nil : row.int(7))
    }
  }

  package func identityEventCount(before: Int64) throws -> Int {
    Int(
      try database.first(
        "SELECT count(*) FROM identity_events WHERE number < ?", .integer(before)
      ) { $0.int(0) } ?? 0)
  }

  /// How often each device began a new run since a moment: one that does so again and again may be
  /// copied, or its disk failing.
  package func newRuns(since: UInt64) throws -> [(device: Int64, count: Int, last: UInt64)] {
    try database.query(
      "SELECT device, sum(times), max(last_ms) FROM identity_events WHERE kind = ? AND at_ms >= ? "
        + "AND device IS NOT NULL GROUP BY device ORDER BY device",
      .text(HubIdentityEventKind.startedOver.rawValue), .uint(since)
    ) { ($0.int(0), Int($0.int(1)), $0.unsigned(2)) }
  }
}
