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

  /// All rows, each made into a value by `row`.
  ///
  /// This and its neighbours are compiled anew where they are called, for the type of value that is
  /// read there: a value whose type is known only when the program runs costs more than its row.
  @inlinable
  package func query<T>(
    _ sql: String, _ bindings: SQLiteValue..., row: (borrowing Row) throws -> T
  ) throws -> [T] {
    try query(sql, bindings: bindings, row: row)
  }

  /// The same for a number of values that is not known beforehand.
  @inlinable
  package func query<T>(
    _ sql: String, bindings: [SQLiteValue], row: (borrowing Row) throws -> T
  ) throws -> [T] {
    let statement = try begin(sql, bindings)
    defer { end(statement) }
    var values: [T] = []
    while try statement.step() { values.append(try statement.withRow(row)) }
    return values
  }

  /// The same for a text whose beginning several have in common. It is put together only to be
  /// prepared.
  @inlinable
  package func query<T>(
    _ start: String, where clause: String, _ bindings: SQLiteValue...,
    row: (borrowing Row) throws -> T
  ) throws -> [T] {
    let statement = try begin(start, where: clause, bindings)
    defer { end(statement) }
    var values: [T] = []
    while try statement.step() { values.append(try statement.withRow(row)) }
    return values
  }

  /// The first row, or `nil` if there is none; further rows are not computed.
  @inlinable
  package func first<T>(
    _ sql: String, _ bindings: SQLiteValue..., row: (borrowing Row) throws -> T
  ) throws -> T? {
    let statement = try begin(sql, bindings)
    defer { end(statement) }
    return try statement.step() ? try statement.withRow(row) : nil
  }

  /// Calls `row` with each row as it comes. A thrown error ends the statement and passes through.
  @inlinable
  package func forEach(
    _ sql: String, _ bindings: SQLiteValue..., row: (borrowing Row) throws -> Void
  ) throws {
    let statement = try begin(sql, bindings)
    defer { end(statement) }
    while try statement.step() { try statement.withRow(row) }
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
