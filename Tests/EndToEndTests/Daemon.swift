import Foundation
import Operations

/// The executable that was built beside the tests.
enum Executable {
  static let url: URL = {
    // The test bundle's own path: /proc/self/exe is the test runner in the same folder on Linux.
    let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    let beside = folder.appendingPathComponent("cafsync")
    if FileManager.default.isExecutableFile(atPath: beside.path) { return beside }
    return URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
      .appendingPathComponent(".build/debug/cafsync")
  }()

  struct Result {
    let status: Int32
    let output: String
    let complaint: String
  }

  /// - Parameter input: what stands on standard input; nothing if not given.
  static func run(_ words: [String], input: String? = nil) throws -> Result {
    let process = Process()
    process.executableURL = url
    process.arguments = words
    let output = Pipe()
    let complaint = Pipe()
    process.standardOutput = output
    process.standardError = complaint
    if let input {
      let typed = Pipe()
      process.standardInput = typed
      typed.fileHandleForWriting.write(Data(input.utf8))
      try typed.fileHandleForWriting.close()
    }
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let words = complaint.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      complaint: String(decoding: words, as: UTF8.self))
  }
}

/// A command did not end as it should have.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String
}

/// A process that serves until it is told to end.
final class Daemon {
  let process = Process()

  init(_ words: [String], log: String) throws {
    process.executableURL = Executable.url
    process.arguments = words
    guard FileManager.default.createFile(atPath: log, contents: nil) else {
      throw CommandFailure(description: "cannot write \(log)")
    }
    process.standardError = FileHandle(forWritingAtPath: log)
    process.standardOutput = FileHandle.nullDevice
    try process.run()
  }

  /// SIGTERM; the status it ends with.
  func stop() -> Int32 {
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// SIGKILL.
  func kill() {
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  deinit { if process.isRunning { kill() } }
}

/// Asks again and again until it is so; false when it is not within the time.
func eventually(seconds: Double = 20, _ isSo: () throws -> Bool) rethrows -> Bool {
  let end = Date().addingTimeInterval(seconds)
  while Date() < end {
    if try isSo() { return true }
    // Only a pause between questions: nothing depends on its length.
    usleep(20_000)
  }
  return try isSo()
}
