package import CaseRecords
import SQLite

/// Disclosure's answer for one agency and compartment, as it was last computed.
package struct HubEntitlement: Hashable, Sendable {
  package let agency: Int64
  package let compartment: Int64
  package var isAllowed: Bool
  package var basis: String
  package var expiresMilliseconds: UInt64?
  package var feed: UInt64
}

/// One compartment with news for an agency.
package struct FeedEntry: Hashable, Sendable {
  package let feed: UInt64
  package let compartment: Int64
  package let isAllowed: Bool
}

extension ReplicaStore {
  package func entitlement(_ agency: Int64, _ compartment: Int64) throws -> HubEntitlement? {
    try entitlements(
      where: "compartment = ?1 AND agency = ?2", .integer(compartment), .integer(agency)
    ).first
  }

  package func entitlements(ofCompartment compartment: Int64) throws -> [HubEntitlement] {
    try entitlements(where: "compartment = ?1 AND ?2 IS NULL", .integer(compartment), .null)
  }

  /// Compartments whose answer changes by time alone at or before `now`.
  package func entitlementsExpired(at now: UInt64) throws -> [HubEntitlement] {
    try entitlements(
      where: "expires_ms IS NOT NULL AND expires_ms <= ?1 AND ?2 IS NULL", .uint(now), .null)
  }

  /// Records an answer and puts the compartment at the end of the agency's feed.
  package func saveEntitlement(
    agency: Int64, compartment: Int64, isAllowed: Bool, basis: String,
    expiresMilliseconds: UInt64?
  ) throws {
    _ = try database.run(
      "INSERT INTO entitlements VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        + "is_allowed = excluded.is_allowed, basis = excluded.basis, "
        + "expires_ms = excluded.expires_ms, feed = excluded.feed",
      .integer(agency), .integer(compartment), .integer(isAllowed ? 1 : 0), .text(basis),
      .uint(expiresMilliseconds), .uint(try nextFeed(of: agency)))
  }

  /// Records another basis for the same answer, which is no news to the agency.
  package func saveBasis(_ basis: String, agency: Int64, compartment: Int64) throws {
    _ = try database.run(
      "UPDATE entitlements SET basis = ? WHERE compartment = ? AND agency = ?", .text(basis),
      .integer(compartment), .integer(agency))
  }

  /// How many compartments have news for an agency after `cursor`.
  package func newsCount(of agency: Int64, after cursor: UInt64) throws -> Int {
    Int(
      try database.first(
        "SELECT count(*) FROM entitlements WHERE agency = ? AND feed > ? AND is_allowed = 1",
        .integer(agency), .uint(cursor)
      ) { $0.int(0) } ?? 0)
  }

  /// The compartment has news: it moves to the end of the feed of every agency that may hold it.
  /// Returns those agencies.
  package func touchFeeds(of compartment: Int64) throws -> [Int64] {
    let agencies = try database.query(
      "SELECT agency FROM entitlements WHERE compartment = ? AND is_allowed = 1",
      .integer(compartment)
    ) { $0.int(0) }
    for agency in agencies { try touchFeed(of: compartment, for: agency) }
    return agencies
  }

  package func touchFeed(of compartment: Int64, for agency: Int64) throws {
    _ = try database.run(
      "UPDATE entitlements SET feed = ? WHERE compartment = ? AND agency = ?",
      .uint(try nextFeed(of: agency)), .integer(compartment), .integer(agency))
  }

  /// Compartments with news after `cursor`, in feed order.
  package func feed(of agency: Int64, after cursor: UInt64, limit: Int) throws -> [FeedEntry] {
    try database.query(
      "SELECT feed, compartment, is_allowed FROM entitlements WHERE agency = ? AND feed > ? "
        + "ORDER BY feed LIMIT ?", .integer(agency), .uint(cursor), .integer(Int64(limit))
    ) { FeedEntry(feed: $0.unsigned(0), compartment: $0.int(1), isAllowed: $0.int(2) == 1) }
  }

  /// The latest place in an agency's feed.
  package func feedEnd(of agency: Int64) throws -> UInt64 {
    try database.first("SELECT feed FROM agencies WHERE number = ?", .integer(agency)) {
      $0.unsigned(0)
    } ?? 0
  }

  private func nextFeed(of agency: Int64) throws -> UInt64 {
    try database.first(
      "UPDATE agencies SET feed = feed + 1 WHERE number = ? RETURNING feed", .integer(agency)
    ) { $0.unsigned(0) } ?? 0
  }

  private func entitlements(
    where clause: String, _ first: SQLiteValue, _ second: SQLiteValue
  ) throws -> [HubEntitlement] {
    try database.query(
      "SELECT agency, compartment, is_allowed, basis, expires_ms, feed FROM entitlements WHERE "
        + clause, first, second
    ) { row in
      HubEntitlement(
        agency: row.int(0), compartment: row.int(1), isAllowed: row.int(2) == 1,
        basis: row.text(3), expiresMilliseconds: row.isNull(4) ? nil : row.unsigned(4),
        feed: row.unsigned(5))
    }
  }

  // MARK: The hub's own copies

  package func scheduleHubPurge(_ compartment: Int64, atMilliseconds: UInt64) throws {
    _ = try database.run(
      "INSERT INTO hub_purges VALUES (?, ?) ON CONFLICT DO NOTHING", .integer(compartment),
      .uint(atMilliseconds))
  }

  package func scheduledHubPurges() throws -> [(compartment: Int64, atMilliseconds: UInt64)] {
    try database.query("SELECT compartment, at_ms FROM hub_purges ORDER BY compartment") {
      ($0.int(0), $0.unsigned(1))
    }
  }

  package func forgetScheduledHubPurges() throws { _ = try database.run("DELETE FROM hub_purges") }

  // MARK: Facts and desk threads

  package func facts(of child: ChildID) throws -> [UInt8]? {
    try database.first("SELECT body FROM facts WHERE child = ?", .id(child)) { $0.blob(0) }
  }

  package func saveFacts(_ body: [UInt8], of child: ChildID) throws {
    _ = try database.run(
      "INSERT INTO facts VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
      .id(child), .blob(body))
  }

  /// Of two moments for the same child the earlier stands.
  package func saveDeskSubject(
    _ compartment: Int64, child: ChildID, expiresMilliseconds: UInt64
  ) throws {
    _ = try database.run(
      "INSERT INTO desk_subjects VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
        + "expires_ms = min(expires_ms, excluded.expires_ms)", .integer(compartment), .id(child),
      .uint(expiresMilliseconds))
  }

  package func deskSubjects(
    _ compartment: Int64
  ) throws -> [(child: ChildID, expires: UInt64)] {
    try database.query(
      "SELECT child, expires_ms FROM desk_subjects WHERE compartment = ? ORDER BY child",
      .integer(compartment)
    ) { (try $0.id(0), $0.unsigned(1)) }
  }

  package func deskThreads(about child: ChildID) throws -> [Int64] {
    try database.query(
      "SELECT compartment FROM desk_subjects WHERE child = ? ORDER BY compartment", .id(child)
    ) { $0.int(0) }
  }
}
