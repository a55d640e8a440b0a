import Glibc

/// Damage inside a write-ahead log that a crash has left behind
/// (https://www.sqlite.org/fileformat.html, section 4).
///
/// SQLite reads a log up to the first frame whose checksum does not fit, and takes the rest for
/// what a cut of the power has left of the last transaction. A damaged frame in the middle would so
/// take back transactions that were acknowledged, without a word. They can be told apart where
/// every commit is synchronised (`DatabaseOptions.Synchronous.full`): nothing is written after a
/// commit before that commit is on the disk. So frames after a commit that cannot be read any more
/// mean damage. The last transaction alone could be either, and is taken to be cut off.
struct LogDamage {
  private static let headBytes = 32
  private static let frameHeadBytes = 24
  /// What a log of a size that we never let grow has; more is read by SQLite alone.
  private static let logBytesMax = 1 << 28

  /// Whether the log at this path, if there is one, has lost transactions.
  static func isIn(_ path: String) -> Bool {
    guard let bytes = contents(of: path, bytesMax: logBytesMax) else { return false }
    return isIn(bytes)
  }

  static func isIn(_ bytes: [UInt8]) -> Bool {
    guard bytes.count > headBytes else { return false }
    return bytes.withUnsafeBytes { log in
      // A new log whose first bytes never reached the disk.
      if log[..<headBytes].allSatisfy({ $0 == 0 }) { return false }
      guard isHeadWhole(Array(log[..<headBytes])) else {
        return true  // It was synchronised before any frame was written.
      }
      let sum = (word(log, 24), word(log, 28))
      let isBigEndian = word(log, 0) & 1 == 1
      let pageBytes = Int(word(log, 8))
      return hasLostCommit(log, pageBytes: pageBytes, isBigEndian: isBigEndian, sum: sum)
    }
  }

  /// Whether a log's head is what it says of itself.
  static func isHeadWhole(_ head: [UInt8]) -> Bool {
    head.withUnsafeBytes { head in
      let isBigEndian = word(head, 0) == 0x377f_0683
      var sum: (UInt32, UInt32) = (0, 0)
      add(head[..<24], isBigEndian, to: &sum)
      return (isBigEndian || word(head, 0) == 0x377f_0682)
        && sum == (word(head, 24), word(head, 28))
        && (512...65_536).contains(word(head, 8))
    }
  }

  private static func hasLostCommit(
    _ log: UnsafeRawBufferPointer, pageBytes: Int, isBigEndian: Bool, sum: (UInt32, UInt32)
  ) -> Bool {
    var sum = sum
    var isReadable = true
    var hasCommit = false
    let frameBytes = frameHeadBytes + pageBytes
    for start in stride(from: headBytes, through: log.count - frameBytes, by: frameBytes) {
      // Frames of an earlier round through the file have other salts.
      let isOfThisRound =
        word(log, start + 8) == word(log, 16) && word(log, start + 12) == word(log, 20)
      if isReadable {
        add(log[start..<start + 8], isBigEndian, to: &sum)
        add(log[start + frameHeadBytes..<start + frameBytes], isBigEndian, to: &sum)
        isReadable = isOfThisRound && sum == (word(log, start + 16), word(log, start + 20))
        // From here on everything counts as unread, this frame too.
        if isReadable { continue }
      }
      if !isOfThisRound { continue }
      if hasCommit { return true }
      hasCommit = word(log, start + 4) != 0
    }
    return false
  }

  static func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
    bytes.withUnsafeBytes { word($0, offset) }
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
    UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// Goes on with the sum of a log.
  static func add(
    _ bytes: Slice<UnsafeRawBufferPointer>, _ isBigEndian: Bool, to sum: inout (UInt32, UInt32)
  ) {
    let bytes = UnsafeRawBufferPointer(rebasing: bytes)
    var offset = 0
    while offset < bytes.count {
      var first = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
      var second = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
      if isBigEndian {
        (first, second) = (UInt32(bigEndian: first), UInt32(bigEndian: second))
      } else {
        (first, second) = (UInt32(littleEndian: first), UInt32(littleEndian: second))
      }
      sum.0 = sum.0 &+ first &+ sum.1
      sum.1 = sum.1 &+ second &+ sum.0
      offset += 8
    }
  }

  /// Nil when there is none, or it cannot be read: SQLite meets that next, and reports it.
  static func contents(of path: String, bytesMax: Int) -> [UInt8]? {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { Glibc.close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_size > 0, facts.st_size <= bytesMax else {
      return nil
    }
    let count = Int(facts.st_size)
    var filled = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { target, used in
      while let base = target.baseAddress, filled < count {
        let got = Glibc.read(descriptor, base + filled, count - filled)
        if got <= 0 { break }
        filled += got
      }
      used = filled
    }
    return filled == count ? bytes : nil
  }
}
