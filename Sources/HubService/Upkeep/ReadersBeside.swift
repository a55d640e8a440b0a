import Operations

/// How many read the hub's files beside its worker: a backup, a check. While one does, the pages
/// that it reads cannot be taken off the disk, so destroying waits.
final class ReadersBeside: Sendable {
  private let count = Lock(0)

  var areThere: Bool { count.withLock { $0 > 0 } }

  func come() { count.withLock { $0 += 1 } }

  func go() { count.withLock { $0 -= 1 } }
}
