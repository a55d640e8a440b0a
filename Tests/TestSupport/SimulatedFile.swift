/// A file of a simulated disk: what a reader sees, and what a cut of the power would leave of it.
final class SimulatedFile {
  /// What has been done since the last synchronisation.
  enum Change {
    case write(offset: Int, bytes: [UInt8])
    case truncate(size: Int)

    func apply(to content: inout [UInt8]) {
      switch self {
      case .write(let offset, let bytes):
        let end = offset + bytes.count
        if content.count < end {
          content.append(contentsOf: [UInt8](repeating: 0, count: end - content.count))
        }
        // In one piece: element by element takes most of the time of a test that is not optimised.
        content.withUnsafeMutableBytes { target in
          bytes.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(rebasing: target[offset..<end]).copyMemory(from: $0)
          }
        }
      case .truncate(let size):
        if size < content.count { content.removeLast(content.count - size) }
      }
    }
  }

  /// What a drive writes whole or not at all.
  static let sectorBytes = 512

  private(set) var current: [UInt8]
  private(set) var durable: [UInt8]
  private(set) var pending: [Change] = []
  /// SQLite's index of the write-ahead log: memory of the process, lost with it.
  var sharedRegions: [UnsafeMutableRawPointer] = []

  init(current: [UInt8] = [], durable: [UInt8] = [], pending: [Change] = []) {
    self.current = current
    self.durable = durable
    self.pending = pending
  }

  deinit { freeSharedRegions() }

  func freeSharedRegions() {
    for region in sharedRegions { region.deallocate() }
    sharedRegions = []
  }

  func copy() -> SimulatedFile {
    SimulatedFile(current: current, durable: durable, pending: pending)
  }

  func make(_ change: Change) {
    change.apply(to: &current)
    pending.append(change)
  }

  /// A change in which the machine stopped: the power cut may leave it, or a part of it.
  var lastChange: Change?

  func synchronise() {
    for change in pending { change.apply(to: &durable) }
    pending = []
  }

  /// A synchronisation that failed: the system believes the pages to be clean, shows them for as
  /// long as it runs, and never writes them again (https://wiki.postgresql.org/wiki/Fsync_Errors).
  func failToSynchronise() { pending = [] }

  func spoil(_ body: (inout [UInt8]) -> Void) {
    body(&current)
    body(&durable)
  }

  /// The durable bytes, and of what was not synchronised each sector that `keeps` says yes to, in
  /// the order of writing: a later sector may be there without an earlier one.
  func afterPowerCut(keeps: () -> Bool) -> [UInt8] {
    var content = durable
    for change in pending + (lastChange.map { [$0] } ?? []) {
      switch change {
      case .truncate: if keeps() { change.apply(to: &content) }
      case .write(let offset, let bytes):
        var from = 0
        while from < bytes.count {
          // Sectors lie where they lie on the disk, not where the write began.
          let next = min(
            ((offset + from) / Self.sectorBytes + 1) * Self.sectorBytes - offset, bytes.count)
          if keeps() {
            Change.write(offset: offset + from, bytes: Array(bytes[from..<next]))
              .apply(to: &content)
          }
          from = next
        }
      }
    }
    return content
  }
}
