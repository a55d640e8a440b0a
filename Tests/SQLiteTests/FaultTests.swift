import SQLite
import Testing

@Suite("What a simulated machine does to a database")
struct FaultTests {
  private func made() throws -> Database {
    let database = try Database(path: ":memory:", options: DatabaseOptions(journal: .memory))
    try database.execute("CREATE TABLE words (word TEXT NOT NULL) STRICT")
    return database
  }

  private func words(_ database: Database) throws -> [String] {
    try database.query("SELECT word FROM words ORDER BY word") { $0.text(0) }
  }

  @Test("a commit that the gate refuses fails, and takes its transaction with it")
  func gate() throws {
    let database = try made()
    var isOpen = true
    database.onCommit { isOpen }
    _ = try database.transaction { try database.run("INSERT INTO words VALUES ('kept')") }
    isOpen = false
    #expect(throws: SQLiteError.self) {
      _ = try database.transaction { try database.run("INSERT INTO words VALUES ('gone')") }
    }
    #expect(!database.isInTransaction)
    #expect(try words(database) == ["kept"])
    database.onCommit(nil)
    _ = try database.transaction { try database.run("INSERT INTO words VALUES ('later')") }
    #expect(try words(database) == ["kept", "later"])
  }

  @Test("a copy has what was there, and goes its own way from then on")
  func copy() throws {
    let database = try made()
    try database.run("INSERT INTO words VALUES ('both')")
    let other = try Database(path: ":memory:", options: DatabaseOptions(journal: .memory))
    try database.copy(to: other)
    try database.run("INSERT INTO words VALUES ('first')")
    try other.run("INSERT INTO words VALUES ('second')")
    #expect(try words(database) == ["both", "first"])
    #expect(try words(other) == ["both", "second"])
  }
}
