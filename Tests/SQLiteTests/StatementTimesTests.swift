import Testing

@testable import SQLite

@Suite struct StatementTimesTests {
  @Test func theSlowestComeFirstAndOutliveTheCache() throws {
    let database = try Database(path: ":memory:")
    try database.execute("CREATE TABLE t (n INTEGER)")
    try database.run("INSERT INTO t VALUES (1)")
    #expect(database.slowestStatements(10).isEmpty, "nobody asked for times yet")
    database.isTimingStatements = true
    let slow = """
      WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 50000)
      SELECT count(*) FROM c
      """
    _ = try database.first(slow) { $0.int(0) }
    for number in 0..<3 { try database.run("INSERT INTO t VALUES (?)", .integer(Int64(number))) }
    let found = database.slowestStatements(10)
    #expect(found.map(\.sql) == [slow, "INSERT INTO t VALUES (?)"])
    #expect(found.map(\.count) == [1, 3])
    #expect(found.allSatisfy { $0.longestNanoseconds <= $0.totalNanoseconds })
    // Texts without end do not take memory without end, and the slow one is not lost among them.
    for number in 0..<2_000 { _ = try database.first("SELECT \(number)") { $0.int(0) } }
    let limit = Database.retiredTimesMax + Database.cachedStatementsMax
    #expect(database.slowestStatements(.max).count <= limit)
    #expect(database.slowestStatements(1).map(\.sql) == [slow])
    _ = try database.first(slow) { $0.int(0) }
    #expect(database.slowestStatements(1).map(\.count) == [2])
  }
}
