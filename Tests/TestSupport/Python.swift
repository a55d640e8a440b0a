import Foundation

/// Python with others' implementations, as a second opinion on ours.
package enum Python {
  /// A Python that imports the module: the system's, or a virtual environment made once for it.
  ///
  /// - Parameter package: what the registry calls it, with its version; nil: as the module.
  package static func with(_ module: String, from package: String? = nil) throws -> String {
    let probe = ["-c", "import \(module)"]
    if (try? run("python3", probe)) != nil { return "python3" }
    // A failed probe is the expected answer of a machine without it, hence `try?`.
    // With an equals sign in its path, `env` would take the program for a variable.
    let name = (package ?? module).replacing("==", with: "-")
    let folder = NSTemporaryDirectory() + "cafsync-\(name)-venv"
    let python = folder + "/bin/python3"
    if (try? run(python, probe)) != nil { return python }
    try run("python3", ["-m", "venv", folder])
    try run(python, ["-m", "pip", "install", "--quiet", "--no-deps", package ?? module])
    try run(python, probe)
    return python
  }

  private struct Failed: Error, CustomStringConvertible {
    let description: String
  }

  @discardableResult
  package static func run(_ program: String, _ arguments: [String], input: String = "") throws
    -> String
  {
    // Input and output go through files: a pipe would fill up while the other side waits.
    let files = try (0..<3).map { _ in
      let path = NSTemporaryDirectory() + "cafsync-python-" + UUID().uuidString
      try Data(input.utf8).write(to: URL(fileURLWithPath: path))
      return path
    }
    defer { for file in files { unlink(file) } }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardInput = FileHandle(forReadingAtPath: files[0])
    for file in files.dropFirst() { truncate(file, 0) }
    process.standardOutput = FileHandle(forWritingAtPath: files[1])
    process.standardError = FileHandle(forWritingAtPath: files[2])
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let complaint = try String(contentsOfFile: files[2], encoding: .utf8)
      throw Failed(description: "\(program) \(arguments.first ?? ""): \(complaint)")
    }
    return try String(contentsOfFile: files[1], encoding: .utf8)
  }
}
