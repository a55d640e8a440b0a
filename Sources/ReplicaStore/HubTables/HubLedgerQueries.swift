package import CaseRecords
import SQLite

/// What is asked of the disclosure ledger.
package struct LedgerQuestion: Sendable {
  /// The identifiers of one child; nil: about every child.
  package var children: [ChildID]?
  /// Nil: whichever agency.
  package var agency: Int64?
  /// Held at any moment from the first to before the second, in milliseconds since 1970; nil:
  /// whenever.
  package var during: Range<UInt64>?

  package init() {}
}

/// How much of one category was held.
package struct LedgerCount: Hashable, Sendable {
  package let category: UInt8
  package let compartments: Int
}

/// A device's proof that it destroyed a compartment.
package struct ProvenPurge: Hashable, Sendable {
  package let compartment: CompartmentID
  package let device: DeviceID
  package let deviceName: String
  package let agency: Int64
  /// The order that was obeyed; zeros when none was needed, at the end of a lease.
  package let certificate: [UInt8]
  package let proof: [UInt8]
  package let orderedMilliseconds: UInt64
  package let atMilliseconds: UInt64
}

/// A device that holds a compartment, or has not proven that it destroyed it.
package struct CompartmentHolder: Hashable, Sendable {
  package let device: DeviceID
  package let deviceName: String
  package let agency: Int64
  /// When it was ordered to destroy it; nil: it may hold it.
  package let orderedMilliseconds: UInt64?
  /// When it was reported lost; nil: it was not.
  package let lostMilliseconds: UInt64?
}

extension ReplicaStore {
  /// A page of the lines about children, in the order in which they were opened, from the line
  /// after `number` on.
  package func ledger(
    _ question: LedgerQuestion, after number: Int64, limit: Int
  ) throws -> [LedgerLine] {
    let clause = Self.clause(question)
    return try database.query(
      Self.ledgerColumns + " WHERE \(clause.sql) AND number > ? ORDER BY number LIMIT ?",
      bindings: clause.bindings + [.integer(number), .integer(Int64(limit))],
      row: Self.ledgerLine)
  }

  /// Of all the lines asked for: how many compartments of each category.
  package func ledgerCounts(_ question: LedgerQuestion) throws -> [LedgerCount] {
    let clause = Self.clause(question)
    return try database.query(
      "SELECT category, count(DISTINCT compartment) FROM disclosures WHERE \(clause.sql) "
        + "GROUP BY category ORDER BY category", bindings: clause.bindings
    ) {
      LedgerCount(category: UInt8(truncatingIfNeeded: $0.int(0)), compartments: Int($0.int(1)))
    }
  }

  /// Of all the lines asked for: about how many children's identifiers they are.
  package func ledgerChildren(_ question: LedgerQuestion) throws -> Int {
    let clause = Self.clause(question)
    return try database.query(
      "SELECT count(DISTINCT child) FROM disclosures WHERE \(clause.sql)",
      bindings: clause.bindings
    ) { Int($0.int(0)) }.first ?? 0
  }

  private static func clause(
    _ question: LedgerQuestion
  ) -> (sql: String, bindings: [SQLiteValue]) {
    var terms = ["child IS NOT NULL"]
    var bindings: [SQLiteValue] = []
    if let children = question.children {
      terms.append("child IN (\(children.map { _ in "?" }.joined(separator: ", ")))")
      bindings += children.map { .id($0) }
    }
    if let agency = question.agency {
      terms.append("agency = ?")
      bindings.append(.integer(agency))
    }
    if let during = question.during {
      terms.append("from_ms < ? AND (until_ms IS NULL OR until_ms > ?)")
      bindings += [.uint(during.upperBound), .uint(during.lowerBound)]
    }
    return (terms.joined(separator: " AND "), bindings)
  }

  static let ledgerColumns =
    "SELECT number, agency, compartment, child, category, basis, from_ms, until_ms "
    + "FROM disclosures"

  static func ledgerLine(_ row: borrowing Row) throws -> LedgerLine {
    LedgerLine(
      number: row.int(0), agency: row.int(1), compartment: try row.id(2),
      child: try row.optionalID(3), category: UInt8(truncatingIfNeeded: row.int(4)),
      basis: row.text(5), fromMilliseconds: row.unsigned(6),
      untilMilliseconds: row.isNull(7) ? nil : row.unsigned(7))
  }

  /// Oldest first.
  package func provenPurges(of compartment: CompartmentID) throws -> [ProvenPurge] {
    try database.query(
      "SELECT d.id, d.name, d.agency, r.certificate, r.proof, r.ordered_ms, r.at_ms "
        + "FROM purge_receipts r JOIN incarnations i ON i.number = r.incarnation "
        + "JOIN devices d ON d.number = i.device WHERE r.compartment = ? ORDER BY r.number",
      .id(compartment)
    ) {
      ProvenPurge(
        compartment: compartment, device: try $0.id(0), deviceName: $0.text(1),
        agency: $0.int(2), certificate: $0.blob(3), proof: $0.blob(4),
        orderedMilliseconds: $0.unsigned(5), atMilliseconds: $0.unsigned(6))
    }
  }

  /// Once for each run of a device that holds it.
  package func holders(of compartment: CompartmentID) throws -> [CompartmentHolder] {
    try database.query(
      "SELECT d.id, d.name, d.agency, h.revoked_ms, d.revoked_ms FROM compartments c "
        + "JOIN holds h ON h.compartment = c.number "
        + "JOIN incarnations i ON i.number = h.incarnation JOIN devices d ON d.number = i.device "
        + "WHERE c.id = ? ORDER BY d.number, i.number", .id(compartment)
    ) {
      CompartmentHolder(
        device: try $0.id(0), deviceName: $0.text(1), agency: $0.int(2),
        orderedMilliseconds: $0.isNull(3) ? nil : $0.unsigned(3),
        lostMilliseconds: $0.isNull(4) ? nil : $0.unsigned(4))
    }
  }

  /// When the hub destroyed its copy of an erased compartment; nil: it has not.
  package func erasedMilliseconds(_ compartment: CompartmentID) throws -> UInt64? {
    try database.first("SELECT at_ms FROM erased WHERE compartment = ?", .id(compartment)) {
      $0.unsigned(0)
    }
  }
}
