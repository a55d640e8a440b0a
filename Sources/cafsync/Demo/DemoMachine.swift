import Glibc
import Operations

/// Why the demonstration could not go on.
struct DemoFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Somebody pressed Ctrl-C.
struct DemoInterrupted: Error {}

/// Processes of this same executable, and waiting for what they do. Every wait has a deadline, and
/// ends at Ctrl-C.
final class DemoMachine {
  let folder: String
  private let executable: String
  private let signals: Signals
  private let clock = SystemClock()
  private var processes: [ChildProcess] = []

  private static let waitMilliseconds: Int64 = 30_000
  private static let pollMilliseconds: Int32 = 10

  init(folder: String, signals: Signals) throws {
    self.folder = folder
    self.signals = signals
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0 else { throw FileError(.read, "/proc/self/exe", errno: errno) }
    executable = String(
      decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  var now: Int64 { clock.bootMilliseconds() }

  func spawn(_ arguments: [String], log: String) throws -> ChildProcess {
    let process = try ChildProcess(executable, arguments, log: log)
    processes.removeAll { !$0.isRunning }
    processes.append(process)
    return process
  }

  /// Runs one command to its end; anything but success is a failure of the demonstration.
  func run(_ arguments: [String], log: String) throws {
    let process = try spawn(arguments, log: log)
    let status = try require(arguments.prefix(2).joined(separator: " ")) {
      process.exitStatus(waiting: false)
    }
    guard status == 0 else {
      throw DemoFailure(
        "cafsync \(arguments.prefix(2).joined(separator: " ")) ended with \(status): see \(log).")
    }
  }

  /// SIGTERM, and SIGKILL for what has not ended by the deadline; true if it ended in good order.
  func stop(_ process: ChildProcess?) throws -> Bool {
    guard let process else { return false }
    process.signal(SIGTERM)
    let status = try wait { process.exitStatus(waiting: false) }
    process.destroy()
    return status == 0
  }

  /// Ends every process that is left, on whichever way out.
  func end() {
    for process in processes { process.signal(SIGTERM) }
    let deadline = now + 5_000
    while now < deadline, processes.contains(where: \.isRunning) { usleep(10_000) }
    for process in processes { process.destroy() }
    processes = []
  }

  func checkInterruption() throws {
    if try signals.next(limitMilliseconds: 0) == .stop { throw DemoInterrupted() }
  }

  /// Asks again and again until there is an answer; nil when the deadline has passed.
  func wait<Answer>(
    limitMilliseconds: Int64 = waitMilliseconds, _ answer: () throws -> Answer?
  ) throws -> Answer? {
    let deadline = now + limitMilliseconds
    while true {
      if let found = try answer() { return found }
      if now > deadline { return nil }
      if try signals.next(limitMilliseconds: Self.pollMilliseconds) == .stop {
        throw DemoInterrupted()
      }
    }
  }

  /// Whether it came true before the deadline.
  func becomes(_ condition: () throws -> Bool) throws -> Bool {
    try wait { try condition() ? true : nil } ?? false
  }

  func require<Answer>(_ what: String, _ answer: () throws -> Answer?) throws -> Answer {
    guard let found = try wait(answer) else {
      throw DemoFailure("Waited \(Self.waitMilliseconds / 1_000) s in vain for: \(what).")
    }
    return found
  }

  /// Waits for Ctrl-C.
  func rest() throws {
    while try signals.next() != .stop {}
  }
}
