package import CaseRecords
import SQLite

/// Why devices were ordered to destroy what they held.
package struct HubWithdrawalCause: Hashable, Sendable {
  /// As the table `withdrawals` lists them.
  package let kind: String
  /// The entry that decided it, or the consent or override that ran out.
  package let policy: PolicyID?
  package let child: ChildID?

  package init(kind: String, policy: PolicyID? = nil, child: ChildID?) {
    self.kind = kind
    self.policy = policy
    self.child = child
  }
}

package struct HubWithdrawal: Hashable, Sendable {
  package let number: Int64
  package let cause: HubWithdrawalCause
  package let atMilliseconds: UInt64
  /// Different compartments that somebody was ordered to destroy.
  package let compartments: Int
  /// The categories of those, ascending.
  package let categories: [CaseRecords.Category]
}

/// How far one device has carried out one withdrawal.
package struct HubWithdrawalDevice: Hashable, Sendable {
  package let device: Int64
  package let ordered: Int
  package let confirmed: Int
  /// Of runs that the device has left behind, which are ordered nothing any more: should a copy of
  /// one come back, it is told then.
  package let leftBehind: Int
  package let confirmedMilliseconds: UInt64?
  /// When the oldest order that waits was given; nil when none does.
  package let waitingSinceMilliseconds: UInt64?

  package var waiting: Int { ordered - confirmed - leftBehind }
}

extension ReplicaStore {
  /// Writes down that a hold was revoked, and why. Where and when stand in the hold already, so a
  /// second word about it changes nothing.
  package func noteOrder(
    _ cause: HubWithdrawalCause, to incarnation: Int64, on compartment: Compartment,
    atMilliseconds: UInt64
  ) throws {
    try noteOrder(
      of: withdrawal(cause, atMilliseconds: atMilliseconds), to: incarnation, on: compartment,
      atMilliseconds: atMilliseconds)
  }

  /// The same where a device turns out to hold what others of its agency were ordered to destroy:
  /// it is the same withdrawal. `agency` is its number.
  package func noteOrderFound(
    to incarnation: Int64, of agency: Int64, on compartment: Compartment, atMilliseconds: UInt64
  ) throws {
    let known = try database.first(
      "SELECT o.withdrawal FROM withdrawal_orders o "
        + "JOIN incarnations i ON i.number = o.incarnation JOIN devices d ON d.number = i.device "
        + "WHERE o.compartment = ? AND d.agency = ? ORDER BY o.ordered_ms DESC LIMIT 1",
      .id(compartment.id), .integer(agency)
    ) { $0.int(0) }
    let cause = HubWithdrawalCause(kind: "reported", child: compartment.child)
    try noteOrder(
      of: known ?? withdrawal(cause, atMilliseconds: atMilliseconds), to: incarnation,
      on: compartment, atMilliseconds: atMilliseconds)
  }

  private func noteOrder(
    of withdrawal: Int64, to incarnation: Int64, on compartment: Compartment,
    atMilliseconds: UInt64
  ) throws {
    _ = try database.run(
      "INSERT OR IGNORE INTO withdrawal_orders VALUES (?, ?, ?, ?, ?, NULL)",
      .integer(withdrawal), .integer(incarnation), .id(compartment.id),
      .integer(Int64(compartment.category.rawValue)), .uint(atMilliseconds))
  }

  private func withdrawal(
    _ cause: HubWithdrawalCause, atMilliseconds: UInt64
  ) throws -> Int64 {
    let known = try database.first(
      "SELECT number FROM withdrawals WHERE at_ms = ? AND kind = ? AND policy IS ? AND child IS ?",
      .uint(atMilliseconds), .text(cause.kind), .id(cause.policy), .id(cause.child)
    ) { $0.int(0) }
    if let known { return known }
    _ = try database.run(
      "INSERT INTO withdrawals (kind, policy, child, at_ms) VALUES (?, ?, ?, ?)",
      .text(cause.kind), .id(cause.policy), .id(cause.child), .uint(atMilliseconds))
    return database.lastInsertRowID
  }

