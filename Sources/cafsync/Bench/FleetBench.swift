import Benchmarks
import CaseRecords
import Causality
import Glibc
import HTTPTransport
import HubService
import Operations

/// A fleet that polls and writes against one hub's process for minutes, and meanwhile how long the
/// operator waits for an answer, and how large the hub grows. Ends with a failure at the first
/// exchange that is not answered.
struct FleetBench {
  static let names = ["fleet"]
  /// Of one agency; they hear of each other's writes.
  private static let devicesPerAgency = 10
  private static let operations = [
    "status", "devices", "agencies", "withdrawals", "blocked", "conflicts", "quarantine",
  ]
  private static let answerMillisecondsMax = 100.0
  /// The console's pages that are made of the most.
  private static let pages = [
    ("board", "/"), ("agencies", "/agencies"), ("withdrawals", "/withdrawals"),
    ("conflicts", "/conflicts"), ("events", "/identity"), ("capacity", "/capacity"),
    ("audit", "/audit"),
  ]

  let folder: String
  let machine: DemoMachine
  let isQuick: Bool
  let minutes: Int?
  let report: (Figure) -> Void

  private var size: Int { isQuick ? 200 : 2_000 }
  private var seconds: Int { minutes.map { $0 * 60 } ?? (isQuick ? 10 : 600) }

  func run(only: Set<String>) throws {
    guard only.contains("fleet") else { return }
    let hub = DemoHub(
      folder: folder + "/fleet-hub", log: folder + "/fleet-hub.log", machine: machine)
    try hub.initialise()
    let agencies = try enrol(at: hub)
    try hub.start()
    let parts = try send(agencies, to: hub)
    let process = try HubProcess(hub)
    let processorBefore = try process.processorSeconds()
    let watch = Stopwatch()
    let watched = try observe(hub, process, parts)
    let processor = (try process.processorSeconds() - processorBefore) / watch.wallSeconds
    let results = try parts.map { try Fleet.Result(file: $0.file) }
    let exchanges = results.reduce(0) { $0 + $1.exchanges }
    let writes = results.flatMap(\.writes)
    guard !writes.isEmpty else { throw DemoFailure("The fleet has written nothing.") }
    let what = "\(size) devices, \(seconds) s"
    report(Figure("fleet", "\(what): exchanges", [Double(exchanges)], ""))
    report(Figure("fleet", "\(what): writes", [Double(writes.count)], ""))
    report(Figure("fleet", "a write until it is answered, median", [writes.median], "ms"))
    report(Figure("fleet", "a write until it is answered, 99 %", [writes.quantile(0.99)], "ms"))
    report(Figure("fleet", "hub's processor, share of one", [processor * 100], "%"))
    for (name, milliseconds) in watched.answers.sorted(by: { $0.key < $1.key }) {
      report(Figure("fleet", "\(name), median", [milliseconds.median], "ms"))
      report(Figure("fleet", "\(name), 99 %", [milliseconds.quantile(0.99)], "ms"))
      report(
        Figure(
          "fleet", "\(name), slowest", [milliseconds.max() ?? 0], "ms",
          limits: [Self.answerMillisecondsMax], "allowed"))
    }
    // What is kept for each device is there after the first writes of all, and SQLite's cache is
    // full at some time; from then on nothing is to be added. Medians of tenths: one sample may
    // fall into a batch.
    let count = watched.megabytes.count
    for number in [3, 5, 7, 8, 9, 10] where count > 0 {
      let first = count * (number - 1) / 10
      let samples = Array(watched.megabytes[first..<max(first + 1, count * number / 10)])
      report(Figure("fleet", "hub resident, tenth \(number) of the time", [samples.median], "MB"))
    }
  }

  private func enrol(at hub: DemoHub) throws -> [AgencyID] {
    let files = HubFolder(path: hub.folder)
    return try WaitingDevice.enrol(
      count: size, agencies: max(1, size / Self.devicesPerAgency), folder: hub.folder,
      master: files.masterKey(), secrets: files.secrets(),
      now: UInt64(max(SystemClock().wallMilliseconds(), 0)))
  }

  private struct Part {
    let process: ChildProcess
    let file: String
  }

  /// Returns when all of them wait for news.
  private func send(_ agencies: [AgencyID], to hub: DemoHub) throws -> [Part] {
    let lines = agencies.map(\.text).joined(separator: "\n")
    let parts = try (0..<Fleet.processes).map { part in
      let first = size * part / Fleet.processes
      let count = size * (part + 1) / Fleet.processes - first
      let file = folder + "/fleet-\(part)"
      try AtomicFile.write(Array(lines.utf8), to: file + ".agencies")
      let process = try machine.spawn(
        ["bench", "--as-fleet", "\(hub.port),\(first),\(count),\(seconds),\(file)"],
        log: folder + "/fleet.log")
      return Part(process: process, file: file)
    }
    let isReady = try machine.wait(limitMilliseconds: 180_000) { () -> Bool? in
      for part in parts where !part.process.isRunning { throw failure() }
      return parts.allSatisfy { access($0.file + ".ready", F_OK) == 0 } ? true : nil
    }
    guard isReady == true else { throw DemoFailure("The fleet never came to wait.") }
    return parts
  }

  /// Once a second until the fleet has ended.
  private func observe(
    _ hub: DemoHub, _ process: HubProcess, _ parts: [Part]
  ) throws -> (answers: [String: [Double]], megabytes: [Double]) {
    var answers: [String: [Double]] = [:]
    var megabytes: [Double] = []
    try hub.addOperator()
    let link = try hub.ask("console-open", ["name": .string(DemoHub.operatorName)])
    let browser = try SignedInBrowser(link: link["url"]?.stringValue ?? "")
    func time(_ name: String, _ ask: () throws -> Void) rethrows {
      let watch = Stopwatch()
      try ask()
      answers[name, default: []].append(watch.wallSeconds * 1e3)
    }
    while parts.contains(where: \.process.isRunning) {
      for operation in Self.operations {
        try time("operator's \(operation)") { _ = try hub.ask(operation) }
      }
      for (name, path) in Self.pages {
        try time("console's page \(name)") { try browser.get(path) }
      }
      megabytes.append(try process.residentMegabytes())
      _ = try machine.wait(limitMilliseconds: 1_000) { () -> Bool? in nil }
    }
    for part in parts where part.process.exitStatus(waiting: false) != 0 { throw failure() }
    return (answers, megabytes)
  }

  /// The log goes with the folder, so what it says is said here.
  private func failure() -> DemoFailure {
    do {
      let log = try AtomicFile.read(folder + "/fleet.log", maximumBytes: 1 << 20)
      return DemoFailure("A part of the fleet has ended: \(String(decoding: log, as: UTF8.self))")
    } catch {
      return DemoFailure("A part of the fleet has ended, and has left no word: \(error)")
    }
  }
}
