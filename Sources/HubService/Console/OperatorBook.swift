import Cryptography
import Glibc
import Operations

/// Who may sign in to the console: names, and what shows that somebody is who they say.
///
/// A file of its own beside the secrets (`operators`, mode 0600) and not in the database: one that
/// was restored would bring back an operator who has left. Passphrases are kept as scrypt makes
/// them; the keys of one-time codes have to be kept as they are, as `hub.secrets` is.
final class OperatorBook: Sendable {
  /// What an account is for.
  enum Role: String, Sendable {
    /// Everything that the console shows and does.
    case full = "operator"
    /// The counts of the district, and nothing of any agency's device or any child.
    case coordinator
  }

  struct Account: Sendable, Equatable {
    let name: String
    let role: Role
    var passphrase: Passphrase
    let madeMilliseconds: UInt64
    /// The key of the authenticator's codes; nil when none was set up.
    var codeKey: [UInt8]?
    /// The last step that a code was used of.
    var lastStep: Int64 = -1
  }

  /// What is kept of a passphrase.
  struct Passphrase: Sendable, Equatable {
    let salt: [UInt8]
    let cost: PassphraseKey.Cost
    /// Of the key that scrypt makes.
    let digest: [UInt8]
  }

  static let accountsMax = 200
  static let passphraseCharactersMin = 12
  static let passphraseBytesMax = 1_024
  private static let fileBytesMax = 1 << 20

  private let path: String
  private let accounts: Lock<[Account]>

  init(path: String) throws {
    self.path = path
    accounts = Lock(access(path, F_OK) == 0 ? try Self.read(path) : [])
  }

  var all: [Account] { accounts.withLock { $0 } }

  /// By its very bytes: two spellings of one letter are two names, as they are on the audit log.
  func account(_ name: String) -> Account? { all.first { Self.isSame($0.name, name) } }

  private static func isSame(_ one: String, _ other: String) -> Bool {
    one.utf8.elementsEqual(other.utf8)
  }

  // MARK: Changing

  func add(_ name: String, as role: Role, _ passphrase: Passphrase, now: UInt64) throws {
    try change { accounts in
      try Self.requireRoom(for: name, in: accounts)
      accounts.append(
        Account(name: name, role: role, passphrase: passphrase, madeMilliseconds: now))
    }
  }

  /// Throws what `add` would throw.
  func requireRoom(for name: String) throws { try Self.requireRoom(for: name, in: all) }

  /// A name that only looks like another's would be taken for it.
  private static func requireRoom(for name: String, in accounts: [Account]) throws {
    guard !accounts.contains(where: { $0.name == name }) else {
      throw OperatorObjection.exists(name)
    }
    guard accounts.count < accountsMax else { throw OperatorObjection.tooMany }
  }

  /// The codes of an authenticator stay.
  func set(_ passphrase: Passphrase, of name: String) throws {
    try change(name) { $0.passphrase = passphrase }
  }

  func remove(_ name: String) throws {
    try change { accounts in accounts.remove(at: try Self.index(of: name, in: accounts)) }
  }

  /// `step`: that of the code by which it was shown that the authenticator has the key.
  func setCodeKey(_ key: [UInt8]?, usedStep step: Int64, of name: String) throws {
    try change(name) { account in
      account.codeKey = key
      account.lastStep = step
    }
  }

  private func change(_ name: String, _ body: (inout Account) -> Void) throws {
    try change { accounts in body(&accounts[try Self.index(of: name, in: accounts)]) }
  }

  private static func index(of name: String, in accounts: [Account]) throws -> Int {
    guard let index = accounts.firstIndex(where: { isSame($0.name, name) }) else {
      throw OperatorObjection.unknown(name)
    }
    return index
  }

  @discardableResult
  private func change<T>(_ body: (inout [Account]) throws -> T) throws -> T {
    try accounts.withLock { accounts in
      var changed = accounts
      let result = try body(&changed)
      try AtomicFile.write(Self.file(changed), to: path)
      accounts = changed
      return result
    }
  }

  // MARK: Signing in

  /// Takes as long for a name that nobody has. Blocks for scrypt's tenth of a second.
  func isRight(passphrase: String, of name: String) throws -> Bool {
    let kept = account(name)?.passphrase
    let digest = try Passphrase.digest(
      passphrase, salt: kept?.salt ?? [UInt8](repeating: 0, count: 16),
      cost: kept?.cost ?? .standard)
    return constantTimeEquals(digest, kept?.digest ?? []) && kept != nil
  }

  /// True when the code is the present one of the authenticator, and has not been used; also when
  /// none was set up. False for a name that nobody has any more.
  func takeCode(_ code: String, of name: String, atMilliseconds now: Int64) throws -> Bool {
    guard let account = account(name) else { return false }
    if account.codeKey == nil { return true }
    return try change { accounts in
      guard let index = accounts.firstIndex(where: { Self.isSame($0.name, name) }),
        let key = accounts[index].codeKey,
        let step = try OneTimePassword.step(
          of: code.filter { !$0.isWhitespace }, key: key, atMilliseconds: now,
          after: accounts[index].lastStep)
      else { return false }
      accounts[index].lastStep = step
      return true
    }
  }

