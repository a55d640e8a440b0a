import Cryptography
import Dispatch
import Foundation
import HTTPTransport
import Operations
import ReplicaStore
import SQLite
import Testing

@testable import HubService

@Suite struct BackupTests {
  let root = TemporaryFolder()
  let hubFolder = TemporaryFolder()
  private var databases: String { root.path + "/backups" }
  private var keys: String { root.path + "/keys" }

  init() throws {
    try FileManager.default.createDirectory(atPath: root.path, withIntermediateDirectories: true)
  }

  /// Has the hub backed up by the thread beside its worker, and returns what it answered.
  private func backUp(
    _ hub: TestHub, keep: Int? = nil, to: String? = nil, keys keyFolder: String? = nil
  ) throws -> JSON {
    let upkeep = HubUpkeep(
      folder: HubFolder(path: hubFolder.path), worker: hub.worker, log: .silent, clock: hub.clock)
    defer { upkeep.stop() }
    var arguments = JSON.Object()
    arguments["to"] = .string(to ?? databases)
    arguments["keys"] = .string(keyFolder ?? keys)
    arguments["keep"] = keep.map { .count($0) }
    let done = DispatchSemaphore(value: 0)
    let answer = Lock<Result<JSON, LocalFailure>?>(nil)
    upkeep.ask("backup", .object(arguments), who: "test") { result in
      answer.withLock { $0 = result }
      done.signal()
    }
    guard done.wait(timeout: .now() + 60) == .success, let result = answer.withLock({ $0 }) else {
      throw LocalFailure(.busy, "the upkeep did not answer")
    }
    return try result.get()
  }

  private func exit(_ body: () throws -> JSON) -> ExitCode? {
    do {
      _ = try body()
      return nil
    } catch { return HubFailures.exit(of: error) }
  }

  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  private func shelf() throws -> BackupShelf {
    BackupShelf(
      path: databases, content: .database,
      authenticator: try HubBackup.authenticator(HubFolder(path: hubFolder.path).secrets()))
  }

