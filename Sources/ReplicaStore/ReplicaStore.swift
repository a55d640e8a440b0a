/// Compartments on disk, for hub and agency alike.
///
/// One SQLite file holds every compartment: its vector in the open (it names nobody), its registers
/// sealed under a key of its own. A second file holds the keys, wrapped by a master key that is in
/// neither. To forget a compartment is to destroy its key; the rest is housekeeping.
///
/// A store is confined to one thread or lock by its owner; it has one connection and never awaits.
/// What only one side needs (the outbox; the devices, entitlements and the change log) is in
/// `AgencyTables` and `HubTables`, extensions over the same connection.
package import CaseRecords
package import Causality
package import Cryptography
package import SQLite
import SyncProtocol

package enum StoreRole: String, Sendable { case agency, hub }

/// A compartment as it lies in the store, without its registers.
package struct StoredCompartment: Hashable, Sendable {
  /// The store's own number for it: never reused, never sent.
  package let number: Int64
  package let compartment: Compartment
  package var vector: VersionVector

  package var id: CompartmentID { compartment.id }
}

package final class ReplicaStore {
  package let database: Database
  package let vault: KeyVault
  package let role: StoreRole
  private var openedPolicy = OpenedPolicy()

  /// Opens or creates both files in `folder`, brings their schema up to date and sweeps keys
  /// without a row. Throws `StoreError` with the way forward when a file is damaged or newer than
  /// this build. `vfs` names another disk than the system's (`DatabaseOptions.vfs`).
  package convenience init(
    folder: String, role: StoreRole, master: SymmetricKey?, vfs: String? = nil
  ) throws {
    do {
      let options = DatabaseOptions(synchronous: .full, vfs: vfs)
      let database = try Database(path: folder + "/replica.sqlite", options: options)
      let vault = try KeyVault(
        database: Database(path: folder + "/keys.sqlite", options: options), master: master)
      try self.init(database: database, vault: vault, role: role)
    } catch let error as SQLiteError {
      throw StoreError(opening: folder, error)
    }
  }

  /// Over connections that the caller made (in memory, or on a simulated disk).
  package init(database: Database, vault: KeyVault, role: StoreRole) throws {
    self.database = database
    self.vault = vault
    self.role = role
    // Before any migration: the other role's would go wrong, or worse, go through. In a new file
    // there is no such table, and of a damaged one the next step says what is wrong.
    if let recorded = try? text("role"), recorded != role.rawValue {
      throw StoreError.wrongRole(expected: role.rawValue, found: recorded)
    }
    try Schema.replica(for: role).bring(database, named: "replica.sqlite")
    try setText("role", role.rawValue)
    try sweepOrphanedKeys()
  }

  /// Opens the two files to read them as they are: no migration is taken, no key swept. For whoever
  /// looks at a backup, or beside the daemon.
  package init(readingDatabase path: String, keys: String, master: SymmetricKey?) throws {
    // Not `.full`: whether the log has lost anything can be told only while nobody writes it.
    let options = DatabaseOptions(readOnly: true, synchronous: .normal)
    database = try Database(path: path, options: options)
    vault = try KeyVault(reading: Database(path: keys, options: options), master: master)
    role = .hub
    if let found = try text("role"), found != role.rawValue {
      throw StoreError.wrongRole(expected: role.rawValue, found: found)
    }
  }

  /// The version of a hub's database that has had every migration of this program.
  package static var hubSchemaVersion: Int { Schema.replica(for: .hub).latestVersion }

  package func close() {
    database.close()
    vault.close()
  }

  /// One transaction over the store. Keys made inside are committed before it.
  package func transaction<T>(_ body: () throws -> T) throws -> T {
    do {
      return try database.transaction {
        let result = try body()
        try vault.commit()
        return result
      }
    } catch {
      vault.rollback()
      throw error
    }
  }

  /// Forgets the keys, and what was opened with them. Outside of transactions.
  package func lock() {
    vault.lock()
    openedPolicy = OpenedPolicy()
  }

  /// An entry of the policy log as it is kept, under the replica's own key.
  func policyEntry(_ sealed: [UInt8]) throws -> PolicyEntry {
    guard !vault.isLocked else { throw StoreError.locked }
    return try openedPolicy.entry(of: sealed) { try open($0, in: KeyVault.ownNumber) }
  }

  // MARK: Facts by name

  package func blob(_ name: String) throws -> [UInt8]? {
    try database.first("SELECT value FROM meta WHERE name = ?", .text(name)) { $0.blob(0) }
  }

  package func setBlob(_ name: String, _ value: [UInt8]) throws {
    _ = try database.run(
      "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
      .text(name), .blob(value))
  }

  package func text(_ name: String) throws -> String? {
    try blob(name).map { String(decoding: $0, as: UTF8.self) }
  }

  package func setText(_ name: String, _ value: String) throws {
    try setBlob(name, Array(value.utf8))
  }

  package func integer(_ name: String) throws -> UInt64? {
    try blob(name).map { $0.reduce(0) { $0 << 8 | UInt64($1) } }
  }

  package func setInteger(_ name: String, _ value: UInt64) throws {
    try setBlob(
      name, stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) })
  }

  package func remove(_ name: String) throws {
    _ = try database.run("DELETE FROM meta WHERE name = ?", .text(name))
  }

  /// Forces what has been written into the main file and empties the write-ahead log: part of every
  /// purge. Throws `StoreError.checkpointBusy` while another connection reads.
  package func checkpoint() throws {
    guard try database.checkpointTruncate() else { throw StoreError.checkpointBusy }
  }

  private func sweepOrphanedKeys() throws {
    let known = Set(try database.query("SELECT number FROM compartments") { $0.int(0) })
    try vault.keepOnly(known)
  }
}
