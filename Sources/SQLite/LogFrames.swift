/// The frames of a write-ahead log, those behind a damaged one too: for rescue.
///
/// Each frame's sum goes on from that of the frame before; with that one as it is stated there, a
/// frame can be proven on its own, and one flipped bit in it be turned back.
struct LogFrame {
  let page: Int
  /// The file's pages after the commit that this frame ends; 0 within a transaction.
  let pagesAfterCommit: Int
  /// Nil when it is damaged beyond one bit.
  let content: [UInt8]?

  private static let headBytes = 32
  private static let frameHeadBytes = 24

  /// The frames of the log's present round, in their order; none when its head is destroyed.
  static func frames(of log: [UInt8]) -> [LogFrame] {
    guard log.count > headBytes, let head = correctedHead(Array(log[..<headBytes])) else {
      return []
    }
    let isBigEndian = LogDamage.word(head, 0) & 1 == 1
    let pageBytes = Int(LogDamage.word(head, 8))
    guard (512...65_536).contains(pageBytes) else { return [] }
    var frames: [LogFrame] = []
    var sum = (LogDamage.word(head, 24), LogDamage.word(head, 28))
    let frameBytes = frameHeadBytes + pageBytes
    for start in stride(from: headBytes, through: log.count - frameBytes, by: frameBytes) {
      var frame = Array(log[start..<start + frameBytes])
      let saltBits =
        (LogDamage.word(frame, 8) ^ LogDamage.word(head, 16)).nonzeroBitCount
        + (LogDamage.word(frame, 12) ^ LogDamage.word(head, 20)).nonzeroBitCount
      if saltBits > 1 { break }
      let stated = (LogDamage.word(frame, 16), LogDamage.word(frame, 20))
      let isWhole = correct(&frame, isBigEndian, from: sum, to: stated)
      // A damaged statement misleads about the next frame; a computed one does not.
      sum = isWhole ? Self.sum(frame, isBigEndian, from: sum) : stated
      frames.append(
        LogFrame(
          page: Int(LogDamage.word(frame, 0)), pagesAfterCommit: Int(LogDamage.word(frame, 4)),
          content: isWhole ? Array(frame[frameHeadBytes...]) : nil))
    }
    return frames
  }

  private static func sum(
    _ frame: [UInt8], _ isBigEndian: Bool, from seed: (UInt32, UInt32)
  ) -> (UInt32, UInt32) {
    var sum = seed
    frame.withUnsafeBytes { frame in
      LogDamage.add(frame[..<8], isBigEndian, to: &sum)
      LogDamage.add(frame[frameHeadBytes...], isBigEndian, to: &sum)
    }
    return sum
  }

  /// Whether the frame is whole, after at most one bit has been turned back.
  private static func correct(
    _ frame: inout [UInt8], _ isBigEndian: Bool, from seed: (UInt32, UInt32),
    to stated: (UInt32, UInt32)
  ) -> Bool {
    let found = sum(frame, isBigEndian, from: seed)
    // One bit off: the statement itself is damaged.
    if (found.0 ^ stated.0).nonzeroBitCount + (found.1 ^ stated.1).nonzeroBitCount <= 1 {
      return true
    }
    for bit in 0..<frame.count * 8 where bit < 64 || bit >= frameHeadBytes * 8 {
      frame[bit / 8] ^= UInt8(1 << (bit % 8))
      if sum(frame, isBigEndian, from: seed) == stated { return true }
      frame[bit / 8] ^= UInt8(1 << (bit % 8))
    }
    return false
  }

  private static func correctedHead(_ head: [UInt8]) -> [UInt8]? {
    var head = head
    if LogDamage.isHeadWhole(head) { return head }
    for bit in 0..<head.count * 8 {
      head[bit / 8] ^= UInt8(1 << (bit % 8))
      if LogDamage.isHeadWhole(head) { return head }
      head[bit / 8] ^= UInt8(1 << (bit % 8))
    }
    return nil
  }
}
