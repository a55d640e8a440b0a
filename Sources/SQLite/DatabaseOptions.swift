/// How a connection is opened.
package struct DatabaseOptions: Hashable, Sendable {
  /// What a commit waits for (https://www.sqlite.org/pragma.html#pragma_synchronous).
  package enum Synchronous: String, Sendable {
    /// A commit survives loss of power.
    case full = "FULL"
    /// The file stays whole, but the last commits may be lost with the power.
    case normal = "NORMAL"
    /// Nothing is synchronised: for tests and files that can be made again.
    case off = "OFF"
  }

  /// Where the journal is kept.
  package enum Journal: String, Sendable {
    /// A write-ahead log beside the file: readers and one writer at the same time.
    case wal = "wal"
    /// In memory: a crash in mid-transaction destroys the file. For tests and files that can be
    /// made again.
    case memory = "memory"
  }

  package var readOnly: Bool
  package var synchronous: Synchronous
  package var journal: Journal
  /// How long a call blocks its thread waiting for another connection's lock; 0 fails at once.
  package var busyTimeoutMilliseconds: Int32
  /// The page size of a file made now, a power of two from 512 to 65,536; `nil` takes SQLite's
  /// 4,096.
  package var pageBytes: Int?
  /// The registered VFS to reach the file through (https://www.sqlite.org/vfs.html); `nil` is the
  /// system's file system.
  package var vfs: String?

  package init(
    readOnly: Bool = false, synchronous: Synchronous = .full, journal: Journal = .wal,
    busyTimeoutMilliseconds: Int32 = 5_000, pageBytes: Int? = nil,
    vfs: String? = nil
  ) {
    if let pageBytes {
      precondition(
        (512...65_536).contains(pageBytes) && pageBytes.nonzeroBitCount == 1,
        "a page is a power of two from 512 to 65,536 bytes")
    }
    self.readOnly = readOnly
    self.synchronous = synchronous
    self.journal = journal
    self.busyTimeoutMilliseconds = busyTimeoutMilliseconds
    self.pageBytes = pageBytes
    self.vfs = vfs
  }
}
