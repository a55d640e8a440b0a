import CaseRecords
import Causality
import Cryptography
import Dispatch
import Foundation
import Operations
import ReplicaStore
import SQLite
import SyncEngine
import Testing

@testable import AgencyService

/// An agency's folder on disk, joined to a hub that nobody can reach.
final class TestAgencyFolder {
  let path: String
  static let master = SymmetricKey.random()

  init(of agency: AgencyID = AgencyID(high: .random(in: 0 ... .max), low: 1)) throws {
    path = FileManager.default.temporaryDirectory.path + "/cafsync-\(UUID().uuidString)"
    let folder = AgencyFolder(path: path)
    try folder.make()
    try AtomicFile.write(MasterKeyFile.open(Self.master).bytes, to: folder.masterKeyPath)
    let store = try ReplicaStore(folder: path, role: .agency, master: Self.master)
    defer {
      store.database.close()
      store.vault.close()
    }
    var random = SecureRandom()
    try AgencyEngine.enrol(
      store,
      as: AgencyIdentity(
        device: DeviceID(using: &random), secret: random.bytes(32),
        agency: agency, agencyName: "Sure Start Batley",
        hubPublicKey: try SealingKeyPair.generate(using: &random).publicKey),
      epoch: 1, leaseDays: 30, now: 1_764_000_000_000, random: &random)
    // Port 9 of this machine: nobody listens.
    try folder.write(HubAddress(url: "http://127.0.0.1:9"))
  }

  /// As if the hub had taken every decision that waits here. Not while it is served.
  func hubTakesAll() throws {
    let store = try ReplicaStore(folder: path, role: .agency, master: Self.master)
    defer {
      store.database.close()
      store.vault.close()
    }
    try store.transaction {
      for known in try store.allPolicy() where known.state == .unsent {
        try store.savePolicy(known.entry, position: nil, state: .committed)
      }
    }
  }

  // A folder that cannot be removed is no failure of the test.
  deinit { try? FileManager.default.removeItem(atPath: path) }

  var key: AgencyFolder { AgencyFolder(path: path) }

  /// Serves the folder for as long as `body` runs.
  @discardableResult
  func serving<T>(
    credentials: String? = nil, backup: String? = nil, apiPort: UInt16? = nil,
    clock: any Clock = SystemClock(), idleMinutes: Int? = nil, _ body: (AgencyDaemon) throws -> T
  ) throws -> T {
    var configuration = AgencyConfiguration(folder: path)
    configuration.privateBackupFile = backup
    configuration.practitioner = "Ann Ash"
    configuration.apiPort = apiPort
    if let idleMinutes { configuration.idleMinutes = idleMinutes }
    let daemon = try AgencyDaemon(
      configuration, credentials: credentials, log: .silent, clock: clock)
    defer { daemon.stop() }
    return try body(daemon)
  }
}

extension AgencyDaemon {
  @discardableResult
  func ask(_ name: String, _ input: JSON = [:]) throws -> JSON {
    let done = DispatchSemaphore(value: 0)
    let answer = Lock<Result<JSON, OperationError>?>(nil)
    ask(name, input) { result in
      answer.withLock { $0 = result }
      done.signal()
    }
    guard done.wait(timeout: .now() + 60) == .success, let result = answer.withLock({ $0 }) else {
      throw OperationError(.busy, "the daemon did not answer")
    }
    return try result.get()
  }

  func refusal(_ name: String, _ input: JSON = [:]) throws -> ExitCode? {
    do {
      try ask(name, input)
      return nil
    } catch let error as OperationError {
      return error.code
    }
  }
}

@Suite("A passphrase on the keys")
struct KeysTests {
  private static let words: JSON = ["passphrase": "three quiet herons"]

