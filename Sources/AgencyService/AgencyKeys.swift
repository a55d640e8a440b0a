import Cryptography
import Operations
import ReplicaStore
import SyncEngine

/// Where the key that opens the key file comes from, and the passphrase on it.
///
/// A folder `credentials` (systemd's `CREDENTIALS_DIRECTORY`) that holds `master.key` goes before
/// the data folder: then no key need lie beside the database at all. Whoever forgets a passphrase
/// has lost the replica, but not the work: all that the hub holds comes back to a new folder.
struct AgencyKeys: Sendable {
  static let passphraseCharactersMin = 10
  static let passphraseBytesMax = 1_024

  let folder: AgencyFolder
  let credentials: String?

  private var credentialPath: String? {
    credentials.map { $0 + "/master.key" }.flatMap { folder.exists($0) ? $0 : nil }
  }

  /// The key, or nil while it lies under a passphrase. Finishes what a crash cut off.
  func master() throws -> SymmetricKey? {
    try SecretFile.finishReplacing(folder.masterKeyPath)
    switch try file() {
    case .open(let key): return key
    case .wrapped: return nil
    }
  }

  /// The key, whether or not it lies under a passphrase: `ask` is called when it does.
  func master(askingFor ask: () throws -> String) throws -> SymmetricKey {
    try SecretFile.finishReplacing(folder.masterKeyPath)
    switch try file() {
    case .open(let key): return key
    case .wrapped(let wrapped): return try Self.open(wrapped, with: ask(), "passphrase")
    }
  }

  /// Nil when the file cannot be read at this moment.
  var hasPassphrase: Bool? {
    guard let file = try? file() else { return nil }
    if case .wrapped = file { return true }
    return false
  }

  private func file() throws -> MasterKeyFile {
    let path = credentialPath ?? folder.masterKeyPath
    guard folder.exists(path) else { throw folder.withoutKey }
    let bytes = try AtomicFile.read(path, maximumBytes: MasterKeyFile.bytesMax)
    guard let file = MasterKeyFile(bytes) else {
      throw OperationError(.damaged, "\(path) is damaged: put back its copy.")
    }
    return file
  }

  // MARK: What people ask

  static let operations: Set<String> = ["unlock", "lock", "passphrase-set", "passphrase-remove"]

  /// One of `operations`. They are answered locked or not.
  func run(_ name: String, _ input: JSON, on replica: Replica) throws -> JSON {
    let input = try OperationInput(input)
    switch name {
    case "unlock": return try unlock(input, replica)
    case "lock": return try lock(input, replica)
    case "passphrase-set": return try setPassphrase(input)
    default: return try removePassphrase(input)
    }
  }

  private func unlock(_ input: OperationInput, _ replica: Replica) throws -> JSON {
    let passphrase = try input.text("passphrase")
    try input.finish()
    guard replica.engine.isLocked else { return ["sentence": "The keys are open already."] }
    let master: SymmetricKey
    switch try file() {
    case .open(let key): master = key
    case .wrapped(let wrapped): master = try Self.open(wrapped, with: passphrase, "passphrase")
    }
    try replica.engine.unlock(master)
    replica.forget()
    _ = try replica.engine.purgeDrained(now: replica.now)
    return ["sentence": "The keys are open. What waited goes to the hub now."]
  }

  private func lock(_ input: OperationInput, _ replica: Replica) throws -> JSON {
    try input.finish()
    guard case .wrapped = try file() else {
      throw OperationError(
        .conflict,
        "The keys have no passphrase, so locking would keep nobody out. Set one with: "
          + "cafsync agency passphrase set.")
    }
    guard !replica.engine.isLocked else { return ["sentence": "The keys are locked already."] }
    let unsent = try replica.engine.unsentCount
    let decisions = try replica.store.unsentPolicyCount()
    replica.engine.lock()
    replica.forget()
    let waits =
      unsent + decisions == 0
      ? "Everything has been sent."
      : "\(unsent) changes and \(decisions) decisions wait here until they are opened again."
    return [
      "sentence": .string("The keys are locked. \(waits) Open them with: cafsync agency unlock.")
    ]
  }

  private func setPassphrase(_ input: OperationInput) throws -> JSON {
    let current = try input.text("current")
    let new = try input.text("passphrase") ?? ""
    try input.finish()
    try Self.check(new)
    let master = try changeable(current)
    let wrapped = try PassphraseWrappedKey(wrapping: master, passphrase: Array(new.utf8))
    try SecretFile.replace(MasterKeyFile.wrapped(wrapped).bytes, at: folder.masterKeyPath)
    return [
      "sentence": .string(
        "The passphrase is set. From its next start the daemon waits for it (cafsync agency "
          + "unlock), and until then only obeys withdrawals. Copies of master.key made before "
          + "still open this replica: destroy them, or keep one where only you can reach it, for "
          + "without it a forgotten passphrase means joining again.")
    ]
  }

  private func removePassphrase(_ input: OperationInput) throws -> JSON {
    let current = try input.text("current")
    try input.finish()
    guard case .wrapped = try file() else {
      throw OperationError(.conflict, "The keys have no passphrase: there is nothing to remove.")
    }
    let master = try changeable(current)
    try SecretFile.replace(MasterKeyFile.open(master).bytes, at: folder.masterKeyPath)
    return [
      "sentence": "The passphrase is removed: master.key opens this replica for whoever reads it."
    ]
  }

  /// The key, from whoever knows the passphrase that is set.
  private func changeable(_ current: String?) throws -> SymmetricKey {
    if let credentialPath {
      throw OperationError(
        .configuration,
        "The key comes from \(credentialPath), which is not this daemon's to change: replace the "
          + "credential instead.")
    }
    switch try file() {
    case .open(let key): return key
    case .wrapped(let wrapped): return try Self.open(wrapped, with: current, "current")
    }
  }

  /// Each try costs a tenth of a second by scrypt; there is no lock-out, which would only serve
  /// whoever wants to keep the owner out.
  private static func open(
    _ wrapped: PassphraseWrappedKey, with passphrase: String?, _ name: String
  ) throws -> SymmetricKey {
    guard let passphrase else {
      throw OperationError(.usage, "“\(name)” is missing: give the passphrase that is set.")
    }
    do throws(CryptographyError) {
      return try wrapped.key(passphrase: Array(passphrase.utf8))
    } catch {
      guard error == .notAuthentic else { throw error }
      throw OperationError(
        .refused, "That is not the passphrase. Nothing was changed; try again as often as needed.")
    }
  }

  static func check(_ passphrase: String) throws(OperationError) {
    guard passphrase.count >= passphraseCharactersMin else {
      throw OperationError(
        .usage,
        "A passphrase has at least \(passphraseCharactersMin) characters: take a few words that "
          + "only you would put together.")
    }
    guard passphrase.utf8.count <= passphraseBytesMax else {
      throw OperationError(.usage, "A passphrase has at most \(passphraseBytesMax) bytes.")
    }
  }
}

/// What may be asked while the keys are locked.
extension AgencyOperations {
  static let openWhenLocked: Set<String> = ["devices"]

  static let locked = OperationError(
    .refused,
    "The keys are locked, so nothing can be read or written here. Open them with: cafsync agency "
      + "unlock. Withdrawals are obeyed meanwhile.")
}
