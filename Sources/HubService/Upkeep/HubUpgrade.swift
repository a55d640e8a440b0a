import Glibc
package import Operations
import ReplicaStore
import SQLite

/// Brings a hub's database to the schema of this program, after a backup that was read back: the
/// only way in which it happens, since steps are not taken back (`Protocol/decisions/0021-…`).
package struct HubUpgrade {
  let folder: HubFolder
  let databases: String
  let keys: String
  let clock: any Clock

  package init(
    folder: String, credentials: String? = nil, databases: String, keys: String,
    clock: any Clock = SystemClock()
  ) {
    self.folder = HubFolder(path: folder, credentials: credentials)
    self.databases = databases
    self.keys = keys
    self.clock = clock
  }

  /// Of a hub that does not run. Nothing happens when nothing is missing.
  package func run() throws -> JSON {
    try folder.requireInitialised()
    let lock = try FolderLock(folder: folder.path)
    defer { lock.release() }
    let known = ReplicaStore.hubSchemaVersion
    let found = try folder.schemaVersion() ?? known
    guard found <= known else { throw StoreError.newer(file: folder.databasePath) }
    guard found < known else {
      return ["from": .count(found), "to": .count(known), "backup": .null]
    }
    let now = UInt64(max(clock.wallMilliseconds(), 0))
    let taken = try HubBackup(
      of: folder, to: databases, keys: keys, keep: nil, program: ProgramVersion.text
    ).take(now: now).json
    try migrate(from: found, now: now)
    let core = try HubCore(
      folder: folder, configuration: HubConfiguration(folder: folder.path), log: .silent,
      clock: clock)
    defer { core.close() }
    let note = HubNote.backedUp(
      atMilliseconds: now, who: HubAdministration.commandLine, answer: taken)
    let backup = try core.commit { try note.write(to: core.store, now: now) }
    return ["from": .count(found), "to": .count(known), "backup": backup]
  }

  private func migrate(from found: Int, now: UInt64) throws {
    let store = try ReplicaStore(folder: folder.path, role: .hub, master: folder.masterKey())
    defer { store.close() }
    try store.transaction {
      try store.audit(
        who: HubAdministration.commandLine, action: "upgraded",
        subject: "schema \(found) to \(ReplicaStore.hubSchemaVersion)", atMilliseconds: now)
    }
  }
}

extension HubFolder {
  /// How many migrations the database has had; nil when there is none yet.
  func schemaVersion() throws -> Int? {
    guard exists(databasePath) else { return nil }
    let database = try Database(path: databasePath, options: HubCheck.reading)
    defer { database.close() }
    return try database.userVersion
  }

  /// Throws for a database that has not had all migrations: it is brought up to date by
  /// `HubUpgrade` alone. One that was only begun to be made has had none.
  func requireCurrentSchema() throws {
    guard let found = try schemaVersion(), found > 0 else { return }
    let known = ReplicaStore.hubSchemaVersion
    if found < known {
      throw HubFolderError.olderSchema(folder: path, found: found, known: known)
    }
  }
}
