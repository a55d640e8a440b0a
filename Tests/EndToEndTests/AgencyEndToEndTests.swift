import Foundation
import Operations
import Testing

@Suite("Real processes over real sockets", .serialized)
struct AgencyEndToEndTests {
  private static let consent = [
    "--by", "Mother", "--relationship", "mother", "--capacity", "parentalResponsibility",
    "--agreement", "2006-09",
  ]

  @Test("A CAF flows with consent, edits come back, and a withdrawal leaves no word behind")
  func consentAndWithdrawal() throws {
    let district = try TestDistrict(["Wren", "Finch"])
    _ = try district.ask("Wren", ["agency", "sync"])
    let added = try district.ask(
      "Wren",
      ["child", "add", "--given", "Kit", "--family", "Canaryname", "--date-of-birth", "2001-02-03"])
    let child = try #require(added["child"]?.stringValue)
    _ = try district.ask("Wren", ["caf", "start", child])
    _ = try district.ask(
      "Wren", ["caf", "write", child, "identity", "--strengths", "Canaryword sings"])
    // Without consent nothing leaves, and nobody claims that it did.
    _ = try district.ask("Wren", ["agency", "sync"])
    #expect(try district.status("Finch", ["child", "show", child]) == 1)

    _ = try district.ask(
      "Wren", ["consent", "give", child, "--agencies", "Finch"] + Self.consent)
    // Nobody asks for an exchange: a save leaves by itself, and the other's poll brings it.
    #expect(try eventually { try district.status("Finch", ["caf", "show", child]) == 0 })
    let shown = try district.ask("Finch", ["caf", "show", child])
    #expect(shown.text().contains("Canaryword sings"))
    // Of the index, which the consent does not name, nothing came.
    #expect(!shown.text().contains("Canaryname"))
    _ = try district.ask("Finch", ["caf", "write", child, "identity", "--needs", "A choir"])
    #expect(
      try eventually {
        try district.ask("Wren", ["caf", "show", child]).text().contains("A choir")
      })

    _ = try district.ask("Wren", ["consent", "withdraw", child, "--agencies", "Finch"])
    #expect(try eventually { try district.status("Finch", ["caf", "show", child]) == 1 })
    #expect(
      try eventually {
        try district.ask("Finch", ["agency", "status"])["compartments"]?["locked"] == 0
      })
    for canary in ["Canaryword", "Canaryname", "A choir"] {
      #expect(try district.files(of: "Finch", with: canary).isEmpty, "\(canary)")
    }
    // The custodian keeps its own record, with what the other wrote.
    #expect(try district.ask("Wren", ["caf", "show", child]).text().contains("A choir"))
    for (name, daemon) in district.agencies {
      #expect(daemon.stop() == 0, "\(name) did not end cleanly")
    }
  }

  @Test("Two who write while cut off are merged, and what they wrote in one box waits for a person")
  func offlineMerge() throws {
    let district = try TestDistrict(["Wren", "Finch"])
    _ = try district.ask("Wren", ["agency", "sync"])
    let child = try #require(
      district.ask("Wren", ["child", "add", "--given", "Kit"])["child"]?.stringValue)
    _ = try district.ask("Wren", ["caf", "start", child])
    _ = try district.ask("Wren", ["caf", "write", child, "identity", "--strengths", "Sings"])
    _ = try district.ask(
      "Wren", ["consent", "give", child, "--agencies", "Finch"] + Self.consent)
    #expect(try eventually { try district.status("Finch", ["caf", "show", child]) == 0 })

    _ = district.hub.stop()
    #expect(
      try eventually {
        try district.ask("Wren", ["agency", "status"])["isLineUp"] == false
          && district.ask("Finch", ["agency", "status"])["isLineUp"] == false
      })
    _ = try district.ask("Wren", ["caf", "write", child, "identity", "--needs", "From Wren"])
    _ = try district.ask("Finch", ["caf", "write", child, "identity", "--needs", "From Finch"])
    _ = try district.ask("Finch", ["caf", "write", child, "aspirations", "--strengths", "Boats"])
    #expect(try district.ask("Wren", ["agency", "status"])["isAllSynced"] == false)
    #expect(try district.status("Wren", ["agency", "sync"]) == 4)
    // Killed while it has unsent work: nothing of it is lost.
    district.agencies["Finch"]?.kill()
    try district.start("Finch")
    try district.restartHub()
    for _ in 0..<2 {
      for name in ["Wren", "Finch"] { _ = try district.ask(name, ["agency", "sync"]) }
    }
    for name in ["Wren", "Finch"] {
      let text = try district.ask(name, ["caf", "show", child]).text()
      for word in ["From Wren", "From Finch", "Boats", "Sings"] { #expect(text.contains(word)) }
      let conflicts = try district.ask(name, ["conflicts", "list"])["conflicts"]?.arrayValue
      #expect(conflicts?.count == 1)
    }
    let name = try #require(
      district.ask("Finch", ["conflicts", "list"])["conflicts"]?.arrayValue?.first?["conflict"]?
        .stringValue)
    _ = try district.ask("Finch", ["conflicts", "resolve", name, "--text", "From both"])
    #expect(
      try eventually {
        try district.ask("Wren", ["conflicts", "list"])["conflicts"]?.arrayValue?.isEmpty == true
      })
    #expect(try district.ask("Wren", ["caf", "show", child]).text().contains("From both"))
  }

  @Test("An enquiry is answered by the hub with existence and contact, and never with content")
  func enquiry() throws {
    let district = try TestDistrict(["Wren", "Finch"])
    let child = try #require(
      district.ask(
        "Wren",
        ["child", "add", "--given", "Kit", "--family", "Canary", "--date-of-birth", "2001-02-03"])[
          "child"]?.stringValue)
    _ = try district.ask("Wren", ["caf", "start", child, "--led-to", "Canaryword"])
    _ = try district.ask("Wren", ["agency", "sync"])
    let asked = try district.ask(
      "Finch",
      [
        "check", "--given", "Kit", "--family", "Canary", "--date-of-birth", "2001-02-03",
        "--consent", "form 12",
      ])
    #expect(asked["isHeldHere"] == false)
    #expect(
      try eventually {
        try district.ask("Finch", ["check", "--list"]).text().contains("with a CAF")
      })
    #expect(try !district.ask("Finch", ["check", "--list"]).text().contains("Canaryword"))
    #expect(
      try eventually {
        try district.ask("Wren", ["tasks", "list"]).text().contains("enquiryMade")
      })
  }
}
