import Foundation
import SQLite
import Testing

@Suite struct MaintenanceTests {
  private func makeDatabase(_ folder: TemporaryFolder) throws -> Database {
    let database = try Database(
      path: folder.file("db"), options: DatabaseOptions(busyTimeoutMilliseconds: 0))
    try database.execute("CREATE TABLE t (v TEXT NOT NULL) STRICT")
    for word in ["one", "two"] { try database.run("INSERT INTO t VALUES (?)", .text(word)) }
    return database
  }

  private func words(_ database: Database) throws -> [String] {
    try database.query("SELECT v FROM t ORDER BY rowid") { $0.text(0) }
  }

  private func contents(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path))
  }

  @Test func aCheckpointUnderAReaderIsNotDoneAndAfterwardsEmptiesTheLog() throws {
    let folder = try TemporaryFolder()
    let database = try makeDatabase(folder)
    let reader = try Database(path: folder.file("db"))
    try reader.readTransaction {
      #expect(try words(reader) == ["one", "two"])
      try database.run("DELETE FROM t WHERE v = 'one'")
      #expect(try database.checkpointTruncate() == false)
      #expect(try !contents(folder.file("db-wal")).isEmpty)
    }
    #expect(try database.checkpointTruncate())
    #expect(try contents(folder.file("db-wal")).isEmpty)
    #expect(try Database(path: ":memory:").checkpointTruncate())
  }

  @Test func whatWasDeletedIsOffTheDiskAfterCheckpointAndVacuum() throws {
    let folder = try TemporaryFolder()
    let database = try makeDatabase(folder)
    let secret = "the sentence that must go"
    try database.run("INSERT INTO t VALUES (?)", .text(secret))
    #expect(try database.checkpointTruncate())
    #expect(try contents(folder.file("db")).range(of: Data(secret.utf8)) != nil)
    try database.run("DELETE FROM t WHERE v = ?", .text(secret))
    try database.vacuum()
    #expect(try database.checkpointTruncate())
    for name in ["db", "db-wal"] {
      #expect(try contents(folder.file(name)).range(of: Data(secret.utf8)) == nil)
    }
    #expect(try words(database) == ["one", "two"])
  }

  @Test func aBackupIsADatabaseOfItsOwnAndReplacesTheLast() throws {
    let folder = try TemporaryFolder()
    let database = try makeDatabase(folder)
    try database.setUserVersion(7)
    let target = folder.file("backup")
    for round in [["one", "two"], ["one", "two", "three"]] {
      try database.backup(to: target)
      let copy = try Database(path: target, options: DatabaseOptions(journal: .memory))
      #expect(try words(copy) == round)
      #expect(try copy.userVersion == 7 && copy.integrityCheck() == [])
      copy.close()
      try database.run("INSERT INTO t VALUES ('three')")
    }
    // Nothing is left of the work beside it, and the original goes on.
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(Set(names) == ["backup", "db", "db-shm", "db-wal"])
    #expect(try words(database).count == 4)
  }

  @Test func aBackupThatCannotBeWrittenLeavesTheLastOneAlone() throws {
    let folder = try TemporaryFolder()
    let database = try makeDatabase(folder)
    #expect(throws: SQLiteError.self) { try database.backup(to: folder.file("missing/backup")) }
    // A folder stands where the file should be named.
    try FileManager.default.createDirectory(
      atPath: folder.file("taken"), withIntermediateDirectories: true)
    let error = #expect(throws: SQLiteError.self) { try database.backup(to: folder.file("taken")) }
    #expect(error?.message.contains("cannot name the backup") == true)
    #expect(!FileManager.default.fileExists(atPath: folder.file("taken.partial")))
  }
}
