import Operations
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("A line that breaks")
  struct LineFaults {
    @Test("each round spoils an exchange that carries something: nothing lost, nothing twice")
    func faults() throws {
      let district = try TestDistrict(["Alder", "Birch"])
      let (agencies, lines) = (district.agencies, district.lines)
      let child = try district.sharedChild()
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
