import CaseRecords
package import Cryptography
import Glibc
package import SQLite

/// The key file: a random key per compartment, wrapped by the master key.
///
/// Locked (no master key) it can still destroy keys, so that a daemon whose passphrase nobody has
/// given yet obeys withdrawals; it can be unlocked, and locked again, while it is open. Its
/// transaction opens by itself with the first new key and is committed by the store before its own.
package final class KeyVault {
  /// The replica's own key: policy, outbox, quarantine, staging.
  package static let ownNumber: Int64 = 0

  private let database: Database
  /// What a new passphrase is put on; nil while it is locked.
  package private(set) var master: SymmetricKey?
  /// Of the content too, so that there is one place to forget keys at.
  let sealer = Sealer()
  private var random = SecureRandom()
  private var cache: [Int64: SymmetricKey] = [:]
  private var isInTransaction = false

  /// Over the key file's connection. Throws `StoreError.wrongKey` when `master` does not open it.
  package init(database: Database, master: SymmetricKey?) throws {
    self.database = database
    self.master = master
    try Schema.keys.bring(database, named: "keys.sqlite")
    if master != nil { try prove() }
  }

  /// Over a connection that only reads. Throws `StoreError.keyMissing` when the file lacks the
  /// replica's own key, `.wrongKey` when `master` does not open it.
  package init(reading database: Database, master: SymmetricKey?) throws {
    self.database = database
    self.master = master
    if master != nil { _ = try key(Self.ownNumber) }
  }

  package var isLocked: Bool { master == nil }

  /// Takes the master key. Throws `StoreError.wrongKey`, and stays locked, when it does not fit.
  package func unlock(_ master: SymmetricKey) throws {
    self.master = master
    cache.removeAll()
    do { try prove() } catch {
      lock()
      throw error
    }
  }

  /// Forgets the master key and all others. Outside of transactions.
  package func lock() {
    rollback()
    master = nil
    sealer.forget()
  }

  /// The master key opens the replica's own key, which is made at the first time.
  private func prove() throws {
    if try wrapped(Self.ownNumber) == nil {
      _ = try create(Self.ownNumber)
      try commit()
    } else {
      _ = try key(Self.ownNumber)
    }
  }

  /// Throws `StoreError.locked`, `.keyMissing` or `.wrongKey`.
  package func key(_ number: Int64) throws -> SymmetricKey {
    if let known = cache[number] { return known }
    guard let master else { throw StoreError.locked }
    guard let wrapped = try wrapped(number) else { throw StoreError.keyMissing(number: number) }
    guard
      let key = try? sealer.unwrap(wrapped, key: master, associatedData: Self.name(number))
    else { throw StoreError.wrongKey }  // The tag does not fit: there is no other failure to tell.
    remember(key, as: number)
    return key
  }

  package func create(_ number: Int64) throws -> SymmetricKey {
    guard let master else { throw StoreError.locked }
    try begin()
    let key = SymmetricKey.random(using: &random)
    let wrapped = try sealer.wrap(key, key: master, associatedData: Self.name(number))
    _ = try database.run(
      "INSERT OR REPLACE INTO keys VALUES (?, ?)", .integer(number), .blob(wrapped))
    remember(key, as: number)
    return key
  }

  /// Takes a wrapped key over from another key file under the same master key. False when it does
  /// not open.
  package func adopt(_ wrapped: [UInt8], as number: Int64) throws -> Bool {
    guard let master else { throw StoreError.locked }
    let opened = try? sealer.unwrap(wrapped, key: master, associatedData: Self.name(number))
    // There is no other failure than that the tag does not fit.
    guard opened != nil else { return false }
    try begin()
    _ = try database.run(
      "INSERT OR REPLACE INTO keys VALUES (?, ?)", .integer(number), .blob(wrapped))
    cache[number] = nil
    return true
  }

  private func begin() throws {
    guard !isInTransaction else { return }
    // As a statement that stays prepared.
    try database.run("BEGIN IMMEDIATE")
    isInTransaction = true
  }

  package func commit() throws {
    guard isInTransaction else { return }
    try database.run("COMMIT")
    isInTransaction = false
  }

  /// Forgets keys made since the last commit. The file's own rollback cannot fail in a way that
  /// would keep them: a transaction that is not committed is gone when the file is next opened.
  package func rollback() {
    cache.removeAll()
    guard isInTransaction else { return }
    isInTransaction = false
    try? database.execute("ROLLBACK")
  }

  /// Destroys keys so that no file holds them: rows deleted, file rebuilt, log emptied. Works
  /// locked.
  package func destroy(_ numbers: [Int64]) throws {
    guard !numbers.isEmpty else { return }
    try commit()
    try database.transaction {
      for number in numbers {
        _ = try database.run("DELETE FROM keys WHERE number = ?", .integer(number))
      }
    }
    for number in numbers { cache[number] = nil }
    sealer.forget()
    try erasePhysically()
  }

  /// Destroys every key whose number is not in `numbers` (nor the replica's own).
  package func keepOnly(_ numbers: Set<Int64>) throws {
    let orphans = try database.query("SELECT number FROM keys WHERE number <> 0") { $0.int(0) }
      .filter { !numbers.contains($0) }
    try destroy(orphans)
  }

  /// Every number that has a key, the replica's own among them.
  package func numbers() throws -> Set<Int64> {
    Set(try database.query("SELECT number FROM keys") { $0.int(0) })
  }

  /// The unwrapped keys, as they are searched for in files by the proof of a purge.
  package func wrapped(_ number: Int64) throws -> [UInt8]? {
    try database.first("SELECT wrapped FROM keys WHERE number = ?", .integer(number)) { $0.blob(0) }
  }

  /// Which file on which disk this is: a copied folder has another. Empty in memory.
  package var instanceMarker: [UInt8] {
    var status = stat()
    guard stat(database.path, &status) == 0 else { return [] }
    return [UInt64(status.st_dev), UInt64(status.st_ino)].flatMap { word in
      withUnsafeBytes(of: word.bigEndian) { Array($0) }
    }
  }

  package func close() { database.close() }

  /// What is wrong with the key file, in SQLite's words; empty if nothing is.
  package func integrityCheck() throws -> [String] { try database.integrityCheck() }

  private func erasePhysically() throws {
    try database.execute("VACUUM")
    guard try database.checkpointTruncate() else { throw StoreError.checkpointBusy }
  }

  private func remember(_ key: SymmetricKey, as number: Int64) {
    if cache.count >= 200_000 { cache.removeAll() }
    cache[number] = key
  }

  private static func name(_ number: Int64) -> [UInt8] { Array("cafsync key \(number)".utf8) }
}
