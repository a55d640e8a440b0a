import SQLite
import Testing

@Suite struct TransactionTests {
  private struct Refusal: Error {}

  private func makeDatabase() throws -> Database {
    let database = try Database(path: ":memory:")
    try database.execute("CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT")
    return database
  }

  private func insert(_ number: Int64, into database: Database) throws {
    try database.run("INSERT INTO t VALUES (?)", .integer(number))
  }

  private func numbers(_ database: Database) throws -> [Int64] {
    try database.query("SELECT n FROM t ORDER BY n") { $0.int(0) }
  }

  @Test func aThrownErrorUndoesTheWholeTransaction() throws {
    let database = try makeDatabase()
    let result = try database.transaction {
      try insert(1, into: database)
      #expect(database.isInTransaction)
      return "done"
    }
    #expect(result == "done" && !database.isInTransaction)
    #expect(throws: Refusal.self) {
      try database.transaction {
        try insert(2, into: database)
        throw Refusal()
      }
    }
    #expect(try numbers(database) == [1])
    #expect(!database.isInTransaction)
    try database.transaction { try insert(3, into: database) }
    #expect(try numbers(database) == [1, 3])
  }

  @Test func aCommitThatFailsLeavesNothingBehind() throws {
    let database = try Database(path: ":memory:")
    try database.execute(
      """
      CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT;
      CREATE TABLE child (
        parent INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED) STRICT;
      """)
    let error = #expect(throws: SQLiteError.self) {
      try database.transaction { try database.run("INSERT INTO child VALUES (1)") }
    }
    #expect(error?.isConstraint == true && !database.isInTransaction)
    #expect(try database.first("SELECT count(*) FROM child") { $0.int(0) } == 0)
  }

  @Test func savepointsUndoTheirOwnPartOnly() throws {
    let database = try makeDatabase()
    try database.transaction {
      try insert(1, into: database)
      #expect(throws: Refusal.self) {
        try database.savepoint {
          try insert(2, into: database)
          try database.savepoint { try insert(3, into: database) }
          throw Refusal()
        }
      }
      try database.savepoint {
        try insert(4, into: database)
        #expect(throws: Refusal.self) {
          try database.savepoint {
            try insert(5, into: database)
            throw Refusal()
          }
        }
        try insert(6, into: database)
      }
    }
    #expect(try numbers(database) == [1, 4, 6])
  }

  @Test func aSavepointAloneIsATransaction() throws {
    let database = try makeDatabase()
    try database.savepoint {
      #expect(database.isInTransaction)
      try insert(1, into: database)
    }
    #expect(throws: Refusal.self) {
      try database.savepoint {
        try insert(2, into: database)
        throw Refusal()
      }
    }
    #expect(try numbers(database) == [1])
  }

  @Test func afterSQLiteRolledBackByItselfNothingOfTheTransactionGoesOn() throws {
    let database = try makeDatabase()
    try insert(1, into: database)
    let careless = {
      try insert(2, into: database)
      // What a full disk does, and a caller who goes on as if nothing had happened.
      _ = try? database.run("INSERT OR ROLLBACK INTO t VALUES (1)")
      #expect(throws: SQLiteError.self) { try insert(3, into: database) }
      #expect(throws: SQLiteError.self) { try database.savepoint {} }
    }
    let error = #expect(throws: SQLiteError.self) { try database.transaction(careless) }
    #expect(error?.message.contains("rolled back") == true)
    #expect(try numbers(database) == [1])
    try insert(4, into: database)
    #expect(try numbers(database) == [1, 4])
  }

  @Test func aReadTransactionSeesOneMoment() throws {
    let folder = try TemporaryFolder()
    let writer = try Database(path: folder.file("db"))
    try writer.execute("CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT")
    let reader = try Database(path: folder.file("db"), options: DatabaseOptions(readOnly: true))
    try reader.readTransaction {
      #expect(try numbers(reader) == [])
      try insert(1, into: writer)
      #expect(try numbers(reader) == [])
    }
    #expect(try numbers(reader) == [1])
  }

  @Test func aSecondWriterIsBusyUntilTheFirstIsDone() throws {
    let folder = try TemporaryFolder()
    let options = DatabaseOptions(busyTimeoutMilliseconds: 0)
    let first = try Database(path: folder.file("db"), options: options)
    let second = try Database(path: folder.file("db"), options: options)
    try first.execute("CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT")
    try first.transaction {
      let error = #expect(throws: SQLiteError.self) { try second.transaction {} }
      #expect(error?.isBusy == true)
      #expect(error?.description.contains("try again") == true)
      try insert(1, into: first)
      #expect(try numbers(second) == [])
    }
    try second.transaction { try insert(2, into: second) }
    #expect(try numbers(first) == [1, 2])
  }

  @Test func aFullDatabaseIsReportedAndKeepsWhatWasCommitted() throws {
    let folder = try TemporaryFolder()
    let database = try Database(path: folder.file("db"))
    try database.execute("CREATE TABLE b (v BLOB NOT NULL) STRICT; PRAGMA max_page_count = 20")
    let kilobytes = SQLiteValue.blob([UInt8](repeating: 1, count: 10_000))
    try database.run("INSERT INTO b VALUES (?)", kilobytes)
    let error = #expect(throws: SQLiteError.self) {
      try database.transaction {
        for _ in 0..<20 { try database.run("INSERT INTO b VALUES (?)", kilobytes) }
      }
    }
    #expect(error?.isFull == true)
    #expect(error?.description.contains("Free disk space") == true)
    #expect(try database.first("SELECT count(*) FROM b") { $0.int(0) } == 1)
    #expect(try database.integrityCheck() == [])
  }
}
