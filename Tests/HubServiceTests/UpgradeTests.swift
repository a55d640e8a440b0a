import Foundation
import HTTPTransport
import Operations
import SQLite
import Testing

@testable import HubService
@testable import ReplicaStore

@Suite struct UpgradeTests {
  let root = TemporaryFolder()
  private var hub: HubFolder { HubFolder(path: root.path + "/hub") }

  init() throws {
    try FileManager.default.createDirectory(atPath: root.path, withIntermediateDirectories: true)
  }

  /// A hub's folder as the first version of the program left it, with something in it.
  private func makeOld() throws {
    try hub.initialise()
    let database = try Database(path: hub.databasePath)
    try database.transaction {
      for bytes in [PackageResources.replica_0001_sql, PackageResources.hub_0001_sql] {
        try database.execute(String(decoding: bytes, as: UTF8.self))
      }
      try database.run("INSERT INTO meta VALUES ('role', ?)", .blob(Array("hub".utf8)))
      try database.run("INSERT INTO meta VALUES ('epoch', x'01')")
      try database.execute(
        """
        INSERT INTO agencies (id, name, sector, locality)
          VALUES (zeroblob(16), 'hub', 'hub', ''), (randomblob(16), 'school', 'school', 'batley');
        """)
      try database.setUserVersion(1)
    }
    database.close()
    let vault = try KeyVault(
      database: Database(path: hub.keysPath), master: hub.masterKey())
    vault.close()
  }

  private func upgrade() throws -> JSON {
    try HubUpgrade(
      folder: hub.path, databases: root.path + "/backups", keys: root.path + "/keys"
    ).run()
  }

  private func version() throws -> Int? { try hub.schemaVersion() }

  @Test func anOldDatabaseIsServedOnlyAfterAnUpgradeThatBacksUpFirst() throws {
    try makeOld()
    let known = ReplicaStore.hubSchemaVersion
    // Neither a command nor the daemon touches it.
    #expect(
      throws: HubFolderError.olderSchema(folder: hub.path, found: 1, known: known)
    ) { try HubAccess.perform(folder: hub.path, operation: "agencies") }
    var configuration = HubConfiguration(folder: hub.path)
    configuration.port = 0
    #expect(throws: HubFolderError.self) { try HubDaemon(configuration, log: .silent) }
    #expect(try version() == 1)
    let done = try upgrade()
    #expect(done["from"] == 1 && done["to"]?.integerValue == Int64(known))
    #expect(try version() == known)
    let names = try HubAccess.perform(folder: hub.path, operation: "agencies").arrayValue
    #expect(names?.map { $0["name"]?.stringValue } == ["school"])
    // The backup is of before.
    let backup = try #require(done["backup"]?["database"]?.stringValue)
    let copy = try Database(
      path: backup + "/replica.sqlite", options: DatabaseOptions(readOnly: true))
    #expect(try copy.userVersion == 1)
    copy.close()
    // A second time there is nothing to do, and nothing is backed up.
    #expect(try upgrade()["backup"] == .null)
    #expect(try Folder.names(in: root.path + "/backups").count == 1)
  }

  @Test func withoutABackupNothingIsChanged() throws {
    try makeOld()
    try AtomicFile.write([], to: root.path + "/backups")
    #expect(throws: (any Error).self) { try upgrade() }
    #expect(try version() == 1)
  }

  @Test func aDatabaseOfANewerProgramIsLeftAlone() throws {
    try hub.initialise()
    _ = try HubAccess.perform(folder: hub.path, operation: "agencies")
    let database = try Database(path: hub.databasePath)
    try database.setUserVersion(ReplicaStore.hubSchemaVersion + 1)
    database.close()
    #expect(throws: StoreError.newer(file: hub.databasePath)) { try upgrade() }
    #expect(throws: StoreError.newer(file: "replica.sqlite")) {
      try HubAccess.perform(folder: hub.path, operation: "agencies")
    }
    #expect(try version() == ReplicaStore.hubSchemaVersion + 1)
  }
}
