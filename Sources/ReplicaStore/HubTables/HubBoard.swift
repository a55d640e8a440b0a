import SQLite

/// What the operator's board counts. Numbers and identifiers only.
extension ReplicaStore {
  /// Purges that devices have not confirmed, by the device's number: how many, and since when the
  /// oldest waits.
  package func pendingRevocations() throws -> [Int64: (count: Int, sinceMilliseconds: UInt64)] {
    let rows = try database.query(
      "SELECT i.device, count(*), min(h.revoked_ms) FROM holds h "
        + "JOIN incarnations i ON i.number = h.incarnation "
        + "WHERE h.revoked_ms IS NOT NULL GROUP BY i.device"
    ) { ($0.int(0), (count: Int($0.int(1)), sinceMilliseconds: $0.unsigned(2))) }
    return Dictionary(uniqueKeysWithValues: rows)
  }

  package func policyCount() throws -> Int {
    Int(try database.first("SELECT count(*) FROM policy") { $0.int(0) } ?? 0)
  }
}
