import SQLite

/// How much it is that somebody would lose.
extension ReplicaStore {
  /// What an agency may hold, by number.
  package func allowedCompartments(of agency: Int64) throws -> [Int64] {
    try database.query(
      "SELECT compartment FROM entitlements WHERE agency = ? AND is_allowed = 1 "
        + "ORDER BY compartment", .integer(agency)
    ) { $0.int(0) }
  }

  /// What a run of a device was sent, by number, with the bytes of each as it is sealed at the hub.
  package func heldBytes(by incarnation: Int64) throws -> [Int64: Int] {
    Dictionary(
      uniqueKeysWithValues: try database.query(
        "SELECT h.compartment, length(c.content) FROM holds h "
          + "JOIN compartments c ON c.number = h.compartment WHERE h.incarnation = ? "
          + "AND h.revoked_ms IS NULL", .integer(incarnation)
      ) { ($0.int(0), Int($0.int(1))) })
  }

  /// How long a change is, on an average of the last thousand; nil when there is none.
  package func meanChangeBytes() throws -> Int? {
    try database.first(
      "SELECT sum(length(body)), count(*) FROM "
        + "(SELECT body FROM changes ORDER BY sequence DESC LIMIT 1000)"
    ) { $0.int(1) == 0 ? nil : Int(($0.int(0) + $0.int(1) - 1) / $0.int(1)) } ?? nil
  }
}
