import Foundation
import HTTPTransport
import Operations
import Testing

/// A hub: a folder, and a process while it runs.
final class TestHub {
  let root: TestFolder
  let folder: String
  let log: String
  /// The same after every restart.
  private(set) var port: UInt16 = 0
  private(set) var process: DaemonProcess?

  init(in root: TestFolder) throws {
    self.root = root
    folder = root.path + "/hub"
    log = root.path + "/hub.log"
    let made = try DaemonProcess.run("hub", "init", "--folder", folder, in: root)
    try #require(made.status == 0, "\(made.text)")
    try start()
  }

  var url: String { "http://127.0.0.1:\(port)" }

  /// Returns when it listens.
  func start() throws {
    let portFile = root.path + "/hub.port"
    unlink(portFile)
    let process = try DaemonProcess(
      ["hub", "serve", "--folder", folder, "--port", "\(port)", "--port-file", portFile], log: log)
    self.process = process
    port = try awaited("the hub to listen") {
      guard process.isRunning else {
        throw Overdue(
          description: "The hub ended: \(try String(contentsOfFile: log, encoding: .utf8))")
      }
      guard access(portFile, R_OK) == 0 else { return nil }
      return UInt16(try String(contentsOfFile: portFile, encoding: .utf8).filter(\.isNumber))
    }
  }

  func destroy() {
    process?.destroy()
    process = nil
  }

  func stop() throws {
    try process?.stop()
    process = nil
  }

  @discardableResult
  func ask(_ operation: String, _ arguments: JSON = [:]) throws -> JSON {
    try LocalControl.ask(folder: folder, operation: operation, arguments: arguments)
  }
}

/// An agency's device: a folder, and a daemon while it runs.
final class TestAgency {
  let name: String
  let root: TestFolder
  let folder: String
  let log: String
  private(set) var process: DaemonProcess?

  /// Joins, starts, and records its practitioner.
  init(_ name: String, joining hub: TestHub, through port: UInt16? = nil) throws {
    self.name = name
    root = hub.root
    folder = root.path + "/" + name
    log = folder + ".log"
    try hub.ask("agency-add", ["name": .string(name), "sector": "school", "locality": "batley"])
    let code = try #require(try hub.ask("enrol", ["agency": .string(name)])["code"]?.stringValue)
    let joined = try DaemonProcess.run(
      "agency", "join", "--hub", "http://127.0.0.1:\(port ?? hub.port)", "--code", code,
      "--folder", folder, in: root)
    try #require(joined.status == 0, "\(joined.text)")
    try start()
    try ask("practitioner-add", ["name": "Ann Ash", "contact": "0113 496 0001"])
    try synchronise()
  }

  /// A second folder of the same device: a clone, or a copy put back.
  init(copyOf agency: TestAgency, folder: String) throws {
    name = agency.name
    root = agency.root
    self.folder = folder
    log = folder + ".log"
    try FileManager.default.copyItem(atPath: agency.folder, toPath: folder)
  }

  /// Returns when it answers.
  func start() throws {
    let configuration: JSON = [
      "folder": .string(folder), "practitioner": "Ann Ash", "retryMillisecondsMax": 100,
      "api": ["enabled": false],
    ]
    try AtomicFile.write(configuration.bytes(), to: folder + ".json5")
    let process = try DaemonProcess(["agency", "serve", "--config", folder + ".json5"], log: log)
    self.process = process
    _ = try awaited("\(name) to answer") { () throws -> Bool? in
      guard process.isRunning else {
        throw Overdue(
          description: "\(name) ended: \(try String(contentsOfFile: log, encoding: .utf8))")
      }
      do throws(LocalFailure) {
        _ = try LocalControl.ask(folder: folder, operation: "devices")
        return true
      } catch {
        if error.exit != .unreachable { throw error }
        return nil
      }
    }
  }

  func destroy() {
    process?.destroy()
    process = nil
  }

  func stop() throws {
    try process?.stop()
    process = nil
  }

  @discardableResult
  func ask(_ operation: String, _ arguments: JSON = [:]) throws -> JSON {
    try LocalControl.ask(
      folder: folder, operation: operation, arguments: arguments, deadlineMilliseconds: 60_000)
  }

  /// Exchanges with the hub until everything that may leave has left.
  func synchronise() throws {
    _ = try awaited("\(name) to be in step", seconds: 60) { () throws -> Bool? in
      do {
        return try ask("sync")["isAllSynced"]?.boolValue == true ? true : nil
      } catch let error as LocalFailure where [.unreachable, .busy].contains(error.exit) {
        return nil
      }
    }
  }

  /// A child whose index may be shared with the agencies named.
  func child(sharedWith agencies: [TestAgency], categories: String = "index") throws -> String {
    let added = try ask(
      "child-add", ["given": "Kit", "family": "Canary", "dateOfBirth": "2001-02-03"])
    let child = try #require(added["child"]?.stringValue)
    try consent("consent-give", child, agencies, categories)
    return child
  }

  func consent(
    _ operation: String, _ child: String, _ agencies: [TestAgency], _ categories: String
  ) throws {
    var input = JSON.Object()
    input["child"] = .string(child)
    input["agencies"] = .array(agencies.map { .string($0.name) })
    input["categories"] = .string(categories)
    if operation == "consent-give" {
      input["by"] = "Mother"
      input["relationship"] = "mother"
      input["capacity"] = "parentalResponsibility"
      input["agreement"] = "2006-09"
      input["knowingWithdrawal"] = "all"
    }
    try ask(operation, .object(input))
  }

  /// A record of its own with a text that stands nowhere else.
  func note(_ text: String, on child: String) throws {
    try ask("involvement-add", ["child": .string(child), "role": .string(text)])
  }

  /// Everything held of a child, as text.
  func export(_ child: String) throws -> String {
    do {
      return try ask("export", ["child": .string(child)]).text()
    } catch let error as LocalFailure where error.exit == .failure {
      return ""
    }
  }

  /// The texts of all notes, sorted: one twice would stand here twice.
  func notes(on child: String) throws -> [String] {
    try export(child).matches(of: #/note-[A-Za-z]+-[0-9]+-end/#).map { String($0.output) }.sorted()
  }
}
