import Foundation
import Operations
import TestDaemons
import Testing
import TestSupport

extension EndToEnd {
  @Suite("A hub restored from a backup")
  struct HubRestores {
    @Test("never serves what was withdrawn since, and gets back what it lost")
    func databaseLost() throws { try restore(losing: []) }

    @Test("the same when the policy journal is lost as well")
    func journalLost() throws { try restore(losing: ["policy.journal"]) }

    @Test("the same when journal and witness are lost as well")
    func witnessLost() throws { try restore(losing: ["policy.journal", "witness"]) }

    private static let database = [
      "replica.sqlite", "replica.sqlite-wal", "replica.sqlite-shm", "keys.sqlite",
      "keys.sqlite-wal", "keys.sqlite-shm",
    ]

    /// Birch's consent is withdrawn after the backup. Each word of the child that Birch has got
    /// from then on would be one too many.
    private func restore(losing files: [String]) throws {
      let district = try TestDistrict(["Alder", "Birch", "Cedar"], recording: true)
      let (hub, line) = (district.hub, district.lines[1])
      let (alder, birch, cedar) = (
        district.agencies[0], district.agencies[1], district.agencies[2]
      )
      let child = try district.sharedChild()
      var written: [String] = []
      func write(_ device: TestAgency, heldBy holders: [TestAgency]) throws {
        written.append("note-\(device.name)-\(written.count)-end")
        try device.note(try #require(written.last), on: child)
        for holder in holders {
          try awaited("\(written) at \(holder.name)") {
            try holder.notes(on: child) == written.sorted()
          }
        }
      }
      try write(alder, heldBy: [birch, cedar])
      try hub.stop()
      let backup = district.folder.path + "/backup"
      try TestFolder.copyFiles(of: hub.folder, to: backup) { Self.database.contains($0) }
      try hub.start()
      try write(birch, heldBy: [alder, cedar])
      try alder.consent("consent-withdraw", child, [birch], "index")
      try awaited("Birch's purge") { try hub.ask("status")["purgeReceipts"] == 1 }
      // An entry begun after the withdrawal: Birch never had it, nor an order to purge it.
      try write(cedar, heldBy: [alder])
      for agency in district.agencies { try agency.stop() }
      try hub.stop()

      for file in Self.database + files { unlink(hub.folder + "/" + file) }
      try TestFolder.copyFiles(of: backup, to: hub.folder)
      let search = ByteSearch(["note-Alder", "note-Cedar", "Canaryname"].map { .init(word: $0) })
      // It is found where it was let through.
      #expect(search.found(in: line.received.flatMap(\.self)) == ["note-Alder", "Canaryname"])
      let before = line.received.count
      func expectSilence(_ when: String) {
        let since = line.received.dropFirst(before).flatMap(\.self)
        let found = search.found(in: since)
        #expect(found.isEmpty, "\(when)")
        #expect(since.count > 100, "\(when)")
      }
      try hub.start()
      // Birch comes first, with the device that obeyed and with one that knows of nothing.
      try birch.start()
      let second = try TestAgency(
        deviceOf: "Birch", folder: district.folder.path + "/Birch-2", joining: hub,
        through: line.port)
      for device in [birch, second] { try device.synchronise() }
      expectSilence("before the others were heard")
      for agency in [cedar, alder, cedar] {
        if agency.process == nil { try agency.start() }
        try agency.synchronise()
        for device in [birch, second] { try device.synchronise() }
        expectSilence("after \(agency.name) was heard")
      }
      // Its own it has again, on every device.
      for device in [birch, second] { #expect(try device.notes(on: child) == [written[1]]) }
      for agency in [alder, cedar] { #expect(try agency.notes(on: child) == written.sorted()) }

      // The hub itself has it all again: who comes now gets it from nobody else.
      #expect(try hub.ask("status")["recovering"] == 0)
      #expect(try hub.ask("status")["epoch"]?.integerValue ?? 0 > 1)
      let dale = try TestAgency("Dale", joining: hub)
      try alder.synchronise()
      try alder.consent("consent-give", child, [dale], "index")
      try alder.synchronise()
      for agency in [alder, cedar] { try agency.stop() }
      try awaited("everything at Dale") { try dale.notes(on: child) == written.sorted() }
      for device in [birch, second] { try device.synchronise() }
      expectSilence("at the end")
    }
  }
}
