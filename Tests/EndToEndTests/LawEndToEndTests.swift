import Foundation
import Operations
import Testing

@Suite("Override, shield and erasure, as real processes", .serialized)
struct LawEndToEndTests {
  private static let consent = [
    "--by", "Mother", "--relationship", "mother", "--capacity", "parentalResponsibility",
    "--agreement", "2006-09",
  ]

  private func child(_ district: TestDistrict, words: String) throws -> String {
    let added = try district.ask(
      "Wren", ["child", "add", "--given", "Kit", "--family", "Canaryname", "--anyway"])
    let child = try #require(added["child"]?.stringValue)
    _ = try district.ask("Wren", ["caf", "start", child])
    _ = try district.ask("Wren", ["caf", "write", child, "identity", "--needs", words])
    return child
  }

  @Test("An override reaches the agency that it names, and ends by itself")
  func overrides() throws {
    let district = try TestDistrict(["Wren", "Finch"])
    _ = try district.ask("Wren", ["agency", "sync"])
    let lasting = try child(district, words: "Canaryword")
    let ending = try child(district, words: "Endingword")
    let ask = ["may-i-share", lasting, "Finch", "--category", "development"]
    #expect(try district.status("Wren", ask) == 1)
    let decided = [
      "--agencies", "Finch", "--reason", "suspected significant harm", "--decided-by", "Bo Beech",
    ]
    let basis = ["--categories", "development"] + decided
    #expect(
      try district.status(
        "Wren", ["override", lasting, "--until", "2199-01-01", "--preview"] + basis) == 0)
    #expect(try district.status("Wren", ask) == 1)
    _ = try district.ask("Wren", ["override", lasting, "--until", "2199-01-01"] + basis)
    #expect(try district.status("Wren", ask) == 0)
    #expect(
      try eventually {
        try district.status("Finch", ["caf", "show", lasting]) == 0
          && district.ask("Finch", ["caf", "show", lasting]).text().contains("Canaryword")
      })
    // Reason and name are for the hub and this agency alone.
    let told = try district.ask("Finch", ["consent", "show", lasting]).text()
    #expect(told.contains("override") && !told.contains("Bo Beech"))

    let format = ISO8601DateFormatter()
    let until = format.string(from: Date().addingTimeInterval(5))
    _ = try district.ask(
      "Wren", ["caf", "write", ending, "generalHealth", "--needs", "Healthword"])
    // Two that overlap: what is left of the CAF is shown while one of them lasts.
    _ = try district.ask(
      "Wren", ["override", ending, "--until", until, "--categories", "development"] + decided)
    _ = try district.ask(
      "Wren", ["override", ending, "--until", "2199-01-01", "--categories", "health"] + decided)
    #expect(
      try eventually(seconds: 60) {
        try district.operate(["why", ending, "Finch", "--json"]).text().contains(
          "has run out")
          && !district.ask("Finch", ["caf", "show", ending]).text().contains("Endingword")
          && district.ask("Finch", ["caf", "show", ending]).text().contains("Healthword")
          && district.operate(["status", "--json"])["pendingPurges"] == 0
      })
    #expect(try district.status("Finch", ["caf", "show", lasting]) == 0)
  }

  @Test("A shield takes whereabouts back from everyone else, and lifted gives them again")
  func shields() throws {
    let district = try TestDistrict(["Wren", "Finch"])
    _ = try district.ask("Wren", ["agency", "sync"])
    let loaded = try district.ask(
      "Wren",
      ["agency", "load-sample", "--children", "40", "--role", "highSchool", "--without-consents"])
    let children = (loaded["children"]?.arrayValue ?? []).compactMap(\.stringValue)
    func hasWhereabouts(_ agency: String, _ child: String) throws -> Bool {
      guard try district.status(agency, ["child", "show", child]) == 0 else { return false }
      return try district.ask(agency, ["child", "show", child])["compartments"]?.arrayValue?
        .contains { $0["category"] == "whereabouts" } == true
    }
    let child = try #require(try children.first { try hasWhereabouts("Wren", $0) })
    _ = try district.ask(
      "Wren",
      ["consent", "give", child, "--agencies", "Finch", "--categories", "whereabouts,household"]
        + Self.consent)
    #expect(try eventually { try hasWhereabouts("Finch", child) })
    _ = try district.ask("Wren", ["shield", child, "--review", "2199-01-01"])
    #expect(try eventually { try !hasWhereabouts("Finch", child) })
    #expect(
      try eventually { try district.operate(["status", "--json"])["pendingPurges"] == 0 })
    #expect(try hasWhereabouts("Wren", child))
    // Household is no whereabouts.
    #expect(try district.status("Finch", ["child", "show", child]) == 0)
    _ = try district.ask("Wren", ["unshield", child])
    #expect(try eventually { try hasWhereabouts("Finch", child) })
  }

  @Test("Erasing destroys every copy, with receipts; what several wrote only the operator erases")
  func erasing() throws {
    let district = try TestDistrict(["Wren", "Finch"])
    _ = try district.ask("Wren", ["agency", "sync"])
    let child = try child(district, words: "Canaryword")
    let consent = ["consent", "give", child, "--agencies", "Finch"] + Self.consent
    _ = try district.ask("Wren", consent)
    #expect(try eventually { try district.status("Finch", ["caf", "show", child]) == 0 })
    let receipts = try district.operate(["status", "--json"])["purgeReceipts"]?.integerValue ?? 0

    // Another agency has written of its own: this one cannot erase that.
    _ = try district.ask(
      "Finch", ["child", "add", "--given", "Kit", "--child", child, "--anyway"])
    _ = try district.ask("Finch", ["agency", "sync"])
    let erase = ["erase", child, "--reason", "the family's wish"]
    #expect(try district.status("Wren", erase) == 7)
    #expect(try district.status("Wren", erase + ["--name", "Somebody Else"]) == 7)
    _ = try district.ask("Wren", erase + ["--name", "Kit Canaryname"])
    #expect(
      try eventually {
        try district.ask("Wren", ["consent", "show", child]).text().contains("returned by the hub")
      })
    #expect(try district.status("Finch", ["caf", "show", child]) == 0)

    let operation = ["hub", "erase", child, "--reason", "the family's wish", "--folder"]
    let asked = try Executable.run(operation + [district.folder + "/hub"])
    #expect(asked.status == 7 && asked.output.contains("Wren"))
    _ = try district.operate(["erase", child, "--reason", "the family's wish", "--yes"])
    for agency in ["Wren", "Finch"] {
      #expect(try eventually { try district.status(agency, ["child", "show", child]) == 1 })
    }
    #expect(
      try eventually {
        let board = try district.operate(["status", "--json"])
        return board["pendingPurges"] == 0
          && (board["purgeReceipts"]?.integerValue ?? 0) >= receipts + 4
      })
    for agency in ["Wren", "Finch"] {
      for canary in ["Canaryword", "Canaryname"] {
        #expect(try district.files(of: agency, with: canary).isEmpty, "\(agency) \(canary)")
      }
    }
    // For ever: what comes later is set apart.
    #expect(
      try district.operate(["why", child, "Finch", "--json"]).arrayValue?.isEmpty == true)
  }
}
