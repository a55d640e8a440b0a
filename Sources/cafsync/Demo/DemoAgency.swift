import Glibc
import HTTPTransport
import Operations

/// One agency of the demonstration: a folder, and a daemon while it runs.
final class DemoAgency {
  let name: String
  let sector: String
  let locality: String
  /// Who writes there.
  let practitioner: String
  let role: String
  let folder: String
  let log: String
  private let machine: DemoMachine
  private var process: ChildProcess?

  init(
    _ name: String, sector: String, locality: String, practitioner: String, role: String,
    folderName: String, machine: DemoMachine
  ) {
    self.name = name
    self.sector = sector
    self.locality = locality
    self.practitioner = practitioner
    self.role = role
    folder = machine.folder + "/" + folderName
    log = machine.folder + "/logs/" + folderName + ".log"
    self.machine = machine
  }

  var processIdentifier: pid_t? { process?.identifier }

  /// Joins the hub with a one-time code.
  func join(_ hub: DemoHub) throws {
    _ = try hub.ask(
      "agency-add",
      ["name": .string(name), "sector": .string(sector), "locality": .string(locality)])
    let made = try hub.ask("enrol", ["agency": .string(name)])
    let code = made["code"]?.stringValue ?? ""
    try machine.run(
      ["agency", "join", "--hub", hub.url, "--code", code, "--folder", folder, "--name", name],
      log: log)
    // A line that returns is noticed within half a second: nobody watches a demonstration wait.
    let configuration: JSON = [
      "folder": .string(folder), "practitioner": .string(practitioner),
      "retryMillisecondsMax": 500,
    ]
    try AtomicFile.write(configuration.bytes(), to: folder + ".json5")
  }

  /// Returns when it answers.
  func start() throws {
    let process = try machine.spawn(["agency", "serve", "--config", folder + ".json5"], log: log)
    self.process = process
    _ = try machine.require("\(name) to answer") {
      guard process.isRunning else {
        throw DemoFailure("\(self.name) ended at once: see \(self.log).")
      }
      return try self.answersNow() ? true : nil
    }
  }

  private func answersNow() throws -> Bool {
    do throws(LocalFailure) {
      _ = try LocalControl.ask(folder: folder, operation: "devices")
      return true
    } catch  where error.exit == .unreachable {
      return false
    }
  }

  func stop() throws -> Bool {
    defer { process = nil }
    return try machine.stop(process)
  }

  func destroy() {
    process?.destroy()
    process = nil
  }

  @discardableResult
  func ask(_ operation: String, _ arguments: JSON = [:]) throws -> JSON {
    try machine.checkInterruption()
    return try LocalControl.ask(
      folder: folder, operation: operation, arguments: arguments, deadlineMilliseconds: 30_000)
  }

  /// This agency's identifier.
  func identifier() throws -> String {
    let agencies = try ask("agency-list")["agencies"]?.arrayValue ?? []
    guard let own = agencies.first(where: { $0["isThisAgency"]?.boolValue == true }),
      let identifier = own["agency"]?.stringValue
    else { throw DemoFailure("\(name) is not in its own list of agencies.") }
    return identifier
  }

  /// Exchanges with the hub until everything that may leave has left.
  func synchronise() throws {
    _ = try machine.require("\(name) to be in step") { try self.isInStep() ? true : nil }
  }

  private func isInStep() throws -> Bool {
    do {
      return try ask("sync")["isAllSynced"]?.boolValue == true
    } catch let error as LocalFailure where error.exit == .unreachable || error.exit == .busy {
      return false
    }
  }

  /// What is held of a child, as text to search; empty when nothing is.
  func caf(_ child: String) throws -> String {
    do {
      return try ask("caf-show", ["child": .string(child)])["cafs"]?.text() ?? ""
    } catch let error as LocalFailure where error.exit == .failure {
      return ""
    }
  }

  func holdsCAF(_ child: String) throws -> Bool { try caf(child).contains("\"elements\"") }

  func conflicts(_ child: String) throws -> [JSON] {
    try ask("conflict-list", ["child": .string(child)])["conflicts"]?.arrayValue ?? []
  }

  func write(_ child: String, _ element: String, _ box: String, _ text: String) throws {
    var input = JSON.Object()
    input["child"] = .string(child)
    input["element"] = .string(element)
    input[box] = .string(text)
    try ask("caf-write", .object(input))
  }

  /// A numbered note: an involvement whose contacts are the number, in a record of its own.
  func note(_ number: Int, on child: String) throws {
    try ask(
      "involvement-add", ["child": .string(child), "contacts12Months": .string("\(number)")])
  }

  /// The numbers of all notes that are held of a child, sorted: one twice would stand here twice.
  func notes(on child: String) throws -> [Int] {
    let compartments = try ask("export", ["child": .string(child)])["compartments"]?.arrayValue
    let records = (compartments ?? []).filter { $0["category"]?.stringValue == "index" }
      .flatMap { $0["records"]?.arrayValue ?? [] }
    return records.flatMap { $0["groups"]?["contacts"]?.arrayValue ?? [] }
      .compactMap { $0["value"]?["contacts12Months"]?.integerValue.map { Int($0) } }.sorted()
  }
}
