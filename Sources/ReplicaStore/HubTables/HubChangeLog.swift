import CaseRecords
package import Causality
import SQLite
package import SyncProtocol

/// A compartment's state as it is sent in parts.
package struct FrozenState: Hashable, Sendable {
  /// SHA-256 of `bytes`.
  package let digest: [UInt8]
  package let vector: VersionVector
  package let bytes: [UInt8]

  package init(digest: [UInt8], vector: VersionVector, bytes: [UInt8]) {
    self.digest = digest
    self.vector = vector
    self.bytes = bytes
  }
}

extension ReplicaStore {
  /// Appends a committed change, with its encoding. `digest` is of the change as its author sent
  /// it.
  package func log(
    _ change: Change, encoded: [UInt8], digest: [UInt8], in compartment: Int64,
    atMilliseconds: UInt64
  ) throws {
    _ = try database.run(
      "INSERT INTO changes (compartment, actor, counter, digest, at_ms, body) "
        + "VALUES (?, ?, ?, ?, ?, ?)", .integer(compartment), .actor(change.dot.actor),
      .uint(change.dot.counter), .blob(digest), .uint(atMilliseconds),
      .blob(try seal(encoded, in: compartment)))
    // A void dot is no place to find the operation at. Renamed twice, its first name may be known
    // only by what stands there.
    if change.isVoid { return }
    for earlier in Set([change.origin, change.aliasOf ?? change.origin]) where earlier != change.dot
    {
      _ = try database.run(
        "INSERT OR IGNORE INTO reminted VALUES (?, ?, ?, ?, ?)", .integer(compartment),
        .actor(earlier.actor), .uint(earlier.counter), .actor(change.dot.actor),
        .uint(change.dot.counter))
    }
  }

  /// Nil when the hub has the dot only through a state given back after a restore.
  package func loggedDigest(_ dot: Dot, in compartment: Int64) throws -> [UInt8]? {
    try database.first(
      "SELECT digest FROM changes WHERE compartment = ? AND actor = ? AND counter = ?",
      .integer(compartment), .actor(dot.actor), .uint(dot.counter)
    ) { $0.blob(0) }
  }

  /// The change as it was committed; nil when the log does not have it.
  package func committed(_ dot: Dot, in stored: StoredCompartment) throws -> Change? {
    try database.first(
      "SELECT body FROM changes WHERE compartment = ? AND actor = ? AND counter = ? "
        + "AND body <> x''",
      .integer(stored.number), .actor(dot.actor), .uint(dot.counter)
    ) { try Change(encoded: open($0.blob(0), in: stored.number)) }
  }

  /// The dots under which operations first minted as `origin` were committed after a RESEED: of
  /// twins there may be several.
  package func remintedDots(of origin: Dot, in compartment: Int64) throws -> [Dot] {
    try database.query(
      "SELECT actor, counter FROM reminted WHERE compartment = ? AND origin_actor = ? "
        + "AND origin_counter = ? ORDER BY actor, counter", .integer(compartment),
      .actor(origin.actor), .uint(origin.counter)
    ) { Dot(actor: $0.actor(0), counter: $0.unsigned(1)) }
  }

  /// The committed changes that `vector` lacks, in commit order; nil when the log no longer has
  /// every one of them (then a snapshot is sent), or when there are more than `limit`.
  package func changes(
    of stored: StoredCompartment, beyond vector: VersionVector, limit: Int
  ) throws -> [Change]? {
    var wanted = 0
    var rows: [(sequence: Int64, body: [UInt8])] = []
    for range in stored.vector.ranges(beyond: vector) {
      let missing = range.through - range.after
      guard missing <= UInt64(limit - wanted) else { return nil }
      wanted += Int(missing)
      rows += try database.query(
        "SELECT sequence, body FROM changes WHERE compartment = ? AND actor = ? "
          + "AND counter > ? AND counter <= ? AND body <> x''", .integer(stored.number),
        .actor(range.actor),
        .uint(range.after), .uint(range.through)
      ) { ($0.int(0), $0.blob(1)) }
    }
    guard rows.count == wanted else { return nil }
    return try rows.sorted { $0.sequence < $1.sequence }
      .map { try Change(encoded: open($0.body, in: stored.number)) }
  }

  /// Empties the changes that were committed before a moment, oldest first, at most `limit` of
  /// them: their digests stay. The number emptied.
  package func pruneLog(before milliseconds: UInt64, limit: Int) throws -> Int {
    let name = "log_pruned_through"
    let through = try integer(name) ?? 0
    let next = try database.query(
      "SELECT sequence, at_ms FROM changes WHERE sequence > ? ORDER BY sequence LIMIT ?",
      .uint(through), .integer(Int64(limit))
    ) { (sequence: $0.int(0), atMilliseconds: $0.unsigned(1)) }
    let old = next.prefix { $0.atMilliseconds < milliseconds }.map(\.sequence)
    guard let last = old.last else { return 0 }
    for sequence in old {
      _ = try database.run(
        "UPDATE changes SET body = x'' WHERE sequence = ?", .integer(sequence))
    }
    try setInteger(name, UInt64(last))
    return old.count
  }

  // MARK: Frozen states

  /// The state that this incarnation is being sent in parts, if it is not older than `since`.
  package func frozen(
    of compartment: Int64, for incarnation: Int64, since: UInt64
  ) throws -> FrozenState? {
    try database.first(
      "SELECT digest, vector, body FROM frozen WHERE compartment = ? AND incarnation = ? "
        + "AND at_ms >= ?", .integer(compartment), .integer(incarnation), .uint(since)
    ) { row in
      FrozenState(
        digest: row.blob(0), vector: try row.vector(1),
        bytes: try open(row.blob(2), in: compartment))
    }
  }

  package func freeze(
    _ state: FrozenState, of compartment: Int64, for incarnation: Int64, atMilliseconds: UInt64
  ) throws {
    _ = try database.run(
      "INSERT OR REPLACE INTO frozen VALUES (?, ?, ?, ?, ?, ?)", .integer(incarnation),
      .integer(compartment), .blob(state.digest), .blob(state.vector.encoded()),
      .uint(atMilliseconds), .blob(try seal(state.bytes, in: compartment)))
  }

  package func dropFrozen(of compartment: Int64) throws {
    _ = try database.run("DELETE FROM frozen WHERE compartment = ?", .integer(compartment))
  }

  package func dropFrozen(before milliseconds: UInt64) throws {
    _ = try database.run("DELETE FROM frozen WHERE at_ms < ?", .uint(milliseconds))
  }

  /// Removes log entries whose compartment is gone.
  package func deleteLog(of compartment: Int64) throws {
    for table in ["changes", "reminted", "actors", "holds", "entitlements"] {
      _ = try database.run(
        "DELETE FROM \(table) WHERE compartment = ?", .integer(compartment))
    }
  }
}
