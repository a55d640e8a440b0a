import CBOR
package import Cryptography
import Glibc
package import Operations
package import SyncEngine

/// The policy journal on disk: append-only, chained, sealed, and never restored with the database.
///
/// After eight bytes that name the format come frames: length (4 bytes, big-endian), chain (SHA-256
/// over the chain before and the sealed bytes), the sealed bytes. A frame holds the lines of one
/// batch, is written with one call and flushed before the batch commits. So a crash can tear only
/// the last frame, which nobody was told of: it is cut off. Anything else that does not fit the
/// chain is damage, and a person has to know.
package final class PolicyJournalFile: PolicyJournal {
  static let head = Array("CAFJRNL1".utf8)
  /// Of a journal that has taken the place of a lost one. What stood in that it can never prove to
  /// have, however whole it is itself.
  static let laterHead = Array("CAFJRNL+".utf8)
  static let frameHeadBytes = 36
  static let frameBytesMax = 8 << 20
  private static let firstChain = sha256(head)

  private let path: String
  private let key: SymmetricKey
  private let descriptor: Int32
  private(set) var bytes: UInt64 = 0
  private(set) var chain: [UInt8] = []
  private var waiting: [JournalLine] = []
  /// Set when a failed write could not be taken back: what follows it would be lost.
  private var isBroken = false

  static func create(at path: String, isFirst: Bool) throws {
    try AtomicFile.write(isFirst ? head : laterHead, to: path)
  }

  package init(path: String, key: SymmetricKey) throws {
    descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw FileError(.write, path, errno: errno) }
    self.path = path
    self.key = key
  }

  deinit { close(descriptor) }

  /// Reads the whole journal, once, before anything is written: gives every line to `replay` in
  /// order, and cuts a torn tail. Returns whether the journal has once been as `witness` saw it,
  /// and so holds everything that was acknowledged until then.
  package func takeIn(
    witness: Witness?, log: Log, replay: (JournalLine) throws -> Void
  ) throws -> Bool {
    let scan = try JournalScan.run(
      descriptor: descriptor, path: path, key: key, firstChain: Self.firstChain, witness: witness,
      each: replay)
    if let witness, witness.journalBytes > scan.bytes {
      throw HubFolderError.journalShorterThanWitness(file: path)
    }
    if scan.tornBytes > 0 {
      log.warning(
        "a torn end of the policy journal was cut off", ["bytes": .count(scan.tornBytes)])
      guard ftruncate(descriptor, off_t(scan.bytes)) == 0, fsync(descriptor) == 0 else {
        throw FileError(.write, path, errno: errno)
      }
    }
    bytes = scan.bytes
    chain = scan.chain
    return scan.holdsWitnessed
  }

  /// Gives every line to `each`, without changing anything. Returns what `takeIn` returns.
  @discardableResult
  static func read(
    path: String, key: SymmetricKey, witness: Witness? = nil, each: (JournalLine) throws -> Void
  ) throws -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw FileError(.read, path, errno: errno) }
    defer { close(descriptor) }
    return try JournalScan.run(
      descriptor: descriptor, path: path, key: key, firstChain: firstChain, witness: witness,
      each: each
    ).holdsWitnessed
  }

  // MARK: Writing

  /// Keeps the line for `flush`.
  package func append(_ line: JournalLine) throws {
    waiting.append(line)
  }

  /// Makes the lines since the last flush durable. Call it inside the transaction that they belong
  /// to, last before its commit: they are then in the journal before anybody is told.
  package func flush() throws {
    var lines = waiting[...]
    waiting = []
    while !lines.isEmpty {
      var count = 0
      var body = CBOREncoder()
      while count < lines.count, count == 0 || body.bytes.count < Self.frameBytesMax / 2 {
        lines[lines.startIndex + count].encode(into: &body)
        count += 1
      }
      try write(count: count, body.bytes)
      lines = lines.dropFirst(count)
    }
  }

  package var waitingCount: Int { waiting.count }

  /// Forgets lines of what was rolled back.
  package func forget(after count: Int) { waiting.removeLast(max(waiting.count - count, 0)) }

  private func write(count: Int, _ lines: [UInt8]) throws {
    precondition(bytes > 0, "the journal is written before it was taken in")
    guard !isBroken else { throw FileError(.write, path, .other(EIO)) }
    var plaintext = CBOREncoder(reservingBytes: lines.count + 9)
    plaintext.arrayHeader(count: count)
    plaintext.raw(lines)
    let sealed = try Sealing.seal(plaintext.bytes, key: key, associatedData: chain)
    guard sealed.count <= Self.frameBytesMax else {
      throw FileError(.write, path, .tooLong(limitBytes: Self.frameBytesMax))
    }
    let next = sha256(chain + sealed)
    let length = withUnsafeBytes(of: UInt32(sealed.count).bigEndian) { Array($0) }
    let frame = length + next + sealed
    let written = pwrite(descriptor, frame, frame.count, off_t(bytes))
    guard written == frame.count, fdatasync(descriptor) == 0 else {
      let code = written >= 0 && written < frame.count ? ENOSPC : errno
      isBroken = ftruncate(descriptor, off_t(bytes)) != 0
      throw FileError(.write, path, errno: code)
    }
    bytes += UInt64(frame.count)
    chain = next
  }
}
