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

/// One compartment with news for an agency, and what one of its devices has of it.
package struct FeedEntry: Hashable, Sendable {
  package let feed: UInt64
  package let isAllowed: Bool
  package let basis: String
  package let stored: StoredCompartment
  /// A restored hub does not let it out yet.
  package let isRecovering: Bool
  package let hold: HubHold?
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

  /// How many compartments have news for an agency after `cursor`; counted up to `limit`.
  package func newsCount(of agency: Int64, after cursor: UInt64, limit: Int) throws -> Int {
    Int(
      try database.first(
        "SELECT count(*) FROM (SELECT 1 FROM entitlements WHERE agency = ? AND feed > ? "
          + "AND is_allowed = 1 LIMIT ?)",
        .integer(agency), .uint(cursor), .integer(Int64(limit))
      ) { $0.int(0) } ?? 0)
  }

  /// The compartments have news: in the order given they move to the end of the feed of every
  /// agency that may hold them. Returns those agencies.
  package func touchFeeds(of compartments: [Int64]) throws -> Set<Int64> {
    var feeds: [Int64: UInt64] = [:]
    for compartment in compartments {
      let agencies = try database.query(
        "SELECT agency FROM entitlements WHERE compartment = ? AND is_allowed = 1",
        .integer(compartment)
      ) { $0.int(0) }
      for agency in agencies {
        let next = try (feeds[agency] ?? feedEnd(of: agency)) + 1
        feeds[agency] = next
        try moveInFeed(compartment, of: agency, to: next)
      }
    }
    // Each agency's count once, and not for every compartment.
    for (agency, end) in feeds { try setFeedEnd(of: agency, end) }
    return Set(feeds.keys)
  }

  package func touchFeed(of compartment: Int64, for agency: Int64) throws {
    try moveInFeed(compartment, of: agency, to: nextFeed(of: agency))
  }

  private func moveInFeed(_ compartment: Int64, of agency: Int64, to feed: UInt64) throws {
    _ = try database.run(
      "UPDATE entitlements SET feed = ? WHERE compartment = ? AND agency = ?", .uint(feed),
      .integer(compartment), .integer(agency))
  }

  /// Compartments with news after `cursor`, in feed order, with what `incarnation` has of each: in
  /// one query, since a fresh replica asks for all there are.
  package func feed(
    of agency: Int64, to incarnation: Int64, after cursor: UInt64, limit: Int
  ) throws -> [FeedEntry] {
    try database.query(
      """
      SELECT c.number, c.id, c.child, c.category, c.custodian, c.vector, e.feed, e.is_allowed,
        e.basis, r.compartment, h.vector, h.before, h.exchange, h.revoked_ms,
        h.state_due
      FROM entitlements e CROSS JOIN compartments c ON c.number = e.compartment
      LEFT JOIN recovering r ON r.compartment = e.compartment
      LEFT JOIN holds h ON h.incarnation = ?1 AND h.compartment = e.compartment
      WHERE e.agency = ?2 AND e.feed > ?3 ORDER BY e.feed LIMIT ?4
      """, .integer(incarnation), .integer(agency), .uint(cursor), .integer(Int64(limit))
    ) { row in
      FeedEntry(
        feed: row.unsigned(6), isAllowed: row.int(7) == 1, basis: row.text(8),
        stored: try Self.compartment(row), isRecovering: !row.isNull(9),
        hold: row.isNull(10)
          ? nil
          : try Self.hubHold(row, from: 10, incarnation: incarnation, compartment: row.int(0)))
    }
  }

  /// The latest place in an agency's feed.
  package func feedEnd(of agency: Int64) throws -> UInt64 {
    try database.first("SELECT feed FROM agencies WHERE number = ?", .integer(agency)) {
      $0.unsigned(0)
    } ?? 0
  }

  /// Not in one statement with RETURNING: inside a savepoint SQLite then keeps a journal of its own
  /// for each, and walks all of it each time.
  private func nextFeed(of agency: Int64) throws -> UInt64 {
    let next = try feedEnd(of: agency) + 1
    try setFeedEnd(of: agency, next)
    return next
  }

  private func setFeedEnd(of agency: Int64, _ end: UInt64) throws {
    _ = try database.run(
      "UPDATE agencies SET feed = ? WHERE number = ?", .uint(end), .integer(agency))
  }

  private func entitlements(
    where clause: String, _ first: SQLiteValue, _ second: SQLiteValue
  ) throws -> [HubEntitlement] {
    try database.query(
      "SELECT agency, compartment, is_allowed, basis, expires_ms, feed FROM entitlements WHERE ",
      where: clause, first, second
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

  package func countDestroyedCopy(of compartment: CompartmentID, custodian: Int64) throws {
    _ = try database.run(
      "INSERT INTO destroyed_copies VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET times = times + 1",
      .id(compartment), .integer(custodian))
  }

  /// By the word of one of an agency's devices, that agency has a copy of what is another's. It
  /// counts for that agency alone: a device that lies harms nobody else.
  package func noteForeignCopy(of compartment: CompartmentID, at agency: Int64) throws {
    _ = try database.run(
      "INSERT INTO foreign_copies VALUES (?, ?) ON CONFLICT DO NOTHING", .id(compartment),
      .integer(agency))
  }

  package func isForeignCopy(_ compartment: CompartmentID, at agency: Int64) throws -> Bool {
    try database.first(
      "SELECT 1 FROM foreign_copies WHERE compartment = ? AND agency = ?", .id(compartment),
      .integer(agency)
    ) { _ in true } ?? false
  }

  /// Whose record it was that the hub has destroyed its copy of; nil when it never did.
  package func custodianOfDestroyedCopy(of compartment: CompartmentID) throws -> Int64? {
    try database.first(
      "SELECT custodian FROM destroyed_copies WHERE compartment = ?", .id(compartment)
    ) { $0.int(0) }
  }

  /// How often the hub has destroyed its copy of it.
  package func destroyedCopies(of compartment: CompartmentID) throws -> UInt64 {
    try database.first(
      "SELECT times FROM destroyed_copies WHERE compartment = ?", .id(compartment)
    ) { $0.unsigned(0) } ?? 0
  }

  // MARK: Facts and desk threads

  package func facts(of child: ChildID) throws -> [UInt8]? {
    try database.first("SELECT body FROM facts WHERE child = ?", .id(child)) { $0.blob(0) }
  }

  package func saveFacts(_ body: [UInt8], of child: ChildID) throws {
    _ = try database.run(
      "INSERT INTO facts VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
      .id(child), .blob(body))
  }

  /// To be read anew from what records there are.
  package func forgetFacts(of child: ChildID) throws {
    _ = try database.run("DELETE FROM facts WHERE child = ?", .id(child))
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
