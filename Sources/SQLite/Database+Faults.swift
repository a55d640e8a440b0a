import CSQLite

/// What a machine does to a database behind the program's back: for whoever simulates it.
extension Database {
  /// Asks `gate` before every commit of this connection from now on; where it says no, the
  /// transaction is rolled back and its COMMIT fails, as when the power goes a moment before. Nil:
  /// no more questions.
  package func onCommit(_ gate: (() -> Bool)?) {
    commitGate = gate
    guard gate != nil else {
      sqlite3_commit_hook(handle, nil, nil)
      return
    }
    sqlite3_commit_hook(
      handle,
      { context in
        guard let context else { return 0 }
        let database = Unmanaged<Database>.fromOpaque(context).takeUnretainedValue()
        return database.commitGate?() == false ? 1 : 0
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Makes `target` what this database is at this moment, by SQLite's online backup.
  package func copy(to target: Database) throws(SQLiteError) { try copyPages(to: target) }
}
