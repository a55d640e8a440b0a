import SQLite

/// What the operator's board of stuck things asks for. Numbers and times only.
extension ReplicaStore {
  /// Purges that the present run of a device has not confirmed: how many, and since when.
  package func waitingOrders() throws -> [(device: Int64, count: Int, since: UInt64)] {
    try database.query(
      "SELECT i.device, count(DISTINCT o.compartment), min(o.ordered_ms) "
        + "FROM withdrawal_orders o JOIN incarnations i ON i.number = o.incarnation "
        + "WHERE o.confirmed_ms IS NULL AND NOT \(Self.isLeftBehind) GROUP BY i.device "
        + "ORDER BY i.device"
    ) { ($0.int(0), Int($0.int(1)), $0.unsigned(2)) }
  }

  package func holdCount(of incarnation: Int64) throws -> Int {
    Int(
      try database.first("SELECT count(*) FROM holds WHERE incarnation = ?", .integer(incarnation))
      { $0.int(0) } ?? 0)
  }

  /// Devices whose word is wanting after a restore, by their numbers.
  package func unheardDevices() throws -> [Int64] {
    try database.query("SELECT device FROM unheard ORDER BY device") { $0.int(0) }
  }

  /// When the hub was last restored.
  package func lastRestore() throws -> UInt64? {
    try database.first(
      "SELECT at_ms FROM identity_events WHERE kind = ? ORDER BY number DESC LIMIT 1",
      .text(HubIdentityEventKind.hubRestored.rawValue)
    ) { $0.unsigned(0) }
  }

  package func oldestUnreadable() throws -> UInt64? {
    try database.first("SELECT at_ms FROM unreadable ORDER BY at_ms LIMIT 1") { $0.unsigned(0) }
  }
}
