import Glibc

/// Looks at every page of a database file that nobody has open: at those too that no query reads.
package struct PageInspection: Hashable, Sendable {
  package private(set) var pages = 0
  /// Pages that are not as they were written.
  package private(set) var damaged = 0

  private static let pageBytes = 4_096
  private static let chunkPages = 256

  package init(of path: String) throws(SQLiteError) {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw Self.failure(path) }
    defer { Glibc.close(descriptor) }
    let chunk = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Self.pageBytes * Self.chunkPages, alignment: 16)
    defer { chunk.deallocate() }
    while true {
      let filled = try Self.fill(chunk, from: descriptor, path)
      for start in stride(from: 0, to: filled, by: Self.pageBytes) {
        pages += 1
        let page = UnsafeMutableRawBufferPointer(
          rebasing: chunk[start..<min(start + Self.pageBytes, filled)])
        // A file that ends inside a page was cut off.
        if page.count < Self.pageBytes || !PageChecksums.fits(page) { damaged += 1 }
      }
      if filled < chunk.count { return }
    }
  }

  /// Fewer bytes than there is room for only at the end of the file.
  private static func fill(
    _ chunk: UnsafeMutableRawBufferPointer, from descriptor: Int32, _ path: String
  ) throws(SQLiteError) -> Int {
    var filled = 0
    while filled < chunk.count, let base = chunk.baseAddress {
      let count = Glibc.read(descriptor, base + filled, chunk.count - filled)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure(path) }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  private static func failure(_ path: String) -> SQLiteError {
    SQLiteError(code: 14, message: "\(path) cannot be read: \(String(cString: strerror(errno)))")
  }
}
