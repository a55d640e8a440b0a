import CSQLite
import Glibc

extension Database {
  /// Moves the whole write-ahead log into the file and empties it: only then is deleted content off
  /// the disk.
  ///
  /// Waits for readers as long as the busy timeout says. Inside a transaction it is a programmer's
  /// error.
  /// - Returns: `false` if another connection held on: nothing may be taken as erased; try again
  ///   later.
  package func checkpointTruncate() throws(SQLiteError) -> Bool {
    precondition(!isInTransaction, "a checkpoint cannot run inside a transaction")
    var logFrames: Int32 = 0
    var movedFrames: Int32 = 0
    let code = sqlite3_wal_checkpoint_v2(
      handle, nil, SQLITE_CHECKPOINT_TRUNCATE, &logFrames, &movedFrames)
    if code & 0xff == SQLITE_BUSY { return false }
    guard code == SQLITE_OK else { throw SQLiteError(code: code, connection: handle) }
    try synchroniseLog()
    // Both are -1 without a write-ahead log.
    return logFrames == movedFrames
  }

  /// Waits until the log is on the disk as the system shows it. SQLite does so at commits alone,
  /// not when it has emptied the log: after a cut of the power its old content could be there
  /// again, and with it what has been acknowledged as erased.
  func synchroniseLog() throws(SQLiteError) {
    var log: UnsafeMutablePointer<sqlite3_file>?
    let code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log)
    guard code == SQLITE_OK else { throw SQLiteError(code: code, connection: handle) }
    // Without a log on disk there are no methods.
    guard let log, let synchronise = log.pointee.pMethods?.pointee.xSync else { return }
    let outcome = synchronise(log, SQLITE_SYNC_NORMAL)
    guard outcome == SQLITE_OK else {
      throw SQLiteError(code: outcome, message: String(cString: sqlite3_errstr(outcome)))
    }
  }

  /// Writes the file anew without free pages and page slack. Needs as much disk space again, and no
  /// transaction.
  package func vacuum() throws(SQLiteError) {
    try execute("VACUUM")
  }

  /// What is wrong with the file, in SQLite's words; empty if nothing is.
  ///
  /// - Parameter quick: Leaves out the comparison of indexes with their tables, the slow part.
  package func integrityCheck(quick: Bool = false) throws -> [String] {
    do {
      return try query(quick ? "PRAGMA quick_check" : "PRAGMA integrity_check") { $0.text(0) }
        .filter { $0 != "ok" }
    } catch let error as SQLiteError where error.isCorrupt {
      // Damage in some places stops the check itself, which answers the question as well.
      return [error.message]
    }
  }

  /// Copies the database as it is at this moment to a file that appears at `path` whole or not at
  /// all, replacing what was there, by SQLite's online backup (https://www.sqlite.org/backup.html).
  /// Others may go on writing. The copy is one file, without a write-ahead log beside it.
  package func backup(to path: String) throws(SQLiteError) {
    let partial = path + ".partial"
    // A backup that was cut off leaves these; usually there is nothing to remove.
    for suffix in ["", "-journal", "-wal", "-shm"] { Glibc.unlink(partial + suffix) }
    do {
      let target = try Database(
        path: partial, options: DatabaseOptions(synchronous: .full, journal: .memory))
      try copyPages(to: target)
      target.close()
      // The pages say how the original keeps its journal; opened with another, the copy says so.
      try Database(
        path: partial, options: DatabaseOptions(synchronous: .full, journal: .memory)
      ).close()
    } catch {
      Glibc.unlink(partial)
      throw error
    }
    guard Glibc.rename(partial, path) == 0 else {
      let reason = String(cString: Glibc.strerror(errno))
      Glibc.unlink(partial)
      throw SQLiteError(code: SQLITE_CANTOPEN, message: "cannot name the backup: \(reason)")
    }
    try Database.synchroniseFolder(of: path)
  }

  func copyPages(to target: Database) throws(SQLiteError) {
    guard let copy = sqlite3_backup_init(target.handle, "main", handle, "main") else {
      throw SQLiteError(code: sqlite3_extended_errcode(target.handle), connection: target.handle)
    }
    let stepCode = sqlite3_backup_step(copy, -1)
    let finishCode = sqlite3_backup_finish(copy)
    guard stepCode == SQLITE_DONE && finishCode == SQLITE_OK else {
      // A step that was merely kept waiting is no error to `finish`.
      let code = finishCode == SQLITE_OK ? stepCode : finishCode
      throw SQLiteError(code: code, message: String(cString: sqlite3_errstr(code)))
    }
  }

  /// A new name is durable only when the folder is.
  private static func synchroniseFolder(of path: String) throws(SQLiteError) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    let isDurable = descriptor >= 0 && Glibc.fsync(descriptor) == 0
    let reason = String(cString: Glibc.strerror(errno))
    if descriptor >= 0 { Glibc.close(descriptor) }
    guard isDurable else {
      throw SQLiteError(
        code: SQLITE_IOERR, message: "cannot synchronise the backup's folder: \(reason)")
    }
  }
}
