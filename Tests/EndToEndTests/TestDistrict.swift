import Foundation
import Operations

/// A hub and agencies as real processes on loopback, in a folder of their own.
final class TestDistrict {
  let folder: String
  private(set) var hub: Daemon
  private(set) var agencies: [String: Daemon] = [:]
  let port: Int

  init(_ names: [String]) throws {
    folder = NSTemporaryDirectory() + "cafsync-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = folder
    _ = try Self.done(["hub", "init", "--folder", path + "/hub"])
    hub = try Daemon(
      ["hub", "serve", "--folder", path + "/hub", "--port", "0", "--port-file", path + "/port"],
      log: path + "/hub.log")
    var found = 0
    let isUp = eventually {
      let text = (try? String(contentsOfFile: path + "/port", encoding: .utf8)) ?? ""
      found = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
      return found > 0
    }
    guard isUp else { throw CommandFailure(description: "the hub did not start") }
    port = found
    for name in names {
      _ = try operate(["agency", "add", name, "--sector", "school", "--locality", "batley"])
      let code = try operate(["enrol", name, "--json"])["code"]?.stringValue ?? ""
      _ = try Self.done([
        "agency", "join", "--hub", "http://127.0.0.1:\(port)", "--code", code, "--folder",
        self.path(of: name),
      ])
      try start(name)
      _ = try ask(name, ["agency", "practitioner", "add", "--name", "Ann of \(name)"])
    }
  }

  deinit {
    for daemon in agencies.values { _ = daemon.stop() }
    _ = hub.stop()
    // What is left behind is in a temporary folder.
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// On the port that the devices know.
  func restartHub() throws {
    let file = folder + "/port-again"
    hub = try Daemon(
      [
        "hub", "serve", "--folder", folder + "/hub", "--port", "\(port)", "--port-file", file,
      ], log: folder + "/hub-again.log")
    guard eventually({ FileManager.default.fileExists(atPath: file) }) else {
      throw CommandFailure(description: "the hub did not start again")
    }
  }

  func path(of agency: String) -> String { folder + "/" + agency }

  func start(_ name: String) throws {
    let path = path(of: name)
    agencies[name] = try Daemon(
      ["agency", "serve", "--folder", path, "--as", "Ann of \(name)"], log: path + ".log")
    let isUp = try eventually {
      try Executable.run(["agency", "status", "--folder", path]).status == 0
    }
    guard isUp else { throw CommandFailure(description: "\(name) did not start") }
  }

  /// SIGTERM, and a new process on the same folder.
  func restart(_ name: String) throws {
    _ = agencies[name]?.stop()
    try start(name)
  }

  func operate(_ words: [String]) throws -> JSON {
    try Self.done(["hub"] + words + ["--folder", folder + "/hub"])
  }

  /// Asks an agency's daemon; throws unless it succeeds.
  func ask(_ agency: String, _ words: [String]) throws -> JSON {
    try Self.done(words + ["--folder", path(of: agency), "--json"])
  }

  /// The status with which a command ends that may be declined.
  func status(_ agency: String, _ words: [String]) throws -> Int32 {
    try Executable.run(words + ["--folder", path(of: agency), "--json"]).status
  }

  private static func done(_ words: [String]) throws -> JSON {
    let result = try Executable.run(words)
    guard result.status == 0 else {
      throw CommandFailure(
        description: "cafsync \(words.joined(separator: " ")): \(result.status) \(result.complaint)"
      )
    }
    return (try? JSON.parse(result.output)) ?? .string(result.output)
  }

  /// The files under an agency's folder, and its log, in which a text stands.
  func files(of agency: String, with text: String) throws -> [String] {
    let path = path(of: agency)
    let names = try FileManager.default.contentsOfDirectory(atPath: path).map { path + "/" + $0 }
    return (names + [path + ".log"]).filter { file in
      guard let data = FileManager.default.contents(atPath: file) else { return false }
      return data.range(of: Data(text.utf8)) != nil
    }
  }
}
