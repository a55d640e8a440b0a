import CaseRecords
import Causality
import SQLite

/// What a damaged agency replica still says, brought into a new one: each row that can be read and,
/// where it is sealed, opened. What is missing afterwards comes back from the hub.
package struct AgencySalvage: Hashable, Sendable {
  /// Rows brought over, by table.
  package private(set) var kept: [String: Int] = [:]
  /// Rows that were found, and that do not open under their key.
  package private(set) var lost = 0
  /// Tables that could not be read to their end.
  private var cutTables: [String] = []

  /// Nothing is missing.
  package var isWhole: Bool { lost == 0 && cutTables.isEmpty }

  /// In the order in which their rows refer to each other. Parts of snapshots come again.
  private static let tables = [
    "meta", "compartments", "holds", "outbox", "policy", "purges", "quarantine", "rescued",
  ]

  /// Copies what it can from the database and the key file at these paths; both are whole files
  /// without a log (`FileRepair`). Either may be so damaged that nothing is to be had from it.
  package init(database: String, keys: String, into store: ReplicaStore) throws {
    let readOnly = DatabaseOptions(readOnly: true, synchronous: .off)
    if let source = try? Database(path: keys, options: readOnly) {
      // Without a key nothing of its compartment opens, and that counts as lost below.
      for row in rows(of: "keys", in: source) {
        guard case .integer(let number) = row[0], case .blob(let wrapped) = row[1] else { continue }
        if try !store.vault.adopt(wrapped, as: number) { lost += 1 }
      }
    }
    let source = try Database(path: database, options: readOnly)
    try store.transaction {
      for table in Self.tables {
        for row in rows(of: table, in: source) where try opens(row, of: table, in: store) {
          do {
            try store.database.insert(row, into: table)
            kept[table, default: 0] += 1
          } catch let error as SQLiteError where error.isConstraint {
            // What it belongs to could not be read.
            lost += 1
          }
        }
      }
      try completeHolds(in: store)
    }
  }

  /// A compartment whose hold is lost: an own record goes to the hub from the start, and of
  /// another's the hub hears that nothing is certain.
  private func completeHolds(in store: ReplicaStore) throws {
    let agency = try store.blob("agency") ?? []
    for number in try store.compartmentNumbers() where try store.hold(number) == nil {
      guard let stored = try store.compartment(number: number) else { continue }
      let isOwn = stored.compartment.custodian.bytes == agency
      try store.save(AgencyHold(number: number, state: isOwn ? .toSubmit : .held))
    }
  }

  /// From the beginning to the first damaged page, and from the end back to it.
  private mutating func rows(of table: String, in source: Database) -> [[SQLiteValue]] {
    var rows: [[SQLiteValue]] = []
    do {
      try source.forEach("SELECT * FROM \(table)") { rows.append(Self.values($0)) }
    } catch {
      cutTables.append(table)
      var known = Set(rows)
      var rest: [[SQLiteValue]] = []
      do {
        try source.forEach("SELECT * FROM \(table) ORDER BY 1 DESC") { row in
          let values = Self.values(row)
          if known.insert(values).inserted { rest.append(values) }
        }
      } catch {
        // The same damage, from the other side.
      }
      rows += rest.reversed()
    }
    return rows
  }

  private static func values(_ row: borrowing Row) -> [SQLiteValue] {
    var values: [SQLiteValue] = []
    for column in 0..<row.columnCount { values.append(row.value(column)) }
    return values
  }

  private mutating func opens(
    _ row: [SQLiteValue], of table: String, in store: ReplicaStore
  ) throws -> Bool {
    let sealed: (number: SQLiteValue, body: SQLiteValue)? =
      switch table {
      case "compartments": (row[0], row[6])
      case "outbox": (row[1], row[4])
      case "policy": (.integer(KeyVault.ownNumber), row[5])
      case "quarantine": (.integer(KeyVault.ownNumber), row[7])
      default: nil
      }
    guard let sealed else { return true }
    guard case .integer(let number) = sealed.number, case .blob(let body) = sealed.body else {
      return false
    }
    if body.isEmpty { return true }
    do {
      _ = try store.open(body, in: number)
      return true
    } catch is StoreError {
      lost += 1
      return false
    }
  }
}

extension Database {
  fileprivate func insert(_ row: [SQLiteValue], into table: String) throws {
    let places = Array(repeating: "?", count: row.count).joined(separator: ", ")
    try run("INSERT OR REPLACE INTO \(table) VALUES (\(places))", bindings: row)
  }
}
