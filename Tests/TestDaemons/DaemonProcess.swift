import Foundation
package import Glibc
import Testing

/// A process of the built `cafsync`, beside the tests' own executable, or of another program.
/// Killed when it is let go.
package final class DaemonProcess {
  /// How a command ended, and what it said.
  package struct Ended {
    package let status: Int32
    package let output: String
    package let complaint: String

    package var text: String { output + complaint }
  }

  package let identifier: pid_t
  private var status: Int32?

  package static var executable: String {
    get throws {
      let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      let beside = URL(fileURLWithPath: tests).deletingLastPathComponent().path + "/cafsync"
      guard access(beside, X_OK) == 0 else { throw Overdue(description: "\(beside) is not built.") }
      return beside
    }
  }

  /// - Parameters:
  ///   - program: nil: `cafsync`.
  ///   - arguments: bytes, as a command line may hold what is no UTF-8.
  ///   - wrapper: a program and its own words, which then runs `cafsync` in its place.
  ///   - input: the file that is standard input.
  ///   - output: where standard output goes, if not to the log.
  package init(
    program: String? = nil, arguments: [[UInt8]], wrapper: [String] = [],
    input: String = "/dev/null", log: String, output: String? = nil
  ) throws {
    let program = wrapper + [try program ?? Self.executable]
    var words: [UnsafeMutablePointer<CChar>?] =
      (program.map { Array($0.utf8) } + arguments).map { word in
        (word + [0]).withUnsafeBufferPointer { bytes in
          bytes.withMemoryRebound(to: CChar.self) { strdup($0.baseAddress!) }
        }
      } + [nil]
    defer { for word in words { free(word) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    if let output {
      posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    } else {
      posix_spawn_file_actions_adddup2(&actions, 2, 1)
    }
    var child: pid_t = 0
    let code = posix_spawnp(&child, program[0], &actions, nil, &words, environ)
    guard code == 0 else {
      throw Overdue(description: "\(program[0]) does not start: error \(code).")
    }
    identifier = child
  }

  package convenience init(_ arguments: [String], wrapper: [String] = [], log: String) throws {
    try self.init(arguments: arguments.map { Array($0.utf8) }, wrapper: wrapper, log: log)
  }

  deinit { destroy() }

  package var isRunning: Bool { exitStatus(options: WNOHANG) == nil }

  /// The exit code, or minus the signal that ended it; nil while it runs.
  @discardableResult
  package func exitStatus(options: Int32 = WNOHANG) -> Int32? {
    if status == nil {
      var raw: Int32 = 0
      if waitpid(identifier, &raw, options) == identifier {
        status = raw & 0x7f == 0 ? raw >> 8 & 0xff : -(raw & 0x7f)
      }
    }
    return status
  }

  package func signal(_ number: Int32) {
    if exitStatus() == nil { kill(identifier, number) }
  }

  /// SIGKILL, whatever it is doing.
  package func destroy() {
    signal(SIGKILL)
    exitStatus(options: 0)
  }

  /// SIGTERM; the exit code, and how many seconds it took.
  @discardableResult
  package func stop() throws -> (status: Int32, seconds: Double) {
    let start = ContinuousClock.now
    signal(SIGTERM)
    let status = try awaited("a daemon to end") { exitStatus() }
    let taken = ContinuousClock.now - start
    return (status, taken / .seconds(1))
  }

  /// Runs a command to its end.
  package static func run(
    arguments: [[UInt8]], wrapper: [String] = [], input: String = "", in folder: TestFolder
  ) throws -> Ended {
    let files = ["in", "out", "err"].map { folder.path + "/command-\(UUID().uuidString).\($0)" }
    defer { for file in files { unlink(file) } }
    try Data(input.utf8).write(to: URL(fileURLWithPath: files[0]))
    let process = try DaemonProcess(
      arguments: arguments, wrapper: wrapper, input: files[0], log: files[2], output: files[1])
    let status = try awaited("a command to end") { process.exitStatus() }
    let texts = try files.map {
      String(decoding: try Data(contentsOf: URL(fileURLWithPath: $0)), as: UTF8.self)
    }
    return Ended(status: status, output: texts[1], complaint: texts[2])
  }

  package static func run(
    _ arguments: String..., wrapper: [String] = [], in folder: TestFolder
  ) throws -> Ended {
    try run(arguments: arguments.map { Array($0.utf8) }, wrapper: wrapper, in: folder)
  }
}
