import Cryptography
import Glibc
import Operations
import ReplicaStore
import SQLite
import SyncEngine

/// A backup of a hub: its database on one shelf, its keys on another, taken while it serves.
///
/// The database is copied first and the keys after it, so every compartment in the copy has its key
/// in the other, unless it was destroyed in between. Of the keys there is one copy only, the
/// newest: it opens all older copies of the database, except what has been destroyed since. So what
/// is erased is erased in them too, from the next backup on. The secrets, the policy journal and
/// the witness are in neither (`HubFolder`).
struct HubBackup {
  let folder: HubFolder
  let databases: BackupShelf
  let keys: BackupShelf
  /// How many copies of the database stay; nil keeps all.
  let keep: Int?
  let program: String

  /// What was taken, and what went.
  struct Taken {
    let database: BackupShelf.Item
    let keys: BackupShelf.Item
    let removed: [String]
    let auditBrokenLine: Int64?

    var json: JSON {
      let manifest = database.manifest
      return [
        "database": .string(database.path), "keys": .string(keys.path),
        "createdMilliseconds": .count(manifest.createdMilliseconds),
        "epoch": .count(manifest.epoch), "commits": .count(manifest.commits),
        "schema": .count(manifest.schema), "program": .string(manifest.program),
        "compartments": .count(manifest.count), "bytes": .count(manifest.bytes),
        "keyBytes": .count(keys.manifest.bytes),
        "sha256": .string(Hex.text(manifest.digest)),
        "removed": .array(removed.map { .string($0) }),
        "auditBrokenLine": auditBrokenLine.map { .integer($0) } ?? .null,
        "warning": auditBrokenLine.map { .string(OperatorWords.auditChanged(atLine: $0)) } ?? .null,
      ]
    }
  }

  init(
    of folder: HubFolder, to databases: String, keys: String, keep: Int?, program: String
  ) throws {
    self.folder = folder
    self.keep = keep
    self.program = program
    let authenticator = try Self.authenticator(folder.secrets())
    self.databases = BackupShelf(
      path: databases, content: .database, authenticator: authenticator)
    self.keys = BackupShelf(path: keys, content: .keys, authenticator: authenticator)
    try self.databases.make()
    try self.keys.make()
    for (first, second) in [(databases, keys), (databases, folder.path), (keys, folder.path)]
    where try Folder.overlap(first, second) {
      throw BackupError.notApart(first: first, second: second)
    }
  }

  /// Manifests are authenticated under a key of their own.
  static func authenticator(_ secrets: HubSecrets) throws -> MessageAuthenticator {
    MessageAuthenticator(
      key: try KeyDerivation.key(
        secret: secrets.certifyingKey, salt: [], info: Array("cafsync backup manifest".utf8)))
  }

  /// Copies, looks whether the copies are whole and open, and only then gives them their names.
  func take(now: UInt64) throws -> Taken {
    let database = try databases.begin(at: now)
    do {
      let key = try keys.begin(at: now)
      do {
        return try take(now: now, database: database, keys: key)
      } catch {
        keys.discard(key)
        throw error
      }
    } catch {
      databases.discard(database)
      throw error
    }
  }

  private func take(now: UInt64, database: String, keys key: String) throws -> Taken {
    let databaseFile = database + "/" + BackupManifest.Content.database.file
    let keyFile = key + "/" + BackupManifest.Content.keys.file
    let schema = try Self.copy(folder.databasePath, to: databaseFile)
    _ = try Self.copy(folder.keysPath, to: keyFile)
    let facts = try StoreFacts(database: databaseFile, keys: keyFile, master: folder.masterKey())
    try facts.requireWhole(database: databaseFile)
    let manifest = try manifest(
      .database, of: databaseFile, count: facts.compartments, facts, schema, now)
    let keyManifest = try self.manifest(.keys, of: keyFile, count: facts.keys, facts, schema, now)
    // The newer keys open the older copies too; a copy without its keys would be of no use.
    let keyPath = try keys.place(key, keyManifest)
    let path = try databases.place(database, manifest)
    _ = try keys.prune(keeping: 1, with: keyPath)
    let removed = try keep.map { try databases.prune(keeping: $0, with: path) } ?? []
    return Taken(
      database: BackupShelf.Item(path: path, manifest: manifest),
      keys: BackupShelf.Item(path: keyPath, manifest: keyManifest), removed: removed,
      auditBrokenLine: facts.auditBrokenLine)
  }

  private func manifest(
    _ content: BackupManifest.Content, of file: String, count: Int, _ facts: StoreFacts,
    _ schema: Int, _ now: UInt64
  ) throws -> BackupManifest {
    let measured = try BackupManifest.measure(file)
    return BackupManifest(
      content: content, createdMilliseconds: now, program: program, epoch: facts.epoch,
      commits: facts.commits, schema: UInt64(schema), count: UInt64(count),
      bytes: measured.bytes, digest: measured.digest)
  }

  /// The version of the schema that the copy has.
  private static func copy(_ source: String, to target: String) throws -> Int {
    let database = try Database(
      path: source, options: DatabaseOptions(readOnly: true, synchronous: .normal))
    defer { database.close() }
    try database.backup(to: target)
    return try database.userVersion
  }
}
