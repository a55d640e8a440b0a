package import SQLite

/// What is wrong with a replica's files, and what to do about it.
package enum StoreError: Error, Hashable, CustomStringConvertible {
  case damaged(file: String, detail: String)
  case newer(file: String)
  case readOnly(folder: String)
  case full(folder: String)
  case locked
  case keyMissing(number: Int64)
  case wrongKey
  case wrongRole(expected: String, found: String)
  case checkpointBusy
  case unreadable(file: String, detail: String)
  case tooLarge(limitBytes: Int)

  package init(opening folder: String, _ error: SQLiteError) {
    if error.isCorrupt || error.isNotADatabase {
      self = .damaged(file: folder, detail: error.message)
    } else if error.isReadOnly {
      self = .readOnly(folder: folder)
    } else if error.isFull {
      self = .full(folder: folder)
    } else {
      self = .unreadable(file: folder, detail: error.message)
    }
  }

  package var description: String {
    switch self {
    case .damaged(let file, let detail):
      "\(file) is damaged (\(detail)). Nothing was changed. Rebuild the replica: cafsync agency "
        + "rebuild --folder FOLDER. It rescues the unsent work first and keeps the damaged files; "
        + "what is missing then comes back from the hub."
    case .newer(let file):
      "\(file) was written by a newer cafsync. Upgrade this program; nothing was changed."
    case .readOnly(let folder):
      "\(folder) cannot be written. Give the user that runs cafsync the right to write there."
    case .full(let folder):
      "The disk under \(folder) is full. Make room and try again; what was saved before is safe."
    case .locked:
      "The keys are locked. Give the passphrase first."
    case .keyMissing(let number):
      "The key of compartment \(number) is not in keys.sqlite. Restore keys.sqlite, or join "
        + "the hub again in a new folder."
    case .wrongKey:
      "The key file does not fit this replica. Give the right key or passphrase; nothing was "
        + "changed."
    case .wrongRole(let expected, let found):
      "This folder belongs to a cafsync \(found), not to a cafsync \(expected). Name another "
        + "folder."
    case .checkpointBusy:
      "Another process is reading the database; the purge is tried again at once when it has "
        + "closed."
    case .unreadable(let file, let detail):
      "\(file) cannot be opened: \(detail)."
    case .tooLarge(let limitBytes):
      "The compartment would grow past its limit of \(limitBytes) bytes. Split the text."
    }
  }
}

extension Migrations {
  /// Takes the steps that the file lacks, and looks whether it is whole. Throws `StoreError.newer`
  /// for one that has had more, `.damaged` for one that is not.
  func bring(_ database: Database, named file: String) throws {
    do {
      try apply(to: database)
    } catch is MigrationError {
      throw StoreError.newer(file: file)
    }
    // A database in memory has no file that could have been damaged.
    if database.path == ":memory:" { return }
    if let damage = try database.integrityCheck(quick: true).first {
      throw StoreError.damaged(file: file, detail: damage)
    }
  }
}
