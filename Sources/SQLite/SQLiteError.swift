import CSQLite

/// A failure reported by SQLite, with its result codes (https://www.sqlite.org/rescode.html).
///
/// Holds the SQL text but never bound values, so it is safe to log as long as SQL carries no
/// literals of people.
package struct SQLiteError: Error, Hashable, Sendable {
  /// The result code without its extension, such as `SQLITE_BUSY`.
  package let primaryCode: Int32
  /// The result code with its extension, such as `SQLITE_BUSY_SNAPSHOT`; equal to the primary code
  /// if there is none.
  package let extendedCode: Int32
  /// SQLite's own words.
  package let message: String
  /// The statement that failed, if it was one.
  package let sql: String?

  package init(code: Int32, message: String, sql: String? = nil) {
    // The low byte is the primary code: rescode.html, "Result Codes versus Extended Result Codes".
    primaryCode = code & 0xff
    extendedCode = code
    self.message = message
    self.sql = sql
  }

  /// The error a connection holds from its last call.
  init(code: Int32, connection: OpaquePointer?, sql: String? = nil) {
    if code == PageChecksums.mismatchCode {
      self.init(code: code, message: "a page is not as it was written", sql: sql)
      return
    }
    // Without a connection only the code speaks.
    let text = connection.map { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
    self.init(code: code, message: text.map { String(cString: $0) } ?? "", sql: sql)
  }

  /// The disk, or the database's page limit, is exhausted. The transaction was rolled back or can
  /// be.
  package var isFull: Bool { primaryCode == SQLITE_FULL }
  /// The file is damaged: its structure, or a page that does not fit its checksum.
  package var isCorrupt: Bool {
    primaryCode == SQLITE_CORRUPT || extendedCode == PageChecksums.mismatchCode
  }
  /// The file or its folder cannot be written to.
  package var isReadOnly: Bool { primaryCode == SQLITE_READONLY }
  /// Another connection held the lock for longer than the busy timeout.
  package var isBusy: Bool { primaryCode == SQLITE_BUSY }
  /// The file is no SQLite database (or its first page is destroyed).
  package var isNotADatabase: Bool { primaryCode == SQLITE_NOTADB }
  /// A UNIQUE, CHECK, NOT NULL or foreign key constraint, or a STRICT type, was violated.
  package var isConstraint: Bool { primaryCode == SQLITE_CONSTRAINT }
  /// The file could not be opened or created.
  package var isCannotOpen: Bool { primaryCode == SQLITE_CANTOPEN }
}

extension SQLiteError: CustomStringConvertible {
  /// What happened and what to do about it.
  package var description: String {
    let statement = sql.map { " Statement: \($0)" } ?? ""
    return "SQLite error \(extendedCode): \(message). \(advice)\(statement)"
  }

  private var advice: String {
    if isCorrupt {
      return "Stop the program and start it again: it checks the file, and names the way forward."
    }
    return switch primaryCode {
    case SQLITE_FULL: "Free disk space, then try again; nothing of the transaction was kept."
    case SQLITE_NOTADB: "Check the configured path; if it is right, restore the last backup."
    case SQLITE_READONLY: "Make the file and its folder writable for the user of this program."
    case SQLITE_CANTOPEN: "Check that the folder exists and the user of this program may open it."
    case SQLITE_BUSY, SQLITE_LOCKED: "Another connection is at work; try again later."
    case SQLITE_IOERR: "Check the disk and the system log; nothing of the transaction was kept."
    case SQLITE_PERM, SQLITE_AUTH: "Check the permissions of the file."
    case SQLITE_ABORT: "Begin the transaction again; nothing of it was kept."
    case SQLITE_NOMEM: "Give the program more memory."
    case SQLITE_TOOBIG: "The value is longer than SQLite stores; split it."
    case SQLITE_CONSTRAINT: "The row breaks a rule of the schema and was not stored."
    default: "This is a fault of the program: report it with this message."
    }
  }
}
