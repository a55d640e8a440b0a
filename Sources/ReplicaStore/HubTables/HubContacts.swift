import SQLite

extension ReplicaStore {
  /// When each agency, by its number, was last in contact: milliseconds since 1970. An agency
  /// without a contact is absent; revoked devices do not count.
  package func lastContacts() throws -> [Int64: UInt64] {
    let rows = try database.query(
      "SELECT d.agency, max(i.last_contact_ms) FROM incarnations i "
        + "JOIN devices d ON d.number = i.device "
        + "WHERE d.revoked_ms IS NULL AND i.last_contact_ms > 0 GROUP BY d.agency"
    ) { ($0.int(0), $0.unsigned(1)) }
    return Dictionary(uniqueKeysWithValues: rows)
  }
}
