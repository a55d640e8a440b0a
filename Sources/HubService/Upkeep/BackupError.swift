package import Operations

/// Why a backup was not taken, or is not used.
package enum BackupError: Error, Equatable, Sendable, CustomStringConvertible {
  case taken(path: String)
  case notApart(first: String, second: String)
  case unreadableManifest(path: String)
  case notOfThisHub(path: String)
  case damaged(path: String, detail: String)
  case none(folder: String)
  case keysAreOlder(keys: String, database: String)
  case clockIsBehind(newest: String)

  package var exit: ExitCode {
    switch self {
    case .taken: .conflict
    case .notApart, .none: .configuration
    case .notOfThisHub: .refused
    case .unreadableManifest, .damaged: .damaged
    case .keysAreOlder, .clockIsBehind: .conflict
    }
  }

  package var description: String {
    switch self {
    case .taken(let path):
      "\(path) is there already, and a backup is never written over. Name another folder, or try "
        + "again in a moment."
    case .notApart(let first, let second):
      "\(first) and \(second) lie in one another. Put them on different disks: the hub's files, "
        + "the backups of its database, and those of its keys are safe only apart."
    case .unreadableManifest(let path):
      "\(path) is no manifest of a backup that this program knows. Name another backup, or upgrade "
        + "the program."
    case .notOfThisHub(let path):
      "\(path) was not written by this hub, or was changed since. Take another backup, and find "
        + "out who can write there."
    case .damaged(let path, let detail):
      "\(path) is damaged (\(detail)). Take another backup."
    case .none(let folder):
      "There is no backup in \(folder). Name the folder that `cafsync hub backup` was given."
    case .keysAreOlder(let keys, let database):
      "The keys (\(keys)) are older than the database (\(database)): what came in between could "
        + "not be read. Name an older backup of the database, or the newest of the keys."
    case .clockIsBehind(let newest):
      "\(newest) is newer than this machine's clock says it is now. Set the clock, or move that "
        + "backup away; nothing was changed."
    }
  }
}
