import SQLite
import Testing

@Suite struct MigrationTests {
  private static let first = (
    version: 1, sql: "CREATE TABLE a (n INTEGER) STRICT; INSERT INTO a VALUES (1)"
  )
  private static let second = (version: 2, sql: "ALTER TABLE a ADD COLUMN v TEXT")
  private static let fifth = (version: 5, sql: "UPDATE a SET v = 'five'; DROP TABLE IF EXISTS b")

  @Test func everyEarlierFileReachesTheSameShape() throws {
    let all = [Self.first, Self.second, Self.fifth]
    for known in 0...all.count {
      let database = try Database(path: ":memory:")
      let old = Migrations(Array(all.prefix(known)))
      try old.apply(to: database)
      #expect(try database.userVersion == old.latestVersion)
      let new = Migrations(all)
      for _ in 0..<2 {
        try new.apply(to: database)
        #expect(try database.userVersion == 5 && new.latestVersion == 5)
        let rows = try database.query("SELECT n, v FROM a") { [$0.value(0), $0.value(1)] }
        #expect(rows == [[1, "five"]])
      }
    }
  }

  @Test func aFileOfANewerProgramIsRefusedUntouched() throws {
    let database = try Database(path: ":memory:")
    try Migrations([Self.first, Self.second]).apply(to: database)
    let error = #expect(throws: MigrationError.self) {
      try Migrations([Self.first]).apply(to: database)
    }
    #expect(error == .newerThanKnown(found: 2, known: 1))
    #expect(error?.description.contains("made by a newer version") == true)
    #expect(error?.description.contains("upgrade the program") == true)
    #expect(try database.userVersion == 2)
  }

  @Test func aStepThatFailsLeavesTheFileAtTheStepBefore() throws {
    let database = try Database(path: ":memory:")
    let broken = (version: 2, sql: "CREATE TABLE b (n INTEGER) STRICT; CREATE TABEL c (n)")
    #expect(throws: SQLiteError.self) {
      try Migrations([Self.first, broken]).apply(to: database)
    }
    #expect(try database.userVersion == 1)
    let tables = try database.query("SELECT name FROM sqlite_schema") { $0.text(0) }
    #expect(tables == ["a"])
    try Migrations([Self.first, Self.second]).apply(to: database)
    #expect(try database.userVersion == 2)
  }
}
