import Foundation
import HTTPTransport
package import Operations
import Testing

/// An agency's device: a folder, and a daemon while it runs.
package final class TestAgency {
  package let name: String
  package let root: TestFolder
  package let folder: String
  package let log: String
  package private(set) var process: DaemonProcess?
  /// A program that runs the daemon, and its commands, in surroundings of their own.
  package var entrance: [String] = []
  /// Where private notes are backed up to, if not beside the folder; from the next start on.
  package var backupFile: String?

  /// Joins, starts, and records its practitioner.
  package convenience init(
    _ name: String, joining hub: TestHub, through port: UInt16? = nil, isSensitive: Bool = false
  ) throws {
    try hub.ask(
      "agency-add",
      [
        "name": .string(name), "sector": "school", "locality": "batley",
        "sensitive": .bool(isSensitive),
      ])
    try self.init(deviceOf: name, folder: hub.root.path + "/" + name, joining: hub, through: port)
    try ask("practitioner-add", ["name": "Ann Ash", "contact": "0113 496 0001"])
    try synchronise()
  }

  /// Another device of an agency that is there: joins and starts.
  ///
  /// - Parameter code: one that the operator has read out already.
  package init(
    deviceOf name: String, folder: String, joining hub: TestHub, through port: UInt16? = nil,
    code: String? = nil, backupFile: String? = nil
  ) throws {
    self.name = name
    self.backupFile = backupFile
    root = hub.root
    self.folder = folder
    log = folder + ".log"
    let code = try #require(
      try code ?? hub.ask("enrol", ["agency": .string(name)])["code"]?.stringValue)
    let joined = try DaemonProcess.run(
      "agency", "join", "--hub", "http://127.0.0.1:\(port ?? hub.port)", "--code", code,
      "--folder", folder, in: root)
    try #require(joined.status == 0, "\(joined.text)")
    try start()
  }

  /// A second folder of the same device: a clone, or a copy put back.
  package init(copyOf agency: TestAgency, folder: String) throws {
    name = agency.name
    root = agency.root
    self.folder = folder
    log = folder + ".log"
    try TestFolder.copyFiles(of: agency.folder, to: folder)
  }

  /// Returns when it answers.
  package func start() throws {
    var configuration = JSON.Object()
    configuration["folder"] = .string(folder)
    configuration["practitioner"] = "Ann Ash"
    configuration["retryMillisecondsMax"] = 100
    configuration["privateBackupFile"] = backupFile.map { .string($0) }
    try AtomicFile.write(JSON.object(configuration).bytes(), to: folder + ".json5")
    let process = try DaemonProcess(
      ["agency", "serve", "--config", folder + ".json5"], wrapper: entrance, log: log)
    self.process = process
    _ = try awaited("\(name) to answer") { () throws -> Bool? in
      guard process.isRunning else {
        throw Overdue(
          description: "\(name) ended: \(try String(contentsOfFile: log, encoding: .utf8))")
      }
      // By a command, since the folder may be seen from inside only.
      if !entrance.isEmpty { return try run(["agency", "devices"]).status == 0 ? true : nil }
      do throws(LocalFailure) {
        _ = try LocalControl.ask(folder: folder, operation: "devices")
        return true
      } catch {
        // Locked by a passphrase it answers too.
        return error.exit == .unreachable ? nil : true
      }
    }
  }

  package func destroy() {
    process?.destroy()
    process = nil
  }

  package func stop() throws {
    try process?.stop()
    process = nil
  }

  @discardableResult
  package func ask(_ operation: String, _ arguments: JSON = [:]) throws -> JSON {
    try LocalControl.ask(
      folder: folder, operation: operation, arguments: arguments, deadlineMilliseconds: 60_000)
  }

  /// What a person would type, `--folder` and `--json` left out; whatever comes of it.
  package func run(_ words: [String]) throws -> DaemonProcess.Ended {
    try DaemonProcess.run(
      arguments: (words + ["--folder", folder, "--json"]).map { Array($0.utf8) },
      wrapper: entrance, in: root)
  }

  /// The same, which is to succeed.
  @discardableResult
  package func command(_ words: String...) throws -> JSON { try command(words) }

  @discardableResult
  package func command(_ words: [String]) throws -> JSON {
    let ended = try run(words)
    try #require(ended.status == 0, "\(words): \(ended.status) \(ended.text)")
    return try JSON.parse(ended.output)
  }

  /// Exchanges with the hub until everything that may leave has left.
  package func synchronise() throws {
    _ = try awaited("\(name) to be in step", seconds: 120) { () throws -> Bool? in
      do {
        return try ask("sync")["isAllSynced"]?.boolValue == true ? true : nil
      } catch let error as LocalFailure where [.unreachable, .busy].contains(error.exit) {
        return nil
      }
    }
  }
}
