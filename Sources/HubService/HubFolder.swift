package import Cryptography
import Glibc
package import Operations
package import SyncEngine

/// What a hub's data folder holds, and under which names.
///
/// `replica.sqlite` and `keys.sqlite` are the store's. `master.key` and `hub.secrets` (mode 0600)
/// are this hub's identity: they, `operators`, `policy.journal` and `witness` are never restored
/// together with the database. Journal and witness may lie in a folder on another disk, which
/// `journal.folder` then names, so that the loss of one disk does not take them along.
///
/// `master.key` and `hub.secrets` need not lie beside the database at all: where a folder
/// `credentials` (systemd's `CREDENTIALS_DIRECTORY`) holds one of them, that one is used.
package struct HubFolder: Sendable {
  package let path: String
  let credentials: String?

  package init(path: String, credentials: String? = nil) {
    self.path = path
    self.credentials = credentials
  }

  package var masterKeyPath: String { secretPath("master.key") }
  package var secretsPath: String { secretPath("hub.secrets") }
  var operatorsPath: String { path + "/operators" }
  var journalPath: String { get throws { try journalFolder() + "/policy.journal" } }
  var witnessPath: String { get throws { try journalFolder() + "/witness" } }
  /// Names the folder of journal and witness, when it is another.
  private var pointerPath: String { path + "/journal.folder" }
  var databasePath: String { path + "/replica.sqlite" }
  var keysPath: String { path + "/keys.sqlite" }

  private func secretPath(_ name: String) -> String {
    credential(name) ?? path + "/" + name
  }

  private func credential(_ name: String) -> String? {
    credentials.map { $0 + "/" + name }.flatMap { exists($0) ? $0 : nil }
  }

  /// Makes a new hub's folder with fresh secrets. Refuses a folder in which a hub has begun.
  ///
  /// - Parameter journal: the whole path of another folder, for the policy journal and the witness.
  package func initialise(journal: String? = nil) throws {
    if mkdir(path, 0o700) != 0 && errno != EEXIST { throw FileError(.create, path, errno: errno) }
    let lock = try FolderLock(folder: path)
    defer { lock.release() }
    if let journal, !exists(masterKeyPath) { try keepJournal(in: journal) }
    for file in [masterKeyPath, secretsPath, try journalPath, try witnessPath, databasePath]
    where exists(file) {
      throw HubFolderError.alreadyAHub(folder: path, file: file)
    }
    var random = SecureRandom()
    let sealing = try SealingKeyPair.generate(using: &random)
    let secrets: JSON = [
      "format": 1, "certifyingKey": .string(Hex.text(random.bytes(32))),
      "privateKey": .string(Hex.text(sealing.privateKey)),
    ]
    try AtomicFile.write(Array((secrets.text(.pretty) + "\n").utf8), to: secretsPath)
    try PolicyJournalFile.create(at: journalPath, isFirst: true)
    try Witness.create(at: witnessPath)
    // Last: with it the folder counts as a hub's.
    try AtomicFile.write(Array((Hex.text(random.bytes(32)) + "\n").utf8), to: masterKeyPath)
  }

  package func requireInitialised() throws {
    guard exists(path) else { throw FileError(.read, path, .notFound) }
    guard exists(masterKeyPath), exists(secretsPath) else {
      if exists(databasePath) { throw HubFolderError.secretsMissing(folder: path) }
      throw HubFolderError.notAHub(folder: path)
    }
  }

  /// From now on journal and witness lie in that folder, which is made if it is not there.
  func keepJournal(in journal: String) throws {
    if mkdir(journal, 0o700) != 0 && errno != EEXIST {
      throw FileError(.create, journal, errno: errno)
    }
    try AtomicFile.write(Array((journal + "\n").utf8), to: pointerPath)
  }

  /// Where journal and witness lie.
  func journalFolder() throws -> String {
    guard exists(pointerPath) else { return path }
    let text = String(
      decoding: try AtomicFile.read(pointerPath, maximumBytes: 8_192), as: UTF8.self)
    return String(text.prefix { $0 != "\n" })
  }

  /// Begins a new journal where the old one was moved away. True if so. A journal on a disk of its
  /// own that is not there may be on one that is not mounted.
  func replaceMissingJournal() throws -> Bool {
    let journal = try journalPath
    if exists(journal) { return false }
    guard try journalFolder() == path else {
      throw HubFolderError.journalNotThere(file: journal, pointer: pointerPath)
    }
    try PolicyJournalFile.create(at: journal, isFirst: false)
    return true
  }

  package func masterKey() throws -> SymmetricKey {
    let text = try secretText(masterKeyPath).filter { !$0.isWhitespace }
    guard let bytes = Hex.bytes(text), let key = SymmetricKey(bytes: bytes) else {
      throw HubFolderError.damagedSecret(file: masterKeyPath)
    }
    return key
  }

  package func secrets() throws -> HubSecrets {
    let text = try secretText(secretsPath)
    // Whatever is wrong with it, there is one thing to do, and no detail of a secret to tell.
    guard let file = try? JSON.parse(text), file["format"]?.integerValue == 1,
      let certifying = file["certifyingKey"]?.stringValue.flatMap({ Hex.bytes($0) }),
      certifying.count == 32,
      let privateKey = file["privateKey"]?.stringValue.flatMap({ Hex.bytes($0) }),
      let sealing = try? SealingKeyPair(privateKey: privateKey)
    else { throw HubFolderError.damagedSecret(file: secretsPath) }
    return HubSecrets(certifyingKey: certifying, sealing: sealing)
  }

  /// The journal's lines hold what families decided: they are sealed by a key of their own.
  package func journalKey(_ secrets: HubSecrets) throws -> SymmetricKey {
    try KeyDerivation.key(
      secret: secrets.certifyingKey, salt: [], info: Array("cafsync policy journal".utf8))
  }

  /// Who may read a credential is for systemd to see to, which lets the service in by a list of
  /// access rights that looks like a group's.
  private func secretText(_ file: String) throws -> String {
    var facts = stat()
    if file.hasPrefix(path + "/"), stat(file, &facts) == 0 && facts.st_mode & 0o077 != 0 {
      throw HubFolderError.secretReadableByOthers(file: file)
    }
    return String(decoding: try AtomicFile.read(file, maximumBytes: 4_096), as: UTF8.self)
  }

  func exists(_ file: String) -> Bool { access(file, F_OK) == 0 }
}