  // MARK: The file

  /// 1: all accounts are full ones. 2: each has its role, which a program that knows only 1 has to
  /// refuse, since it would give a coordinator everything.
  private static let formats: ClosedRange<Int64> = 1...2

  private static func file(_ accounts: [Account]) -> [UInt8] {
    let file: JSON = [
      "format": .integer(accounts.allSatisfy { $0.role == .full } ? 1 : 2),
      "operators": .array(
        accounts.map { account in
          [
            "name": .string(account.name), "role": .string(account.role.rawValue),
            "salt": .string(Hex.text(account.passphrase.salt)),
            "iterations": .count(account.passphrase.cost.iterations),
            "blockSize": .count(account.passphrase.cost.blockSize),
            "parallelism": .count(account.passphrase.cost.parallelism),
            "digest": .string(Hex.text(account.passphrase.digest)),
            "madeMilliseconds": .count(account.madeMilliseconds),
            "codeKey": account.codeKey.map { .string(Hex.text($0)) } ?? .null,
            "lastStep": .integer(account.lastStep),
          ]
        }),
    ]
    return Array((file.text(.pretty) + "\n").utf8)
  }

  private static func read(_ path: String) throws -> [Account] {
    var facts = stat()
    if stat(path, &facts) == 0 && facts.st_mode & 0o077 != 0 {
      throw HubFolderError.secretReadableByOthers(file: path)
    }
    let bytes = try AtomicFile.read(path, maximumBytes: fileBytesMax)
    // Whatever is wrong with it, there is one thing to do, and no detail of a secret to tell.
    guard let file = try? JSON.parse(bytes), let format = file["format"]?.integerValue,
      formats.contains(format),
      let listed = file["operators"]?.arrayValue
    else { throw HubFolderError.damagedOperators(file: path) }
    return try listed.map {
      guard let account = Account($0) else { throw HubFolderError.damagedOperators(file: path) }
      return account
    }
  }
}

extension OperatorBook.Account {
  /// Nil for anything but what `file` writes.
  fileprivate init?(_ json: JSON) {
    func number(_ name: String) -> Int? { json[name]?.integerValue.flatMap { Int(exactly: $0) } }
    func bytes(_ name: String) -> [UInt8]? { json[name]?.stringValue.flatMap { Hex.bytes($0) } }
    guard let name = json["name"]?.stringValue,
      let role = json["role"].map({ OperatorBook.Role(rawValue: $0.stringValue ?? "") }) ?? .full,
      let salt = bytes("salt"), salt.count >= 16,
      let digest = bytes("digest"), digest.count == sha256ByteCount,
      let iterations = number("iterations"), let blockSize = number("blockSize"),
      let parallelism = number("parallelism"),
      let cost = try? PassphraseKey.Cost(
        iterations: iterations, blockSize: blockSize, parallelism: parallelism),
      let made = json["madeMilliseconds"]?.unsignedValue, let lastStep = number("lastStep")
    else { return nil }
    self.init(
      name: name, role: role, passphrase: .init(salt: salt, cost: cost, digest: digest),
      madeMilliseconds: made, codeKey: bytes("codeKey"), lastStep: Int64(lastStep))
  }
}

extension OperatorBook.Passphrase {
  /// Blocks for scrypt's tenth of a second. Throws for one that may not be chosen.
  init(choosing passphrase: String) throws {
    guard passphrase.count >= OperatorBook.passphraseCharactersMin,
      passphrase.utf8.count <= OperatorBook.passphraseBytesMax
    else {
      throw OperatorObjection.passphraseLength
    }
    var random = SecureRandom()
    let salt = random.bytes(16)
    let digest = try Self.digest(passphrase, salt: salt, cost: .standard)
    self.init(salt: salt, cost: .standard, digest: digest)
  }

  fileprivate static func digest(
    _ passphrase: String, salt: [UInt8], cost: PassphraseKey.Cost
  ) throws -> [UInt8] {
    sha256(
      try PassphraseKey.derive(passphrase: Array(passphrase.utf8), salt: salt, cost: cost).bytes)
  }
}

/// Why an account was not changed.
enum OperatorObjection: Error, Equatable {
  case passphraseLength
  case tooMany
  case wrongCode
  case unknown(String)
  case exists(String)

  var sentence: String {
    switch self {
    case .passphraseLength:
      "A passphrase has at least \(OperatorBook.passphraseCharactersMin) characters and at most "
        + "\(OperatorBook.passphraseBytesMax) bytes. Nothing was changed."
    case .tooMany:
      "There are \(OperatorBook.accountsMax) operators already. End one first: cafsync hub "
        + "operator end NAME"
    case .wrongCode:
      "That is not the code of this half minute. Check the authenticator's clock, and type the "
        + "next one."
    case .unknown(let name):
      "There is no operator “\(name)”. See `cafsync hub operator list`."
    case .exists(let name): "There is an operator “\(name)” already. Nothing was changed."
    }
  }
}
