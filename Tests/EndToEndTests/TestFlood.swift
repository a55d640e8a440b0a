import Foundation
import Operations
import TestDaemons

/// Somebody who means ill: `Flood/flood.py` in a process of its own, killed when it is let go.
final class TestFlood {
  struct State {
    let isReady: Bool
    let open: Int
    let closed: Int
    /// How many times each status was answered; 0: the connection ended instead.
    let statuses: [String: Int]
  }

  let process: DaemonProcess
  private let state: String
  private let log: String

  /// - Parameter source: the address of this machine that it comes from.
  init(
    _ mode: String, _ count: Int, at proxy: TLSProxy, trusting authority: PrivateAuthority,
    from source: String = "127.0.0.1", in folder: TestFolder
  ) throws {
    let base = folder.path + "/flood-\(mode)-\(UUID().uuidString)"
    (state, log) = (base + ".json", base + ".log")
    let words = [
      "-B", Self.scripts + "/flood.py", mode, "\(proxy.port)", authority.file, "\(count)", state,
      source,
    ]
    process = try DaemonProcess(
      program: "python3", arguments: words.map { Array($0.utf8) }, log: log)
  }

  static var scripts: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Flood"
  }

  /// What came of it when that was so.
  @discardableResult
  func await(_ what: String, seconds: Double = 60, _ isSo: (State) -> Bool) throws -> State {
    var last = "nothing"
    do {
      return try awaited(what, seconds: seconds) { () throws -> State? in
        let ended = process.exitStatus()
        if access(state, R_OK) == 0 {
          last = try String(contentsOfFile: state, encoding: .utf8)
          let now = try parsed(last)
          if isSo(now) { return now }
        }
        if let ended, ended != 0 {
          throw Overdue(description: try String(contentsOfFile: log, encoding: .utf8))
        }
        return nil
      }
    } catch let overdue as Overdue {
      throw Overdue(description: "\(overdue) It said \(last).")
    }
  }

  private func parsed(_ text: String) throws -> State {
    let file = try JSON.parse(text)
    let statuses = file["statuses"]?.objectValue ?? JSON.Object()
    return State(
      isReady: file["ready"] == true, open: Int(file["open"]?.integerValue ?? 0),
      closed: Int(file["closed"]?.integerValue ?? 0),
      statuses: Dictionary(
        uniqueKeysWithValues: statuses.names.map {
          ($0, Int(statuses[$0]?.integerValue ?? 0))
        }))
  }
}
