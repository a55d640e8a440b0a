import CaseRecords
import Causality
import Cryptography
import Glibc
import Operations
import SyncEngine

/// The thread that keeps the backup of private notes in step with the replica.
///
/// A change is written at once, several within two seconds together, or within ten times as long as
/// a writing takes; what has been destroyed waits for nothing. Whether the file is still there is
/// looked at every ten minutes. One that cannot be written is tried again, with growing pauses up
/// to five minutes and at the next removal; meanwhile work goes on, and status says why. The medium
/// may be slow or hang: that is why this has a thread of its own, and asks the worker only for what
/// is to be written.
final class BackupKeeper: Sendable {
  /// What the worker does for the keeper; each call waits for it.
  struct Engine: Sendable {
    let agency: AgencyID
    let need: @Sendable (_ always: Bool) throws -> PrivateBackupNeed
    let willWrite: @Sendable (_ mark: UInt64, _ found: UInt64?) throws -> Void
    let didWrite: @Sendable (PrivateBackupDraft, _ mark: UInt64) throws -> Void
    let setKey: @Sendable (PrivateBackupKey) throws -> Void
    /// Joins an opened body. Takes over its key when there is none here; whether it did.
    let restore: @Sendable (_ opened: [UInt8], PrivateBackupHead) throws -> (PrivateRestore, Bool)
  }

  private struct State: Sendable {
    var news: PrivateNews?
    var isDue = true
    var isUrgent = false
    var isStopping = false
    var failure: String?
    var isOnSameDisk = false
    var tasks: [@Sendable () -> Void] = []
  }

  private static let paceMilliseconds: Int64 = 2_000
  /// How often it is looked whether the file is still there.
  private static let checkMilliseconds: Int64 = 600_000

  let path: String
  private let folder: String
  let engine: Engine
  private let clock: any Clock
  private let log: Log
  private let retryMillisecondsMax: Int64
  private let bytesMax: Int
  private let state = Lock(State())
  private let bell = Doorbell()
  private let thread = WorkerThread(name: "backup", capacity: 1)

  /// - Parameter folder: the data folder, with whose disk the file should not be lost.
  init(
    path: String, folder: String, engine: Engine, clock: any Clock, log: Log,
    retryMillisecondsMax: Int64,
    bytesMax: Int = PrivateBackupFile.bytesMax
  ) {
    self.path = path
    self.folder = folder
    self.engine = engine
    self.clock = clock
    self.log = log
    self.retryMillisecondsMax = retryMillisecondsMax
    self.bytesMax = bytesMax
  }

  func start() throws(WorkerThreadError) {
    try thread.submit { [self] in run() }
  }

  /// Why the last attempt failed; nil when it did not.
  var failure: String? { state.withLock { $0.failure } }

  /// What is lost with the disk saves nothing. As it was when the file was last looked at: nobody
  /// else touches the medium.
  var isOnSameDisk: Bool { state.withLock { $0.isOnSameDisk } }

  /// Looks whether private notes have changed: after everything that may have changed them.
  func note(_ news: PrivateNews) {
    let isNew = state.withLock { state in
      guard state.news != news else { return false }
      if let before = state.news, before.removals != news.removals { state.isUrgent = true }
      state.news = news
      state.isDue = true
      return true
    }
    if isNew { bell.ring() }
  }

  /// The keys have been opened, or something else was in the way and is no more.
  func tryAgain() {
    state.withLock { $0.isDue = true }
    bell.ring()
  }

  /// Does something on this thread, between backups. False when it is stopping.
  func perform(_ task: @escaping @Sendable () -> Void) -> Bool {
    let isTaken = state.withLock { state in
      if !state.isStopping { state.tasks.append(task) }
      return !state.isStopping
    }
    if isTaken { bell.ring() }
    return isTaken
  }

  /// Writes what waits, once, and ends the thread. Before the worker's end.
  func stop() {
    state.withLock { $0.isStopping = true }
    bell.ring()
    thread.stop()
  }

  // MARK: The thread

