import Benchmarks
import Glibc
import HTTPTransport
import HTTPWire
import HubService
import Operations

/// What goes over sockets between processes: one edit's way from one agency's daemon to another's
/// through the hub's, and the same hub while thousands of devices wait for news.
struct LineBench {
  static let names = ["hop", "crowd"]

  let folder: String
  let machine: DemoMachine
  let isQuick: Bool
  let report: (Figure) -> Void

  private var rounds: Int { isQuick ? 1 : 3 }
  private var crowdSize: Int { isQuick ? 500 : 10_000 }

  func run(only: Set<String>) throws {
    let hasCrowd = only.contains("crowd")
    guard hasCrowd || only.contains("hop") else { return }
    let hub = DemoHub(folder: folder + "/line-hub", log: folder + "/hub.log", machine: machine)
    try hub.initialise()
    // The last device is not of the crowd: it asks.
    try enrol(hasCrowd ? crowdSize + 1 : 1, at: hub)
    try hub.start()
    let pair = try EditingPair(hub: hub, folder: folder, machine: machine)
    defer { pair.stop() }
    let number = hasCrowd ? crowdSize : 0
    let asking = try AskingDevice(number: number, hub: hub)
    try hop(pair, "saved to shown elsewhere")
    try idle(asking, "an idle exchange over a socket")
    guard hasCrowd else { return }
    let before = try HubProcess(hub).residentMegabytes()
    try Crowd(size: crowdSize, machine: machine, folder: folder).wait(at: hub)
    let after = try HubProcess(hub).residentMegabytes()
    report(Figure("crowd", "hub resident, nobody waits", [before], "MB"))
    report(Figure("crowd", "hub resident, \(crowdSize) polls wait", [after], "MB"))
    try hop(pair, "saved to shown elsewhere, they wait", workload: "crowd")
    try idle(asking, "an idle exchange, they wait", workload: "crowd")
  }

  private func enrol(_ count: Int, at hub: DemoHub) throws {
    let files = HubFolder(path: hub.folder)
    try WaitingDevice.enrol(
      count: count, folder: hub.folder, master: files.masterKey(), secrets: files.secrets(),
      now: UInt64(max(SystemClock().wallMilliseconds(), 0)))
  }

  private func hop(_ pair: EditingPair, _ name: String, workload: String = "hop") throws {
    let edits = isQuick ? 20 : 100
    var medians: [Double] = []
    var tails: [Double] = []
    var limits: [Double] = []
    for round in 0..<rounds {
      let milliseconds = try pair.edits(edits)
      medians.append(milliseconds.median)
      tails.append(milliseconds.quantile(0.95))
      limits.append(
        try Benchmarks.threeCommitsMilliseconds(
          rounds: edits, path: folder + "/\(workload)-limit-\(round).sqlite"))
    }
    report(Figure(workload, name + ", median", medians, "ms", limits: limits, "three commits"))
    report(Figure(workload, name + ", 95 %", tails, "ms", limits: limits, "three commits"))
  }

  private func idle(_ device: AskingDevice, _ name: String, workload: String = "hop") throws {
    let polls = isQuick ? 100 : 2_000
    var medians: [Double] = []
    var processor: [Double] = []
    var limits: [Double] = []
    for _ in 0..<rounds {
      limits.append(try device.times(polls) { try device.health() }.median)
      let before = try device.hub.processorSeconds()
      medians.append(try device.times(polls) { try device.exchange() }.median)
      let spent = try device.hub.processorSeconds() - before
      processor.append(spent / Double(polls) * 1e6)
    }
    report(Figure(workload, name, medians, "µs", limits: limits, "GET /healthz"))
    report(Figure(workload, name + ": hub's processor", processor, "µs"))
  }
}

/// Two agencies that may both hold one child's CAF.
private final class EditingPair {
  private let writer: LineAgency
  private let reader: LineAgency
  private let child: String
  private var count = 0

  init(hub: DemoHub, folder: String, machine: DemoMachine) throws {
    writer = try LineAgency("Bench School", sector: "school", folder: folder + "/a", hub: hub)
    reader = try LineAgency("Bench Health", sector: "health", folder: folder + "/b", hub: hub)
    let added = try writer.ask(
      "child-add", ["given": "Sample", "family": "Child", "dateOfBirth": "2016-02-03"])
    child = added["child"]?.stringValue ?? ""
    try writer.ask("caf-start", ["child": .string(child)])
    _ = try writer.ask("sync", [:])
    try writer.ask(
      "consent-give",
      [
        "child": .string(child), "agencies": ["Bench Health"], "categories": "index,development",
        "by": "Mother", "relationship": "mother", "capacity": "parentalResponsibility",
        "agreement": "2006-09",
      ])
    let reader = reader
    let child = child
    _ = try machine.require("the other agency to hold the CAF") {
      let held = try reader.ask("child-find", ["given": "Sample"])["children"]?.arrayValue ?? []
      return held.contains { $0["child"]?.stringValue == child } ? true : nil
    }
  }

  /// So many edits, one after another: milliseconds from the command's beginning until the other
  /// agency's daemon has committed each.
  func edits(_ number: Int) throws -> [Double] {
    var milliseconds: [Double] = []
    for _ in 0..<number {
      // Both wait for news again by then.
      usleep(20_000)
      reader.arrivals.forget()
      count += 1
      let watch = Stopwatch()
      try writer.ask(
        "caf-write",
        ["child": .string(child), "element": "behaviouralDevelopment", "needs": .string(text)])
      guard reader.arrivals.wait() else { throw DemoFailure("An edit did not arrive.") }
      milliseconds.append(watch.wallSeconds * 1e3)
    }
    let shown = try reader.ask("caf-show", ["child": .string(child)]).text()
    guard shown.contains(text) else { throw DemoFailure("What arrived is not what was written.") }
    return milliseconds
  }

  private var text: String { "Sentence \(count) of a made-up assessment, typed for measuring." }

  func stop() {
    writer.stop()
    reader.stop()
  }
}

/// A device that asks and never waits.
private final class AskingDevice {
  let hub: HubProcess
  private let connection: PlainConnection
  private var device: WaitingDevice

  init(number: Int, hub: DemoHub) throws {
    self.hub = try HubProcess(hub)
    connection = try PlainConnection(port: hub.port)
    device = WaitingDevice(number: number)
    while try !device.ask(over: connection) {}
  }

  func exchange() throws {
    guard try device.ask(over: connection) else { throw DemoFailure("A poll was not idle.") }
  }

  func health() throws {
    let response = try connection.ask(HTTPRequest(.get, "/healthz"))
    guard response.status == 200 else { throw DemoFailure("The hub is not well.") }
  }

  /// Microseconds of each.
  func times(_ count: Int, _ body: () throws -> Void) rethrows -> [Double] {
    try (0..<count).map { _ in
      let watch = Stopwatch()
      try body()
      return watch.wallSeconds * 1e6
    }
  }
}
