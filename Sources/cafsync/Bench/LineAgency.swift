import AgencyService
import Dispatch
import Glibc
import HTTPTransport
import Operations

/// An agency's daemon in this process, joined to the benchmark's hub.
final class LineAgency {
  let folder: String
  let arrivals = Arrivals()
  private let name: String
  private let daemon: AgencyDaemon

  init(_ name: String, sector: String, folder: String, hub: DemoHub) throws {
    self.name = name
    self.folder = folder
    _ = try hub.ask(
      "agency-add",
      ["name": .string(name), "sector": .string(sector), "locality": "batley"])
    let code = try hub.ask("enrol", ["agency": .string(name)])["code"]?.stringValue ?? ""
    _ = try AgencyJoin.join(
      folder: AgencyFolder(path: folder), hub: HubAddress(url: hub.url), code: code,
      deviceName: "bench")
    var configuration = AgencyConfiguration(folder: folder)
    configuration.practitioner = "Ada Benchley"
    daemon = try AgencyDaemon(configuration, log: Log(sink: arrivals.sink))
    try ask("practitioner-add", ["name": "Ada Benchley", "role": "Worker"])
  }

  /// As a command asks: over the daemon's Unix socket.
  @discardableResult
  func ask(_ operation: String, _ arguments: JSON = [:]) throws -> JSON {
    try LocalControl.ask(folder: folder, operation: operation, arguments: arguments)
  }

  func stop() { daemon.stop() }
}

/// When something has arrived at a daemon, committed and ready to be shown. Its log says so of its
/// own accord; asking would take the time that is to be measured.
final class Arrivals: Sendable {
  private static let limitSeconds = 30
  private let waiting = DispatchSemaphore(value: 0)

  var sink: Log.Sink {
    { [waiting] line in
      if line.contains(" changed=") && !line.contains(" changed=0 ") { waiting.signal() }
    }
  }

  func forget() { while waiting.wait(timeout: .now()) == .success {} }

  /// False when nothing has come for too long.
  func wait() -> Bool {
    waiting.wait(timeout: .now() + .seconds(Self.limitSeconds)) == .success
  }
}
