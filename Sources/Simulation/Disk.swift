import Cryptography
import ReplicaStore
import SQLite

/// Two of one disk that are equal saw the same rows: whatever writes, counts; what is taken back
/// was written first; and each start counts.
struct DiskMark: Hashable {
  let rowsWritten: Int
  let starts: Int
}

/// The two databases of one replica, in memory. What is committed is on the disk; a crash takes
/// back the rest, and can be set for any commit to come.
final class Disk {
  let main: Database
  let keys: Database
  let role: StoreRole
  /// Commits that still succeed; nil: all.
  private var commitsLeft: Int?
  private var starts = 0
  /// The power is gone: nothing commits until `open`.
  private(set) var isDead = false

  init(role: StoreRole, copyOf other: Disk?) throws {
    self.role = role
    let options = DatabaseOptions(synchronous: .off, journal: .memory)
    main = try Database(path: ":memory:", options: options)
    keys = try Database(path: ":memory:", options: options)
    if let other {
      try other.main.copy(to: main)
      try other.keys.copy(to: keys)
    }
    for database in [main, keys] {
      database.onCommit { [unowned self] in mayCommit() }
    }
  }

  func copy() throws -> Disk { try Disk(role: role, copyOf: self) }

  /// Makes a disk what another one is, row by row, when the program over it has ended: its
  /// connections keep the statements that they have prepared, which cost more than what is in the
  /// tables.
  func become(_ other: Disk) throws {
    isDead = false
    commitsLeft = nil
    for (database, model) in [(main, other.main), (keys, other.keys)] {
      if database.isInTransaction { try database.execute("ROLLBACK") }
      let tables = try model.tables
      try database.transaction {
        for table in tables.reversed() { try database.run("DELETE FROM \(table)") }
        for table in tables {
          // Numbers have been given out again to the rows before.
          if table == "sqlite_sequence" { try database.run("DELETE FROM \(table)") }
          var known: String?
          try model.forEach("SELECT * FROM \(table)") { row in
            let values = (0..<row.columnCount).map { row.value($0) }
            let insertion = known ?? Self.insertion(into: table, of: values.count)
            known = insertion
            try database.run(insertion, bindings: values)
          }
        }
      }
    }
  }

  private static func insertion(into table: String, of count: Int) -> String {
    let places = Array(repeating: "?", count: count).joined(separator: ",")
    return "INSERT INTO \(table) VALUES (\(places))"
  }

  func crash(afterCommits count: Int?) { commitsLeft = count }

  private func mayCommit() -> Bool {
    if isDead { return false }
    guard let left = commitsLeft else { return true }
    commitsLeft = left - 1
    if left == 0 { isDead = true }
    return left > 0
  }

  /// Starts the program over what is on the disk. `master` nil: nobody has given the passphrase.
  func open(master: SymmetricKey?) throws -> ReplicaStore {
    isDead = false
    commitsLeft = nil
    starts += 1
    for database in [main, keys] where database.isInTransaction {
      try database.execute("ROLLBACK")
    }
    return try ReplicaStore(
      database: main, vault: KeyVault(database: keys, master: master), role: role)
  }

  var mark: DiskMark {
    DiskMark(rowsWritten: rowsWritten, starts: starts)
  }

  /// Rows that were ever changed: what an idle exchange leaves alone.
  var rowsWritten: Int { main.totalChanges + keys.totalChanges }
}

extension Database {
  /// Those that others refer to first; last SQLite's own, of the numbers that it has given out.
  fileprivate var tables: [String] {
    get throws {
      try query(
        """
        SELECT name FROM sqlite_schema WHERE type = 'table'
        ORDER BY name = 'sqlite_sequence', rootpage
        """
      ) { $0.text(0) }
    }
  }
}
