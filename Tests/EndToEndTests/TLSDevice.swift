import HTTPTransport
import Operations
import TestDaemons
import Testing

/// A device that has joined through TLS, and its daemon.
final class TLSDevice {
  private let name: String
  private let root: TestFolder
  private let folder: String
  private var process: DaemonProcess?

  /// - Parameter words: more of the command that joins.
  init(
    _ name: String, joining hub: TestHub, at url: String, trusting file: String,
    words: [String] = []
  ) throws {
    self.name = name
    root = hub.root
    folder = root.path + "/" + name
    try hub.ask("agency-add", ["name": .string(name), "sector": "school", "locality": "batley"])
    let code = try #require(try hub.ask("enrol", ["agency": .string(name)])["code"]?.stringValue)
    let join =
      ["agency", "join", "--hub", url, "--ca", file, "--code", code, "--folder", folder] + words
    let joined = try DaemonProcess.run(arguments: join.map { Array($0.utf8) }, in: root)
    try #require(joined.status == 0, "\(joined.text)")
  }

  func start() throws {
    let configuration: JSON = [
      "folder": .string(folder), "retryMillisecondsMax": 100, "api": ["enabled": false],
    ]
    try AtomicFile.write(configuration.bytes(), to: folder + ".json5")
    process = try DaemonProcess(
      ["agency", "serve", "--config", folder + ".json5"], log: folder + ".log")
    _ = try awaited("\(name) to answer") { () throws -> Bool? in
      do throws(LocalFailure) {
        _ = try LocalControl.ask(folder: folder, operation: "devices")
        return true
      } catch {
        if error.exit != .unreachable { throw error }
        return nil
      }
    }
    try ask("practitioner-add", ["name": "Ann Ash"])
  }

  @discardableResult
  func ask(_ operation: String, _ arguments: JSON = [:]) throws -> JSON {
    try LocalControl.ask(
      folder: folder, operation: operation, arguments: arguments, deadlineMilliseconds: 60_000)
  }

  /// Whether what the other wrote is here, unasked.
  func knows(practitioner name: String) throws -> Bool {
    try ask("practitioner-list", ["all": true]).text().contains(name)
  }

  func synchronise() throws {
    _ = try awaited("\(name) to be in step", seconds: 60) { () throws -> Bool? in
      do {
        return try ask("sync")["isAllSynced"]?.boolValue == true ? true : nil
      } catch let error as LocalFailure where [.unreachable, .busy].contains(error.exit) {
        return nil
      }
    }
  }
}
