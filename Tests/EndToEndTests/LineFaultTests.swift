import Foundation
import Operations
import TestSupport
import Testing

extension EndToEnd {
  @Suite("A line that breaks")
  struct LineFaults {
    @Test("each round spoils an exchange that carries something: nothing lost, nothing twice")
    func faults() throws {
      let folder = try TestFolder()
      let hub = try TestHub(in: folder)
      let lines = try [FaultyLine(to: hub), FaultyLine(to: hub)]
      let agencies = try zip(["Alder", "Birch"], lines).map { name, line in
        try TestAgency(name, joining: hub, through: line.proxy.port)
      }
      let child = try agencies[0].child(sharedWith: agencies)
      for agency in agencies { try agency.synchronise() }
      _ = try awaited("the child at Birch") { try agencies[1].export(child).isEmpty ? nil : true }
      var written: [String] = []
      func write(_ number: Int) throws {
        for agency in agencies {
          let text = "note-\(agency.name)-\(number)-end"
          try agency.note(text, on: child)
          written.append(text)
        }
      }
      seeded { random, seed in
        for number in 1...(soaks ? 300 : 30) {
          for line in lines { line.takeDown() }
          try write(number)
          for (line, agency) in zip(lines, agencies) {
            let faults = try line.spoil(using: &random)
            // What was struck carried the note: it has not got through.
            let queued = try agency.ask("status")["compartments"]?["queued"]?.integerValue ?? 0
            #expect(queued > 0, "round \(number), \(faults), CAFSYNC_SEED=\(seed)")
          }
          for line in lines { line.heal() }
          for agency in agencies { try agency.synchronise() }
        }
        try converge(agencies, on: child, to: written)
      }
      for line in lines { line.heal() }
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
