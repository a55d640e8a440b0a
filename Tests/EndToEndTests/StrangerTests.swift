import Foundation
import TestDaemons
import Testing

extension EndToEnd {
  /// The test of the text: `Stranger/` holds a device of an agency in another language, written
  /// from `Protocol/` alone. It shares no line with the sources, so it finds what both sides of the
  /// Swift code agree about and the text does not say.
  @Suite("A stranger's device, written from Protocol/")
  struct Stranger {
    @Test("it enrols, exchanges, merges, purges and recovers beside a real hub and a real agency")
    func plays() async throws {
      let folder = try TestFolder()
      let output = folder.path + "/output"
      #expect(FileManager.default.createFile(atPath: output, contents: nil))
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = [
        "python3", "-B", Self.scripts + "/play.py", try DaemonProcess.executable,
        folder.path,
      ]
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle(forWritingAtPath: output)
      process.standardError = process.standardOutput
      let status = try await withCheckedThrowingContinuation { continuation in
        process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
        do { try process.run() } catch { continuation.resume(throwing: error) }
      }
      let text = try String(contentsOfFile: output, encoding: .utf8)
      #expect(status == 0, "\(text)")
      // The last scene was played.
      #expect(text.contains("ok the hub has it again"), "\(text)")
    }

    private static var scripts: String {
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Stranger"
    }
  }
}