  @Test func aBackupIsTakenWhileTheHubServesAndIsOnItsBooks() throws {
    let hub = try TestHub(folder: hubFolder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    _ = hub.publish(from: device)
    try hub.settle()
    let taken = try backUp(hub)
    #expect(taken["compartments"] == 1 && taken["epoch"] == 1)
    #expect(taken["schema"]?.integerValue == Int64(ReplicaStore.hubSchemaVersion))
    let item = try #require(try shelf().items().first)
    #expect(item.path == taken["database"]?.stringValue)
    // Two files and no log, readable by the owner alone; nothing of the hub's secrets.
    #expect(try names(item.path) == ["manifest.json", "replica.sqlite"])
    #expect(try names(keys).count == 1)
    for path in [item.path, item.file, databases, keys] {
      var facts = stat()
      #expect(stat(path, &facts) == 0 && facts.st_mode & 0o077 == 0, "\(path)")
    }
    // The hub goes on, and knows when it was backed up.
    _ = try hub.addAgency("clinic")
    #expect(try hub.operation("audit-verify")["whole"] == true)
    let store = try ReplicaStore(
      readingDatabase: hubFolder.path + "/replica.sqlite",
      keys: hubFolder.path + "/keys.sqlite", master: nil)
    defer { store.close() }
    #expect(try store.integer("backup_at_ms") == UInt64(hub.clock.wallMilliseconds()))
    #expect(try store.auditLines().contains { $0.action == "backup taken" })
  }

  @Test func nothingIsWrittenOverAndOnlySoManyAreKept() throws {
    let hub = try TestHub(folder: hubFolder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    _ = try backUp(hub)
    let first = try names(databases)
    // The clock stands still, so the second would have the first one's name.
    #expect(exit { try backUp(hub) } == .conflict)
    #expect(try names(databases) == first)
    for _ in 0..<3 {
      hub.clock.advance(milliseconds: 1_000)
      _ = try backUp(hub, keep: 2)
      // Of the keys the newest copy only.
      #expect(try names(keys).count == 1)
    }
    #expect(try names(databases).count == 2)
    #expect(try names(databases).allSatisfy { !first.contains($0) })
  }

  @Test func whatThisHubHasNotPutThereIsNotTouched() throws {
    let hub = try TestHub(folder: hubFolder)
    defer { hub.stop() }
    let other = TemporaryFolder()
    let stranger = try TestHub(folder: other)
    stranger.stop()
    let upkeep: JSON = ["to": .string(root.path + "/others"), "keys": .string(keys)]
    _ = try HubAccess.perform(folder: other.path, operation: "backup", arguments: upkeep)
    let foreign = try names(keys)
    for name in ["keys-old", "keys-zzz"] {
      try FileManager.default.createDirectory(
        atPath: keys + "/" + name, withIntermediateDirectories: true)
      try AtomicFile.write([1], to: keys + "/" + name + "/mine")
    }
    for _ in 0..<2 {
      hub.clock.advance(milliseconds: 1_000)
      _ = try backUp(hub, keep: 1)
    }
    #expect(try Set(names(keys)).isSuperset(of: foreign + ["keys-old", "keys-zzz"]))
    #expect(try names(keys).count == 4)
    hub.clock.advance(milliseconds: -60_000)
    #expect(exit { try backUp(hub, keep: 1) } == .conflict)
    #expect(try names(keys).count == 4)
  }

  @Test func databaseKeysAndHubLieApart() throws {
    let hub = try TestHub(folder: hubFolder)
    defer { hub.stop() }
    let table: [(String, String)] = [
      (databases, databases), (databases, databases + "/keys"), (keys + "/backups", keys),
      (hubFolder.path + "/backups", keys), (databases, hubFolder.path + "/keys"),
    ]
    for (to, keyFolder) in table {
      #expect(exit { try backUp(hub, to: to, keys: keyFolder) } == .configuration, "\(to)")
    }
    #expect(exit { try backUp(hub, to: "relative") } == .usage)
    #expect(exit { try backUp(hub, keep: 0) } == .usage)
  }

  @Test func aDamagedHubGivesNoBackupAndLeavesNothingBehind() throws {
    let hub = try TestHub(folder: hubFolder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    _ = hub.publish(from: device)
    try hub.settle()
    let other = try Database(path: hubFolder.path + "/replica.sqlite")
    // A register that does not open under its key.
    try other.run("UPDATE compartments SET content = x'00112233'")
    #expect(exit { try backUp(hub) } == .damaged)
    #expect(try names(databases).isEmpty && names(keys).isEmpty)
    other.close()
  }

  @Test("a hub whose audit log was changed is backed up and restored, and it is said everywhere")
  func changedAuditLog() throws {
    let hub = try TestHub(folder: hubFolder)
    _ = try hub.addAgency("school")
    #expect(try backUp(hub)["warning"] == .null)
    let other = try Database(path: hubFolder.path + "/replica.sqlite")
    try other.run("UPDATE audit SET who = who || '?' WHERE number = 2")
    hub.clock.advance(milliseconds: 1_000)
    let taken = try backUp(hub)
    #expect(taken["auditBrokenLine"] == 2)
    #expect(taken["warning"]?.stringValue?.contains("changed at line 2") == true)
    #expect(try shelf().items().count == 2)
    let status = try hub.operation("status")
    #expect(status["auditBrokenLine"] == 2)
    #expect(status["attention"]?.arrayValue?.contains { "\($0)".contains("line 2") } == true)
    let standing = try hub.operation("standing")
    #expect(standing["isInStep"] == false)
    #expect(standing["sentence"]?.stringValue?.contains("audit log that was changed") == true)
    let metrics = try hub.operation("metrics")["text"]?.stringValue
    #expect(metrics?.contains("\ncafsync_hub_audit_broken 1\n") == true)
    let lines = try hub.operation("audit-list", ["action": "audit log found changed"])["lines"]
    #expect(lines?.arrayValue?.map { $0["subject"] } == ["line 2"])
    hub.stop()

    // The newest puts the changed log back, and says so; the one before does not.
    let items = try shelf().items()
    let table: [(item: BackupShelf.Item, line: JSON)] = [(items[0], 2), (items[1], .null)]
    for (item, line) in table {
      let folder = TemporaryFolder()
      let restored = try HubRestore(
        into: folder.path,
        from: HubRestore.Places(
          database: item.path, keys: keys, secrets: hubFolder.path, journal: nil),
        isReplacing: false, clock: hub.clock
      ).run()
      #expect(restored["auditBrokenLine"] == line)
      let warns = restored["next"]?.arrayValue?.contains { "\($0)".contains("changed at line 2") }
      #expect(warns == (line != .null))
    }

    // What was put right again is whole from the next backup on.
    try other.run("UPDATE audit SET who = rtrim(who, '?') WHERE number = 2")
    other.close()
    let whole = try TestHub(folder: hubFolder, clock: hub.clock, isNew: false)
    defer { whole.stop() }
    whole.clock.advance(milliseconds: 1_000)
    #expect(try backUp(whole)["auditBrokenLine"] == .null)
    #expect(try whole.operation("status")["auditBrokenLine"] == .null)
  }

  @Test func aManifestThatWasChangedIsNotBelieved() throws {
    let hub = try TestHub(folder: hubFolder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    _ = try backUp(hub)
    let item = try #require(try shelf().items().first)
    let path = item.path + "/manifest.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    for (old, new) in [("\"epoch\": 1", "\"epoch\": 7"), ("\"format\": 1", "\"format\": 2")] {
      try AtomicFile.write(Array(text.replacing(old, with: new).utf8), to: path)
      #expect(throws: BackupError.self) { try shelf().items() }
    }
    // Of another hub: other secrets.
    try AtomicFile.write(Array(text.utf8), to: path)
    let stranger = BackupShelf(
      path: databases, content: .database, authenticator: MessageAuthenticator(key: [1]))
    #expect(throws: BackupError.notOfThisHub(path: path)) { try stranger.items() }
  }

  @Test func whatIsToBeDestroyedWaitsForWhoeverReads() throws {
    let hub = try TestHub(folder: hubFolder)
    defer { hub.stop() }
    let agency = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    _ = hub.publish(from: device)
    try hub.settle()
    func compartments() throws -> Int64 {
      try hub.operation("status")["compartments"]?.integerValue ?? 0
    }
    #expect(try compartments() == 1)
    // A key that is gone makes the scheduled purge due.
    let other = try Database(path: hubFolder.path + "/replica.sqlite")
    let number = try #require(try other.first("SELECT number FROM compartments") { $0.int(0) })
    try other.run("INSERT INTO hub_purges VALUES (?, 1)", .integer(number))
    try other.run("DELETE FROM holds")
    _ = agency
    try hub.worker.whileReading {
      _ = try hub.addAgency("clinic")
      try hub.settle()
      #expect(try other.first("SELECT count(*) FROM hub_purges") { $0.int(0) } == 1)
    }
    hub.worker.tick()
    try hub.settle()
    // Looked at again: it may be kept, so it is only taken off the list.
    #expect(try other.first("SELECT count(*) FROM hub_purges") { $0.int(0) } == 0)
    other.close()
  }
}
