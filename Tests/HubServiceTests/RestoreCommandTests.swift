import Foundation
import HTTPTransport
import Operations
import ReplicaStore
import SQLite
import Testing

@testable import HubService

/// `HubRestore` over files; that devices give back what it lacks is shown end to end.
@Suite struct RestoreCommandTests {
  let root = TemporaryFolder()

  init() throws {
    try FileManager.default.createDirectory(atPath: root.path, withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { root.path + "/" + name }

  private var hub: HubFolder { HubFolder(path: path("hub")) }

  private func perform(_ operation: String, _ arguments: JSON) throws -> JSON {
    try HubAccess.perform(folder: hub.path, operation: operation, arguments: arguments)
  }

  private func addAgency(_ name: String) throws {
    _ = try perform(
      "agency-add", ["name": .string(name), "sector": "school", "locality": "batley"])
  }

  private func backUp() throws {
    _ = try perform("backup", ["to": .string(path("backups")), "keys": .string(path("keys"))])
  }

  private func restore(
    secrets: String? = nil, journal: String? = nil, isReplacing: Bool = false
  ) throws -> JSON {
    try HubRestore(
      into: hub.path,
      from: .init(
        database: path("backups"), keys: path("keys"), secrets: secrets, journal: journal),
      isReplacing: isReplacing
    ).run()
  }

  /// A hub that was backed up and went on; its secrets have a copy elsewhere.
  private func history(journal: String? = nil) throws {
    try hub.initialise(journal: journal)
    try addAgency("school")
    try backUp()
    try addAgency("clinic")
    try FileManager.default.createDirectory(
      atPath: path("safe"), withIntermediateDirectories: true)
    for file in ["master.key", "hub.secrets"] {
      try FileManager.default.copyItem(
        atPath: hub.path + "/" + file, toPath: path("safe") + "/" + file)
    }
  }

  private func names() throws -> [String?] {
    try perform("agencies", [:]).arrayValue?.map { $0["name"]?.stringValue } ?? []
  }

  private func expect(_ exit: ExitCode, _ body: () throws -> JSON) {
    #expect {
      _ = try body()
    } throws: { HubFailures.exit(of: $0) == exit && !"\($0)".isEmpty }
  }

  @Test func theFolderIsLostAndTheJournalIsNot() throws {
    try history(journal: path("journal"))
    try FileManager.default.removeItem(atPath: hub.path)
    let restored = try restore(secrets: path("safe"), journal: path("journal"))
    #expect(restored["isPolicyComplete"] == true && restored["devicesUnheard"] == 0)
    #expect(restored["epoch"] == 2)
    // The journal gave the younger agency back; and it goes on where it was.
    #expect(try names() == ["school", "clinic"])
    try addAgency("charity")
    #expect(try names() == ["school", "clinic", "charity"])
    #expect(try perform("journal", [:]).arrayValue?.count == 3)
    #expect(HubCheck.run(hub, now: 0)["isWhole"] == true)
  }

  @Test func theFolderIsLostWithItsJournal() throws {
    try history()
    try FileManager.default.removeItem(atPath: hub.path)
    let restored = try restore(secrets: path("safe"))
    // Nothing proves that no withdrawal is missing; an epoch that was never spoken in.
    #expect(restored["epoch"]?.integerValue ?? 0 > 1)
    #expect(try names() == ["school"])
    let begun = restored["epoch"]
    #expect(try perform("status", [:])["epoch"] == begun)
  }

  @Test func whatIsThereIsNotWrittenOver() throws {
    try history()
    expect(.conflict) { try restore() }
    #expect(try names() == ["school", "clinic"])
    let restored = try restore(isReplacing: true)
    let aside = try #require(restored["replaced"]?.stringValue)
    #expect(FileManager.default.fileExists(atPath: aside + "/replica.sqlite"))
    // The journal in the folder has the younger one.
    #expect(try names() == ["school", "clinic"])
    let check = HubCheck.run(hub, now: 0)["checks"]?.arrayValue ?? []
    #expect(check.contains { $0["name"] == "left behind" && $0["verdict"] == "look" })
  }

  @Test func aRestoreThatIsRefusedLeavesTheDatabaseWhereItWas() throws {
    try history()
    expect(.conflict) { try restore(journal: path("elsewhere"), isReplacing: true) }
    #expect(try names() == ["school", "clinic"])
    #expect(
      try Folder.names(in: hub.path).allSatisfy { !$0.hasPrefix(HubRestore.replacedPrefix) })
  }

