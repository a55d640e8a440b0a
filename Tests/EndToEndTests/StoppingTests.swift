import Foundation
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("Daemons that are asked to end")
  struct Stopping {
    @Test("SIGTERM ends both within five seconds while a long poll is parked")
    func stop() throws {
      let folder = try TestFolder()
      let hub = try TestHub(in: folder)
      let one = try TestAgency("Alder", joining: hub)
      let two = try TestAgency("Birch", joining: hub)
      try awaited("both to wait at the hub") { try hub.ask("status")["waitingPolls"] == 2 }
      let agency = try #require(try one.process?.stop())
      #expect(agency.status == 0 && agency.seconds < 5, "\(agency)")
      try awaited("one to wait at the hub") { try hub.ask("status")["waitingPolls"] == 1 }
      let served = try #require(try hub.process?.stop())
      #expect(served.status == 0 && served.seconds < 5, "\(served)")
      #expect(two.process?.isRunning == true, "an agency outlives its hub")
    }

    @Test("a crash leaves no image of the memory, in which keys and words stand")
    func noCoreDump() throws {
      let folder = try TestFolder()
      let hub = try TestHub(in: folder)
      let agency = try TestAgency("Alder", joining: hub)
      for process in [hub.process, agency.process] {
        let identifier = try #require(process?.identifier)
        let limits = try String(contentsOfFile: "/proc/\(identifier)/limits", encoding: .utf8)
        #expect(limits.contains(#/Max core file size +0 +0 /#))
      }
    }
  }
}
