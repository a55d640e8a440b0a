import Operations
import TestDaemons
import Testing

extension InTheBrowser {
  @Suite("Deciding: who may have it, and which answer stands")
  struct Deciding {
    @Test(
      "consent is previewed and given; withdrawn in two clicks, the other's open page lets go",
      arguments: [true, false])
    func consent(runsScript: Bool) throws {
      let district = try TestDistrict(["Wren", "Finch"])
      let (wren, finch) = (district.agencies[0], district.agencies[1])
      let added = try wren.ask("child-add", ["given": "Amira", "family": "Canaryname"])
      let child = try #require(added["child"]?.stringValue)
      let (browser, other) = (
        try Browser(runsScript: runsScript), try Browser(runsScript: runsScript)
      )
      try browser.open(wren)
      try browser.visit("/children/\(child)/consent")
      try browser.follow("Record a consent")
      try browser.fillInConsent(to: "Finch")
      try browser.choose("Basic details: name, birth, school, who works with the child")
      try browser.press("Who will get what?")
      let preview = try browser.text
      #expect(preview.contains("Nothing is recorded yet."))
      #expect(preview.contains("Finch\nBasic details: name, birth, school"))
      #expect(try finch.export(child).isEmpty)
      try browser.press("Record the consent")
      #expect(try browser.text.contains("Stands"))

      try awaited("the child at Finch") { try !finch.export(child).isEmpty }
      try other.open(finch)
      try other.visit("/children/\(child)")
      #expect(try other.text.contains("Amira Canaryname"))
      try browser.follow("Withdraw")
      #expect(try browser.text.contains("What will happen"))
      try browser.press("Withdraw the consent")
      #expect(try browser.text.contains("Withdrawal"))
      if runsScript {
        try awaited("the other page to let go") { try !other.text.contains("Canaryname") }
      } else {
        try awaited("the exchange") { try finch.export(child).isEmpty }
        try other.reload()
        #expect(try !other.text.contains("Canaryname"))
      }
    }

    @Test("two answers to one question stand side by side until one is chosen")
    func conflict() throws {
      let furnished = try FurnishedDistrict()
      for (runsScript, answer) in [(true, "Sleeps well when Gran is there."), (false, nil)] {
        let browser = try Browser(runsScript: runsScript)
        try browser.open(furnished.wren)
        try browser.follow("Conflicts")
        let link = "Behavioural development: Needs"
        try browser.follow(link)
        let text = try browser.text
        #expect(text.contains("Sleeps badly.") && text.contains("Sleeps well at Gran’s."))
        if let answer {
          // A third answer, that both have a part in.
          try browser.type(answer, into: "Needs")
          try browser.press("Save this instead")
          for agency in [furnished.wren, furnished.finch] {
            try awaited("one answer at \(agency.name)") {
              let held = try agency.export(furnished.names["child"] ?? "")
              let conflicts = try agency.ask("conflict-list")["conflicts"]
              return held.contains(answer) && conflicts == []
            }
          }
          try browser.follow("Conflicts")
          #expect(try !browser.offers(link))
          try furnished.disagree()
        } else {
          try browser.press("Keep what Ann Ash wrote")
          try awaited("one answer at Finch") {
            try furnished.finch.ask("conflict-list")["conflicts"] == []
          }
        }
      }
    }

    @Test("who writes into a box that somebody else has changed meanwhile loses nothing")
    func overtaken() throws {
      let furnished = try FurnishedDistrict()
      let (child, caf) = (furnished.names["child"] ?? "", furnished.names["caf"] ?? "")
      let browser = try Browser()
      try browser.open(furnished.wren)
      try browser.visit("/children/\(child)/caf/\(caf)/aspirations")
      try furnished.finch.ask(
        "caf-write",
        ["child": .string(child), "element": "aspirations", "needs": "Said to Finch."])
      try awaited("Finch's words") {
        try furnished.wren.export(child).contains("Said to Finch.")
      }
      try browser.type("Said to Wren.", into: "Needs")
      try browser.awaitText("Both texts are kept")
      for agency in [furnished.wren, furnished.finch] {
        try awaited("both at \(agency.name)") {
          let held = try agency.export(child)
          return held.contains("Said to Finch.") && held.contains("Said to Wren.")
        }
      }
    }
  }
}
