import CSQLite

extension Database {
  /// Whether a transaction is open.
  package var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// Runs `body` in one transaction that holds the write lock from its start; a thrown error rolls
  /// everything back.
  ///
  /// BEGIN IMMEDIATE, so that a wait for another writer happens at the start and never in the
  /// middle, where SQLite could only fail. A transaction inside a transaction is a programmer's
  /// error; see `savepoint`.
  package func transaction<T>(_ body: () throws -> T) throws -> T {
    try transaction(beginning: "BEGIN IMMEDIATE", body)
  }

  /// Runs `body`, which only reads, on one unchanging view of the database.
  package func readTransaction<T>(_ body: () throws -> T) throws -> T {
    try transaction(beginning: "BEGIN DEFERRED", body)
  }

  private func transaction<T>(beginning begin: String, _ body: () throws -> T) throws -> T {
    precondition(!expectsTransaction, "a transaction inside a transaction: use a savepoint")
    try run(begin)
    expectsTransaction = true
    defer { expectsTransaction = false }
    do {
      let result = try body()
      try run("COMMIT")
      return result
    } catch {
      expectsTransaction = false
      // The first error tells the cause. If the rollback fails too, SQLite rolls back when the
      // connection closes.
      if isInTransaction { _ = try? run("ROLLBACK") }
      throw error
    }
  }

  /// Runs `body` as a part of the transaction that can fail alone: a thrown error undoes only what
  /// `body` did.
  ///
  /// Savepoints nest. Outside a transaction this is a transaction.
  package func savepoint<T>(_ body: () throws -> T) throws -> T {
    guard expectsTransaction else { return try transaction(body) }
    savepointDepth += 1
    defer { savepointDepth -= 1 }
    let level = SavepointLevel.at(savepointDepth)
    try run(level.begin)
    do {
      let result = try body()
      try run(level.release)
      return result
    } catch {
      // After an error by which SQLite ended the whole transaction there is nothing left to undo.
      if isInTransaction {
        try run(level.rollback)
        try run(level.release)
      }
      throw error
    }
  }
}

/// The statements of one level of savepoints; of the usual levels they are put together once.
private struct SavepointLevel {
  let begin: String
  let release: String
  let rollback: String

  private static let usual = (1...4).map(SavepointLevel.init(depth:))

  static func at(_ depth: Int) -> SavepointLevel {
    depth <= usual.count ? usual[depth - 1] : SavepointLevel(depth: depth)
  }

  private init(depth: Int) {
    begin = "SAVEPOINT level_\(depth)"
    release = "RELEASE level_\(depth)"
    rollback = "ROLLBACK TO level_\(depth)"
  }
}
