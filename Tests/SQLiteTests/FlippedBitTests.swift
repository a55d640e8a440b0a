import Foundation
import SQLite
import Testing

@Suite("Flipped bits")
struct FlippedBitTests {
  private static func make(_ path: String) throws -> Database {
    let database = try Database(path: path)
    try database.execute("CREATE TABLE words (number INTEGER PRIMARY KEY, word TEXT) STRICT")
    for number in 1...6 {
      try database.transaction {
        for part in 0..<8 {
          try database.run(
            "INSERT INTO words VALUES (?, ?)", .integer(Int64(number * 100 + part)),
            .text(String(repeating: "word \(number) ", count: 40)))
        }
      }
    }
    return database
  }

  private static func words(_ database: Database) throws -> [String] {
    try database.query("SELECT number, word FROM words ORDER BY number") {
      "\($0.int(0)) \($0.text(1))"
    }
  }

  /// A copy as a crash leaves it, with one bit flipped.
  private static func flip(
    _ bit: Int, in suffix: String, of path: String, to copy: String
  ) throws {
    // What is left of the copy before, a log above all, would be taken for this one's.
    for end in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: copy + end) {
      try FileManager.default.removeItem(atPath: copy + end)
    }
    for end in ["", "-wal"] {
      guard FileManager.default.fileExists(atPath: path + end) else { continue }
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path + end))
      if end == suffix { bytes[bit / 8] ^= 1 << (bit % 8) }
      try bytes.write(to: URL(fileURLWithPath: copy + end))
    }
  }

  @Test("a bit flipped anywhere in the file is noticed when its page is read")
  func inTheFile() throws {
    let folder = try TemporaryFolder()
    let whole = try Self.make(folder.file("db"))
    let words = try Self.words(whole)
    whole.close()
    let count = try Data(contentsOf: URL(fileURLWithPath: folder.file("db"))).count
    #expect(count >= 4 * 4_096)
    for bit in stride(from: 3, to: count * 8, by: 1_009) {
      try Self.flip(bit, in: "", of: folder.file("db"), to: folder.file("copy"))
      do {
        let copy = try Database(path: folder.file("copy"))
        let damage = try copy.integrityCheck(quick: true)
        #expect(!damage.isEmpty, "bit \(bit) was not noticed")
        #expect(throws: SQLiteError.self, "bit \(bit)") {
          if try Self.words(copy) == words { throw SQLiteError(code: 11, message: "another page") }
        }
      } catch let error as SQLiteError {
        #expect(error.isCorrupt || error.isNotADatabase, "bit \(bit): \(error)")
      }
    }
  }

  @Test("a bit flipped in the log takes back no transaction silently but the last")
  func inTheLog() throws {
    let folder = try TemporaryFolder()
    let whole = try Self.make(folder.file("db"))
    let words = try Self.words(whole)
    let count = try Data(contentsOf: URL(fileURLWithPath: folder.file("db-wal"))).count
    #expect(count > 6 * 4_120)
    var noticed = 0
    var lastLost = 0
    for bit in stride(from: 5, to: count * 8, by: 997) {
      try Self.flip(bit, in: "-wal", of: folder.file("db"), to: folder.file("copy"))
      do {
        let found = try Self.words(try Database(path: folder.file("copy")))
        #expect(found == words || found == Array(words.dropLast(8)), "bit \(bit): \(found.count)")
        lastLost += found == words ? 0 : 1
      } catch let error as SQLiteError {
        #expect(error.isCorrupt, "bit \(bit): \(error)")
        noticed += 1
      }
    }
    #expect(noticed > 2 * lastLost, "\(noticed) noticed, \(lastLost) taken for a cut")
    whole.close()
  }

  @Test("one flipped bit is turned back for whoever rescues, in the file and in the log")
  func turnedBack() throws {
    for suffix in ["", "-wal"] {
      let folder = try TemporaryFolder()
      let whole = try Self.make(folder.file("db"))
      let words = try Self.words(whole)
      if suffix.isEmpty { whole.close() }
      let file = URL(fileURLWithPath: folder.file("db" + suffix))
      let count = try Data(contentsOf: file).count
      for bit in stride(from: 1_003, to: count * 8, by: count * 8 / 9) {
        try Self.flip(bit, in: suffix, of: folder.file("db"), to: folder.file("copy"))
        let report = try FileRepair.repair(folder.file("copy"), to: folder.file("rescued"))
        #expect(report.unreadable == 0, "\(suffix), bit \(bit)")
        #expect(report.corrected == (suffix.isEmpty ? 1 : 0), "\(suffix), bit \(bit)")
        let rescued = try Database(path: folder.file("rescued"))
        #expect(try rescued.integrityCheck() == [], "\(suffix), bit \(bit)")
        #expect(try Self.words(rescued) == words, "\(suffix), bit \(bit)")
        rescued.close()
      }
      whole.close()
    }
  }

  @Test("what a power cut leaves of the last transaction is no damage")
  func cutOff() throws {
    let folder = try TemporaryFolder()
    let whole = try Self.make(folder.file("db"))
    let words = try Self.words(whole)
    let log = try Data(contentsOf: URL(fileURLWithPath: folder.file("db-wal")))
    for left in stride(from: log.count - 4_000, to: log.count, by: 512) {
      try Self.flip(0, in: "none", of: folder.file("db"), to: folder.file("copy"))
      try log.prefix(left).write(to: URL(fileURLWithPath: folder.file("copy-wal")))
      let found = try Self.words(try Database(path: folder.file("copy")))
      #expect(found == Array(words.dropLast(8)), "\(left)")
    }
    // A new log, of which nothing has reached the disk.
    try Data(count: log.count).write(to: URL(fileURLWithPath: folder.file("copy-wal")))
    _ = try Database(path: folder.file("copy"))
    whole.close()
  }
}
