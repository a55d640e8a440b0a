import Glibc
import HTTPTransport
import HubService
import Operations

/// The demonstration's hub: a folder, and a process while it runs.
final class DemoHub {
  let folder: String
  let log: String
  private let machine: DemoMachine
  private var process: ChildProcess?
  /// The same after every restart, as agencies know it by its address.
  private(set) var port: UInt16 = 0

  init(folder: String, log: String, machine: DemoMachine) {
    self.folder = folder
    self.log = log
    self.machine = machine
  }

  var url: String { "http://127.0.0.1:\(port)" }
  var processIdentifier: pid_t? { process?.identifier }

  func initialise() throws {
    try machine.run(["hub", "init", "--folder", folder], log: log)
  }

  /// Returns when it listens.
  func start() throws {
    let portFile = folder + ".port"
    unlink(portFile)
    let process = try machine.spawn(
      [
        "hub", "serve", "--folder", folder, "--port", "\(port)", "--port-file", portFile,
      ], log: log)
    self.process = process
    let text: String = try machine.require("the hub to listen") {
      guard process.isRunning else { throw DemoFailure("The hub ended at once: see \(self.log).") }
      guard access(portFile, R_OK) == 0 else { return nil }
      return String(decoding: try AtomicFile.read(portFile, maximumBytes: 16), as: UTF8.self)
    }
    guard let port = UInt16(text.filter(\.isNumber)) else {
      throw DemoFailure("The hub wrote no port into \(portFile).")
    }
    self.port = port
  }

  /// Asks it to end, and says whether it did so in good order.
  func stop() throws -> Bool {
    defer { process = nil }
    return try machine.stop(process)
  }

  /// SIGSTOP: it takes no more steps, but the line stays open.
  func freeze() {
    process?.signal(SIGSTOP)
  }

  /// SIGKILL, in the middle of whatever it was doing.
  func destroy() {
    process?.destroy()
    process = nil
  }

  static let operatorName = "Olwen Oakes"

  /// Who opens the console by a link; the passphrase is nobody's to know.
  func addOperator() throws {
    let passphrase = (0..<4).map { _ in String(UInt64.random(in: 0 ... .max), radix: 36) }
    _ = try ask(
      "operator-add",
      [
        "name": .string(Self.operatorName),
        "passphrase": .string(passphrase.joined(separator: " ")),
      ])
  }

  func ask(_ operation: String, _ arguments: JSON = [:]) throws -> JSON {
    try HubAccess.perform(folder: folder, operation: operation, arguments: arguments)
  }

  /// The hub's row of an agency's only device.
  func device(of agency: DemoAgency) throws -> JSON {
    let devices = try ask("devices").arrayValue ?? []
    guard let device = devices.first(where: { $0["agency"]?.stringValue == agency.name }) else {
      throw DemoFailure("The hub knows no device of \(agency.name).")
    }
    return device
  }

  /// The categories of this child's record that the agency may hold.
  func allowed(_ child: String, _ agency: DemoAgency) throws -> Set<String> {
    let answers = try ask("why", ["child": .string(child), "agency": .string(agency.name)])
    return Set(
      (answers.arrayValue ?? []).filter { $0["allowed"]?.boolValue == true }
        .compactMap { $0["category"]?.stringValue })
  }
}
