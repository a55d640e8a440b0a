import CSQLite

extension Database {
  /// Runs one or more statements without parameters; rows are passed over.
  package func execute(_ sql: String) throws(SQLiteError) {
    try requireLiveTransaction(sql)
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw SQLiteError(code: code, connection: handle, sql: sql) }
  }

  /// Runs one statement to its end.
  ///
  /// - Returns: The number of rows inserted, updated or deleted; 0 for statements of another kind.
  @discardableResult
  package func run(_ sql: String, _ bindings: SQLiteValue...) throws -> Int {
    try run(sql, bindings: bindings)
  }

  /// The same for a number of values that is not known beforehand.
  @discardableResult
  package func run(_ sql: String, bindings: [SQLiteValue]) throws -> Int {
    let statement = try begin(sql, bindings)
    defer { end(statement) }
    // `changes` keeps the number of the last statement that changed rows; the total tells whether
    // this one did.
    let before = sqlite3_total_changes64(handle)
    while try statement.step() {}
    return sqlite3_total_changes64(handle) == before ? 0 : changes
  }

  /// All rows, each made into a value by `row`. Where the beginning of a text is common to several,
  /// `clause` is the rest.
  package func query<T>(
    _ start: String, where clause: String = "", _ bindings: SQLiteValue...,
    row: (borrowing Row) throws -> T
  ) throws -> [T] {
    try query(start, where: clause, bindings: bindings, row: row)
  }

  /// The same for a number of values that is not known beforehand.
  package func query<T>(
    _ start: String, where clause: String = "", bindings: [SQLiteValue],
    row: (borrowing Row) throws -> T
  ) throws -> [T] {
    var values: [T] = []
    try read(start, where: clause, bindings) {
      values.append(try row($0))
      return true
    }
    return values
  }

  /// The first row, or `nil` if there is none; further rows are not computed.
  package func first<T>(
    _ sql: String, _ bindings: SQLiteValue..., row: (borrowing Row) throws -> T
  ) throws -> T? {
    var value: T?
    try read(sql, bindings) {
      value = try row($0)
      return false
    }
    return value
  }

  /// Calls `row` with each row as it comes. A thrown error ends the statement and passes through.
  package func forEach(
    _ sql: String, _ bindings: SQLiteValue..., row: (borrowing Row) throws -> Void
  ) throws {
    try read(sql, bindings) {
      try row($0)
      return true
    }
  }

  /// Calls `row` with each row as it comes, until there are no more or it answers false. All that
  /// reads goes through here. A text in two parts is put together only to be prepared.
  package func read(
    _ start: String, where clause: String = "", _ bindings: [SQLiteValue],
    row: (borrowing Row) throws -> Bool
  ) throws {
    let statement = try begin(start, where: clause, bindings)
    defer { end(statement) }
    while try statement.step() {
      if try !statement.withRow(row) { return }
    }
  }

  /// The rowid of the last row this connection inserted; 0 before the first.
  package var lastInsertRowID: Int64 { sqlite3_last_insert_rowid(handle) }

  /// Rows changed since the connection was opened: what an idle exchange leaves alone.
  package var totalChanges: Int { Int(sqlite3_total_changes64(handle)) }

  /// The rows changed by the last INSERT, UPDATE or DELETE.
  package var changes: Int { Int(sqlite3_changes64(handle)) }

  /// The number in the file's header that SQLite leaves to the program; see `Migrations`.
  package var userVersion: Int {
    get throws { try first("PRAGMA user_version") { Int($0.int(0)) } ?? 0 }
  }

  /// Sets `userVersion`; part of the transaction it is called in.
  package func setUserVersion(_ version: Int) throws(SQLiteError) {
    precondition(version >= 0 && version <= Int(Int32.max), "a user version has 31 bits")
    try execute("PRAGMA user_version = \(version)")
  }
}
