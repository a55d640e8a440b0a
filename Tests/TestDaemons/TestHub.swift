import Foundation
import HTTPTransport
package import Operations
import Testing

/// A hub: a folder, and a process while it runs.
package final class TestHub {
  package let root: TestFolder
  package let folder: String
  package let log: String
  /// The same after every restart.
  package private(set) var port: UInt16 = 0
  package private(set) var process: DaemonProcess?
  /// Where its metrics are served, from the next start on.
  package var metricsPort: UInt16 = 0
  /// What its configuration says besides, from the next start on.
  package var settings: JSON = [:]
  /// A program that runs the hub, and its commands, in surroundings of their own.
  package var entrance: [String] = []

  /// Where policy journal and witness are, if not in the folder.
  package let journal: String?

  package init(in root: TestFolder, hasJournalDisk: Bool = false) throws {
    self.root = root
    folder = root.path + "/hub"
    log = root.path + "/hub.log"
    journal = hasJournalDisk ? root.path + "/journal" : nil
    let words = ["hub", "init", "--folder", folder] + (journal.map { ["--journal", $0] } ?? [])
    let made = try DaemonProcess.run(arguments: words.map { Array($0.utf8) }, in: root)
    try #require(made.status == 0, "\(made.text)")
    try start()
  }

  package var url: String { "http://127.0.0.1:\(port)" }

  /// Returns when it listens.
  package func start() throws {
    let portFile = root.path + "/hub.port"
    unlink(portFile)
    let file = root.path + "/hub.json5"
    try AtomicFile.write(settings.with("folder", .string(folder)).bytes(), to: file)
    let process = try DaemonProcess(
      [
        "hub", "serve", "--config", file, "--port", "\(port)", "--port-file", portFile,
        "--metrics-port", "\(metricsPort)",
      ],
      wrapper: entrance, log: log)
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
    try LocalControl.ask(folder: folder, operation: operation, arguments: arguments)
  }

  /// What the operator would type, which is to succeed.
  @discardableResult
  package func command(_ words: String...) throws -> JSON { try command(words) }

  @discardableResult
  package func command(_ words: [String]) throws -> JSON {
    let ended = try DaemonProcess.run(
      arguments: (["hub"] + words + ["--folder", folder, "--json"]).map { Array($0.utf8) },
      wrapper: entrance, in: root)
    try #require(ended.status == 0, "\(words): \(ended.status) \(ended.text)")
    return try JSON.parse(ended.output)
  }
}
