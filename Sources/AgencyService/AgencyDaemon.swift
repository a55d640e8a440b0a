import CaseRecords
import Causality
import Cryptography
import HTTPTransport
package import Operations
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
  private let control: Lock<LocalControlServer?> = Lock(nil)
  private let api: Lock<LocalAPI?> = Lock(nil)
  private let lock: FolderLock
  private let log: Log
  private let hub: HubAddress

  /// Opens the folder, finishes what a crash cut off, and listens.
  package init(
    _ configuration: AgencyConfiguration, hub: HubAddress? = nil, log: Log,
    clock: any Clock = SystemClock()
  ) throws {
    let folder = AgencyFolder(path: configuration.folder)
    let hub = try hub ?? folder.hub()
    let lock = try FolderLock(folder: folder.path)
    do {
      let store = try ReplicaStore(
        folder: folder.path, role: .agency, master: try folder.masterKey(creating: false))
      let engine = try AgencyEngine(store: store, random: SecureRandom())
      let link = try HubLink(hub, proxyURL: configuration.proxyURL, identity: engine.identity)
      let replica = Replica(
        engine: engine, clock: clock, random: SecureRandom(),
        usualPractitioner: configuration.practitioner)
      _ = try engine.purgeDrained(now: replica.now)
      let confined = Confined(replica)
      self.confined = confined
      loop = SyncLoop(
        link: link, engine: Self.engine(confined, worker: worker, log: log),
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
        let made = try LocalAPI(port: port, token: try folder.token()) { [self] name, input, give in
          ask(name, input, give)
        }
        api.withLock { $0 = made }
      }
      try loop.start()
    } catch {
      stop()
      throw error
    }
    log.info("agency serves", ["api_port": .count(apiPort ?? 0)])
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
    case "status": onWorker(give) { [self] replica in try status(replica) }
    default:
      onWorker(give) { [self] replica in
        let unsent = try replica.engine.unsentCount
        let decisions = try replica.store.unsentPolicy(limit: 1_000).count
        let result = try AgencyOperations.run(name, input, on: replica)
        let hasNews =
          try replica.engine.unsentCount != unsent
          || replica.store.unsentPolicy(limit: 1_000).count != decisions
        if hasNews { loop.notify() }
        return result
      }
    }
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
          let rest = report.pending
          object["sentence"] = .string(
            rest == 0
              ? "Synchronised: everything that may leave is at the hub, and everything for this "
                + "agency is here."
              : "Exchanged with the hub, but \(rest) are still to go.")
          object["isAllSynced"] = .bool(rest == 0)
          object["exchanges"] = .count(report.exchanges)
          return .object(object)
        }
      }
    }
  }

  private func status(_ replica: Replica) throws -> JSON {
    let line = loop.line
    let pending = try replica.pendingCount()
    let isAllSynced = line.isUp && line.isCaughtUp && pending == 0
    var object = try replica.replicaStatus()
    object["hub"] = .string(hub.url)
    object["isLineUp"] = .bool(line.isUp)
    object["isAllSynced"] = .bool(isAllSynced)
    object["lastExchange"] =
      line.lastSuccessMilliseconds.map { .string(UInt64(max($0, 0)).momentText) } ?? .null
    object["lastFailure"] = line.lastFailure.map { .string($0) } ?? .null
    object["apiPort"] = apiPort.map { .count($0) } ?? .null
    switch replica.lease {
    case .open: object["lease"] = "open"
    case .locked(let why): object["lease"] = .string(why.sentence)
    case .purgeDue: object["lease"] = "over: what others shared is being removed"
    }
    object["sentence"] = .string(
      isAllSynced
        ? "All synced."
        : line.isUp
          ? "The line is up; \(pending) still to go."
          : "No line to the hub\(pending == 0 ? "" : "; \(pending) queued"). Work goes on here.")
    return .object(object)
  }

  // MARK: What the loop asks of the worker

  private static func engine(
    _ confined: Confined, worker: WorkerThread, log: Log
  ) -> SyncLoop.Engine {
    @Sendable func onWorker<T: Sendable>(
      _ body: @escaping @Sendable (Replica) throws -> T
    ) throws -> T {
      try worker.perform { () throws(any Error) -> T in try body(confined.replica) }.get()
    }
    return SyncLoop.Engine(
      next: { wait, pageBytes, asksReceived in
        try onWorker { replica in
          try replica.prepareExchange(asksReceived: asksReceived, log: log)
          return try replica.engine.nextRequest(
            now: replica.now, waitMilliseconds: wait, pageBytes: pageBytes)
        }
      },
      received: { reply, request in
        try onWorker { replica in try replica.take(reply, to: request, log: log) }
      },
      failed: { try onWorker { $0.engine.failed() } },
      pending: { try onWorker { try $0.pendingCount() } })
  }

  // MARK: Ending

  /// Stops within 5 seconds: what is in hand is finished, the files are closed.
  package func stop() {
    loop.stop()
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

  /// Serves until a signal says stop.
  package func run(until signals: Signals) throws {
    defer { stop() }
    while try signals.next() != .stop {}
  }
}

extension Replica {
  /// Before each request: what the passing of time alone demands.
  func prepareExchange(asksReceived: Bool, log: Log) throws {
    try engine.noteWall(now)
    if lease == .purgeDue {
      let others = try store.compartmentNumbers().compactMap { try store.compartment(number: $0) }
        .filter { $0.compartment.custodian != agency }
      let count = try engine.selfPurge(now: now)
      try invalidate(changed: Set(others.map(\.id)))
      log.warning("lease over: removed what others shared", ["compartments": .count(count)])
    }
    engine.watch(asksReceived ? try ownHeld(limit: SyncLimits.receivedPerRequestMax) : [])
  }

  /// Own work at the hub of which it is not known yet whether others have received it.
  private func ownHeld(limit: Int) throws -> [CompartmentID] {
    var ids: [CompartmentID] = []
    for number in try store.compartmentNumbers().reversed() where ids.count < limit {
      guard let stored = try store.compartment(number: number), let hold = try store.hold(number),
        let actor = hold.actor, hold.receivedByOthers[actor] < hold.acknowledged[actor]
      else { continue }
      ids.append(stored.id)
    }
    return ids
  }

  func take(_ reply: ExchangeReply, to request: ExchangeRequest, log: Log) throws -> AgencyOutcome {
    let outcome = try engine.received(reply, to: request, now: now)
    let purged = try engine.purgeDrained(now: now)
    if outcome.madeProgress || purged > 0 {
      try invalidate(changed: outcome.changed.union(outcome.revoked))
      log.info(
        "exchange",
        [
          "sent": .count(request.page.items.count), "decisions": .count(request.policy.count),
          "changed": .count(outcome.changed.count), "revoked": .count(outcome.revoked.count),
          "purged": .count(purged), "quarantined": .count(outcome.quarantined.count),
        ])
    }
    return outcome
  }
}
