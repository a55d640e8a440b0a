import CaseRecords
import Cryptography
import Glibc
import HTTPTransport
package import Operations
import ReplicaStore
import SyncEngine

/// Puts a backup back: into a clean folder, or in the place of a lost database.
///
/// Everything is made ready in a folder beside and looked at there; then the files are named, the
/// database last. What has been destroyed since the backup is forgotten again, by its missing keys,
/// before the hub is opened for the first time. That opening begins a new epoch: from then on the
/// hub gives nothing out that it does not know to be still allowed (`Protocol/08-recovery.md`).
package struct HubRestore {
  package struct Places: Sendable {
    /// A backup, or the folder of several, of which the newest is taken.
    package var database: String
    package var keys: String
    /// Where copies of `master.key` and `hub.secrets` are, unless they are in the folder.
    package var secrets: String?
    /// Where policy journal and witness are, unless they are in the folder: they stay there.
    package var journal: String?

    package init(database: String, keys: String, secrets: String?, journal: String?) {
      self.database = database
      self.keys = keys
      self.secrets = secrets
      self.journal = journal
    }
  }

  private static let restoredName = "restored_at_ms"
  static let stageName = ".restoring"
  static let replacedPrefix = "replaced-"
  private static let databaseFiles = ["replica.sqlite", "keys.sqlite"].flatMap { file in
    ["", "-wal", "-shm"].map { file + $0 }
  }

  let folder: HubFolder
  let places: Places
  /// Whether a database that is there is put aside.
  let isReplacing: Bool
  let clock: any Clock

  package init(
    into folder: String, from places: Places, isReplacing: Bool, clock: any Clock = SystemClock()
  ) {
    self.folder = HubFolder(path: folder)
    self.places = places
    self.isReplacing = isReplacing
    self.clock = clock
  }

  /// A database that comes from a backup and has not been served yet.
  static func isFresh(_ store: ReplicaStore) throws -> Bool {
    try store.integer(restoredName) != nil
  }

  static func markBegun(_ store: ReplicaStore) throws { try store.remove(restoredName) }

  /// What was restored, what the hub waits for, and what is to be done next.
  package func run() throws -> JSON {
    if mkdir(folder.path, 0o700) != 0 && errno != EEXIST {
      throw FileError(.create, folder.path, errno: errno)
    }
    let lock = try FolderLock(folder: folder.path)
    defer { lock.release() }
    if !isReplacing { try requireNoDatabase() }
    let now = UInt64(max(clock.wallMilliseconds(), 0))
    let stage = HubFolder(path: folder.path + "/" + Self.stageName)
    try Self.clear(stage.path)
    guard mkdir(stage.path, 0o700) == 0 else { throw FileError(.create, stage.path, errno: errno) }
    do {
      try bringSecrets(to: stage)
      let (database, keys) = try chosen(HubBackup.authenticator(stage.secrets()))
      try Self.copy(database, to: stage.databasePath)
      try Self.copy(keys, to: stage.keysPath)
      let forgotten = try prepare(stage, database, now: now)
      if let journal = places.journal { try requireOneJournal(besides: journal) }
      let isJournalKept = try keepsJournal()
      let replaced = try putAside(now: now)
      do {
        if let journal = places.journal { try takeUpJournal(in: journal) }
        try name(stage)
      } catch {
        // Without a database the next command would begin an empty one.
        if let replaced { try putBack(replaced) }
        throw error
      }
      return try open(
        database.manifest, keys.manifest, forgotten, replaced, isJournalKept: isJournalKept,
        now: now)
    } catch {
      // The first failure is the one to tell; the next restore clears it as well.
      try? Self.clear(stage.path)
      throw error
    }
  }

  // MARK: Before anything is named

  private func requireNoDatabase() throws {
    guard folder.exists(folder.databasePath) else { return }
    var found = ""
    // Damaged, it says nothing of itself; that it is there is enough to ask a person.
    if let key = try? folder.masterKey(),
      let facts = try? StoreFacts(
        database: folder.databasePath, keys: folder.keysPath, master: key)
    {
      found =
        " (epoch \(facts.epoch), \(facts.commits) commits, \(facts.compartments) compartments)"
    }
    throw LocalFailure(
      .conflict,
      "\(folder.path) holds a hub's database\(found). To put it aside and restore the backup in "
        + "its place, give --replace; devices then give back what the backup lacks.")
  }

  /// From the folder, or from where the copies are kept.
  private func bringSecrets(to stage: HubFolder) throws {
    for (own, staged) in [
      (folder.masterKeyPath, stage.masterKeyPath), (folder.secretsPath, stage.secretsPath),
    ] {
      let name = String(own.dropFirst(folder.path.utf8.count + 1))
      let kept = places.secrets.map { $0 + "/" + name }
      guard let source = folder.exists(own) ? own : kept else {
        throw LocalFailure(
          .configuration,
          "\(own) is not there. Put its copy there (mode 600), or name with --secrets the folder "
            + "in which master.key and hub.secrets are kept.")
      }
      let bytes = try AtomicFile.read(source, maximumBytes: 4_096)
      if let kept, source == own, try AtomicFile.read(kept, maximumBytes: 4_096) != bytes {
        throw LocalFailure(
          .conflict, "\(own) and \(kept) are not the same. Move away the one of another hub.")
      }
      try AtomicFile.write(bytes, to: staged)
    }
  }

  private func chosen(
    _ authenticator: MessageAuthenticator
  ) throws -> (database: BackupShelf.Item, keys: BackupShelf.Item) {
    func choose(_ path: String, _ content: BackupManifest.Content) throws -> BackupShelf.Item {
      let shelf = BackupShelf(path: path, content: content, authenticator: authenticator)
      if folder.exists(path + "/" + BackupManifest.file) { return try shelf.item(at: path) }
      guard let newest = try shelf.items().first else { throw BackupError.none(folder: path) }
      return newest
    }
    let database = try choose(places.database, .database)
    let keys = try choose(places.keys, .keys)
    guard keys.manifest.createdMilliseconds >= database.manifest.createdMilliseconds else {
      throw BackupError.keysAreOlder(keys: keys.path, database: database.path)
    }
    guard database.manifest.schema <= UInt64(ReplicaStore.hubSchemaVersion) else {
      throw StoreError.newer(file: database.file)
    }
    return (database, keys)
  }

  /// The copy is what the manifest was written for, or it is refused.
  private static func copy(_ item: BackupShelf.Item, to target: String) throws {
    try Folder.copy(item.file, to: target)
    let measured = try BackupManifest.measure(target)
    guard measured.bytes == item.manifest.bytes, measured.digest == item.manifest.digest else {
      throw BackupError.damaged(path: item.file, detail: "its digest is not the manifest's")
    }
  }

  /// Looks whether the copies are whole, brings their schema up to date, and schedules what has no
  /// key any more to be purged. Returns that.
  private func prepare(
    _ stage: HubFolder, _ backup: BackupShelf.Item, now: UInt64
  ) throws -> [Compartment] {
    let master = try stage.masterKey()
    let facts = try StoreFacts(
      database: stage.databasePath, keys: stage.keysPath, master: master)
    if let fault = facts.faults.first {
      throw BackupError.damaged(path: backup.file, detail: fault)
    }
    let store = try ReplicaStore(folder: stage.path, role: .hub, master: master)
    defer { store.close() }
    let forgotten = try facts.closed.compactMap { try store.compartment(number: $0)?.compartment }
    try store.forgetWithoutKeys(facts.closed, atMilliseconds: now)
    try store.transaction {
      try store.forgetCodes()
      try store.setInteger(Self.restoredName, now)
      try store.audit(
        who: HubAdministration.commandLine, action: "restored",
        subject: "backup of \(Moment.stamp(backup.manifest.createdMilliseconds))",
        atMilliseconds: now)
      try HubNote.noteAudit(
        facts.auditBrokenLine, who: HubAdministration.commandLine, in: store, now: now)
    }
    try store.checkpoint()
    return forgotten
  }

  // MARK: Naming

  /// Where the old database was put, if there was one. A log without its database would be taken
  /// for the new one's.
  private func putAside(now: UInt64) throws -> String? {
    let old = Self.databaseFiles.filter { folder.exists(folder.path + "/" + $0) }
    if old.isEmpty { return nil }
    let aside = folder.path + "/" + Self.replacedPrefix + Moment.stamp(now)
    guard mkdir(aside, 0o700) == 0 else { throw FileError(.create, aside, errno: errno) }
    for file in old { try Folder.move(folder.path + "/" + file, to: aside + "/" + file) }
    return aside
  }

  private func putBack(_ aside: String) throws {
    for file in try Folder.names(in: aside) where !folder.exists(folder.path + "/" + file) {
      try Folder.move(aside + "/" + file, to: folder.path + "/" + file)
    }
  }

  /// The journal of before is there: named, or in its place.
  private func keepsJournal() throws -> Bool {
    let place = try places.journal ?? folder.journalFolder()
    return folder.exists(place + "/policy.journal")
  }

  private func requireOneJournal(besides journal: String) throws {
    for file in ["policy.journal", "witness"]
    where folder.exists(folder.path + "/" + file) && journal != folder.path {
      throw LocalFailure(
        .conflict,
        "\(folder.path) has a \(file) of its own, and \(journal) was named as well. Move away the "
          + "one that is not this hub's newest.")
    }
  }

  private func takeUpJournal(in journal: String) throws {
    try folder.keepJournal(in: journal)
    let path = try folder.journalPath
    // Said by the operator to be lost: the new one never proves anything about it.
    if !folder.exists(path) { try PolicyJournalFile.create(at: path, isFirst: false) }
  }

  /// The database last: without it there is nothing to serve.
  private func name(_ stage: HubFolder) throws {
    for file in ["master.key", "hub.secrets", "keys.sqlite", "replica.sqlite"] {
      try Folder.move(stage.path + "/" + file, to: folder.path + "/" + file)
    }
    try Folder.flush(folder.path)
    try Self.clear(stage.path)
  }

  private static func clear(_ stage: String) throws {
    guard access(stage, F_OK) == 0 else { return }
    for file in try Folder.names(in: stage) { try Folder.shred(stage + "/" + file) }
    guard rmdir(stage) == 0 else { throw FileError(.write, stage, errno: errno) }
  }

  // MARK: The first opening

  private func open(
    _ database: BackupManifest, _ keys: BackupManifest, _ forgotten: [Compartment],
    _ replaced: String?, isJournalKept: Bool, now: UInt64
  ) throws -> JSON {
    let core = try HubCore(
      folder: folder, configuration: HubConfiguration(folder: folder.path), log: .silent,
      clock: clock)
    defer { core.close() }
    try core.commit { try core.engine.acknowledgeErased(forgotten, now: now) }
    let waiting = try core.store.recoveringCount()
    let unheard = try core.store.unheardCount()
    let words = RestoreWords(
      folder: folder.path, waiting: waiting, unheard: unheard,
      isPolicyComplete: unheard == 0 && isJournalKept,
      auditBrokenLine: try core.store.integer(HubNote.auditBrokenName), replaced: replaced)
    return [
      "folder": .string(folder.path),
      "backupMilliseconds": .count(database.createdMilliseconds),
      "keysMilliseconds": .count(keys.createdMilliseconds),
      "program": .string(database.program), "schema": .count(database.schema),
      "compartments": .count(try core.store.compartmentCount()),
      "destroyedSince": .count(forgotten.count), "epoch": .count(try core.engine.epoch),
      "isPolicyComplete": .bool(words.isPolicyComplete), "recovering": .count(waiting),
      "devicesUnheard": .count(unheard), "auditBrokenLine": .optional(words.auditBrokenLine),
      "replaced": replaced.map { .string($0) } ?? .null,
      "next": .array(words.next.map { .string($0) }),
    ]
  }
}
