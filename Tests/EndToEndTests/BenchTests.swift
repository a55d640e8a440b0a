import Foundation
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("The benchmark, on real processes")
  struct Benches {
    @Test("edits are merged without loss, and small exchanges are measured")
    func edits() throws {
      let result = try DaemonProcess.run(
        "bench", "--quick", "--only", "offline", "--only", "idle", "--only", "edit",
        in: try TestFolder())
      #expect(result.status == 0, "\(result.complaint)")
    }

    @Test("every sort of page is measured, and what is asked while somebody types")
    func pages() throws {
      let result = try DaemonProcess.run(
        "bench", "--quick", "--only", "pages", "--json", in: try TestFolder())
      #expect(result.status == 0, "\(result.complaint)")
      let figures = try #require(try JSON.parse(Array(result.output.utf8)).arrayValue)
      let names = figures.compactMap { $0["name"]?.stringValue }
      for name in ["home", "a conflict", "consent, who will get what", "chronology"] {
        #expect(names.contains(name))
      }
      #expect(names.contains { $0.hasPrefix("search as you type") })
    }

    @Test(
      "a fleet polls and writes, and is answered every time; the operator is answered meanwhile")
    func fleet() throws {
      let result = try DaemonProcess.run(
        "bench", "--quick", "--only", "fleet", "--json", in: try TestFolder())
      #expect(result.status == 0, "\(result.complaint)")
      let figures = try #require(try JSON.parse(Array(result.output.utf8)).arrayValue)
      func value(_ name: String) -> Double? {
        figures.first { $0["name"]?.stringValue?.contains(name) == true }?["median"]?.doubleValue
      }
      // A sixth of a minute: a sixth of 200 devices has come to write.
      #expect(try #require(value(": writes")) >= 30)
      #expect(try #require(value(": exchanges")) > 200)
      #expect(value("operator's devices, slowest") != nil)
      #expect(value("console's page board, slowest") != nil)
      #expect(try #require(value("hub resident, tenth 10")) > 0)
    }

    @Test("a crowd that waits is waited for, and edits and idle exchanges are measured beside it")
    func crowd() throws {
      let result = try DaemonProcess.run(
        "bench", "--quick", "--only", "crowd", "--json", in: try TestFolder())
      #expect(result.status == 0, "\(result.complaint)")
      let figures = try #require(try JSON.parse(Array(result.output.utf8)).arrayValue)
      let names = figures.compactMap { $0["name"]?.stringValue }
      #expect(names.contains("hub resident, 500 polls wait"))
      #expect(names.contains { $0.hasPrefix("saved to shown elsewhere, they wait") })
      for figure in figures {
        let median = try #require(figure["median"]?.doubleValue)
        #expect(median >= 0, "\(figure.text())")
      }
    }
  }
}
