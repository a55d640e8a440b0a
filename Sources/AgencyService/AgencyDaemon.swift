import CaseRecords
import Causality
import Cryptography
import HTTPTransport
package import Operations
import PageServer
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol

/// An agency's daemon: a folder, a lock, the thread that owns the replica, the thread that talks to
/// the hub, and two ways to ask.
package final class AgencyDaemon: Sendable {
  /// Reached from the worker thread alone.
  ///
  /// Proof for `@unchecked Sendable`: `replica` is private to this file and used only in closures
  /// that `AgencyDaemon` gives to its worker, one at a time; it was made before the worker had any.
  private final class Confined: @unchecked Sendable {
    let replica: Replica
    init(_ replica: Replica) { self.replica = replica }
  }

  private let worker = WorkerThread(name: "replica", capacity: 4_096)
  private let confined: Confined
  private let loop: SyncLoop
  private let backup: BackupKeeper
  private let control: Lock<LocalControlServer?> = Lock(nil)
  private let api: Lock<LocalAPI?> = Lock(nil)
  private let watch: Lock<LineWatch?> = Lock(nil)
  private let lock: FolderLock
  private let log: Log
  private let hub: HubAddress
  private let keyOperations: KeyOperations
  let sessions: PageSessions
  private let idleLock: IdleLock
  private let agencyName: String

  /// Opens the folder, finishes what a crash cut off, and listens. When a passphrase lies on the
  /// keys it starts locked.
  ///
  /// - Parameter credentials: a folder whose `master.key` is used instead of the data folder's.
  package init(
    _ configuration: AgencyConfiguration, hub: HubAddress? = nil, credentials: String? = nil,
    log: Log, clock: any Clock = SystemClock()
  ) throws {
    let folder = AgencyFolder(path: configuration.folder)
    let hub = try hub ?? folder.hub()
    let backupPath = configuration.privateBackupFile ?? folder.privateBackupPath
    guard !folder.holds(backupPath) else {
      throw OperationError(
        .configuration,
        "privateBackupFile lies in the data folder, and would be lost with it: name a file "
          + "elsewhere, on another disk if there is one.")
    }
    let lock = try FolderLock(folder: folder.path)
    let keys = AgencyKeys(folder: folder, credentials: credentials)
    let sessions = PageSessions(clock: clock, idleMinutes: configuration.idleMinutes)
    self.sessions = sessions
    idleLock = IdleLock(sessions: sessions)
    let keyOperations = KeyOperations(
      keys: keys, delay: GuessDelay(clock: clock), sessions: sessions, log: log)
    self.keyOperations = keyOperations
    do {
      let store = try ReplicaStore(
        folder: folder.path, role: .agency, master: try keys.master())
      let engine = try AgencyEngine(store: store, random: SecureRandom())
      let link = try HubLink(hub, proxyURL: configuration.proxyURL, identity: engine.identity)
      let replica = Replica(
        engine: engine, clock: clock, random: SecureRandom(),
        usualPractitioner: configuration.practitioner)
      replica.preCAFKeptDays = configuration.preCAFKeptDays
      _ = try engine.purgeDrained(now: replica.now)
      if engine.isLocked { log.warning("keys are locked: waiting for the passphrase", [:]) }
      let confined = Confined(replica)
      agencyName = engine.identity.agencyName
      self.confined = confined
      let backup = BackupKeeper(
        path: backupPath, folder: folder.path,
        engine: Self.backup(of: engine.identity.agency, confined, worker: worker), clock: clock,
        log: log, retryMillisecondsMax: configuration.retryMillisecondsMax)
      self.backup = backup
      loop = SyncLoop(
        link: link.forExchanges,
        engine: Self.engine(
          confined, worker: worker, backup: backup, keys: keyOperations, log: log),
        configuration: configuration, clock: clock, log: log)
    } catch {
      lock.release()
      throw error
    }
    self.lock = lock
    self.log = log
    self.hub = hub
    do {
      let server = try LocalControlServer(folder: folder.path) { [self] name, input, answer in
        ask(name, input) { result in
          answer.give(result.mapError { LocalFailure($0.code, $0.sentence, details: $0.details) })
        }
      }
      control.withLock { $0 = server }
      if let port = configuration.apiPort {
        let app = PractitionerApp(
          agencyName: agencyName, sessions: sessions
        ) { [self] name, input, give in ask(name, input, give) }
        let made = try LocalAPI(port: port, token: try folder.token(), app: app) {
          [self] name, input, give in ask(name, input, give)
        }
        api.withLock { $0 = made }
      }
      try backup.start()
      try loop.start()
      try idleLock.start { [self] in lockIdle() }
      watchLine()
    } catch {
      stop()
      throw error
    }
    log.info("agency serves", ["api_port": .count(apiPort ?? 0)])
  }

  /// Without it everything works, only later: where the system does not allow to watch.
  private func watchLine() {
    do {
      let made = try LineWatch { [loop] in loop.noteLine($0) }
      watch.withLock { $0 = made }
    } catch {
      log.warning("the line is not watched", ["error": .error(error)])
    }
  }

  /// Where the pages' API listens; nil when it is switched off.
  package var apiPort: UInt16? { api.withLock { $0?.port } }

  // MARK: Asking

  /// Answers one operation, from any thread; `give` is called once.
  package func ask(
    _ name: String, _ input: JSON,
    _ give: @escaping @Sendable (Result<JSON, OperationError>) -> Void
  ) {
    switch name {
    case "sync": sync(give)
    case "standing":
      onWorker(give) { [self] replica in
        try OperationInput(input).finish()
        return .object(try standing(replica))
      }
    case "open":
      onWorker(give) { [self] replica in
        try replica.open(OperationInput(input), sessions: sessions, port: apiPort)
      }
    case "status":
      onWorker(give) { [self] replica in
        let input = try OperationInput(input)
        let isWithRecords = input.flag("records")
        try input.finish()
        return try status(replica, withRecords: isWithRecords)
      }
    case "passphrase-show":
      onWorker(give) { [self] replica in try keyOperations.run(name, input, on: replica) }
    case _ where KeyOperations.names.contains(name):
      onWorker(give) { [self] replica in
        let answer = try keyOperations.run(name, input, on: replica)
        keyOperations.dropLeavers(replica)
        log.info("keys", ["operation": .text(name), "locked": .flag(replica.engine.isLocked)])
        loop.notify()
        if !replica.engine.isLocked { backup.tryAgain() }
        return answer
      }
    case _ where BackupKeeper.operations.contains(name): backup.ask(name, input, give)
    case _ where AgencyOperations.openWhenLocked.contains(name):
      onWorker(give) { replica in try AgencyOperations.run(name, input, on: replica) }
    default:
      onWorker(give) { [self] replica in
        guard !replica.engine.isLocked else { throw AgencyOperations.locked }
        let unsent = try replica.engine.unsentCount
        let decisions = try replica.store.unsentPolicyCount()
        let result = try AgencyOperations.run(name, input, on: replica)
        if name == "practitioner-end" { keyOperations.dropLeavers(replica) }
        let hasNews =
          try replica.engine.unsentCount != unsent
          || replica.store.unsentPolicyCount() != decisions
        if hasNews { loop.notify() }
        backup.note(replica.engine.privateNews)
        return result
      }
    }
  }

  /// Nobody has used the pages for the idle time. Without a passphrase, locking is refused and
  /// would keep nobody out.
  private func lockIdle() {
    log.info("the pages are idle", [:])
    ask("lock", [:]) { _ in }
  }

  private func onWorker(
    _ give: @escaping @Sendable (Result<JSON, OperationError>) -> Void,
    _ body: @escaping @Sendable (Replica) throws -> JSON
  ) {
    do throws(WorkerThreadError) {
      try worker.submit { [confined] in
        do { give(.success(try body(confined.replica))) } catch {
          give(.failure(OperationError(any: error)))
        }
      }
    } catch {
      give(.failure(OperationError(.busy, "The daemon is \(error)")))
    }
  }

  /// One full exchange, and the truth about it.
  private func sync(_ give: @escaping @Sendable (Result<JSON, OperationError>) -> Void) {
    loop.sync { [self] result in
      switch result {
      case .failure(let error):
        give(
          .failure(
            OperationError(
              error.code == .success ? .failure : error.code,
              "Not synchronised: \(error.sentence)")))
      case .success(let report):
        onWorker(give) { replica in
          var object = try replica.replicaStatus()
          object["sentence"] = .string(
            Self.sentence(afterSyncing: report.pending, isLocked: replica.engine.isLocked))
          object["isAllSynced"] = .bool(report.pending == 0 && !replica.engine.isLocked)
          object["exchanges"] = .count(report.exchanges)
          return .object(object)
        }
      }
    }
  }

  /// The truth about sync, as every page says it.
  private func standing(_ replica: Replica) throws -> JSON.Object {
    let line = loop.line
    let pending = try replica.pendingCount()
    let isLocked = replica.engine.isLocked
    let isAllSynced = line.isUp && line.isCaughtUp && pending == 0 && !isLocked
    var object = JSON.Object()
    object["keys"] = isLocked ? "locked" : "open"
    object["isLineUp"] = .bool(line.isUp)
    object["isAllSynced"] = .bool(isAllSynced)
    object["withdrawn"] = .string("\(replica.withdrawals)\(replica.lease == .open ? "" : " over")")
    object["sentence"] = .string(
      Self.sentence(
        isLocked: isLocked, isAllSynced: isAllSynced, isLineUp: line.isUp, pending: pending))
    return object
  }

  private func status(_ replica: Replica, withRecords: Bool) throws -> JSON {
    let line = loop.line
    let isLocked = replica.engine.isLocked
    let standing = try standing(replica)
    var object = try replica.replicaStatus()
    object["hasPassphrase"] = keyOperations.keys.hasPassphrase.map { .bool($0) } ?? .null
    object["hub"] = .string(hub.url)
    object["isLineUp"] = standing["isLineUp"]
    object["isAllSynced"] = standing["isAllSynced"]
    object["lastExchange"] =
      line.lastSuccessMilliseconds.map { .string(UInt64(max($0, 0)).momentText) } ?? .null
    object["lastFailure"] = line.lastFailure.map { .string($0) } ?? .null
    object["apiPort"] = apiPort.map { .count($0) } ?? .null
    switch replica.lease {
    case .open: object["lease"] = "open"
    case .locked(let why): object["lease"] = .string(why.sentence)
    case .purgeDue: object["lease"] = "over: what others shared is being removed"
    }
    object["sentence"] = standing["sentence"]
    object["privateBackup"] = try backup.status(replica)
    if withRecords, !isLocked { object["records"] = try replica.recordStandings() }
    return .object(object)
  }

  private static func sentence(afterSyncing pending: Int, isLocked: Bool) -> String {
    if isLocked {
      return "Exchanged with the hub as far as locked keys allow: withdrawals are obeyed, and "
        + "\(pending) wait until somebody opens them."
    }
    return pending == 0
      ? "Synchronised: everything that may leave is at the hub, and everything for this agency is "
        + "here."
      : "Exchanged with the hub, but \(pending) are still to go."
  }

  private static func sentence(
    isLocked: Bool, isAllSynced: Bool, isLineUp: Bool, pending: Int
  ) -> String {
    if isLocked {
      return "The keys are locked: only withdrawals are obeyed until somebody opens them."
    }
    if isAllSynced { return "All synced." }
    if isLineUp { return "The line is up; \(pending) still to go." }
    return "No line to the hub\(pending == 0 ? "" : "; \(pending) queued"). Work goes on here."
  }

  // MARK: What the loop asks of the worker

  private static func engine(
    _ confined: Confined, worker: WorkerThread, backup: BackupKeeper, keys: KeyOperations,
    log: Log
  ) -> SyncLoop.Engine {
    @Sendable func onWorker<T: Sendable>(
      _ body: @escaping @Sendable (Replica) throws -> T
    ) throws -> T {
      try worker.perform { () throws(any Error) -> T in try body(confined.replica) }.get()
    }
    return SyncLoop.Engine(
      next: { wait, pageBytes, asksReceived in
        try onWorker { replica in
          let before = replica.engine.privateNews
          defer {
            if replica.engine.privateNews != before { backup.note(replica.engine.privateNews) }
          }
          try replica.prepareExchange(asksReceived: asksReceived, log: log)
          return try replica.engine.nextRequest(
            now: replica.now, waitMilliseconds: wait, pageBytes: pageBytes)
        }
      },
      received: { reply, request in
        try onWorker { replica in
          defer { backup.note(replica.engine.privateNews) }
          let outcome = try replica.take(reply, to: request, log: log)
          if try replica.hasNewsOfPractitioners(outcome) { keys.dropLeavers(replica) }
          return outcome
        }
      },
      failed: { try onWorker { $0.engine.failed() } },
      pending: { try onWorker { try $0.pendingCount() } })
  }

  // MARK: What the backup asks of the worker

  private static func backup(
    of agency: AgencyID, _ confined: Confined, worker: WorkerThread
  ) -> BackupKeeper.Engine {
    @Sendable func onWorker<T: Sendable>(
      _ body: @escaping @Sendable (Replica) throws -> T
    ) throws -> T {
      try worker.perform { () throws(any Error) -> T in try body(confined.replica) }.get()
    }
    return BackupKeeper.Engine(
      agency: agency,
      need: { always in
        try onWorker { try $0.engine.privateBackupNeed(now: $0.now, always: always) }
      },
      willWrite: { mark, found in
        try onWorker { try $0.engine.willWritePrivateBackup(mark: mark, over: found) }
      },
      didWrite: { draft, mark in try onWorker { try $0.engine.didWrite(draft, mark: mark) } },
      setKey: { key in try onWorker { try $0.setBackupKey(key) } },
      restore: { opened, head in try onWorker { try $0.restorePrivate(opened, of: head) } })
  }

  // MARK: Ending

  /// Stops within 5 seconds: what is in hand is finished, the files are closed.
  package func stop() {
    if let watch = watch.withLock({ $0 }) { watch.stop() }
    loop.stop()
    idleLock.stop()
    backup.stop()
    if let server = control.withLock({ $0 }) { server.stop(graceMilliseconds: 1_000) }
    if let server = api.withLock({ $0 }) { server.stop(graceMilliseconds: 1_000) }
    // Nobody waits for this answer.
    onWorker({ _ in }) { replica in
      replica.store.database.close()
      replica.store.vault.close()
      return .null
    }
    worker.stop()
    lock.release()
    log.info("agency stopped")
  }

  /// Serves until a signal says stop, and tells who has started it.
  package func run(until signals: Signals, manager: ServiceManager = ServiceManager()) throws {
    defer { stop() }
    try manager.tell(.ready)
    while try signals.next() != .stop {}
    try manager.tell(.stopping)
  }
}