  @Test func aJournalThatIsNotThereProvesNothing() throws {
    try history()
    try FileManager.default.removeItem(atPath: hub.path)
    let restored = try restore(secrets: path("safe"), journal: path("no-such-journal"))
    #expect(restored["isPolicyComplete"] == false)
  }

  @Test func whatDoesNotFitIsRefusedAndNothingIsNamed() throws {
    try history()
    try FileManager.default.removeItem(atPath: hub.path)
    func expectNothing(_ row: String) throws {
      let left = try FileManager.default.contentsOfDirectory(atPath: hub.path)
      #expect(Set(left).subtracting(["lock"]).isEmpty, "\(row): \(left)")
    }
    expect(.configuration) { try restore() }
    try expectNothing("no secrets")
    let backup = path("backups") + "/" + (try Folder.names(in: path("backups")).first ?? "")
    let keys = path("keys") + "/" + (try Folder.names(in: path("keys")).first ?? "")
    for file in [backup + "/replica.sqlite", keys + "/keys.sqlite"] {
      let good = try AtomicFile.read(file, maximumBytes: 1 << 24)
      var bad = good
      bad[bad.count / 2] ^= 1
      try AtomicFile.write(bad, to: file)
      expect(.damaged) { try restore(secrets: path("safe")) }
      try expectNothing(file)
      try AtomicFile.write(good, to: file)
    }
    // Keys of an earlier day than the database.
    try FileManager.default.moveItem(atPath: keys, toPath: path("old-keys"))
    _ = try restoreAndBackUpAgain(keys: path("old-keys"))
    expect(.conflict) {
      try HubRestore(
        into: path("third"),
        from: .init(
          database: path("backups"), keys: path("old-keys"), secrets: path("safe"), journal: nil),
        isReplacing: false
      ).run()
    }
  }

  /// Restores with these keys, then takes another backup.
  private func restoreAndBackUpAgain(keys: String) throws -> JSON {
    let restored = try HubRestore(
      into: hub.path,
      from: .init(database: path("backups"), keys: keys, secrets: path("safe"), journal: nil),
      isReplacing: false
    ).run()
    try backUp()
    return restored
  }

  @Test func aJournalDiskThatIsNotMountedIsNotTakenForALostOne() throws {
    try history(journal: path("journal"))
    try FileManager.default.moveItem(atPath: path("journal"), toPath: path("unmounted"))
    try FileManager.default.createDirectory(
      atPath: path("journal"), withIntermediateDirectories: false)
    expect(.configuration) { try perform("agencies", [:]) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: path("journal")).isEmpty)
    try FileManager.default.removeItem(atPath: path("journal"))
    try FileManager.default.moveItem(atPath: path("unmounted"), toPath: path("journal"))
    #expect(try names() == ["school", "clinic"])
    // Said to be lost, the hub begins a new one in its own folder.
    try FileManager.default.removeItem(atPath: path("journal"))
    try FileManager.default.removeItem(atPath: hub.path + "/journal.folder")
    #expect(try names() == ["school", "clinic"])
    #expect(try perform("status", [:])["epoch"]?.integerValue ?? 0 > 1)
  }

  @Test func whatLostItsKeySinceStaysGone() throws {
    let folder = TemporaryFolder()
    let running = try TestHub(folder: folder)
    _ = try running.addAgency("school")
    let device = try running.device(of: "school")
    _ = running.publish(from: device)
    try running.settle()
    running.stop()
    let own = HubFolder(path: folder.path)
    func take(_ at: UInt64) throws {
      _ = try HubBackup(
        of: own, to: path("backups"), keys: path("keys"), keep: nil, program: "test"
      ).take(now: at)
    }
    try take(1_764_000_000_000)
    // Destroyed as a purge does it: the key first, then the row.
    let store = try ReplicaStore(folder: folder.path, role: .hub, master: own.masterKey())
    let number = try #require(try store.compartmentNumbers().first)
    try store.forgetWithoutKeys([number], atMilliseconds: 5)
    store.close()
    // The hub purges it at its next start, and is backed up again.
    let again = try TestHub(folder: folder, isNew: false)
    #expect(try again.operation("status")["compartments"] == 0)
    again.stop()
    try take(1_764_000_100_000)
    let oldest = path("backups") + "/" + (try Folder.names(in: path("backups")).first ?? "")
    let restored = try HubRestore(
      into: path("restored"),
      from: .init(
        database: oldest, keys: path("keys"), secrets: folder.path, journal: nil),
      isReplacing: false
    ).run()
    #expect(restored["destroyedSince"] == 1 && restored["compartments"] == 0)
    #expect(HubCheck.run(HubFolder(path: path("restored")), now: 0)["isWhole"] == true)
  }
}
