import CSQLite

/// A prepared statement: bind, step until it has no more rows, reset.
///
/// For bulk loops, where looking the SQL text up for every row would show. Parameters count from 1,
/// as in SQLite. Belongs to the thread or lock of its `Database`. Bound text and blobs are copied
/// at once (SQLITE_TRANSIENT), so a binding never outlives its bytes: against the work of an insert
/// the copy of a few kilobytes is not measurable.
package final class Statement {
  /// The text's two parts, as whoever wants the statement again has them.
  let start: String
  let clause: String
  private let pointer: OpaquePointer
  private let parameterCount: Int
  /// Whether a caller is in the middle of its rows; a cached statement in use is not handed out
  /// again.
  var isInUse = false
  /// Of all its runs so far, where they are timed.
  var times: StatementTimes
  /// When its last run began, where they are timed.
  var startedAt: UInt64 = 0

  var sql: String { start + clause }

  init(
    connection: OpaquePointer, start: String, clause: String = "", isLongLived: Bool
  ) throws(SQLiteError) {
    let sql = start + clause
    var text = sql
    var prepared: OpaquePointer?
    var isFollowed = false
    let code = text.withUTF8 { utf8 -> Int32 in
      // PREPARE_PERSISTENT keeps statements that live long out of the connection's small lookaside
      // memory.
      let flags = isLongLived ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
      return utf8.withMemoryRebound(to: CChar.self) { text in
        var tail: UnsafePointer<CChar>?
        let code = sqlite3_prepare_v3(
          connection, text.baseAddress, Int32(text.count), flags, &prepared, &tail)
        let used = tail.flatMap { tail in text.baseAddress.map { tail - $0 } } ?? text.count
        // Below the space are only control characters, the line break among them.
        isFollowed = text[used...].contains { $0 > 0x20 }
        return code
      }
    }
    guard code == SQLITE_OK else {
      throw SQLiteError(code: code, connection: connection, sql: sql)
    }
    // SQLite would silently leave out what follows the first statement.
    guard let prepared, !isFollowed else {
      sqlite3_finalize(prepared)
      throw SQLiteError(
        code: SQLITE_MISUSE, message: "the SQL text does not hold exactly one statement", sql: sql)
    }
    self.start = start
    self.clause = clause
    times = StatementTimes(sql: sql)
    pointer = prepared
    parameterCount = Int(sqlite3_bind_parameter_count(prepared))
  }

  deinit {
    // Repeats the error of the last step, which was thrown then.
    sqlite3_finalize(pointer)
  }

  package func bind(_ index: Int, _ value: Int64) throws(SQLiteError) {
    try check(sqlite3_bind_int64(pointer, Int32(index), value))
  }

  package func bind(_ index: Int, _ value: Double) throws(SQLiteError) {
    try check(sqlite3_bind_double(pointer, Int32(index), value))
  }

  package func bind(_ index: Int, _ value: String) throws(SQLiteError) {
    var value = value
    try check(
      value.withUTF8 { utf8 in
        guard let start = utf8.baseAddress, !utf8.isEmpty else {
          return csqlite_bind_text_empty(pointer, Int32(index))
        }
        return utf8.withMemoryRebound(to: CChar.self) { _ in
          csqlite_bind_text_copy(
            pointer, Int32(index), UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self),
            UInt64(utf8.count))
        }
      })
  }

  package func bind(_ index: Int, _ value: [UInt8]) throws(SQLiteError) {
    try check(
      value.withUnsafeBytes { bytes in
        // An address of null would bind NULL instead of an empty blob.
        bytes.isEmpty
          ? sqlite3_bind_zeroblob(pointer, Int32(index), 0)
          : csqlite_bind_blob_copy(
            pointer, Int32(index), bytes.baseAddress, UInt64(bytes.count))
      })
  }

  package func bindNull(_ index: Int) throws(SQLiteError) {
    try check(sqlite3_bind_null(pointer, Int32(index)))
  }

  package func bind(_ index: Int, _ value: SQLiteValue) throws(SQLiteError) {
    switch value {
    case .null: try bindNull(index)
    case .integer(let value): try bind(index, value)
    case .real(let value): try bind(index, value)
    case .text(let value): try bind(index, value)
    case .blob(let value): try bind(index, value)
    }
  }

  /// Binds all parameters in order. A wrong number of values is a programmer's error.
  package func bind(_ values: [SQLiteValue]) throws(SQLiteError) {
    precondition(
      values.count == parameterCount,
      "the statement has another number of parameters")
    var index = 1
    for value in values {
      try bind(index, value)
      index += 1
    }
  }

  /// Runs to the next row; `false` when there are no more. On an error reset before the next use.
  package func step() throws(SQLiteError) -> Bool {
    let code = sqlite3_step(pointer)
    if code == SQLITE_ROW { return true }
    if code == SQLITE_DONE { return false }
    throw error(code)
  }

  /// The current row, after a `step` that returned `true`.
  package func withRow<T>(_ body: (borrowing Row) throws -> T) rethrows -> T {
    try body(Row(statement: pointer))
  }

  /// Makes the statement ready to be bound and run again, and forgets its bindings.
  package func reset() {
    // Both repeat the error of the last step, which was thrown then.
    sqlite3_reset(pointer)
    if parameterCount > 0 { sqlite3_clear_bindings(pointer) }
  }

  /// Binds, runs to the end and resets: one turn of a bulk loop. Rows, if any, are passed over.
  package func run(_ values: [SQLiteValue]) throws(SQLiteError) {
    defer { reset() }
    try bind(values)
    while try step() {}
  }

  private func check(_ code: Int32) throws(SQLiteError) {
    if code != SQLITE_OK { throw error(code) }
  }

  private func error(_ code: Int32) -> SQLiteError {
    SQLiteError(code: code, connection: sqlite3_db_handle(pointer), sql: sql)
  }
}
