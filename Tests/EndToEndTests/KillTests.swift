import Foundation
import Operations
import Testing

extension EndToEnd {
  @Suite("Processes that are killed")
  struct Kills {
    @Test("SIGKILL of either side at random moments: nothing lost, nothing twice")
    func killed() throws {
      let folder = try TestFolder()
      let hub = try TestHub(in: folder)
      let one = try TestAgency("Alder", joining: hub)
      let two = try TestAgency("Birch", joining: hub)
      let child = try one.child(sharedWith: [one, two])
      try one.synchronise()
      _ = try awaited("the child at Birch") { try two.export(child).isEmpty ? nil : true }
      var random = SystemRandomNumberGenerator()
      var written: [String] = []
      for number in 1...(soaks ? 200 : 20) {
        for agency in [one, two] {
          for part in 0..<Int.random(in: 1...4, using: &random) {
            let text = "note-\(agency.name)-\(number * 10 + part)-end"
            try agency.note(text, on: child)
            written.append(text)
          }
        }
        // A moment that no one chose: the daemons push while this waits.
        poll(nil, 0, Int32.random(in: 0...15, using: &random))
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
          hub.destroy()
          try hub.start()
        case 1:
          one.destroy()
          try one.start()
        default:
          two.destroy()
          try two.start()
        }
      }
      try converge([one, two], on: child, to: written)
      #expect(try hub.ask("audit-verify")["whole"]?.boolValue == true)
    }
  }
}
