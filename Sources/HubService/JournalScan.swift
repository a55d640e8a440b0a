import CBOR
import Cryptography
import Glibc
import Operations
import SyncEngine

/// One pass over the policy journal, frame by frame.
struct JournalScan {
  /// Where the last whole frame ends.
  var bytes: UInt64
  var chain: [UInt8]
  /// Behind it: what a crash left of a frame.
  var tornBytes: UInt64 = 0
  /// The journal has once been as the witness saw it, and begins with the hub.
  var holdsWitnessed = false

  static func run(
    descriptor: Int32, path: String, key: SymmetricKey, firstChain: [UInt8],
    witness: Witness?, each: (JournalLine) throws -> Void
  ) throws -> JournalScan {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw FileError(.read, path, errno: errno) }
    let end = UInt64(max(facts.st_size, 0))
    let head = try read(descriptor, path, at: 0, count: PolicyJournalFile.head.count)
    guard [PolicyJournalFile.head, PolicyJournalFile.laterHead].contains(head) else {
      throw HubFolderError.damagedJournal(
        file: path, offset: 0, detail: "it does not begin like a policy journal")
    }
    var scan = JournalScan(bytes: UInt64(head.count), chain: firstChain)
    let witness = head == PolicyJournalFile.head ? witness : nil
    scan.compare(with: witness)
    while scan.bytes < end {
      guard let frame = try scan.frame(descriptor, path, end: end) else {
        scan.tornBytes = end - scan.bytes
        break
      }
      try scan.lines(of: frame.sealed, path: path, key: key, each: each)
      scan.chain = frame.chain
      scan.bytes += UInt64(PolicyJournalFile.frameHeadBytes + frame.sealed.count)
      scan.compare(with: witness)
    }
    return scan
  }

  private mutating func compare(with witness: Witness?) {
    if let witness, witness.journalBytes == bytes, witness.journalChain == chain {
      holdsWitnessed = true
    }
  }

  /// The next frame; nil when it is the torn last one.
  private func frame(
    _ descriptor: Int32, _ path: String, end: UInt64
  ) throws -> (sealed: [UInt8], chain: [UInt8])? {
    let headBytes = PolicyJournalFile.frameHeadBytes
    let left = end - bytes
    guard left >= UInt64(headBytes) else { return nil }
    let head = try Self.read(descriptor, path, at: bytes, count: headBytes)
    let length = head[0..<4].reduce(0) { $0 << 8 | Int($1) }
    if length == 0 || length > PolicyJournalFile.frameBytesMax {
      // A file that grew by blocks which were never written ends in zeros.
      if try isZero(descriptor, path, end: end) { return nil }
      throw damage(path, "a frame of \(length) bytes")
    }
    guard left >= UInt64(headBytes + length) else { return nil }
    let sealed = try Self.read(
      descriptor, path, at: bytes + UInt64(headBytes), count: length)
    let expected = sha256(chain + sealed)
    if expected == Array(head[4...]) { return (sealed, expected) }
    // Torn if nothing follows it, else changed after it was written.
    if left == UInt64(headBytes + length) { return nil }
    throw damage(path, "the frame does not fit the chain")
  }

  private func lines(
    of sealed: [UInt8], path: String, key: SymmetricKey, each: (JournalLine) throws -> Void
  ) throws {
    let plaintext: [UInt8]
    do {
      plaintext = try Sealing.open(sealed, key: key, associatedData: chain)
    } catch {
      throw damage(path, "it was not sealed with the secrets of this hub")
    }
    var decoder = CBORDecoder(plaintext)
    let count: Int
    do {
      count = try decoder.arrayHeader()
    } catch {
      throw damage(path, "its list of lines is unreadable")
    }
    for _ in 0..<count {
      let line: JournalLine
      do {
        line = try JournalLine(from: &decoder)
      } catch {
        throw damage(path, String(describing: error))
      }
      try each(line)
    }
  }

  private func isZero(_ descriptor: Int32, _ path: String, end: UInt64) throws -> Bool {
    guard end - bytes <= UInt64(PolicyJournalFile.frameBytesMax) else { return false }
    let rest = try Self.read(descriptor, path, at: bytes, count: Int(end - bytes))
    return rest.allSatisfy { $0 == 0 }
  }

  private func damage(_ path: String, _ detail: String) -> HubFolderError {
    .damagedJournal(file: path, offset: Int(clamping: bytes), detail: detail)
  }

  /// Fewer bytes than asked for only at the end of the file.
  private static func read(
    _ descriptor: Int32, _ path: String, at offset: UInt64, count: Int
  ) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = buffer.withUnsafeMutableBytes { target in
        pread(
          descriptor, target.baseAddress?.advanced(by: filled), count - filled,
          off_t(offset) + off_t(filled))
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw FileError(.read, path, errno: errno) }
      if got == 0 { break }
      filled += got
    }
    return Array(buffer[..<filled])
  }
}
