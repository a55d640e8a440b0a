import CSQLite

/// A checksum at the end of each page of a database file: written with the page, compared whenever
/// the page is read.
///
/// SQLite notices a damaged structure, and a seal notices damage inside of it; between them stand
/// columns in the open, where one bit makes another child of a child. So every file has 8 reserved
/// bytes per page (https://www.sqlite.org/fileformat.html, 1.3.4), and a page that is not as it was
/// written cannot be read: the error is `SQLiteError.isCorrupt`. The idea is that of SQLite's
/// `cksumvfs` extension (https://www.sqlite.org/cksumvfs.html), whose sum cannot tell which bit it
/// was; the write-ahead log has sums of its own (`LogDamage`).
///
/// It stands between SQLite and the one open file, whichever VFS that came from: the file's table
/// of methods is replaced by a copy with other `xRead`, `xWrite` and `xClose`, and the rest of what
/// they need stands behind that copy.
enum PageChecksums {
  /// At the end of each page.
  static let byteCount: Int32 = 8
  /// SQLITE_IOERR_DATA, which is too nested for the importer.
  static let mismatchCode = SQLITE_IOERR | 32 << 8

  private struct Guarded {
    /// First, so that the file's pointer to its methods is the pointer to all of this.
    var methods: sqlite3_io_methods
    let original: UnsafePointer<sqlite3_io_methods>
    /// Where a page gets its sum on its way to the file.
    let scratch: UnsafeMutableRawPointer
  }

  private static let pageBytesMax = 65_536

  /// To be called after opening and before anything is read.
  static func guardPages(of connection: OpaquePointer) throws(SQLiteError) {
    // Databases in memory have no sums, but the same form: one is copied to the other.
    var reserved = byteCount
    sqlite3_file_control(connection, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved)
    var file: UnsafeMutablePointer<sqlite3_file>?
    let code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file)
    guard code == SQLITE_OK else { throw SQLiteError(code: code, connection: connection) }
    guard let file, let original = file.pointee.pMethods, original.pointee.xRead != nil else {
      return
    }
    let guarded = UnsafeMutablePointer<Guarded>.allocate(capacity: 1)
    guarded.initialize(
      to: Guarded(
        methods: original.pointee, original: original,
        scratch: .allocate(byteCount: pageBytesMax, alignment: 16)))
    // Version 2: without the methods for mapped files, which would go past `xRead`.
    guarded.pointee.methods.iVersion = min(original.pointee.iVersion, 2)
    guarded.pointee.methods.xRead = { file, target, count, offset in
      PageChecksums.read(file, target, count, offset)
    }
    guarded.pointee.methods.xWrite = { file, source, count, offset in
      PageChecksums.write(file, source, count, offset)
    }
    guarded.pointee.methods.xClose = { file in PageChecksums.close(file) }
    file.pointee.pMethods = UnsafeRawPointer(guarded).assumingMemoryBound(
      to: sqlite3_io_methods.self)
  }

  private static func guarded(
    _ file: UnsafeMutablePointer<sqlite3_file>?
  ) -> UnsafeMutablePointer<Guarded> {
    guard let methods = file?.pointee.pMethods else {
      preconditionFailure("SQLite calls the methods of open files only")
    }
    return UnsafeMutableRawPointer(mutating: methods).assumingMemoryBound(to: Guarded.self)
  }

  private static func read(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ target: UnsafeMutableRawPointer?,
    _ count: Int32, _ offset: Int64
  ) -> Int32 {
    guard let read = guarded(file).pointee.original.pointee.xRead else { return SQLITE_IOERR }
    let code = read(file, target, count, offset)
    guard code == SQLITE_OK, let target, isPage(count, offset) else { return code }
    // SQLite has a better word for what is no database at all.
    if offset == 0 && !isHead(target) { return code }
    let sum = sum(of: target, count: Int(count))
    let stored = (target + Int(count) - 8).loadUnaligned(as: UInt64.self)
    return sum == stored ? SQLITE_OK : mismatchCode
  }

  private static func write(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ source: UnsafeRawPointer?, _ count: Int32,
    _ offset: Int64
  ) -> Int32 {
    let guarded = guarded(file)
    guard let write = guarded.pointee.original.pointee.xWrite else { return SQLITE_IOERR }
    guard let source, isPage(count, offset) else { return write(file, source, count, offset) }
    let page = guarded.pointee.scratch
    page.copyMemory(from: source, byteCount: Int(count))
    (page + Int(count) - 8).storeBytes(of: sum(of: page, count: Int(count)), as: UInt64.self)
    return write(file, page, count, offset)
  }

  private static func close(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Int32 {
    let guarded = guarded(file)
    let original = guarded.pointee.original
    file?.pointee.pMethods = original
    guarded.pointee.scratch.deallocate()
    guarded.deallocate()
    return original.pointee.xClose?(file) ?? SQLITE_OK
  }

  /// Whether a page's sum fits.
  static func fits(_ page: UnsafeMutableRawBufferPointer) -> Bool {
    guard let base = page.baseAddress else { return true }
    return sum(of: base, count: page.count)
      == (base + page.count - 8).loadUnaligned(as: UInt64.self)
  }

  /// Writes the sum that fits.
  static func seal(_ page: UnsafeMutableRawBufferPointer) {
    guard let base = page.baseAddress else { return }
    (base + page.count - 8).storeBytes(of: sum(of: base, count: page.count), as: UInt64.self)
  }

  private static func isHead(_ page: UnsafeRawPointer) -> Bool {
    "SQLite format 3\0".utf8.enumerated().allSatisfy { index, byte in
      page.load(fromByteOffset: index, as: UInt8.self) == byte
    }
  }

  /// SQLite reads the head of the first page, and writes a page always whole.
  private static func isPage(_ count: Int32, _ offset: Int64) -> Bool {
    count >= 512 && count.nonzeroBitCount == 1 && Int(count) <= pageBytesMax
      && offset % Int64(count) == 0
  }

  /// Over all but the last 8 bytes. Each step is one to one in the sum and in the word, so damage
  /// within one word never goes unseen; shift and rotation carry the highest bits down again, so
  /// each flipped bit makes a sum of its own. Of zeros it is zero: a page never written fits.
  private static func sum(of page: UnsafeRawPointer, count: Int) -> UInt64 {
    var sum: UInt64 = 0
    var offset = 0
    while offset < count - 8 {
      var word = UInt64(littleEndian: page.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      word ^= word >> 32
      sum = stirred(sum ^ (word &* 0xd6e8_feb8_6659_fd93))
      offset += 8
    }
    return stirred(sum).littleEndian
  }

  /// Multipliers are odd, with mixed bits; this one is 2⁶⁴ divided by the golden ratio.
  private static func stirred(_ sum: UInt64) -> UInt64 {
    (sum << 29 | sum >> 35) &* 0x9e37_79b9_7f4a_7c15
  }
}
