import Foundation
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("Override, shield and erasure")
  struct Law {
    private static let consent = [
      "--by", "Mother", "--relationship", "mother", "--capacity", "parentalResponsibility",
      "--agreement", "2006-09",
    ]

    private func child(of agency: TestAgency, words: String) throws -> String {
      let added = try agency.command(
        "child", "add", "--given", "Kit", "--family", "Canaryname", "--anyway")
      let child = try #require(added["child"]?.stringValue)
      try agency.command("caf", "start", child)
      try agency.command("caf", "write", child, "identity", "--needs", words)
      return child
    }

    private func isShown(_ child: String, by agency: TestAgency) throws -> Bool {
      try agency.run(["caf", "show", child]).status == 0
    }

    @Test("an override reaches the agency that it names, and ends by itself")
    func overrides() throws {
      let district = try TestDistrict(["Wren", "Finch"])
      let (hub, wren, finch) = (district.hub, district.agencies[0], district.agencies[1])
      let lasting = try child(of: wren, words: "Canaryword")
      let ending = try child(of: wren, words: "Endingword")
      let ask = ["may-i-share", lasting, "Finch", "--category", "development"]
      #expect(try wren.run(ask).status == 1)
      let decided = [
        "--agencies", "Finch", "--reason", "suspected significant harm", "--decided-by", "Bo Beech",
      ]
      let basis = ["--categories", "development"] + decided
      try wren.command(["override", lasting, "--until", "2199-01-01", "--preview"] + basis)
      #expect(try wren.run(ask).status == 1)
      try wren.command(["override", lasting, "--until", "2199-01-01"] + basis)
      #expect(try wren.run(ask).status == 0)
      try awaited("the CAF at Finch") {
        try isShown(lasting, by: finch)
          && finch.command("caf", "show", lasting).text().contains("Canaryword")
      }
      // Reason and name are for the hub and this agency alone.
      let told = try finch.command("consent", "show", lasting).text()
      #expect(told.contains("override") && !told.contains("Bo Beech"))

      let until = ISO8601DateFormatter().string(from: Date().addingTimeInterval(8))
      try wren.command("caf", "write", ending, "generalHealth", "--needs", "Healthword")
      // Two that overlap: what is left of the CAF is shown while one of them lasts.
      try wren.command(
        ["override", ending, "--until", until, "--categories", "development"] + decided)
      try wren.command(
        ["override", ending, "--until", "2199-01-01", "--categories", "health"] + decided)
      try awaited("the override to run out") {
        let shown = try finch.run(["caf", "show", ending]).output
        let board = try hub.command("status")
        return board["pendingPurges"] == 0 && (board["purgeReceipts"]?.integerValue ?? 0) > 0
          && !shown.contains("Endingword") && shown.contains("Healthword")
      }
      #expect(try isShown(lasting, by: finch))
    }

    @Test("a shield takes whereabouts back from everyone else, and lifted gives them again")
    func shields() throws {
      let district = try TestDistrict(["Wren", "Finch"])
      let (hub, wren, finch) = (district.hub, district.agencies[0], district.agencies[1])
      let loaded = try wren.command(
        "agency", "load-sample", "--children", "40", "--role", "highSchool", "--without-consents")
      let children = (loaded["children"]?.arrayValue ?? []).compactMap(\.stringValue)
      func hasWhereabouts(_ agency: TestAgency, _ child: String) throws -> Bool {
        guard try agency.run(["child", "show", child]).status == 0 else { return false }
        return try agency.command("child", "show", child)["compartments"]?.arrayValue?
          .contains { $0["category"] == "whereabouts" } == true
      }
      let child = try #require(try children.first { try hasWhereabouts(wren, $0) })
      try wren.command(
        ["consent", "give", child, "--agencies", "Finch", "--categories", "whereabouts,household"]
          + Self.consent)
      try awaited("whereabouts at Finch") { try hasWhereabouts(finch, child) }
      try wren.command("shield", child, "--review", "2199-01-01")
      try awaited("whereabouts to go") { try !hasWhereabouts(finch, child) }
      try awaited("the purge") { try hub.command("status")["pendingPurges"] == 0 }
      #expect(try hasWhereabouts(wren, child))
      // Household is no whereabouts.
      #expect(try finch.run(["child", "show", child]).status == 0)
      try wren.command("unshield", child)
      try awaited("whereabouts to come back") { try hasWhereabouts(finch, child) }
    }

    @Test("erasing destroys every copy, with receipts; what several wrote only the operator erases")
    func erasing() throws {
      let district = try TestDistrict(["Wren", "Finch"])
      let (hub, wren, finch) = (district.hub, district.agencies[0], district.agencies[1])
      let child = try child(of: wren, words: "Canaryword")
      try wren.command(["consent", "give", child, "--agencies", "Finch"] + Self.consent)
      try awaited("the CAF at Finch") { try isShown(child, by: finch) }
      let receipts = try hub.command("status")["purgeReceipts"]?.integerValue ?? 0

      // Another agency has written of its own: this one cannot erase that.
      try finch.command("child", "add", "--given", "Kit", "--child", child, "--anyway")
      try finch.command("agency", "sync")
      let erase = ["erase", child, "--reason", "the family's wish"]
      #expect(try wren.run(erase).status == 7)
      #expect(try wren.run(erase + ["--name", "Somebody Else"]).status == 7)
      try wren.command(erase + ["--name", "Kit Canaryname"])
      try awaited("the hub to return it") {
        try wren.command("consent", "show", child).text().contains("returned by the hub")
      }
      #expect(try isShown(child, by: finch))

      let asked = try DaemonProcess.run(
        "hub", "erase", child, "--reason", "the family's wish", "--folder", hub.folder,
        in: district.folder)
      #expect(asked.status == 7 && asked.output.contains("Wren"))
      try hub.command("erase", child, "--reason", "the family's wish", "--yes")
      for agency in district.agencies {
        try awaited("the child to go from \(agency.name)") {
          try agency.run(["child", "show", child]).status == 1
        }
      }
      try awaited("all receipts") {
        let board = try hub.command("status")
        return board["pendingPurges"] == 0
          && (board["purgeReceipts"]?.integerValue ?? 0) >= receipts + 4
      }
      for agency in district.agencies {
        let words = ["Canaryword", "Canaryname"]
        #expect(try TestFolder.search([agency.folder], forWords: words).isEmpty, "\(agency.name)")
        let log = try String(contentsOfFile: agency.log, encoding: .utf8)
        #expect(!words.contains { log.contains($0) }, "\(agency.name)")
      }
      // For ever: what comes later is set apart.
      #expect(try hub.command("why", child, "Finch").arrayValue?.isEmpty == true)
    }
  }
}