  /// With the receipt.
  func confirmOrders(
    to incarnation: Int64, on compartment: CompartmentID, atMilliseconds: UInt64
  ) throws {
    _ = try database.run(
      "UPDATE withdrawal_orders SET confirmed_ms = ? WHERE compartment = ? AND incarnation = ? "
        + "AND confirmed_ms IS NULL", .uint(atMilliseconds), .id(compartment),
      .integer(incarnation))
  }

  // MARK: Reading

  /// A run has been left behind once a later one of the same device has told what it holds.
  static let isLeftBehind =
    "EXISTS (SELECT 1 FROM incarnations n WHERE n.device = i.device AND n.number > i.number "
    + "AND n.exchange > 0)"

  private static let isWaiting =
    "SELECT o.withdrawal FROM withdrawal_orders o JOIN incarnations i ON i.number = o.incarnation "
    + "WHERE o.confirmed_ms IS NULL AND NOT " + isLeftBehind

  /// The newest first, those before number `before`; `openOnly`: those that some device has not
  /// carried out.
  package func withdrawals(
    openOnly: Bool, before: Int64, limit: Int
  ) throws -> [HubWithdrawal] {
    try database.query(
      "SELECT number, kind, policy, child, at_ms FROM withdrawals WHERE number < ?1 "
        + (openOnly ? "AND number IN (\(Self.isWaiting)) " : "") + "ORDER BY number DESC LIMIT ?2",
      .integer(before), .integer(Int64(limit))
    ) { row in
      let number = row.int(0)
      let cause = HubWithdrawalCause(
        kind: row.text(1), policy: try row.optionalID(2), child: try row.optionalID(3))
      return HubWithdrawal(
        number: number, cause: cause, atMilliseconds: row.unsigned(4),
        compartments: try compartmentCount(of: number), categories: try categories(of: number))
    }
  }

  /// How many withdrawals there are before number `before`, all or the open ones.
  package func withdrawalCount(openOnly: Bool, before: Int64) throws -> Int {
    Int(
      try database.first(
        "SELECT count(*) FROM withdrawals WHERE number < ?"
          + (openOnly ? " AND number IN (\(Self.isWaiting))" : ""), .integer(before)
      ) { $0.int(0) } ?? 0)
  }

  private func compartmentCount(of withdrawal: Int64) throws -> Int {
    Int(
      try database.first(
        "SELECT count(DISTINCT compartment) FROM withdrawal_orders WHERE withdrawal = ?",
        .integer(withdrawal)
      ) { $0.int(0) } ?? 0)
  }

  private func categories(of withdrawal: Int64) throws -> [CaseRecords.Category] {
    try database.query(
      "SELECT DISTINCT category FROM withdrawal_orders WHERE withdrawal = ? ORDER BY category",
      .integer(withdrawal)
    ) { try $0.category(0) }
  }

  /// Every device that was ordered anything by a withdrawal, by its number.
  package func devices(ofWithdrawal number: Int64) throws -> [HubWithdrawalDevice] {
    try database.query(
      "SELECT i.device, count(*), count(o.confirmed_ms), "
        + "sum(o.confirmed_ms IS NULL AND \(Self.isLeftBehind)), max(o.confirmed_ms), "
        + "min(iif(o.confirmed_ms IS NULL AND NOT \(Self.isLeftBehind), o.ordered_ms, NULL)) "
        + "FROM withdrawal_orders o JOIN incarnations i ON i.number = o.incarnation "
        + "WHERE o.withdrawal = ? GROUP BY i.device ORDER BY i.device", .integer(number)
    ) { row in
      HubWithdrawalDevice(
        device: row.int(0), ordered: Int(row.int(1)), confirmed: Int(row.int(2)),
        leftBehind: Int(row.int(3)),
        confirmedMilliseconds: row.isNull(4) ? nil : row.unsigned(4),
        waitingSinceMilliseconds: row.isNull(5) ? nil : row.unsigned(5))
    }
  }
}
