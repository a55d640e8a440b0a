import Foundation
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("The demonstration")
  struct Demo {
    @Test("every claim of `cafsync demo --quick` holds, and it leaves nothing behind")
    func quick() throws {
      let ended = try DaemonProcess.run("demo", "--quick", in: try TestFolder())
      #expect(ended.status == 0, "\(ended.text)")
      #expect(ended.output.contains("✔") && !ended.output.contains("✘"))
      let place = try #require(ended.output.firstMatch(of: #/in (/tmp/cafsync-demo-\w+)/#)).1
      #expect(!FileManager.default.fileExists(atPath: String(place)))
    }
  }
}
