import Foundation
import Testing

@Suite("The demonstration, on real processes")
struct DemoTests {
  @Test("every claim of `cafsync demo --quick` holds, and it leaves nothing behind")
  func quick() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("cafsync-end-to-end-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    // A folder that stays is in nobody's way.
    defer { try? FileManager.default.removeItem(at: folder) }
    let output = folder.appendingPathComponent("output")
    #expect(FileManager.default.createFile(atPath: output.path, contents: nil))
    let process = Process()
    process.executableURL = try Self.executable
    process.arguments = ["demo", "--quick"]
    process.standardOutput = try FileHandle(forWritingTo: output)
    let status = try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    let text = try String(contentsOf: output, encoding: .utf8)
    #expect(status == 0, "\(text)")
    #expect(text.contains("✔") && !text.contains("✘"))
    let place = try #require(text.firstMatch(of: #/in (/tmp/cafsync-demo-\w+)/#)).1
    #expect(!FileManager.default.fileExists(atPath: String(place)))
  }

  /// The executable stands beside the tests' own.
  private static var executable: URL {
    get throws {
      let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      let beside = URL(fileURLWithPath: tests).deletingLastPathComponent()
        .appendingPathComponent("cafsync")
      try #require(FileManager.default.isExecutableFile(atPath: beside.path), "\(beside.path)")
      return beside
    }
  }
}
