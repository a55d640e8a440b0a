import Foundation
import Operations
import Testing
import TestSupport

extension EndToEnd {
  @Suite("A line that breaks")
  struct LineFaults {
    @Test("cut at random offsets while two agencies write: nothing lost, nothing twice")
    func cuts() throws {
      let folder = try TestFolder()
      let hub = try TestHub(in: folder)
      let proxy = try FaultProxy(forwardingTo: hub.port)
      defer { proxy.stop() }
      let one = try TestAgency("Alder", joining: hub, through: proxy.port)
      let two = try TestAgency("Birch", joining: hub, through: proxy.port)
      let child = try one.child(sharedWith: [one, two])
      try one.synchronise()
      _ = try awaited("the child at Birch") { try two.export(child).isEmpty ? nil : true }
      var random = SystemRandomNumberGenerator()
      var written: [String] = []
      for number in 1...(soaks ? 300 : 30) {
        let bytes = Int.random(in: 0..<2_500, using: &random)
        let fault: FaultProxy.Fault =
          Bool.random(using: &random) ? .cut(afterBytes: bytes) : .reset(afterBytes: bytes)
        proxy.set(Bool.random(using: &random) ? .init(up: fault) : .init(down: fault))
        for agency in [one, two] {
          let text = "note-\(agency.name)-\(number)-end"
          try agency.note(text, on: child)
          written.append(text)
        }
        // The line is left bad until connections have met the fault; then the next one.
        let before = proxy.figures.connections
        if number.isMultiple(of: 3) {
          _ = try awaited("a connection", seconds: 10) {
            proxy.figures.connections > before ? true : nil
          }
        }
      }
      proxy.heal()
      proxy.cutAll()
      try converge([one, two], on: child, to: written)
    }
  }
}

/// Waits until both hold the same notes, and says which are missing or twice if they never do.
func converge(_ agencies: [TestAgency], on child: String, to written: [String]) throws {
  for agency in agencies { try agency.synchronise() }
  let expected = written.sorted()
  for agency in agencies {
    do {
      _ = try awaited("\(agency.name) to hold all", seconds: 30) {
        try agency.notes(on: child) == expected ? true : nil
      }
    } catch is Overdue {
      let found = try agency.notes(on: child)
      let missing = Set(expected).subtracting(found).sorted()
      let twice = Dictionary(grouping: found, by: \.self).filter { $0.value.count > 1 }.keys
      let status = try agency.ask("status").text()
      Issue.record("\(agency.name) lacks \(missing), twice: \(twice.sorted()), status \(status)")
    }
  }
}
