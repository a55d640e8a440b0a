import Cryptography
import Glibc
import Operations
import ReplicaStore
import SyncEngine

/// What an agency's data folder holds, and under which names.
///
/// `replica.sqlite` and `keys.sqlite` are the store's, `cafsync.sock` is where commands ask. The
/// key that opens the key file is `master.key` (`MasterKeyFile`); `api.token` is what the pages on
/// this machine show. `hub.json` says which hub it joined. All are for the daemon's user alone
/// (mode 0600).
package struct AgencyFolder: Sendable {
  package let path: String

  package init(path: String) { self.path = path }

  var masterKeyPath: String { path + "/master.key" }
  var hubPath: String { path + "/hub.json" }
  var tokenPath: String { path + "/api.token" }
  /// What was sent to a hub that may have answered without our hearing it.
  var pendingPath: String { path + "/enrolment.json" }

  /// Where private notes are backed up to when nothing else is configured: on this disk, but not in
  /// the folder that may be lost.
  var privateBackupPath: String {
    String(path.reversed().drop { $0 == "/" }.reversed()) + ".private-backup"
  }

  /// Whether a file of that path would be lost with this folder.
  func holds(_ file: String) -> Bool {
    let parent = file.lastIndex(of: "/").map { $0 == file.startIndex ? "/" : String(file[..<$0]) }
    guard let inner = realpath(parent ?? ".", nil) else { return file.hasPrefix(path + "/") }
    defer { free(inner) }
    guard let outer = realpath(path, nil) else { return false }
    defer { free(outer) }
    let (inside, own) = (String(cString: inner), String(cString: outer))
    return inside == own || inside.hasPrefix(own + "/")
  }

  func exists(_ file: String) -> Bool { access(file, F_OK) == 0 }

  func make() throws(FileError) {
    if mkdir(path, 0o700) != 0 && errno != EEXIST { throw FileError(.create, path, errno: errno) }
  }

  /// A key for a folder that is being made; the one that is there already, if a join was cut off.
  func makeMasterKey() throws -> SymmetricKey {
    if !exists(masterKeyPath) {
      try AtomicFile.write(MasterKeyFile.open(.random()).bytes, to: masterKeyPath)
    }
    guard let key = try AgencyKeys(folder: self, credentials: nil).master() else {
      throw OperationError(
        .conflict, "\(masterKeyPath) lies under a passphrase: join in another folder.")
    }
    return key
  }

  var withoutKey: OperationError {
    OperationError(
      exists(path + "/replica.sqlite") ? .damaged : .configuration,
      exists(path + "/replica.sqlite")
        ? "\(path) has a database, but master.key is missing: put back its copy; without it "
          + "nothing here can be read."
        : "\(path) has joined no hub. Do it with: cafsync agency join --hub URL --code CODE "
          + "--folder \(path).")
  }

  /// Which hub, as the join recorded it.
  func hub() throws -> HubAddress {
    guard exists(hubPath) else {
      throw OperationError(
        .configuration,
        "\(path) has joined no hub. Do it with: cafsync agency join --hub URL --code CODE --folder "
          + "\(path).")
    }
    let file = try ConfigurationReader(path: hubPath)
    let address = HubAddress(
      url: file.requiredString("hub"), caFile: file.optionalString("caFile"),
      certificateFile: file.optionalString("certificateFile"),
      certificateKeyFile: file.optionalString("certificateKeyFile"))
    try file.finish()
    return address
  }

  /// Files are named from the root: the daemon may start elsewhere.
  func write(_ hub: HubAddress) throws {
    var object = JSON.Object()
    object["hub"] = .string(hub.url)
    for (name, file) in [
      ("caFile", hub.caFile), ("certificateFile", hub.certificateFile),
      ("certificateKeyFile", hub.certificateKeyFile),
    ] {
      guard let file else { continue }
      guard let path = realpath(file, nil) else { throw FileError(.read, file, errno: errno) }
      defer { free(path) }
      object[name] = .string(String(cString: path))
    }
    try AtomicFile.write(Array((JSON.object(object).text(.pretty) + "\n").utf8), to: hubPath)
  }

  /// What the pages on this machine have to show; made at the first call.
  func token() throws -> String {
    if !exists(tokenPath) {
      var random = SecureRandom()
      try AtomicFile.write(Array((Hex.text(random.bytes(32)) + "\n").utf8), to: tokenPath)
    }
    let text = try AtomicFile.read(tokenPath, maximumBytes: 4_096)
    return String(decoding: text, as: UTF8.self).filter { !$0.isWhitespace }
  }
}

/// Where the hub is.
package struct HubAddress: Hashable, Sendable {
  package let url: String
  /// Certificates to trust instead of the system's, as a PEM file.
  package let caFile: String?
  /// What this device shows of itself where the hub's proxy asks for client certificates, and the
  /// key to it; PEM files.
  package let certificateFile: String?
  package let certificateKeyFile: String?

  package init(
    url: String, caFile: String? = nil, certificateFile: String? = nil,
    certificateKeyFile: String? = nil
  ) {
    self.url = url
    self.caFile = caFile
    self.certificateFile = certificateFile
    self.certificateKeyFile = certificateKeyFile
  }
}

/// Nil for anything but pairs of hexadecimal digits.
func bytes(hexadecimal text: String) -> [UInt8]? {
  let digits = text.utf8.map { UInt8(String(decoding: [$0], as: UTF8.self), radix: 16) }
  guard digits.count.isMultiple(of: 2) else { return nil }
  var bytes: [UInt8] = []
  for index in stride(from: 0, to: digits.count, by: 2) {
    guard let high = digits[index], let low = digits[index + 1] else { return nil }
    bytes.append(high << 4 | low)
  }
  return bytes
}
