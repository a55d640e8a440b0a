import SQLite

/// What SQLite alone takes, with the same safety (write-ahead log, full synchronisation) and
/// nothing sealed, checked or decided: the least that a program on top of it can hope for.
enum SQLiteLimit {
  /// Prepared inserts of `bytesPerRow` in one transaction, durable in the main file at the end.
  static func insert(rows: Int, bytesPerRow: Int, path: String) throws -> Cost {
    let database = try open(path)
    defer { database.close() }
    let bytes = [UInt8](repeating: 0x61, count: bytesPerRow)
    let watch = Stopwatch()
    try database.transaction {
      let statement = try database.prepare("INSERT INTO limits VALUES (?, ?)")
      for row in 0..<rows { try statement.run([.integer(Int64(row)), .blob(bytes)]) }
    }
    _ = try database.checkpointTruncate()
    return watch.cost
  }

  /// One row in a transaction of its own, on average over `rounds`.
  static func commit(rounds: Int, bytesPerRow: Int, path: String) throws -> Cost {
    let database = try open(path)
    defer { database.close() }
    let bytes = [UInt8](repeating: 0x61, count: bytesPerRow)
    return try average(of: rounds) { row in
      try database.transaction {
        _ = try database.run(
          "INSERT INTO limits VALUES (?, ?)", .integer(Int64(row)), .blob(bytes))
      }
    }
  }

  /// Reading one row by its key in a transaction, on average over `rounds`.
  static func read(rounds: Int, bytesPerRow: Int, path: String) throws -> Cost {
    let database = try open(path)
    defer { database.close() }
    let bytes = [UInt8](repeating: 0x61, count: bytesPerRow)
    try database.transaction {
      for row in 0..<100 {
        _ = try database.run(
          "INSERT INTO limits VALUES (?, ?)", .integer(Int64(row)), .blob(bytes))
      }
    }
    return try average(of: rounds) { round in
      let found = try database.readTransaction {
        try database.first(
          "SELECT body FROM limits WHERE number = ?", .integer(Int64(round % 100))
        ) { $0.blob(0) }
      }
      guard found == bytes else { throw BenchFailure("SQLite gave back something else") }
    }
  }

  private static func average(of rounds: Int, _ body: (Int) throws -> Void) rethrows -> Cost {
    let watch = Stopwatch()
    for round in 0..<rounds { try body(round) }
    let cost = watch.cost
    return Cost(
      wallSeconds: cost.wallSeconds / Double(rounds),
      processorSeconds: cost.processorSeconds / Double(rounds))
  }

  private static func open(_ path: String) throws -> Database {
    let database = try Database(path: path)
    try database.execute("CREATE TABLE limits (number INTEGER PRIMARY KEY, body BLOB NOT NULL)")
    return database
  }
}
