import CaseRecords
import Causality
import Foundation
import Operations
import SQLite
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("The disclosure ledger")
  struct Ledgers {
    /// What each agency's device has on its disk of a child, but for what never leaves it.
    private func onDisk(_ agencies: [TestAgency], _ child: String) throws -> [String: Set<String>] {
      var held: [String: Set<String>] = [:]
      for agency in agencies {
        let replica = try Database(
          path: agency.folder + "/replica.sqlite", options: DatabaseOptions(readOnly: true))
        // Closed before a purge waits for it.
        defer { replica.close() }
        let rows = try replica.query(
          "SELECT id FROM compartments WHERE child = ? AND category <> ?",
          .blob(try #require(ChildID(text: child)).bytes),
          .integer(Int64(CaseRecords.Category.private.rawValue))
        ) { $0.blob(0) }
        let found = Set(rows.compactMap { CompartmentID(bytes: $0)?.text })
        if !found.isEmpty { held[agency.name] = found }
      }
      return held
    }

    private func onLedger(_ hub: TestHub, _ child: String) throws -> [String: Set<String>] {
      let lines = try hub.ask("ledger", ["child": .string(child)])["lines"]?.arrayValue ?? []
      return lines.filter { $0["untilMilliseconds"] == .null }.reduce(into: [:]) { held, line in
        held[line["agency"]?.stringValue ?? "", default: []]
          .insert(line["compartment"]?.stringValue ?? "")
      }
    }

    private func lines(_ hub: TestHub, _ words: String...) throws -> [JSON] {
      let ended = try DaemonProcess.run(
        arguments: (["hub", "ledger"] + words + ["--folder", hub.folder, "--json"])
          .map { Array($0.utf8) }, in: hub.root)
      try #require(ended.status == 0, "\(ended.text)")
      return try JSON.parse(ended.output)["lines"]?.arrayValue ?? []
    }

    @Test("says what each device really has, step by step, and when it proved that it is gone")
    func isTheTruth() throws {
      let district = try TestDistrict(["Alder", "Birch", "Cedar"])
      let (hub, agencies) = (district.hub, district.agencies)
      let (alder, birch, cedar) = (agencies[0], agencies[1], agencies[2])
      let child = try district.sharedChild()
      let alone = try #require(
        try alder.ask("child-add", ["given": "Robin", "family": "Canaryname"])["child"]?.stringValue
      )
      func expectTruth(_ when: String, held: Set<String>) throws {
        try awaited("the ledger to be the truth \(when)") {
          let disk = try onDisk(agencies, child)
          return try Set(disk.keys) == held && onLedger(hub, child) == disk
        }
      }
      try expectTruth("once shared", held: ["Alder", "Birch", "Cedar"])
      try alder.synchronise()
      try awaited("the other child") { try onLedger(hub, alone) == onDisk(agencies, alone) }
      #expect(try Set(onLedger(hub, alone).keys) == ["Alder"])

      try alder.consent("consent-withdraw", child, [birch], "index")
      try expectTruth("once withdrawn from one", held: ["Alder", "Cedar"])
      let ended = try #require(try lines(hub, child, "--agency", "Birch").first)
      let receipt = try #require(ended["receipts"]?.arrayValue?.first)
      #expect(receipt["proof"]?.stringValue?.count == 64 && ended["outstanding"] == [])
      #expect(ended["words"]?.stringValue?.contains("proved on") == true)
      #expect(ended["basis"]?.stringValue?.hasPrefix("consent ") == true)

      try alder.consent("consent-give", child, [birch], "index")
      try expectTruth("once given again", held: ["Alder", "Birch", "Cedar"])
      #expect(try lines(hub, child, "--agency", "Birch").count == 2)

      // A device that does not answer still has it: so says the ledger, and that it was ordered.
      try cedar.stop()
      try alder.consent("consent-withdraw", child, [cedar], "index")
      try awaited("the order") {
        try lines(hub, child, "--agency", "Cedar").first?["outstanding"]?.arrayValue?.count == 1
      }
      try expectTruth("while one is silent", held: ["Alder", "Birch", "Cedar"])
      try cedar.start()
      try expectTruth("once it is back", held: ["Alder", "Birch"])
    }

    @Test("says what an agency held on a day, of all children or of one")
    func whatWasHeld() throws {
      let district = try TestDistrict(["Alder", "Birch"])
      let (hub, alder, birch) = (district.hub, district.agencies[0], district.agencies[1])
      let child = try district.sharedChild()
      _ = try alder.child("Robin", sharedWith: [birch])
      for agency in district.agencies { try agency.synchronise() }
      let today = String(Date().formatted(.iso8601).prefix(10))
      func held(_ words: String...) throws -> JSON {
        try hub.command("ledger", words[0], words[1], "--at", words[2])
      }
      try awaited("both children at Birch") {
        try held("--agency", "Birch", today)["children"] == 2
      }
      let all = try held("--agency", "Birch", today)
      #expect(all["counts"]?.arrayValue?.first?["category"] == "index")
      #expect(all["counts"]?.arrayValue?.first?["compartments"] == 2)
      #expect(try held("--agency", "Birch", "2001-01-01")["children"] == 0)
      #expect(try held("--agency", "Birch", "2001-01-01")["lines"] == [])
      #expect(try lines(hub, child, "--agency", "Birch", "--at", today).count == 1)
      #expect(try lines(hub, child, "--agency", "Birch", "--at", today + "T00:00").isEmpty)
      #expect(!all.text().contains("Canaryname"))
    }
  }
}
