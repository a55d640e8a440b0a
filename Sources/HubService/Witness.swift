import Cryptography
import Glibc
import Operations

/// How far the hub had come, noted outside the database: a database that counts fewer commits has
/// been restored from a backup.
///
/// Two slots of 72 bytes are written in turn, in place, after each committed batch; a slot that a
/// power cut tore fails its checksum, and the other one counts. It is not flushed: the database is,
/// before, so the witness may be late but is never ahead.
package struct Witness: Equatable, Sendable {
  package var epoch: UInt64
  /// Batches that moved something.
  package var commits: UInt64
  /// Bytes of the policy journal at that moment, and its chain there.
  package var journalBytes: UInt64
  package var journalChain: [UInt8]

  static let slotBytes = 72
  static let chainBytes = 32

  package init(epoch: UInt64, commits: UInt64, journalBytes: UInt64, journalChain: [UInt8]) {
    self.epoch = epoch
    self.commits = commits
    self.journalBytes = journalBytes
    self.journalChain = journalChain
  }

  static func create(at path: String) throws {
    try AtomicFile.write([UInt8](repeating: 0, count: 2 * slotBytes), to: path)
  }

  var slot: [UInt8] {
    let body = word(epoch) + word(commits) + word(journalBytes) + journalChain
    return body + sha256(body).prefix(16)
  }

  init?(slot: ArraySlice<UInt8>) {
    let bytes = Array(slot)
    guard bytes.count == Self.slotBytes else { return nil }
    let body = Array(bytes.prefix(24 + Self.chainBytes))
    guard Array(sha256(body).prefix(16)) == Array(bytes.suffix(16)) else { return nil }
    let words = stride(from: 0, to: 24, by: 8).map { start in
      body[start..<start + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
    self.init(
      epoch: words[0], commits: words[1], journalBytes: words[2], journalChain: Array(body[24...]))
  }

  private func word(_ value: UInt64) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }
}

/// The witness's file, kept open.
final class WitnessFile {
  private let path: String
  private let descriptor: Int32
  /// What it said when it was opened; nil for a hub that has committed nothing yet.
  let found: Witness?
  /// Nothing stood in the folder: it cannot vouch for anything.
  let wasMissing: Bool
  private var nextSlot = 0

  init(path: String) throws {
    self.path = path
    wasMissing = access(path, F_OK) != 0
    if wasMissing { try Witness.create(at: path) }
    let (latest, first) = try Self.slots(of: path)
    found = latest
    if let found { nextSlot = first == found ? 1 : 0 }
    descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw FileError(.write, path, errno: errno) }
  }

  deinit { close(descriptor) }

  /// What a witness says, without opening it for writing; nil for that of a hub that has committed
  /// nothing yet.
  static func read(_ path: String) throws -> Witness? { try slots(of: path).latest }

  private static func slots(of path: String) throws -> (latest: Witness?, first: Witness?) {
    let bytes = try AtomicFile.read(path, maximumBytes: 4_096)
    let slots = [bytes.prefix(Witness.slotBytes), bytes.dropFirst(Witness.slotBytes)]
    let read = slots.map { Witness(slot: $0) }
    let latest = read.compactMap(\.self).max { $0.commits < $1.commits }
    if latest == nil && bytes.contains(where: { $0 != 0 }) {
      throw HubFolderError.damagedWitness(file: path)
    }
    return (latest, read[0])
  }

  func write(_ witness: Witness) throws {
    let bytes = witness.slot
    let count = pwrite(descriptor, bytes, bytes.count, off_t(nextSlot * Witness.slotBytes))
    guard count == bytes.count else {
      throw FileError(.write, path, errno: count < 0 ? errno : ENOSPC)
    }
    nextSlot = 1 - nextSlot
  }
}
