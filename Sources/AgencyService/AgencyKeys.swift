import Cryptography
import Operations

/// Where the key that opens the key file comes from, and the passphrases on it.
///
/// A folder `credentials` (systemd's `CREDENTIALS_DIRECTORY`) that holds `master.key` goes before
/// the data folder: then no key need lie beside the database at all. Whoever forgets the agency's
/// passphrase, and has none of their own, has lost the replica, but not the work: all that the hub
/// holds comes back to a new folder.
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

  /// The key, whether or not it lies under the agency's passphrase: `ask` is called when it does.
  func master(askingFor ask: () throws -> String) throws -> SymmetricKey {
    try SecretFile.finishReplacing(folder.masterKeyPath)
    switch try file() {
    case .open(let key): return key
    case .wrapped(let agency, _):
      guard let opened = try Self.open([.agency(agency)], with: ask()) else {
        throw Self.wrongPassphrase(field: "passphrase")
      }
      return opened.key
    }
  }

  /// Nil when the file cannot be read at this moment.
  var hasPassphrase: Bool? {
    guard let file = try? file() else { return nil }
    if case .wrapped = file { return true }
    return false
  }

  func file() throws -> MasterKeyFile {
    let path = credentialPath ?? folder.masterKeyPath
    guard folder.exists(path) else { throw folder.withoutKey }
    let bytes = try AtomicFile.read(path, maximumBytes: MasterKeyFile.bytesMax)
    guard let file = MasterKeyFile(bytes) else {
      throw OperationError(.damaged, "\(path) is damaged: put back its copy.")
    }
    return file
  }

  /// Puts another file in the place of this one, whose content is destroyed.
  func replace(with file: MasterKeyFile) throws {
    try requireOwn()
    try SecretFile.replace(file.bytes, at: folder.masterKeyPath)
  }

  var isOwn: Bool { credentialPath == nil }

  func requireOwn() throws(OperationError) {
    guard let credentialPath else { return }
    throw OperationError(
      .configuration,
      "The key comes from \(credentialPath), which is not this daemon's to change: replace the "
        + "credential instead.")
  }

  /// The key, by the first way that the passphrase opens; nil when it opens none. Each costs a
  /// tenth of a second by scrypt.
  static func open(
    _ ways: [WayIn], with passphrase: String
  ) throws(CryptographyError) -> (key: SymmetricKey, way: WayIn)? {
    for way in ways {
      do throws(CryptographyError) {
        return (try way.wrapped.key(passphrase: Array(passphrase.utf8)), way)
      } catch {
        guard error == .notAuthentic else { throw error }
      }
    }
    return nil
  }

  static func wrongPassphrase(field: String) -> OperationError {
    OperationError(
      .refused, "That is not the passphrase. Nothing was changed.", field: field)
  }

  static func check(_ passphrase: String) throws(OperationError) {
    guard passphrase.count >= passphraseCharactersMin else {
      throw OperationError(
        .usage,
        "A passphrase has at least \(passphraseCharactersMin) characters: take a few words that "
          + "only you would put together.", field: "passphrase")
    }
    guard passphrase.utf8.count <= passphraseBytesMax else {
      throw OperationError(
        .usage, "A passphrase has at most \(passphraseBytesMax) bytes.", field: "passphrase")
    }
  }
}

/// What may be asked while the keys are locked.
extension AgencyOperations {
  static let openWhenLocked: Set<String> = ["devices"]

  static let locked = OperationError(
    .refused,
    "The keys are locked, so nothing can be read or written here. Open them on the first page, "
      + "or with: cafsync agency unlock. Withdrawals are obeyed meanwhile.")
}
