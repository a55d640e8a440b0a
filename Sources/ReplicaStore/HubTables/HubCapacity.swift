package import SQLite

/// How large something was on one day: a file, or a table with its indexes.
package struct CapacitySample: Hashable, Sendable {
  /// Days since 1970.
  package let day: UInt64
  package let name: String
  package let bytes: UInt64

  package init(day: UInt64, name: String, bytes: UInt64) {
    self.day = day
    self.name = name
    self.bytes = bytes
  }
}

extension ReplicaStore {
  /// The samples of one day, in place of earlier ones of that day. Those older than a year go.
  package func saveCapacity(_ samples: [CapacitySample]) throws {
    guard let day = samples.first?.day else { return }
    _ = try database.run(
      "DELETE FROM capacity_samples WHERE day = ? OR day < ?", .uint(day),
      .uint(day - min(day, 366)))
    for sample in samples {
      _ = try database.run(
        "INSERT INTO capacity_samples VALUES (?, ?, ?)", .uint(sample.day), .text(sample.name),
        .uint(sample.bytes))
    }
  }

  /// In order of days.
  package func capacitySamples(since day: UInt64) throws -> [CapacitySample] {
    try database.query(
      "SELECT day, name, bytes FROM capacity_samples WHERE day >= ? ORDER BY day, name",
      .uint(day)
    ) { CapacitySample(day: $0.unsigned(0), name: $0.text(1), bytes: $0.unsigned(2)) }
  }
}

extension Database {
  /// Bytes by table, its indexes counted in; by SQLite's `dbstat` (https://sqlite.org/dbstat.html),
  /// which reads every page. Empty where the library was built without it.
  package func tableSizes() throws -> [(name: String, bytes: UInt64)] {
    do {
      return try query(
        "SELECT coalesce(s.tbl_name, d.name), sum(d.pgsize) FROM dbstat d "
          + "LEFT JOIN sqlite_schema s ON s.name = d.name WHERE d.aggregate = 1 GROUP BY 1"
      ) { ($0.text(0), $0.unsigned(1)) }
    } catch let error as SQLiteError where error.message.contains("no such table") {
      return []
    }
  }
}
