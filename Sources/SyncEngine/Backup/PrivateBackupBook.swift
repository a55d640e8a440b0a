package import CaseRecords
import Causality
import Cryptography
import ReplicaStore
import SyncProtocol

/// A backup about to be written: what is to be in it, and over what it may be written.
package struct PrivateBackupDraft: Hashable, Sendable {
  package let agency: AgencyID
  package let key: PrivateBackupKey
  /// To be sealed.
  package let body: [UInt8]
  package let compartmentCount: Int
  /// Tells one state of the private compartments from another.
  package let standing: [UInt8]
  /// What this replica has written before, each of which holds nothing that is not here.
  package let knownMarks: Set<UInt64>
  package let writtenMilliseconds: UInt64
}

/// Whether a backup has to be written.
package enum PrivateBackupNeed: Hashable, Sendable {
  case notSetUp
  case locked
  /// The last one, which bears this mark, holds all there is.
  case current(mark: UInt64)
  case due(PrivateBackupDraft)
}

/// How often something has happened to private compartments since the engine was made.
package struct PrivateNews: Hashable, Sendable {
  package var writes = 0
  /// Compartments destroyed: no backup may keep them.
  package var removals = 0

  package init() {}
}

/// What the replica remembers of its backups. By names in the store: `backup_key`, sealed under the
/// replica's own key; `backup_marks`, of files known to be written, oldest first, and
/// `backup_pending`, of one that may have been; `backup_standing` and `backup_ms` of the last.
///
/// The marks are there because a folder can be older than its backup: an old copy put back would
/// otherwise write its own poor state over what it lacks. What it knows the mark of holds nothing
/// that it has not got, and may be replaced; what it does not has to be restored first.
extension AgencyEngine {
  private static let marksMax = 512

  package var hasPrivateBackup: Bool {
    get throws { try store.blob("backup_key") != nil }
  }

  /// Milliseconds since 1970 at the last backup; nil without one.
  package var lastPrivateBackup: UInt64? {
    get throws { try store.integer("backup_ms") }
  }

  /// Nil when none is set up. Throws `StoreError.locked`.
  package var privateBackupKey: PrivateBackupKey? {
    get throws {
      try store.blob("backup_key").map {
        try PrivateBackupKey(encoded: store.open($0, in: KeyVault.ownNumber))
      }
    }
  }

  /// From here on backups are sealed to this key. Throws `StoreError.locked`.
  package func setPrivateBackupKey(_ key: PrivateBackupKey) throws {
    try store.transaction {
      try store.setBlob("backup_key", store.seal(key.encoded, in: KeyVault.ownNumber))
      try store.remove("backup_standing")
    }
  }

  /// Whether the last backup holds all there is. Reads a line for each private compartment, and
  /// opens none.
  package func isPrivateBackupCurrent() throws -> Bool {
    try store.blob("backup_standing") == standing(of: privateCompartments())
  }

  /// - Parameter always: also when the last one holds all there is.
  package func privateBackupNeed(now: UInt64, always: Bool = false) throws -> PrivateBackupNeed {
    guard try hasPrivateBackup else { return .notSetUp }
    guard !isLocked, let key = try privateBackupKey else { return .locked }
    let compartments = try privateCompartments()
    let standing = standing(of: compartments)
    if !always, try store.blob("backup_standing") == standing,
      let mark = try marks("backup_marks").last
    {
      return .current(mark: mark)
    }
    let body = PrivateBackupBody(
      writtenMilliseconds: now,
      parts: try compartments.map {
        PrivateBackupBody.Part(
          id: $0.id, child: $0.compartment.child, vector: $0.vector,
          content: try store.encodedContent(of: $0))
      })
    return .due(
      PrivateBackupDraft(
        agency: identity.agency, key: key, body: body.encoded, compartmentCount: compartments.count,
        standing: standing,
        knownMarks: Set(try marks("backup_marks") + marks("backup_pending")),
        writtenMilliseconds: now))
  }

  /// A file is about to be written. Call before, with the mark of the one that stands there: from
  /// here on it does not matter when it is cut off.
  package func willWritePrivateBackup(mark: UInt64, over found: UInt64?) throws {
    try store.transaction {
      if let found { try rememberBackup(found) }
      try save([mark], as: "backup_pending")
    }
  }

  package func didWrite(_ draft: PrivateBackupDraft, mark: UInt64) throws {
    try store.transaction {
      try rememberBackup(mark)
      try store.remove("backup_pending")
      try store.setBlob("backup_standing", draft.standing)
      try store.setInteger("backup_ms", draft.writtenMilliseconds)
    }
  }

  /// Nothing in the file of this mark is missing here.
  func rememberBackup(_ mark: UInt64) throws {
    let known = try marks("backup_marks").filter { $0 != mark }
    try save(known.suffix(Self.marksMax - 1) + [mark], as: "backup_marks")
  }

  private func privateCompartments() throws -> [StoredCompartment] {
    let revoked = Set(try store.holds(in: .revoked).map(\.number))
    return try store.compartments(in: .private).filter { !revoked.contains($0.number) }
      .sorted { $0.id < $1.id }
  }

  private func standing(of compartments: [StoredCompartment]) -> [UInt8] {
    sha256(compartments.flatMap { $0.id.bytes + sha256($0.vector.encoded()) })
  }

  private func marks(_ name: String) throws -> [UInt64] {
    let bytes = try store.blob(name) ?? []
    return stride(from: 0, to: bytes.count / 8 * 8, by: 8).map { start in
      bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  private func save(_ marks: [UInt64], as name: String) throws {
    try store.setBlob(
      name,
      marks.flatMap { mark in withUnsafeBytes(of: mark.bigEndian) { Array($0) } })
  }
}
