// The hub as a process: a folder, a lock, two threads and two sockets around `HubEngine`.
//
// Nothing is decided here. The HTTP loop takes requests apart (`HubRoutes`) and lays them into an
// inbox; one worker takes everything that waits and runs it in one transaction (`HubWorker`), so
// that a hundred devices that come at once pay for one flush of the disk. A reply leaves only after
// that transaction, and the journal before it, are on the disk. What takes long and only reads (a
// backup) has a thread of its own beside (`HubUpkeep`). A long poll that brought nothing is
// parked (`ParkedPolls`) until its agency has news, and the operator's commands take the same way
// as the exchanges, through a Unix socket (`HubAdministration`).
//
// The folder (`HubFolder`) holds more than a database, because a database can be restored from a
// backup, and then it has forgotten what it promised. Outside it stand the secrets, the journal of
// all policy ever acknowledged (`PolicyJournalFile`) and a witness that counts the commits
// (`Witness`). At the start the three are compared; a hub that finds itself restored takes back
// what its devices hold before it gives anything out.

package import HTTPTransport
import HTTPWire
package import Operations
import ReplicaStore

/// A hub that serves.
package final class HubDaemon: Sendable {
  private let worker: HubWorker
  private let upkeep: HubUpkeep
  private let server: HTTPServer
  /// Nil when no port is configured for it.
  private let monitoring: HTTPServer?
  private let console: HubConsole
  private let consoleServer: HTTPServer?
  private let control: LocalControlServer
  private let lock: FolderLock
  private let log: Log

  /// Opens the folder, takes in what the journal knows, and listens.
  ///
  /// - Parameter credentials: a folder whose `master.key` and `hub.secrets` are used instead of the
  ///   data folder's.
  package init(
    _ configuration: HubConfiguration, credentials: String? = nil, log: Log,
    clock: any Clock = SystemClock()
  ) throws {
    let folder = HubFolder(path: configuration.folder, credentials: credentials)
    try folder.requireInitialised()
    let lock = try FolderLock(folder: folder.path)
    do {
      let worker = try HubWorker(
        folder: folder, configuration: configuration, log: log, clock: clock)
      let routes = HubRoutes(worker: worker, clock: clock)
      server = try HTTPServer(
        on: [.tcp(host: configuration.host, port: configuration.port)],
        options: configuration.serverOptions
      ) { incoming, responder in routes.handle(incoming, responder) }
      monitoring = try Self.monitoring(
        configuration, worker: worker, server: server.counters, log: log, clock: clock)
      let upkeep = HubUpkeep(folder: folder, worker: worker, log: log, clock: clock)
      let console = HubConsole(
        configuration, worker: worker, upkeep: upkeep, clock: clock, log: log)
      self.console = console
      consoleServer =
        configuration.isConsoleEnabled
        ? try HTTPServer(
          on: [.tcp(host: "127.0.0.1", port: configuration.consolePort)],
          options: HTTPServerOptions(
            limits: HTTPLimits(bodyBytesMax: LocalControl.bodyBytesMax), connectionsMax: 256)
        ) { incoming, responder in console.answer(incoming, responder) } : nil
      control = try LocalControlServer(folder: folder.path) { operation, arguments, answer in
        upkeep.ask(operation, arguments, who: HubAdministration.commandLine) { answer.give($0) }
      }
      self.worker = worker
      self.upkeep = upkeep
    } catch {
      lock.release()
      throw error
    }
    self.lock = lock
    self.log = log
    if let port = consoleServer?.port { console.serve(on: port) }
    log.info("hub serves", ["port": .count(port), "console_port": .count(consolePort ?? 0)])
  }

  /// Metrics and probes, on loopback whatever the other listener does.
  private static func monitoring(
    _ configuration: HubConfiguration, worker: HubWorker, server: HTTPServerCounters, log: Log,
    clock: any Clock
  ) throws -> HTTPServer? {
    guard configuration.metricsPort > 0 else { return nil }
    let routes = MonitoringRoutes(
      worker: worker, server: server, connectionsMax: configuration.connectionsMax,
      log: log.counts, clock: clock)
    return try HTTPServer(
      on: [.tcp(host: "127.0.0.1", port: configuration.metricsPort)],
      options: HTTPServerOptions(connectionsMax: 16)
    ) { incoming, responder in routes.handle(incoming, responder) }
  }

  /// The port that the system chose, or the one configured.
  package var port: UInt16 { server.port ?? 0 }

  /// Where the operator's pages are; nil when they are switched off.
  package var consolePort: UInt16? { consoleServer?.port }

  package var counters: HTTPServerCounters { server.counters }

  /// To be called every second or so: answers the polls whose time is over, and lets time end what
  /// it ends.
  package func tick() {
    worker.tick()
    console.events.tick()
    upkeep.tick()
  }

  /// Stops within 5 seconds: polls are answered, what is in hand is finished, the files are closed.
  package func stop() {
    upkeep.stop()
    console.stop()
    consoleServer?.stop(graceMilliseconds: 1_000)
    worker.close()
    server.stop(graceMilliseconds: 2_000)
    control.stop(graceMilliseconds: 250)
    monitoring?.stop(graceMilliseconds: 250)
    worker.stop()
    lock.release()
    log.info("hub stopped")
  }

  /// Serves until a signal says stop. Who has started it is told that it serves, and while its
  /// worker finishes what it is given, that it is alive.
  package func run(until signals: Signals, manager: ServiceManager = ServiceManager()) throws {
    defer { stop() }
    try manager.tell(.ready)
    let intervalMilliseconds = manager.patienceMilliseconds.map { $0 / 3 } ?? .max
    let clock = SystemClock()
    var toldAt = clock.bootMilliseconds()
    var roundsTold = worker.roundsFinished
    while try signals.next(limitMilliseconds: 500) != .stop {
      tick()
      let rounds = worker.roundsFinished
      let now = clock.bootMilliseconds()
      if now - toldAt >= intervalMilliseconds && rounds != roundsTold {
        try manager.tell(.alive)
        (toldAt, roundsTold) = (now, rounds)
      }
    }
    try manager.tell(.stopping)
  }
}