  private func run() {
    var backoff = Backoff(
      baseMilliseconds: min(1_000, retryMillisecondsMax), capMilliseconds: retryMillisecondsMax)
    var random = SecureRandom()
    var earliest = clock.bootMilliseconds()
    var nextCheck = earliest + Self.checkMilliseconds
    while true {
      let (tasks, isStopping) = state.withLock { state in
        defer { state.tasks = [] }
        return (state.tasks, state.isStopping)
      }
      for task in tasks { task() }
      let now = clock.bootMilliseconds()
      let isCheck = now >= nextCheck
      if isCheck { nextCheck = now + Self.checkMilliseconds }
      let isNow = state.withLock { state in
        if isCheck { state.isDue = true }
        let isNow =
          state.isDue
          && (state.isUrgent || now >= earliest || (isStopping && state.failure == nil))
        if isNow { (state.isDue, state.isUrgent) = (false, false) }
        return isNow
      }
      if isNow {
        do {
          _ = try write(always: false)
          backoff.succeeded()
          // However slow the medium is, it rests most of the time.
          let end = clock.bootMilliseconds()
          earliest = end + max(Self.paceMilliseconds, 10 * (end - now))
        } catch {
          earliest = clock.bootMilliseconds() + backoff.failed(using: &random)
        }
      } else if isStopping {
        return
      } else {
        let isDue = state.withLock { $0.isDue }
        bell.wait(milliseconds: max((isDue ? min(earliest, nextCheck) : nextCheck) - now, 1))
      }
    }
  }

  /// Writes a backup if one is due. On the keeper's thread.
  ///
  /// - Returns: how many compartments are in it; nil when none was written, because none is set up
  ///   or, unless `always`, the last one holds all there is.
  func write(always: Bool) throws -> Int? {
    do {
      let count: Int?
      switch try engine.need(always) {
      case .due(let draft):
        try write(draft)
        count = draft.compartmentCount
      case .locked:
        // Said by status; the keys come, and then this is tried again.
        if always { throw AgencyOperations.locked }
        return nil
      case .current(let mark):
        count = try markFound() == mark ? nil : write(always: true)
      case .notSetUp: count = nil
      }
      let isOnSameDisk = lookWhere()
      state.withLock { state in
        state.failure = nil
        state.isOnSameDisk = isOnSameDisk
      }
      return count
    } catch {
      let failure = OperationError(any: error)
      state.withLock { state in
        state.failure = failure.sentence
        state.isDue = true
      }
      log.warning("private notes not backed up", ["reason": .text(failure.sentence)])
      throw failure
    }
  }

  private func write(_ draft: PrivateBackupDraft) throws {
    let found = try markFound()
    if let found, !draft.knownMarks.contains(found) {
      throw OperationError(
        .conflict,
        "\(path) holds a backup that this data folder did not write: it may have notes that are "
          + "missing here. Take them over with: cafsync agency backup restore \(path). Or move it "
          + "away. Then backups go on.")
    }
    var random = SecureRandom()
    let mark = random.next()
    try engine.willWrite(mark, found)
    let bytes = try PrivateBackupFile.sealed(
      draft.body, head: PrivateBackupHead(agency: draft.agency, mark: mark, key: draft.key),
      bytesMax: bytesMax)
    try SecretFile.replace(bytes, at: path, anywhere: true)
    try engine.didWrite(draft, mark)
    log.info(
      "private notes backed up",
      ["compartments": .count(draft.compartmentCount), "bytes": .count(bytes.count)])
  }

  private func lookWhere() -> Bool {
    var here = stat()
    var there = stat()
    guard stat(folder, &here) == 0, stat(path, &there) == 0 else { return false }
    return here.st_dev == there.st_dev
  }

  /// The mark of the file that stands there; nil when there is none.
  private func markFound() throws -> UInt64? {
    let beginning: [UInt8]
    do throws(FileError) {
      beginning = try AtomicFile.beginning(
        of: path, bytesMax: PrivateBackupFile.beginningBytes)
    } catch {
      if error.cause == .notFound { return nil }
      throw error
    }
    guard let mark = PrivateBackupFile.mark(beginning: beginning) else {
      throw OperationError(
        .conflict,
        "\(path) is no backup that this program reads, and is left as it is. Move it away, or name "
          + "another file in the configuration (privateBackupFile).")
    }
    return mark
  }
}
