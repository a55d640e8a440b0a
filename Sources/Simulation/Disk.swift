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
