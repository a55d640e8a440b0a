package import CaseRecords
import Causality
import Cryptography
import SQLite
package import SyncProtocol

extension ReplicaStore {
  /// Appends an entry; nil when it is known already. Returns its sequence number.
  package func appendPolicy(
    _ entry: PolicyEntry, from agency: AgencyID, atMilliseconds: UInt64
  ) throws -> Int64? {
    let changed = try database.run(
      "INSERT INTO policy (id, child, agency, at_ms, body) VALUES (?, ?, ?, ?, ?) "
        + "ON CONFLICT DO NOTHING", .id(entry.id), .id(entry.child), .id(agency),
      .uint(atMilliseconds), .blob(try seal(entry.encoded(), in: KeyVault.ownNumber)))
    return changed == 0 ? nil : database.lastInsertRowID
  }

  package func hubPolicy(_ id: PolicyID) throws -> (sequence: Int64, entry: PolicyEntry)? {
    try hubPolicy(where: "id = ?", .id(id)).first
  }

  /// When the hub took it, in milliseconds since 1970.
  package func policyMilliseconds(_ id: PolicyID) throws -> UInt64? {
    try database.first("SELECT at_ms FROM policy WHERE id = ?", .id(id)) { $0.unsigned(0) }
  }

  package func hubPolicy(of child: ChildID) throws -> [(sequence: Int64, entry: PolicyEntry)] {
    try hubPolicy(where: "child = ? ORDER BY sequence", .id(child))
  }

  package func allHubPolicy() throws -> [(sequence: Int64, entry: PolicyEntry)] {
    try hubPolicy(where: "?1 = ?1 ORDER BY sequence", .integer(1))
  }

  private func hubPolicy(
    where clause: String, _ value: SQLiteValue
  ) throws -> [(sequence: Int64, entry: PolicyEntry)] {
    try database.query("SELECT sequence, body FROM policy WHERE ", where: clause, value) { row in
      (row.int(0), try policyEntry(row.blob(1)))
    }
  }

  // MARK: Feeds

  /// Tells an agency of an entry, in the form given, unless that form is what it was told last.
  /// True when the feed has grown.
  package func feedPolicy(
    _ sequence: Int64, as projected: PolicyEntry, to agency: Int64
  ) throws -> Bool {
    let body = projected.encoded()
    let digest = sha256(body)
    // Left to itself SQLite goes through the agency's whole feed, which is in the order wanted.
    let told = try database.first(
      "SELECT digest FROM policy_feed INDEXED BY policy_feed_by_policy "
        + "WHERE agency = ? AND policy = ? ORDER BY position DESC LIMIT 1", .integer(agency),
      .integer(sequence)
    ) { $0.blob(0) }
    if told == digest { return false }
    let position = Int64(bitPattern: try policyPosition(of: agency)) + 1
    _ = try database.run(
      "UPDATE agencies SET policy_position = ? WHERE number = ?", .integer(position),
      .integer(agency))
    _ = try database.run(
      "INSERT INTO policy_feed VALUES (?, ?, ?, ?, ?)", .integer(agency), .integer(position),
      .integer(sequence), .blob(digest), .blob(try seal(body, in: KeyVault.ownNumber)))
    return true
  }

  /// The form in which an agency was last told of an entry; nil when it has not been.
  package func lastTold(_ sequence: Int64, to agency: Int64) throws -> PolicyEntry? {
    try database.first(
      "SELECT body FROM policy_feed INDEXED BY policy_feed_by_policy "
        + "WHERE agency = ? AND policy = ? ORDER BY position DESC LIMIT 1", .integer(agency),
      .integer(sequence)
    ) { try PolicyEntry(encoded: open($0.blob(0), in: KeyVault.ownNumber)) }
  }

  /// Moves all feeds to the positions of later epochs: what a device says it has seen lies before
  /// all of them, and is told again from the start.
  package func renumberPolicyFeeds(epochsLater: UInt64) throws {
    let shift = SQLiteValue.uint(epochsLater << 32)
    _ = try database.run("UPDATE policy_feed SET position = position + ?", shift)
    _ = try database.run("UPDATE agencies SET policy_position = policy_position + ?", shift)
  }

  /// What an agency is to be told next: at most so many entries and bytes, but always one. Fewer
  /// than there are: there is more to tell.
  package func policyFeed(
    of agency: Int64, after position: UInt64, limit: Int, bytesMax: Int
  ) throws -> (deliveries: [PolicyDelivery], isAll: Bool) {
    let waiting = "FROM policy_feed WHERE agency = ? AND position > ? ORDER BY position LIMIT ?"
    let sizes = try database.query(
      "SELECT length(body) " + waiting, .integer(agency), .uint(position),
      .integer(Int64(limit) + 1)
    ) { Int($0.int(0)) }
    var bytes = 0
    let fitting = sizes.prefix(limit).prefix { size in
      bytes += size
      return bytes <= bytesMax
    }
    let count = max(fitting.count, min(sizes.count, 1))
    let deliveries = try database.query(
      "SELECT position, body " + waiting, .integer(agency), .uint(position),
      .integer(Int64(count))
    ) { row in
      PolicyDelivery(
        position: row.unsigned(0),
        entry: try PolicyEntry(encoded: open(row.blob(1), in: KeyVault.ownNumber)))
    }
    return (deliveries, count == sizes.count)
  }

  /// Where an agency was first told of an entry; nil when it has not been.
  package func feedPosition(of id: PolicyID, for agency: Int64) throws -> UInt64? {
    try database.first(
      "SELECT min(f.position) FROM policy_feed f JOIN policy p ON p.sequence = f.policy "
        + "WHERE f.agency = ? AND p.id = ? HAVING min(f.position) IS NOT NULL",
      .integer(agency), .id(id)
    ) { $0.unsigned(0) }
  }

  package func policyPosition(of agency: Int64) throws -> UInt64 {
    try database.first(
      "SELECT policy_position FROM agencies WHERE number = ?", .integer(agency)
    ) { $0.unsigned(0) } ?? 0
  }
}