  @Test("once set, a start waits for it, and only it opens what was written")
  func setAndUnlock() throws {
    let folder = try TestAgencyFolder()
    let before = try AtomicFile.read(folder.key.masterKeyPath, maximumBytes: 4_096)
    try folder.serving { (daemon) throws in
      try daemon.ask("practitioner-add", ["name": "Ann Ash"])
      try daemon.ask("child-add", ["given": "Kit", "family": "Canary"])
      #expect(try daemon.refusal("lock") == .conflict)
      #expect(try daemon.refusal("passphrase-set", ["passphrase": "too short"]) == .usage)
      #expect(try daemon.refusal("passphrase-remove") == .conflict)
      try daemon.ask("passphrase-set", Self.words)
      #expect(try daemon.ask("status")["hasPassphrase"] == true)
      // Nothing is interrupted for who works here already.
      #expect(try daemon.ask("child-find", ["given": "Kit"]).texts("children", "child").count == 1)
      try daemon.ask("lock")
      #expect(try daemon.refusal("child-find", ["given": "Kit"]) == .refused)
    }
    // The key in the open is nowhere in the folder any more.
    let old = String(decoding: before, as: UTF8.self).filter { !$0.isWhitespace }
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      let bytes = FileManager.default.contents(atPath: folder.path + "/" + name) ?? Data()
      #expect(bytes.range(of: Data(old.utf8)) == nil, "\(name)")
      #expect(bytes.range(of: Data(TestAgencyFolder.master.bytes)) == nil, "\(name)")
    }
    try folder.serving { (daemon) throws in
      let status = try daemon.ask("status")
      #expect(status["keys"] == "locked" && status["isAllSynced"] == false)
      #expect((status["unsentChanges"]?.integerValue ?? 0) > 0)
      #expect(try daemon.ask("devices")["device"] == status["device"])
      for operation in AgencyOperations.table.keys.sorted() where operation != "devices" {
        #expect(try daemon.refusal(operation) == .refused, "\(operation)")
      }
      for wrong in ["Three quiet herons", "three quiet herons ", "x"] {
        #expect(
          try daemon.refusal("unlock", ["passphrase": .string(wrong)]) == .refused, "\(wrong)")
      }
      #expect(try daemon.refusal("unlock") == .usage)
      try daemon.ask("unlock", Self.words)
      #expect(try daemon.ask("status")["keys"] == "open")
      #expect(try daemon.ask("child-find", ["given": "Kit"]).texts("children", "child").count == 1)
      #expect(try daemon.refusal("child-add", ["given": "Lee", "family": "Wren"]) == nil)
    }
  }

  @Test("it is changed and removed only by who knows it")
  func changeAndRemove() throws {
    let folder = try TestAgencyFolder()
    let other: JSON = ["current": "three quiet herons", "passphrase": "four loud herons"]
    try folder.serving { (daemon) throws in
      try daemon.ask("passphrase-set", Self.words)
      #expect(try daemon.refusal("passphrase-set", ["passphrase": "four loud herons"]) == .usage)
      #expect(try daemon.refusal("passphrase-remove") == .usage)
      #expect(try daemon.refusal("passphrase-remove", ["current": "wrong one"]) == .refused)
      try daemon.ask("passphrase-set", other)
      #expect(try daemon.refusal("passphrase-set", other) == .refused)
    }
    try folder.serving { (daemon) throws in
      #expect(try daemon.refusal("unlock", Self.words) == .refused)
      // Without the keys in memory, too.
      try daemon.ask("passphrase-remove", ["current": "four loud herons"])
      try daemon.ask("unlock")
      #expect(try daemon.ask("status")["keys"] == "open")
    }
    try folder.serving { (daemon) throws in
      #expect(try daemon.ask("status")["hasPassphrase"] == false)
    }
  }

  @Test("a credential goes before the file, and is not the daemon's to change")
  func credential() throws {
    let folder = try TestAgencyFolder()
    let credentials = try TestAgencyFolder()
    try AtomicFile.write(
      MasterKeyFile.open(TestAgencyFolder.master).bytes, to: credentials.path + "/master.key")
    try FileManager.default.removeItem(atPath: folder.key.masterKeyPath)
    #expect(throws: OperationError.self) { try folder.serving { _ in } }
    try folder.serving(credentials: credentials.path) { (daemon) throws in
      #expect(try daemon.ask("status")["keys"] == "open")
      #expect(try daemon.refusal("passphrase-set", Self.words) == .configuration)
    }
    // One without such a credential changes nothing.
    try folder.isRefused(credentials: "/nonexistent", .damaged)
    let wrapped = try PassphraseWrappedKey(
      wrapping: TestAgencyFolder.master, passphrase: Array("three quiet herons".utf8))
    try AtomicFile.write(
      MasterKeyFile.wrapped(wrapped).bytes, to: credentials.path + "/master.key")
    try folder.serving(credentials: credentials.path) { (daemon) throws in
      #expect(try daemon.ask("status")["keys"] == "locked")
      try daemon.ask("unlock", Self.words)
      #expect(try daemon.ask("status")["keys"] == "open")
    }
  }

  @Test("a key file that is damaged, of another replica, or costs too much is named as such")
  func damaged() throws {
    let folder = try TestAgencyFolder()
    let wrapped = try PassphraseWrappedKey(
      wrapping: .random(), passphrase: Array("three quiet herons".utf8))
    let text = String(decoding: MasterKeyFile.wrapped(wrapped).bytes, as: UTF8.self)
    let damaged = [
      "", "00", "{", "{}", text.replacing("scrypt", with: "bcrypt"),
      text.replacing("32768", with: "1073741824"),
      text.replacing("\"format\": 1", with: "\"format\": 2"),
      text.replacing("\"format\": 1", with: "\"format\": 3"),
      text.replacing("\"r\": 8", with: "\"r\": 0"), String(text.dropLast(10)),
    ]
    for content in damaged {
      #expect(content != text)
      try AtomicFile.write(Array(content.utf8), to: folder.key.masterKeyPath)
      try folder.isRefused(.damaged)
    }
    // Whole, and of another replica.
    try AtomicFile.write(Array(text.utf8), to: folder.key.masterKeyPath)
    try folder.serving { (daemon) throws in
      #expect(try daemon.refusal("unlock", Self.words) == .damaged)
      #expect(try daemon.ask("status")["keys"] == "locked")
    }
  }
}

extension TestAgencyFolder {
  /// Serving does not begin, and ends with this code.
  func isRefused(credentials: String? = nil, _ code: ExitCode) throws {
    do {
      try serving(credentials: credentials) { _ in }
      Issue.record("it was served")
    } catch let error as OperationError {
      #expect(error.code == code, "\(error)")
    }
  }
}
