import CSQLite
import Glibc

/// One connection to one SQLite database, with a cache of prepared statements.
///
/// The idea of this module: SQLite as it is, without a query language on top. Callers write SQL
/// with `?` parameters; the connection keeps every statement prepared under its text, since
/// preparing costs as much as running. Failures of the outside world (full, busy, corrupt) are a
/// thrown `SQLiteError`; failures of the program (wrong column, nested transaction) stop it.
///
/// Not `Sendable`: its owner confines it to one thread or keeps it inside a lock, so SQLite's own
/// mutexes are off.
///
/// Every connection overwrites deleted content (`secure_delete`) and keeps temporary tables in
/// memory: what is deleted here concerns children, and must not linger in free pages or in `/tmp`.
/// Deleting reaches the disk only with `checkpointTruncate`. Schemas read from a file are not
/// trusted (https://www.sqlite.org/security.html).
package final class Database {
  /// The oldest SQLite this program was written and tested against.
  package static let minimumVersion: Int32 = 3_040_000
  /// The pages kept in memory. SQLite's own 2 MB spill in the middle of a large exchange, whose
  /// rows have random names and so touch every page of an index.
  static let cacheKibibytes = 16_384
  /// How many prepared statements are kept; at the limit the cache starts afresh. The program has
  /// some dozens.
  package static let cachedStatementsMax = 256

  package let path: String
  private var connection: OpaquePointer?
  private var cache: [String: Statement] = [:]
  /// The same by where the text stands: most texts are literals, which stay where they are, and an
  /// address is looked up without reading hundreds of bytes. Each has one place; whoever was looked
  /// up last has it.
  private var cacheByAddress = [Statement?](repeating: nil, count: Database.addressPlaces)
  private static let addressPlaces = 1_024
  /// Set from BEGIN to COMMIT or ROLLBACK, to notice when SQLite ended the transaction by itself.
  var expectsTransaction = false
  var savepointDepth = 0
  /// See `onCommit`.
  var commitGate: (() -> Bool)?
  /// Whether each run of a statement is timed, for `slowestStatements`.
  package var isTimingStatements = false
  var retiredTimes: [String: StatementTimes] = [:]

  /// Opens the database, making the file (mode 0600) if it is absent and the connection may write.
  ///
  /// `":memory:"` opens a private database without a file.
  package init(path: String, options: DatabaseOptions = DatabaseOptions()) throws(SQLiteError) {
    self.path = path
    try Database.requireVersion(sqlite3_libversion_number())
    _ = Database.isLibraryConfigured
    let isOfTheSystem = path != ":memory:" && options.vfs == nil
    if !options.readOnly && isOfTheSystem { Database.createPrivateFile(path) }
    if options.synchronous == .full && isOfTheSystem && LogDamage.isIn(path + "-wal") {
      throw SQLiteError(
        code: SQLITE_CORRUPT, message: "its log has lost transactions that had been committed")
    }
    let access =
      options.readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    let code = sqlite3_open_v2(
      path, &connection, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      options.vfs)
    // SQLite leaves a connection even when it fails, for its message; `deinit` closes it.
    guard code == SQLITE_OK else { throw SQLiteError(code: code, connection: connection) }
    try PageChecksums.guardPages(of: handle)
    try configure(options)
  }

  deinit {
    close()
  }

  /// Closes the connection; statements handed out by `prepare` die with their last reference. Later
  /// calls of anything else are a programmer's error.
  package func close() {
    forgetStatements()
    // close_v2 cannot fail: it waits for the last statement.
    sqlite3_close_v2(connection)
    connection = nil
  }

  /// Refuses a SQLite older than `minimumVersion`; numbers as in `sqlite3_libversion_number`.
  package static func requireVersion(_ number: Int32) throws(SQLiteError) {
    guard number >= minimumVersion else {
      throw SQLiteError(
        code: SQLITE_ERROR,
        message: "SQLite \(number) is too old; install \(minimumVersion) (3.40) or later")
    }
  }

  /// SQLite counts its memory under one lock for all threads, taken with each allocation; nobody
  /// asks for the count. Once, and before the first connection; afterwards SQLite refuses it.
  private static let isLibraryConfigured = csqlite_config_memory_statistics(0) == SQLITE_OK

  /// SQLite would give a new file the process's umask; its log and index files follow the main
  /// file's mode.
  private static func createPrivateFile(_ path: String) {
    let descriptor = Glibc.open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    // A file that exists is the usual case; anything else SQLite meets next and reports.
    if descriptor >= 0 { Glibc.close(descriptor) }
  }

  private func configure(_ options: DatabaseOptions) throws(SQLiteError) {
    sqlite3_busy_timeout(handle, options.busyTimeoutMilliseconds)
    // DEFENSIVE: SQL cannot damage the file. DQS off: a misspelt "column" is an error and not a
    // string. QPSG: a plan does not depend on the values bound, which otherwise costs preparing
    // anew each time one is compared with the column of a partial index.
    let flags = [
      (SQLITE_DBCONFIG_DEFENSIVE, Int32(1)), (SQLITE_DBCONFIG_DQS_DML, 0),
      (SQLITE_DBCONFIG_DQS_DDL, 0), (SQLITE_DBCONFIG_ENABLE_QPSG, 1),
    ]
    for (flag, value) in flags {
      let code = csqlite_db_config_flag(handle, Int32(flag), value)
      guard code == SQLITE_OK else { throw SQLiteError(code: code, connection: handle) }
    }
    if let pageBytes = options.pageBytes { try execute("PRAGMA page_size = \(pageBytes)") }
    try execute(
      """
      PRAGMA trusted_schema = OFF;
      PRAGMA cell_size_check = ON;
      PRAGMA temp_store = MEMORY;
      PRAGMA foreign_keys = ON;
      PRAGMA secure_delete = ON;
      PRAGMA cache_size = -\(Database.cacheKibibytes);
      PRAGMA synchronous = \(options.synchronous.rawValue);
      """)
    // Reads the first page, so that a file that is no database is refused here and not in the
    // middle of the work.
    try execute("PRAGMA schema_version")
    if options.readOnly { return }
    try setJournal(options.journal)
    // A process that was killed may have left commits that the system shows and the disk does not
    // have yet. From here on they count as committed, so they are made so.
    if options.synchronous == .full && options.journal == .wal { try synchroniseLog() }
  }

  private func setJournal(_ journal: DatabaseOptions.Journal) throws(SQLiteError) {
    let sql = "PRAGMA journal_mode = \(journal.rawValue)"
    let statement = try prepare(sql)
    // SQLite answers with the mode it keeps; a database without a file has only one.
    let granted = try statement.step() ? statement.withRow { $0.text(0) } : ""
    guard granted == journal.rawValue || path == ":memory:" else {
      throw SQLiteError(
        code: SQLITE_CANTOPEN, message: "the journal mode stayed \(granted)", sql: sql)
    }
  }

  /// The open connection.
  var handle: OpaquePointer {
    guard let connection else { preconditionFailure("the database is closed") }
    return connection
  }

  /// A statement of one's own, for bulk loops; see `Statement`.
  package func prepare(_ sql: String) throws(SQLiteError) -> Statement {
    try Statement(connection: handle, start: sql, isLongLived: false)
  }

  /// The cached statement for this text, bound. Whoever took it gives it back with `end`.
  func begin(
    _ sql: String, where clause: String = "", _ bindings: [SQLiteValue]
  ) throws -> Statement {
    try requireLiveTransaction(sql)
    let statement = try cachedStatement(sql, where: clause)
    statement.isInUse = true
    if isTimingStatements { statement.startedAt = StatementTimes.now() }
    do {
      try statement.bind(bindings)
    } catch {
      end(statement)
      throw error
    }
    return statement
  }

  func end(_ statement: Statement) {
    statement.reset()
    statement.isInUse = false
    guard isTimingStatements else { return }
    statement.times.add(StatementTimes.now() - statement.startedAt)
  }

  private func cachedStatement(
    _ start: String, where clause: String
  ) throws(SQLiteError) -> Statement {
    let place = Database.place(of: start, clause)
    // Another text may stand there by now. The same text at the same place is equal at once.
    if let place, let known = cacheByAddress[place], known.start == start, known.clause == clause {
      // A row closure may run the same text again while its rows are still coming.
      return known.isInUse ? try prepare(known.sql) : known
    }
    let sql = start + clause
    if let known = cache[sql] {
      if known.isInUse { return try prepare(sql) }
      if let place { cacheByAddress[place] = known }
      return known
    }
    if cache.count >= Database.cachedStatementsMax { forgetStatements() }
    let statement = try Statement(
      connection: handle, start: start, clause: clause, isLongLived: true)
    cache[sql] = statement
    return statement
  }

  /// Spreads addresses over the places (Knuth 1998, 6.4: multiplicative hashing). A clause may be
  /// too short to stand anywhere.
  private static func place(of start: String, _ clause: String) -> Int? {
    start.utf8.withContiguousStorageIfAvailable {
      let address = UInt64(UInt(bitPattern: $0.baseAddress)) &+ UInt64(clause.utf8.count)
      return Int((address &* 0x9E37_79B9_7F4A_7C15) >> 32) % addressPlaces
    }
  }

  var preparedStatements: some Collection<Statement> { cache.values }

  private func forgetStatements() {
    retireTimes()
    cache.removeAll(keepingCapacity: true)
    for place in cacheByAddress.indices { cacheByAddress[place] = nil }
  }

  /// A full disk makes SQLite roll back by itself. Whatever a caller that caught that error runs
  /// next would commit on its own, half a transaction: it is refused instead.
  func requireLiveTransaction(_ sql: String) throws(SQLiteError) {
    if expectsTransaction && sqlite3_get_autocommit(handle) != 0 {
      throw SQLiteError(
        code: SQLITE_ABORT, message: "the transaction was rolled back before", sql: sql)
    }
  }
}
