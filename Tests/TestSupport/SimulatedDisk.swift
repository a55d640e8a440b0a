// A disk in memory under SQLite that fails at a chosen operation.
//
// It keeps apart what a program has been shown and what a cut of the power would leave: a write, a
// new length, a new or a removed name lasts only once it has been synchronised. Until then a power
// cut may keep it, drop it, keep a part of it, or keep what came after it and not itself, by
// sectors of 512 bytes. A synchronisation that fails has lost what it was to save, for good. SQLite
// is promised no more than on Linux: a write does not touch bytes beside it (powersafe overwrite).
//
// The disk is a VFS of its own under its own name (`SimulatedDiskVFS`), for
// `ReplicaStore.init(folder:…, vfs:)`. One connection to each file at a time, as in production;
// locks are granted for the asking.
import CSQLite
import Glibc

package final class SimulatedDisk {
  /// What strikes at the chosen operation.
  package enum Fault: CaseIterable, Sendable {
    /// That operation fails, whichever it is; the next one works.
    case error
    /// That write fails, and all that follow, until `heal`.
    case full
    /// That write brings half of its bytes and fails.
    case shortWrite
    /// The machine stops before that change of the disk has been synchronised.
    case crash
  }

  /// What a machine that stopped finds when it starts again.
  package enum Aftermath: Sendable {
    /// Only the process died: all is as it was written.
    case processDied
    /// The power went: what was not synchronised is gone.
    case dropped
    /// The power went: of what was not synchronised, some sectors are there and some are not.
    case reordered(seed: UInt64)
  }

  var names: [String: SimulatedFile] = [:]
  private var durableNames: [String: SimulatedFile] = [:]
  private var pendingNames: [(name: String, file: SimulatedFile?)] = []
  private var fault: (kind: Fault, countdown: Int)?
  private var isFull = false
  private(set) var isDead = false
  /// The machine stopped in this operation, and the next is none any more.
  private(set) var diesNow = false
  /// Set by the VFS, for its C functions.
  var fileMethods: UnsafePointer<sqlite3_io_methods>?
  /// Whether the fault has struck.
  package private(set) var hasStruck = false
  /// Synchronisations so far, and what is called after each one.
  package var onSynchronised: (() -> Void)?
  private var registration: SimulatedDiskVFS?

  package init() {
    registration = SimulatedDiskVFS(disk: self)
  }

  /// The name to open databases under. The disk must outlive its connections.
  package var name: String { registration?.name ?? "" }

  /// Strikes at operation number `countdown` from now on, of those that this fault can strike.
  package func strike(_ kind: Fault, at countdown: Int) {
    fault = (kind, countdown)
    hasStruck = false
  }

  /// No fault any more; the disk has room again. The dead stay dead.
  package func heal() {
    fault = nil
    isFull = false
  }

  /// Whoever still has files open here gets errors from now on.
  package func stop() { isDead = true }

  // MARK: Looking and copying

  /// The files as they are shown, by name.
  package var files: [String: [UInt8]] { names.mapValues(\.current) }

  /// Whether these bytes can be read anywhere, be it after a power cut.
  package func holds(_ bytes: [UInt8]) -> Bool {
    let all = Array(names.values) + Array(durableNames.values) + pendingNames.compactMap(\.file)
    return all.contains { file in
      Self.find(bytes, in: file.current) || Self.find(bytes, in: file.durable)
        || file.pending.contains { change in
          if case .write(_, let written) = change { Self.find(bytes, in: written) } else { false }
        }
    }
  }

  private static func find(_ bytes: [UInt8], in content: [UInt8]) -> Bool {
    content.withUnsafeBytes { content in
      var from = 0
      while from + bytes.count <= content.count {
        let base = content.baseAddress! + from
        guard let found = memchr(base, Int32(bytes[0]), content.count - from - bytes.count + 1)
        else { return false }
        if memcmp(found, bytes, bytes.count) == 0 { return true }
        from += UnsafeRawPointer(found) - base + 1
      }
      return false
    }
  }

  /// Damages a file for good.
  package func spoil(_ name: String, _ body: (inout [UInt8]) -> Void) { names[name]?.spoil(body) }

  /// The same disk in the same moment, under another name and without faults.
  package func copy() -> SimulatedDisk {
    let other = SimulatedDisk()
    var copies: [ObjectIdentifier: SimulatedFile] = [:]
    func copied(_ file: SimulatedFile) -> SimulatedFile {
      let copy = copies[ObjectIdentifier(file)] ?? file.copy()
      copies[ObjectIdentifier(file)] = copy
      return copy
    }
    other.names = names.mapValues(copied)
    other.durableNames = durableNames.mapValues(copied)
    other.pendingNames = pendingNames.map { ($0.name, $0.file.map(copied)) }
    return other
  }

  /// What is there after the stop.
  package func after(_ aftermath: Aftermath) -> SimulatedDisk {
    switch aftermath {
    case .processDied: return copy()
    case .dropped: return restarted { false }
    case .reordered(let seed):
      var state = seed &* 2 | 1
      return restarted {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 63 == 0
      }
    }
  }

  private func restarted(keeps: () -> Bool) -> SimulatedDisk {
    let other = SimulatedDisk()
    var found = durableNames
    // Names change one after the other on a journalling file system: a beginning of them is there.
    for change in pendingNames {
      guard keeps() else { break }
      found[change.name] = change.file
    }
    for (name, file) in found.sorted(by: { $0.key < $1.key }) {
      let content = file.afterPowerCut(keeps: keeps)
      other.names[name] = SimulatedFile(current: content, durable: content)
    }
    other.durableNames = other.names
    return other
  }

  // MARK: What the VFS asks

  enum Operation { case read, write, truncate, synchronise, create, delete }

  /// Nil: goes on; else what befalls the operation.
  func befalls(_ operation: Operation) -> Fault? {
    diesNow = false
    if isDead { return .crash }
    if isFull && operation == .write { return .full }
    guard let (kind, countdown) = fault, Self.strikes(kind, operation) else { return nil }
    guard countdown == 1 else {
      fault = (kind, countdown - 1)
      return nil
    }
    fault = nil
    hasStruck = true
    isDead = kind == .crash
    diesNow = isDead
    isFull = kind == .full
    return kind
  }

  private static func strikes(_ fault: Fault, _ operation: Operation) -> Bool {
    switch fault {
    case .error: true
    case .full, .shortWrite: operation == .write
    case .crash: operation != .read
    }
  }

  func create(_ name: String) -> SimulatedFile {
    let file = SimulatedFile()
    names[name] = file
    pendingNames.append((name, file))
    return file
  }

  func delete(_ name: String) {
    names[name] = nil
    pendingNames.append((name, nil))
  }

  func synchroniseNames() {
    durableNames = names
    pendingNames = []
  }
}
