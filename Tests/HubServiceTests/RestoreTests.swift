import Foundation
import Operations
import Testing

@testable import HubService

@Suite struct RestoreTests {
  let folder = TemporaryFolder()
  private let database = ["replica.sqlite", "keys.sqlite"]

  private func file(_ name: String) -> String { folder.path + "/" + name }

  private func copies() throws -> [String: [UInt8]] {
    try Dictionary(
      uniqueKeysWithValues: database.map {
        ($0, try AtomicFile.read(file($0), maximumBytes: 1 << 24))
      })
  }

  /// A hub that has served, was backed up, and has served on; returns the backup.
  private func history() throws -> [String: [UInt8]] {
    let before = try TestHub(folder: folder)
    _ = try before.addAgency("school")
    before.stop()
    let backup = try copies()
    let after = try TestHub(folder: folder, isNew: false)
    _ = try after.addAgency("health")
    _ = try after.operation("agreement-lock", ["agency": "school", "yes": true])
    after.stop()
    return backup
  }

  private func status() throws -> JSON {
    let hub = try TestHub(folder: folder, isNew: false)
    defer { hub.stop() }
    return try hub.operation("status")
  }

  @Test func aRestartAloneBeginsNoEpoch() throws {
    _ = try history()
    let first = try status()
    #expect(first["epoch"]?.integerValue == 1)
    #expect(try status()["commits"] == first["commits"])
  }

  @Test func anOldDatabaseIsNoticedAndTheJournalGivesPolicyBack() throws {
    for (name, bytes) in try history() { try AtomicFile.write(bytes, to: file(name)) }
    let status = try status()
    #expect(status["epoch"]?.integerValue == 2)
    let agencies = status["agencies"]?.arrayValue ?? []
    #expect(agencies.map { $0["name"]?.stringValue } == ["school", "health"])
    #expect(agencies.map { $0["agreementLocked"]?.boolValue } == [true, false])
    #expect(status["policyEntries"]?.integerValue == 1)
    // Noticed once.
    #expect(try self.status()["epoch"]?.integerValue == 2)
  }

  @Test func aLostJournalOrWitnessBeginsAnEpoch() throws {
    for name in ["policy.journal", "witness"] {
      try? FileManager.default.removeItem(atPath: folder.path)  // Of the turn before.
      _ = try history()
      try FileManager.default.removeItem(atPath: file(name))
      let begun = try status()["epoch"]?.integerValue ?? 0
      // Without its witness the hub cannot know which numbers it has had.
      #expect(name == "witness" ? begun > 1 : begun == 2, "without \(name)")
      #expect(try status()["epoch"]?.integerValue == begun, "without \(name), again")
    }
  }

  @Test func damagedFilesAreRefusedWithTheirExitCode() throws {
    _ = try history()
    let table: [(String, [UInt8], ExitCode)] = [
      ("master.key", Array("zz".utf8), .damaged),
      ("master.key", Array(String(repeating: "ab", count: 32).utf8), .damaged),
      ("hub.secrets", Array("{}".utf8), .damaged),
      ("policy.journal", Array("garbage!".utf8), .damaged),
      ("witness", [UInt8](repeating: 1, count: 144), .damaged),
      ("replica.sqlite", [UInt8](repeating: 1, count: 8_192), .damaged),
      ("keys.sqlite", [UInt8](repeating: 1, count: 8_192), .damaged),
    ]
    for (name, bytes, code) in table {
      let good = try AtomicFile.read(file(name), maximumBytes: 1 << 24)
      try AtomicFile.write(bytes, to: file(name))
      #expect {
        try status()
      } throws: { error in
        HubFailures.exit(of: error) == code && !"\(error)".isEmpty
      }
      try AtomicFile.write(good, to: file(name))
    }
    #expect(try status()["epoch"]?.integerValue == 1)
  }

  @Test func secretsThatOthersCanReadAreRefused() throws {
    _ = try history()
    chmod(file("master.key"), 0o640)
    #expect(throws: HubFolderError.secretReadableByOthers(file: file("master.key"))) {
      try status()
    }
  }

  @Test func aFolderIsMadeOnce() throws {
    let hub = HubFolder(path: folder.path)
    #expect(throws: FileError.self) { try hub.requireInitialised() }
    try hub.initialise()
    #expect(throws: HubFolderError.self) { try hub.initialise() }
    try hub.requireInitialised()
    try FileManager.default.removeItem(atPath: file("master.key"))
    #expect(throws: HubFolderError.notAHub(folder: folder.path)) { try hub.requireInitialised() }
  }
}
