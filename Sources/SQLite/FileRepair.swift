import Glibc

/// Gives back what a damaged database file still says: for whoever rescues, on a copy.
///
/// One flipped bit in a page is found again by the page's checksum: of all the bits of the page
/// there is one that makes the sum fit. The frames of the write-ahead log are taken into the file,
/// those behind a damaged one too, which SQLite would not read any more.
package enum FileRepair {
  package struct Report: Hashable, Sendable {
    package var pages = 0
    /// Pages of which one bit was turned back.
    package var corrected = 0
    /// Pages that stay damaged; what is on them cannot be read.
    package var unreadable = 0

    package init() {}
  }

  private static let pageBytes = 4_096
  private static let fileBytesMax = 1 << 34

  /// Reads the database at `path` and its log, and writes one file that holds both to `target`.
  package static func repair(_ path: String, to target: String) throws(SQLiteError) -> Report {
    guard var file = LogDamage.contents(of: path, bytesMax: fileBytesMax) else {
      throw SQLiteError(code: 14, message: "\(path) cannot be read")
    }
    var report = Report()
    if let log = LogDamage.contents(of: path + "-wal", bytesMax: fileBytesMax) {
      takeIn(log, to: &file)
    }
    // A page that was cut off cannot be told from one that never was.
    file.removeLast(file.count % pageBytes)
    report.pages = file.count / pageBytes
    file.withUnsafeMutableBytes { file in
      for start in stride(from: 0, to: file.count, by: pageBytes) {
        let page = UnsafeMutableRawBufferPointer(rebasing: file[start..<start + pageBytes])
        if PageChecksums.fits(page) { continue }
        if correct(page) { report.corrected += 1 } else { report.unreadable += 1 }
      }
    }
    try write(file, to: target)
    return report
  }

  /// Turns back the one bit that does not fit. False, and nothing is changed, when there is none,
  /// or more than one would do.
  private static func correct(_ page: UnsafeMutableRawBufferPointer) -> Bool {
    var found: Int?
    for bit in 0..<page.count * 8 {
      page[bit / 8] ^= UInt8(1 << (bit % 8))
      let fits = PageChecksums.fits(page)
      page[bit / 8] ^= UInt8(1 << (bit % 8))
      if !fits { continue }
      if found != nil { return false }
      found = bit
    }
    guard let found else { return false }
    page[found / 8] ^= UInt8(1 << (found % 8))
    return true
  }

  /// Lays the frames of the log's present round over the file, up to the last commit. A page whose
  /// last frame is damaged gets a sum that does not fit: what the file had before is too old.
  private static func takeIn(_ log: [UInt8], to file: inout [UInt8]) {
    var waiting: [(page: Int, bytes: [UInt8])] = []
    var pages = 0
    for frame in LogFrame.frames(of: log) where frame.page > 0 {
      var page = frame.content ?? [UInt8](repeating: 0xff, count: pageBytes)
      guard page.count == pageBytes else { return }
      if frame.content != nil { page.withUnsafeMutableBytes { PageChecksums.seal($0) } }
      waiting.append((frame.page, page))
      guard frame.pagesAfterCommit > 0 else { continue }
      pages = frame.pagesAfterCommit
      for (number, bytes) in waiting where number <= pages {
        let end = number * pageBytes
        if file.count < end { file += [UInt8](repeating: 0, count: end - file.count) }
        file.replaceSubrange(end - pageBytes..<end, with: bytes)
      }
      waiting = []
    }
    if pages > 0 && file.count > pages * pageBytes {
      file.removeLast(file.count - pages * pageBytes)
    }
  }

  private static func write(_ bytes: [UInt8], to path: String) throws(SQLiteError) {
    let descriptor = Glibc.open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
    var written = 0
    let isWritten = bytes.withUnsafeBytes { bytes in
      while descriptor >= 0, written < bytes.count, let base = bytes.baseAddress {
        let count = Glibc.write(descriptor, base + written, bytes.count - written)
        if count <= 0 { break }
        written += count
      }
      return descriptor >= 0 && written == bytes.count
    }
    let reason = String(cString: strerror(errno))
    if descriptor >= 0 { Glibc.close(descriptor) }
    guard isWritten else {
      throw SQLiteError(code: 14, message: "\(path) cannot be written: \(reason)")
    }
  }
}
