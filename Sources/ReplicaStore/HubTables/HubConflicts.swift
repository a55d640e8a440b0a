package import CaseRecords
import Causality
import SQLite
import SyncProtocol

/// How many conflicts of one category and custodian are open, by age.
package struct HubConflictCount: Hashable, Sendable {
  package let category: CaseRecords.Category
  package let custodian: AgencyID
  /// Under a day, under 7 days, under 30 days, older.
  package let bands: [Int]
  /// Milliseconds since 1970: when the oldest of them was opened.
  package let oldestMilliseconds: UInt64
}

extension ReplicaStore {
  /// With the registers themselves, in the same transaction.
  func noteConflicts(in number: Int64, _ content: CompartmentContent) throws {
    _ = try database.run("DELETE FROM open_conflicts WHERE compartment = ?", .integer(number))
    for (opened, count) in content.conflicts {
      _ = try database.run(
        "INSERT INTO open_conflicts VALUES (?, ?, ?)", .integer(number), .uint(opened),
        .integer(Int64(count)))
    }
  }

  /// Counts some of what is there from before these books; false when nothing is left to count.
  package func countConflicts(limit: Int) throws -> Bool {
    let numbers = try database.query(
      "SELECT compartment FROM uncounted ORDER BY compartment LIMIT ?", .integer(Int64(limit))
    ) { $0.int(0) }
    for number in numbers {
      if let stored = try compartment(number: number) {
        try noteConflicts(in: number, content(of: stored))
      }
      _ = try database.run("DELETE FROM uncounted WHERE compartment = ?", .integer(number))
    }
    return !numbers.isEmpty
  }

  package func uncountedCount() throws -> Int {
    Int(try database.first("SELECT count(*) FROM uncounted") { $0.int(0) } ?? 0)
  }

  /// Those with the oldest conflict first.
  package func conflictCounts(now: UInt64) throws -> [HubConflictCount] {
    let day: UInt64 = 86_400_000
    let edges = [day, 7 * day, 30 * day].map { now - min($0, now) }
    return try database.query(
      "SELECT c.category, c.custodian, sum(iif(o.opened_ms > ?1, o.count, 0)), "
        + "sum(iif(o.opened_ms <= ?1 AND o.opened_ms > ?2, o.count, 0)), "
        + "sum(iif(o.opened_ms <= ?2 AND o.opened_ms > ?3, o.count, 0)), "
        + "sum(iif(o.opened_ms <= ?3, o.count, 0)), min(o.opened_ms) FROM open_conflicts o "
        + "JOIN compartments c ON c.number = o.compartment GROUP BY c.category, c.custodian "
        + "ORDER BY min(o.opened_ms), c.category, c.custodian", .uint(edges[0]), .uint(edges[1]),
      .uint(edges[2])
    ) { row in
      HubConflictCount(
        category: try row.category(0), custodian: try row.id(1),
        bands: (2...5).map { Int(row.int($0)) }, oldestMilliseconds: row.unsigned(6))
    }
  }
}

extension CompartmentContent {
  /// When each conflict was opened, with how many were at that moment.
  fileprivate var conflicts: [UInt64: Int] {
    var result: [UInt64: Int] = [:]
    for record in records.values {
      for register in record.groups.values where register.isInConflict {
        let times = register.siblings.map(\.value.time.milliseconds).sorted()
        result[times[1], default: 0] += 1
      }
    }
    return result
  }
}
