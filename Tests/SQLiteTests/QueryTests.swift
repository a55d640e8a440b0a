import SQLite
import Testing

@Suite struct QueryTests {
  @Test func everyValueComesBackAsItWasBound() throws {
    let database = try Database(path: ":memory:")
    try database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v ANY) STRICT")
    let values: [SQLiteValue] = [
      .null, 0, .integer(.min), .integer(.max), .real(-0.5), .real(.infinity), "", "plain",
      "a\0b\0", "Zoë \u{1F600}", .blob([]), .blob([0]), .blob([UInt8](0...255)),
      .blob([UInt8](repeating: 7, count: 1_000_000)), .text(String(repeating: "é", count: 70_000)),
    ]
    for value in values {
      #expect(try database.run("INSERT INTO t (v) VALUES (?)", value) == 1)
      let id = database.lastInsertRowID
      let read = try database.first("SELECT v FROM t WHERE id = ?", .integer(id)) { $0.value(0) }
      #expect(read == value)
    }
    let all = try database.query("SELECT v FROM t ORDER BY id") { $0.value(0) }
    #expect(all == values)
  }

  @Test("texts with one beginning and clauses of one length are kept apart, also one in the other")
  func clausesOfOneBeginning() throws {
    let database = try Database(path: ":memory:")
    try database.execute(
      "CREATE TABLE t (a INTEGER, b INTEGER) STRICT; INSERT INTO t VALUES (1, 2)")
    let start = "SELECT a, b FROM t WHERE "
    func rows(where clause: String, _ value: Int64) throws -> Int {
      try database.query(start, where: clause, .integer(value)) { _ in
        try database.query(start, where: clause, .integer(value)) { $0.int(1) }.count
      }.reduce(0, +)
    }
    for _ in 0..<3 {
      for (clause, value, count) in [("a = ?", 1, 1), ("b = ?", 1, 0), ("b = ?", 2, 1)] {
        #expect(try rows(where: clause, Int64(value)) == count)
      }
    }
  }

  @Test func accessorsReadTheirTypesAndTheOptionalOnesReadNull() throws {
    let database = try Database(path: ":memory:")
    let sql = "SELECT ?, ?, ?, ?, ?"
    let unsigned = UInt64.max - 1
    try database.forEach(sql, -3, .uint(unsigned), 1, "t", .blob([9])) { row in
      #expect(row.columnCount == 5)
      #expect(row.int(0) == -3 && row.optionalInt(0) == -3)
      #expect(row.uint(1) == unsigned && row.optionalUInt(1) == unsigned)
      #expect(row.real(2) == 1 && row.optionalReal(2) == 1)
      #expect(row.text(3) == "t" && row.optionalText(3) == "t")
      #expect(row.blob(4) == [9] && row.optionalBlob(4) == [9] && !row.isNull(4))
      #expect(row.withBlob(4) { $0.count } == 1)
    }
    let none: [UInt8]? = nil
    try database.forEach(
      sql, .optional(none), .optional(nil as String?), .optional(nil as Int64?), nil, nil
    ) { row in
      #expect(row.isNull(0) && row.optionalInt(0) == nil && row.optionalUInt(1) == nil)
      #expect(row.optionalReal(2) == nil)
      #expect(row.optionalText(3) == nil && row.optionalBlob(4) == nil)
    }
  }

  @Test func runTellsTheRowsItChangedAndZeroForOtherStatements() throws {
    let database = try Database(path: ":memory:")
    #expect(try database.run("CREATE TABLE t (n INTEGER) STRICT") == 0)
    #expect(try database.run("INSERT INTO t VALUES (?), (?), (?)", 1, 2, 3) == 3)
    #expect(try database.run("SELECT * FROM t") == 0)
    #expect(try database.run("UPDATE t SET n = 0 WHERE n > ?", 1) == 2)
    #expect(try database.run("DELETE FROM t WHERE n > 9") == 0)
    #expect(try database.run("DELETE FROM t") == 3)
  }

  @Test func firstTakesOneRowOrNone() throws {
    let database = try Database(path: ":memory:")
    let sql = "SELECT value FROM (SELECT 5 AS value UNION SELECT 6) WHERE value > ? ORDER BY 1"
    #expect(try database.first(sql, 4) { $0.int(0) } == 5)
    #expect(try database.first(sql, 6) { $0.int(0) } == nil)
    #expect(try database.first(sql, 5) { $0.int(0) } == 6)
  }

  @Test func theSameTextMayRunInsideItsOwnRows() throws {
    let database = try Database(path: ":memory:")
    let sql = "SELECT value FROM (SELECT 1 AS value UNION SELECT 2) WHERE value >= ? ORDER BY 1"
    var seen: [Int64] = []
    try database.forEach(sql, 1) { outer in
      seen.append(outer.int(0))
      seen += try database.query(sql, 2) { $0.int(0) * 10 }
    }
    #expect(seen == [1, 20, 2, 20])
  }

  @Test func anErrorFromARowEndsTheStatementAndLeavesItUsable() throws {
    struct Stop: Error {}
    let database = try Database(path: ":memory:")
    let sql = "SELECT 1 UNION SELECT 2"
    #expect(throws: Stop.self) { try database.forEach(sql) { _ in throw Stop() } }
    #expect(try database.query(sql) { $0.int(0) } == [1, 2])
    // A statement still in its rows would keep the transaction from ending.
    try database.transaction { try database.execute("CREATE TABLE t (n INTEGER) STRICT") }
  }

  @Test func moreTextsThanTheCacheHoldsStillRun() throws {
    let database = try Database(path: ":memory:")
    for number in 0...(2 * Database.cachedStatementsMax) {
      let value = try database.first("SELECT \(number) + ?", 1) { $0.int(0) }
      #expect(value == Int64(number) + 1)
    }
  }

  /// Texts that are put together come to stand where others stood before.
  @Test func aTextIsNotTakenForAnotherAtItsPlace() throws {
    let database = try Database(path: ":memory:")
    for number in (0..<2_000).map({ $0 * 7 % 500 }) {
      let text = "SELECT 1000000000000 + \(1_000 + number) + ?"
      let value = try database.first(text, 1) { $0.int(0) }
      #expect(value == 1_000_000_001_001 + Int64(number))
    }
  }

  @Test func aPreparedStatementRunsManyTimes() throws {
    let database = try Database(path: ":memory:")
    try database.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, b BLOB NOT NULL) STRICT")
    let insert = try database.prepare("INSERT INTO t VALUES (?, ?)")
    try database.transaction {
      for number in 0..<1_000 {
        try insert.bind(1, Int64(number))
        try insert.bind(2, [UInt8](repeating: 1, count: number % 3))
        #expect(try insert.step() == false)
        insert.reset()
      }
      try insert.run([.integer(1_000), .blob([])])
    }
    let sum = try database.first("SELECT count(*), sum(length(b)) FROM t") {
      [$0.int(0), $0.int(1)]
    }
    #expect(sum == [1_001, 999])
    insert.reset()
    // Bindings are forgotten by a reset: the missing value is NULL and refused.
    try insert.bind(1, Int64(5_000))
    #expect(throws: SQLiteError.self) { try insert.step() }
  }

  @Test func errorsCarryCodesTheTextAndAdvice() throws {
    let database = try Database(path: ":memory:")
    let wrong = #expect(throws: SQLiteError.self) { try database.run("SELEC 1") }
    #expect(wrong?.primaryCode == 1 && wrong?.sql == "SELEC 1")
    #expect(wrong?.description.contains("syntax error") == true)
    for text in ["  ", "SELECT 1; SELECT 2"] {
      let error = #expect(throws: SQLiteError.self) { try database.run(text) }
      #expect(error?.message.contains("exactly one statement") == true)
    }
    try database.run("SELECT 1;\n  ")
    // A misspelt column in double quotes is an error and not a string.
    #expect(throws: SQLiteError.self) { try database.run("SELECT \"nonsense\"") }

    try database.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, v TEXT CHECK (v <> '')) STRICT")
    let check = #expect(throws: SQLiteError.self) {
      try database.run("INSERT INTO t VALUES (1, ?)", "")
    }
    #expect(check?.isConstraint == true && check?.extendedCode == 275)
    let type = #expect(throws: SQLiteError.self) {
      try database.run("INSERT INTO t VALUES (1, ?)", .blob([1]))
    }
    #expect(type?.isConstraint == true)
    #expect(type?.description.contains("not stored") == true)
  }

  @Test func foreignKeysAreEnforced() throws {
    let database = try Database(path: ":memory:")
    try database.execute(
      """
      CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT;
      CREATE TABLE child (parent INTEGER REFERENCES parent) STRICT;
      """)
    let error = #expect(throws: SQLiteError.self) {
      try database.run("INSERT INTO child VALUES (1)")
    }
    #expect(error?.isConstraint == true)
  }
}
