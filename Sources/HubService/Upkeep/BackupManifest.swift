import Cryptography
import Glibc
import Operations

/// What lies in one backup, said beside it: enough to refuse one that is damaged, of another hub,
/// or changed by somebody since.
///
/// The digest finds damage; the MAC, under a key that only the hub's secrets give, finds whoever
/// can write to the disk of the backups and would have a hub restored to what never was.
struct BackupManifest: Equatable {
  enum Content: String, CaseIterable {
    case database, keys

    var file: String { self == .database ? "replica.sqlite" : "keys.sqlite" }
  }

  static let file = "manifest.json"
  static let format: Int64 = 1

  var content: Content
  var createdMilliseconds: UInt64
  /// The version of the program that wrote it.
  var program: String
  var epoch: UInt64
  var commits: UInt64
  /// How many migrations the database has had.
  var schema: UInt64
  /// Compartments, or keys.
  var count: UInt64
  var bytes: UInt64
  var digest: [UInt8]

  private var body: JSON {
    [
      "format": .integer(Self.format), "content": .string(content.rawValue),
      "createdMilliseconds": .count(createdMilliseconds), "program": .string(program),
      "epoch": .count(epoch), "commits": .count(commits), "schema": .count(schema),
      "count": .count(count), "bytes": .count(bytes), "sha256": .string(Hex.text(digest)),
    ]
  }

  func encoded(_ authenticator: MessageAuthenticator) -> [UInt8] {
    guard case .object(var object) = body else { return [] }
    object["mac"] = .string(Hex.text(authenticator.authenticate(body.bytes())))
    return Array((JSON.object(object).text(.pretty) + "\n").utf8)
  }

  /// Throws `BackupError` for a manifest that is unreadable, or not of this hub.
  init(file path: String, _ authenticator: MessageAuthenticator) throws {
    let text = try AtomicFile.read(path, maximumBytes: 65_536)
    // Whatever is wrong with it, it is no manifest of ours.
    guard let json = try? JSON.parse(text), json["format"]?.integerValue == Self.format,
      let content = json["content"]?.stringValue.flatMap(Content.init(rawValue:)),
      let created = json["createdMilliseconds"]?.unsignedValue,
      let program = json["program"]?.stringValue, let epoch = json["epoch"]?.unsignedValue,
      let commits = json["commits"]?.unsignedValue, let schema = json["schema"]?.unsignedValue,
      let count = json["count"]?.unsignedValue, let bytes = json["bytes"]?.unsignedValue,
      let digest = json["sha256"]?.stringValue.flatMap({ Hex.bytes($0) }),
      let mac = json["mac"]?.stringValue.flatMap({ Hex.bytes($0) })
    else { throw BackupError.unreadableManifest(path: path) }
    self.init(
      content: content, createdMilliseconds: created, program: program, epoch: epoch,
      commits: commits, schema: schema, count: count, bytes: bytes, digest: digest)
    guard constantTimeEquals(authenticator.authenticate(body.bytes()), mac) else {
      throw BackupError.notOfThisHub(path: path)
    }
  }

  init(
    content: Content, createdMilliseconds: UInt64, program: String, epoch: UInt64,
    commits: UInt64, schema: UInt64, count: UInt64, bytes: UInt64, digest: [UInt8]
  ) {
    self.content = content
    self.createdMilliseconds = createdMilliseconds
    self.program = program
    self.epoch = epoch
    self.commits = commits
    self.schema = schema
    self.count = count
    self.bytes = bytes
    self.digest = digest
  }

  /// The length and the digest of a file, read in pieces.
  static func measure(_ path: String) throws(FileError) -> (bytes: UInt64, digest: [UInt8]) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw FileError(.read, path, errno: errno) }
    defer { close(descriptor) }
    var digest = SHA256Digest()
    var bytes: UInt64 = 0
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileError(.read, path, errno: errno) }
      if count == 0 { return (bytes, digest.finish()) }
      chunk.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      bytes += UInt64(count)
    }
  }
}
