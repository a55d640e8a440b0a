import Benchmarks
import CaseRecords
import Glibc
import HTTPWire
import HubService
import Operations

/// Devices that wait for news, thousands in each of a few processes.
struct Crowd {
  private static let processes = 4
  private static let limitMilliseconds: Int64 = 180_000

  let size: Int
  let machine: DemoMachine
  let folder: String

  /// Returns when all of them wait.
  func wait(at hub: DemoHub) throws {
    var children: [(process: ChildProcess, ready: String)] = []
    for part in 0..<Self.processes {
      let first = size * part / Self.processes
      let count = size * (part + 1) / Self.processes - first
      let ready = folder + "/crowd-\(part).ready"
      let process = try machine.spawn(
        ["bench", "--as-crowd", "\(hub.port),\(first),\(count),\(ready)"],
        log: folder + "/crowd.log")
      children.append((process, ready))
    }
    let isReady = try machine.wait(limitMilliseconds: Self.limitMilliseconds) { () -> Bool? in
      for child in children where !child.process.isRunning {
        throw DemoFailure("A part of the crowd has ended: see \(folder)/crowd.log.")
      }
      guard children.allSatisfy({ access($0.ready, F_OK) == 0 }) else { return nil }
      let waiting = try hub.ask("status")["waitingPolls"]?.integerValue ?? 0
      return waiting >= Int64(size) ? true : nil
    }
    guard isReady == true else { throw DemoFailure("The crowd never came to wait.") }
  }

  /// One of the processes: opens a connection for each device, asks until there is nothing more,
  /// leaves the last question open, and stays until it is told to end.
  static func play(_ part: String, signals: Signals) throws -> ExitCode {
    let words = part.split(separator: ",", maxSplits: 3)
    guard words.count == 4, let port = UInt16(words[0]), let first = Int(words[1]),
      let count = Int(words[2])
    else { return .usage }
    OpenFiles.allow(count + 64)
    var connections: [PlainConnection] = []
    for number in first..<first + count {
      let connection = try PlainConnection(port: port)
      var device = WaitingDevice(number: number)
      while try !device.ask(over: connection) {}
      try connection.send(device.question(waitMilliseconds: 240_000))
      connections.append(connection)
    }
    try AtomicFile.write(Array("waiting\n".utf8), to: String(words[3]))
    return try withExtendedLifetime(connections) {
      while try signals.next() != .stop {}
      return .success
    }
  }
}

extension WaitingDevice {
  private static var now: UInt64 { UInt64(max(SystemClock().wallMilliseconds(), 0)) }

  func question(waitMilliseconds: UInt64) -> HTTPRequest {
    exchange(request(waitMilliseconds: waitMilliseconds, now: Self.now))
  }

  private func exchange(_ body: [UInt8]) -> HTTPRequest {
    HTTPRequest(
      .post, "/v1/exchange",
      headers: [
        "Content-Type": "application/cbor",
        "Authorization": HubCredentials.header(device: device, secret: secret),
      ], body: body)
  }

  /// One exchange. True when the hub has nothing more.
  mutating func ask(over connection: PlainConnection) throws -> Bool {
    try connection.send(question(waitMilliseconds: 0))
    return try hear(over: connection)
  }

  /// Sends one edit of its own record. True when the hub has nothing more.
  mutating func write(
    _ edit: Int, of agency: AgencyID, over connection: PlainConnection
  ) throws -> Bool {
    try connection.send(exchange(editing(edit, of: agency, now: Self.now)))
    return try hear(over: connection)
  }

  /// The answer to what was asked. True when the hub has nothing more.
  mutating func hear(over connection: PlainConnection) throws -> Bool {
    let response = try connection.receive()
    guard response.status == 200 else { throw DemoFailure("The hub answered \(response.status).") }
    return try take(response.body)
  }
}

/// The hub's process as the kernel accounts for it.
struct HubProcess {
  private let identifier: pid_t

  init(_ hub: DemoHub) throws {
    guard let identifier = hub.processIdentifier else { throw DemoFailure("The hub has ended.") }
    self.identifier = identifier
  }

  func residentMegabytes() throws -> Double {
    let status = try file("status")
    for line in status.split(separator: "\n") where line.hasPrefix("VmRSS:") {
      let kilobytes = Double(line.filter(\.isNumber)) ?? 0
      return kilobytes * 1_024 / 1e6
    }
    throw DemoFailure("The kernel does not tell how large the hub is.")
  }

  /// Of all its threads, in user and system mode.
  func processorSeconds() throws -> Double {
    // The name in brackets may hold anything; what follows the last of them is in columns.
    guard let columns = try file("stat").split(separator: ")").last?.split(separator: " "),
      columns.count > 12, let user = Double(columns[11]), let system = Double(columns[12])
    else { throw DemoFailure("The kernel does not tell how long the hub has run.") }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  private func file(_ name: String) throws -> String {
    let path = "/proc/\(identifier)/\(name)"
    return String(decoding: try AtomicFile.read(path, maximumBytes: 65_536), as: UTF8.self)
  }
}
