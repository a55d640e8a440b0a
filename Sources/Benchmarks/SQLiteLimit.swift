import SQLite

/// What SQLite alone takes: prepared inserts into a plain table, with the same safety (write-ahead
/// log, full synchronisation) and nothing sealed, checked or decided.
enum SQLiteLimit {
  /// Rows of `bytesPerRow` in one transaction, durable at the end. Seconds.
  static func insert(rows: Int, bytesPerRow: Int, path: String) throws -> Double {
    let database = try open(path)
    defer { database.close() }
    let bytes = [UInt8](repeating: 0x61, count: bytesPerRow)
    let watch = Stopwatch()
    try database.transaction {
      let statement = try database.prepare("INSERT INTO limits VALUES (?, ?)")
      for row in 0..<rows { try statement.run([.integer(Int64(row)), .blob(bytes)]) }
    }
    _ = try database.checkpointTruncate()
    return watch.wallSeconds
  }

  /// One row in a transaction of its own, on average. Seconds.
  static func commit(rounds: Int, bytesPerRow: Int, path: String) throws -> Double {
    let database = try open(path)
    defer { database.close() }
    let bytes = [UInt8](repeating: 0x61, count: bytesPerRow)
    let watch = Stopwatch()
    for row in 0..<rounds {
      try database.transaction {
        _ = try database.run(
          "INSERT INTO limits VALUES (?, ?)", .integer(Int64(row)), .blob(bytes))
      }
    }
    return watch.wallSeconds / Double(rounds)
  }

  private static func open(_ path: String) throws -> Database {
    let database = try Database(path: path)
    try database.execute("CREATE TABLE limits (number INTEGER PRIMARY KEY, body BLOB NOT NULL)")
    return database
  }
}