/// What is wrong with a hub's folder, and what to do about it.
package enum HubFolderError: Error, Equatable, Sendable, CustomStringConvertible {
  case alreadyAHub(folder: String, file: String)
  case notAHub(folder: String)
  case secretsMissing(folder: String)
  case damagedDatabase(file: String, detail: String)
  case olderSchema(folder: String, found: Int, known: Int)
  case damagedSecret(file: String)
  case wrongKey(file: String)
  case damagedOperators(file: String)
  case secretReadableByOthers(file: String)
  case damagedJournal(file: String, offset: Int, detail: String)
  case journalShorterThanWitness(file: String)
  case journalNotThere(file: String, pointer: String)
  case damagedWitness(file: String)

  /// How a command ends that meets it.
  package var exit: ExitCode {
    switch self {
    case .alreadyAHub: .conflict
    case .notAHub: .configuration
    case .secretReadableByOthers: .system
    case .journalNotThere, .olderSchema: .configuration
    case .secretsMissing, .damagedDatabase, .damagedSecret, .wrongKey, .damagedOperators,
      .damagedJournal, .journalShorterThanWitness, .damagedWitness:
      .damaged
    }
  }

  package var description: String {
    switch self {
    case .alreadyAHub(let folder, let file):
      "\(folder) holds a hub already (\(file)). Serve it, or name another folder; nothing was "
        + "changed."
    case .notAHub(let folder):
      "\(folder) holds no hub. Make one with `cafsync hub init --folder \(folder)`, or name "
        + "another folder."
    case .secretsMissing(let folder):
      "\(folder) has a database, but master.key or hub.secrets is missing. If systemd gives them "
        + "to the hub as credentials, start the hub; else put back the copies that were kept apart "
        + "from the backups of the database: without them it cannot be read."
    case .damagedDatabase(let file, let detail):
      "\(file) is damaged (\(detail)). Keep a copy of the folder, then put back replica.sqlite and "
        + "keys.sqlite from the newest backup and leave the other files as they are: the hub "
        + "notices, and its devices give back what the backup lacks."
    case .olderSchema(let folder, let found, let known):
      "The database in \(folder) has version \(found), and this program works with version "
        + "\(known). Run `cafsync hub upgrade DIR --keys KEYDIR --folder \(folder)`, which backs "
        + "up first; nothing was changed."
    case .damagedSecret(let file):
      "\(file) is damaged. Put back the copy that was kept apart from the backups of the database."
    case .wrongKey(let file):
      "The key in \(file) does not fit this hub's keys.sqlite. Put the one there that the hub was "
        + "made with; nothing was changed."
    case .damagedOperators(let file):
      "\(file) is damaged. Put back the newest whole copy of it, or move it away and add the "
        + "operators anew: cafsync hub operator add NAME"
    case .secretReadableByOthers(let file):
      "\(file) can be read by other users. Correct it with chmod 600, and think about who may have."
    case .damagedJournal(let file, let offset, let detail):
      "\(file) is damaged at byte \(offset): \(detail). Put back the newest whole copy of it. If "
        + "there is none, move the file away: the hub then takes policy back from its devices "
        + "before it gives anything out."
    case .journalShorterThanWitness(let file):
      "\(file) ends before the last entry that was acknowledged. Put back the newest copy. If "
        + "there is none, move the file away: the hub then takes policy back from its devices "
        + "before it gives anything out."
    case .journalNotThere(let file, let pointer):
      "\(file) is not there: mount its disk. If it is lost, remove \(pointer): the hub then begins "
        + "a new journal in its own folder, and takes policy back from its devices before it gives "
        + "anything out."
    case .damagedWitness(let file):
      "\(file) is damaged. Move it away: the hub then takes back what its devices hold before it "
        + "gives anything out."
    }
  }
}
