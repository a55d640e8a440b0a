import Foundation
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("Processes that are killed")
  struct Kills {
    @Test("SIGKILL of either side inside an exchange: nothing lost, nothing twice")
    func killed() throws {
      let district = try TestDistrict(["Alder", "Birch"])
      let (hub, agencies, lines) = (district.hub, district.agencies, district.lines)
      let child = try district.sharedChild()
      var written: [String] = []
      seeded { random, _ in
        for number in 1...(soaks ? 200 : 20) {
          for line in lines { line.takeDown() }
          for agency in agencies {
            for part in 0..<Int.random(in: 1...3, using: &random) {
              let text = "note-\(agency.name)-\(number * 10 + part)-end"
              try agency.note(text, on: child)
              written.append(text)
            }
          }
          let one = Int.random(in: 0...1, using: &random)
          lines[1 - one].heal()
          if Int.random(in: 0..<3, using: &random) == 0 {
            // The request is on its way, and so may its work at the hub be, and the reply.
            try lines[one].heal(untilPassed: .random(in: 1...600, using: &random))
          } else {
            // Held fast at some byte of the request or of the reply.
            try lines[one].spoil(by: [.stall], using: &random)
          }
          if Bool.random(using: &random) {
            hub.destroy()
            for line in lines { line.heal() }
            try hub.start()
          } else {
            agencies[one].destroy()
            for line in lines { line.heal() }
            try agencies[one].start()
          }
        }
        try converge(agencies, on: child, to: written)
      }
      #expect(try hub.ask("audit-verify")["whole"]?.boolValue == true)
    }
  }
}
