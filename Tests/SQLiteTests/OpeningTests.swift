import Foundation
import SQLite
import Testing

@Suite struct OpeningTests {
  private func fill(_ database: Database, rows: Int) throws {
    try database.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, v TEXT NOT NULL) STRICT")
    try database.execute("CREATE INDEX t_v ON t (v)")
    try database.transaction {
      for number in 0..<rows {
        try database.run("INSERT INTO t (v) VALUES (?)", .text("value \(number)"))
      }
    }
  }

  @Test func everyOptionReachesTheConnection() throws {
    let folder = try TemporaryFolder()
    let expected: [(String, DatabaseOptions, [Int64])] = [
      ("full", DatabaseOptions(pageBytes: 8_192), [2, 8_192]),
      ("normal", DatabaseOptions(synchronous: .normal), [1, 4_096]),
      ("off", DatabaseOptions(synchronous: .off, journal: .memory), [0, 4_096]),
    ]
    let pragmas = [
      "secure_delete": 1, "foreign_keys": 1, "temp_store": 2, "trusted_schema": 0,
      "cell_size_check": 1, "busy_timeout": 5_000,
    ]
    for (name, options, values) in expected {
      let database = try Database(path: folder.file(name), options: options)
      try fill(database, rows: 1)
      for (pragma, value) in pragmas {
        #expect(try database.first("PRAGMA \(pragma)") { $0.int(0) } == Int64(value))
      }
      #expect(try database.first("PRAGMA synchronous") { $0.int(0) } == values[0])
      #expect(try database.first("PRAGMA page_size") { $0.int(0) } == values[1])
      let journal = try database.first("PRAGMA journal_mode") { $0.text(0) }
      #expect(journal == options.journal.rawValue)
    }
  }

  @Test func aNewFileAndItsLogAreForTheirOwnerOnly() throws {
    let folder = try TemporaryFolder()
    let database = try Database(path: folder.file("db"))
    try fill(database, rows: 1)
    for name in ["db", "db-wal", "db-shm"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: folder.file(name))
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test func whatWasCommittedIsThereAfterReopening() throws {
    let folder = try TemporaryFolder()
    let first = try Database(path: folder.file("db"))
    try fill(first, rows: 3)
    first.close()
    // The last connection folds the log into the file.
    #expect(!FileManager.default.fileExists(atPath: folder.file("db-wal")))
    let second = try Database(path: folder.file("db"))
    #expect(try second.first("SELECT count(*) FROM t") { $0.int(0) } == 3)
  }

  @Test func aReadOnlyConnectionReadsAndRefusesToWrite() throws {
    let folder = try TemporaryFolder()
    let readOnly = DatabaseOptions(readOnly: true)
    let missing = #expect(throws: SQLiteError.self) {
      try Database(path: folder.file("db"), options: readOnly)
    }
    #expect(missing?.isCannotOpen == true)
    #expect(!FileManager.default.fileExists(atPath: folder.file("db")))

    let writer = try Database(path: folder.file("db"))
    try fill(writer, rows: 2)
    let reader = try Database(path: folder.file("db"), options: readOnly)
    #expect(try reader.first("SELECT count(*) FROM t") { $0.int(0) } == 2)
    let error = #expect(throws: SQLiteError.self) { try reader.run("DELETE FROM t") }
    #expect(error?.isReadOnly == true)
    #expect(error?.description.contains("writable") == true)
  }

  @Test func aFolderThatTakesNoFilesOrIsMissingIsReported() throws {
    let folder = try TemporaryFolder()
    // Nobody may make files in /proc, not even root, who is above a folder's mode.
    for path in ["/proc/cafsync.db", folder.file("missing/db")] {
      let error = #expect(throws: SQLiteError.self) { try Database(path: path) }
      #expect(error?.isCannotOpen == true)
      #expect(error?.description.contains("folder") == true)
    }
  }

  @Test func aFileThatIsNoDatabaseIsRefusedOnOpening() throws {
    let folder = try TemporaryFolder()
    let bytes = Data(String(repeating: "This is a letter. ", count: 500).utf8)
    try bytes.write(to: URL(fileURLWithPath: folder.file("db")))
    for readOnly in [true, false] {
      let error = #expect(throws: SQLiteError.self) {
        try Database(path: folder.file("db"), options: DatabaseOptions(readOnly: readOnly))
      }
      #expect(error?.isNotADatabase == true)
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("db"))) == bytes)
  }

  @Test func damagedPagesAreFound() throws {
    let folder = try TemporaryFolder()
    let whole = try Database(path: folder.file("db"))
    try fill(whole, rows: 2_000)
    #expect(try whole.integrityCheck() == [] && whole.integrityCheck(quick: true) == [])
    whole.close()
    var bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("db")))
    #expect(bytes.count > 10 * 4_096)
    // All but the first page, which holds the schema.
    for offset in 4_096..<bytes.count { bytes[offset] = 0xff }
    try bytes.write(to: URL(fileURLWithPath: folder.file("db")))

    let damaged = try Database(path: folder.file("db"))
    #expect(try !damaged.integrityCheck().isEmpty && !damaged.integrityCheck(quick: true).isEmpty)
    let error = #expect(throws: SQLiteError.self) {
      try damaged.query("SELECT v FROM t") { $0.text(0) }
    }
    #expect(error?.isCorrupt == true)
    #expect(error?.description.contains("start it again") == true)
  }

  @Test func anOldLibraryIsRefused() throws {
    try Database.requireVersion(Database.minimumVersion)
    let error = #expect(throws: SQLiteError.self) {
      try Database.requireVersion(Database.minimumVersion - 1)
    }
    #expect(error?.message.contains("too old") == true)
  }
}
