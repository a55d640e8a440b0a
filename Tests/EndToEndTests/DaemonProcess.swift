import Foundation
import Glibc
import Testing

/// `make soak` runs the full counts, `make test` a tenth of them.
let soaks = ProcessInfo.processInfo.environment["CAFSYNC_SOAK"] == "1"

/// All end-to-end suites, one test after another: they share the machine's two cores with daemons.
@Suite("End to end, on real processes", .serialized)
enum EndToEnd {}

/// What a test waits for in vain.
struct Overdue: Error, CustomStringConvertible {
  let description: String
}

/// Asks again every few milliseconds until there is an answer; throws when the deadline has passed.
func awaited<Answer>(
  _ what: String, seconds: Double = 30, _ answer: () throws -> Answer?
) throws -> Answer {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while true {
    if let found = try answer() { return found }
    if ContinuousClock.now > deadline {
      throw Overdue(description: "Waited \(seconds) s in vain for \(what).")
    }
    poll(nil, 0, 5)
  }
}

/// A process of the built `cafsync`, beside the tests' own executable. Killed when it is let go.
final class DaemonProcess {
  let identifier: pid_t
  private var status: Int32?

  static var executable: String {
    get throws {
      let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      let beside = URL(fileURLWithPath: tests).deletingLastPathComponent().path + "/cafsync"
      guard access(beside, X_OK) == 0 else { throw Overdue(description: "\(beside) is not built.") }
      return beside
    }
  }

  /// - Parameter arguments: bytes, as a command line may hold what is no UTF-8.
  init(arguments: [[UInt8]], log: String) throws {
    let program = try Self.executable
    var words: [UnsafeMutablePointer<CChar>?] =
      ([Array(program.utf8)] + arguments).map { word in
        (word + [0]).withUnsafeBufferPointer { bytes in
          bytes.withMemoryRebound(to: CChar.self) { strdup($0.baseAddress!) }
        }
      } + [nil]
    defer { for word in words { free(word) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var child: pid_t = 0
    let code = posix_spawn(&child, program, &actions, nil, &words, environ)
    guard code == 0 else { throw Overdue(description: "posix_spawn failed with \(code).") }
    identifier = child
  }

  convenience init(_ arguments: [String], log: String) throws {
    try self.init(arguments: arguments.map { Array($0.utf8) }, log: log)
  }

  deinit { destroy() }

  var isRunning: Bool { exitStatus(options: WNOHANG) == nil }

  /// The exit code, or minus the signal that ended it; nil while it runs.
  @discardableResult
  func exitStatus(options: Int32 = WNOHANG) -> Int32? {
    if status == nil {
      var raw: Int32 = 0
      if waitpid(identifier, &raw, options) == identifier {
        status = raw & 0x7f == 0 ? raw >> 8 & 0xff : -(raw & 0x7f)
      }
    }
    return status
  }

  func signal(_ number: Int32) {
    if exitStatus() == nil { kill(identifier, number) }
  }

  /// SIGKILL, whatever it is doing.
  func destroy() {
    signal(SIGKILL)
    exitStatus(options: 0)
  }

  /// SIGTERM; the exit code, and how many seconds it took.
  @discardableResult
  func stop() throws -> (status: Int32, seconds: Double) {
    let start = ContinuousClock.now
    signal(SIGTERM)
    let status = try awaited("a daemon to end", seconds: 10) { exitStatus() }
    let taken = ContinuousClock.now - start
    return (status, taken / .seconds(1))
  }

  /// Runs a command to its end.
  static func run(
    arguments: [[UInt8]], in folder: TestFolder
  ) throws -> (status: Int32, text: String) {
    let log = folder.path + "/command-\(UUID().uuidString)"
    let process = try DaemonProcess(arguments: arguments, log: log)
    let status = try awaited("a command to end", seconds: 60) { process.exitStatus() }
    return (
      status, String(decoding: try Data(contentsOf: URL(fileURLWithPath: log)), as: UTF8.self)
    )
  }

  static func run(
    _ arguments: String..., in folder: TestFolder
  ) throws -> (status: Int32, text: String) {
    try run(arguments: arguments.map { Array($0.utf8) }, in: folder)
  }
}

/// A temporary folder, removed when it is let go.
final class TestFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/cafsync-e2e-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit {
    // What cannot be removed is in nobody's way.
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The paths of every plain file below, with what it contains.
  static func files(in folder: String) throws -> [(path: String, bytes: Data)] {
    let names = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
    return names.compactMap { name in
      let path = folder + "/" + name
      var facts = stat()
      guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
      // A temporary file may be gone again since the folder was read.
      return (try? Data(contentsOf: URL(fileURLWithPath: path))).map { (path, $0) }
    }
  }

  /// The files that contain any of the words.
  static func search(_ folders: [String], for words: [String]) throws -> [String] {
    try folders.flatMap { try files(in: $0) }.filter { file in
      words.contains { file.bytes.range(of: Data($0.utf8)) != nil }
    }.map(\.path)
  }
}
