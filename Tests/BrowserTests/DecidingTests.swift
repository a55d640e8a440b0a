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
      let third = "Sleeps well when Gran is there."
      let ways = withAndWithoutScript.flatMap { [($0, third), ($0, nil)] }
      for (number, (runsScript, answer)) in ways.enumerated() {
        if number > 0 { try furnished.disagree() }
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
        } else {
          try browser.press("Keep what Ann Ash wrote")
          try awaited("one answer at Finch") {
            try furnished.finch.ask("conflict-list")["conflicts"] == []
          }
        }
      }
    }

    @Test(
      "by keyboard alone: a consent is previewed, given and withdrawn", arguments: [true, false])
    func keyboardConsent(runsScript: Bool) throws {
      let district = try TestDistrict(["Wren", "Finch"])
      let wren = district.agencies[0]
      let added = try wren.ask("child-add", ["given": "Amira", "family": "Canaryname"])
      let child = try #require(added["child"]?.stringValue)
      let browser = try Browser(runsScript: runsScript)
      try browser.open(wren)
      try browser.visit("/children/\(child)")
      try browser.enter(at: "Consent")
      try browser.enter(at: "Record a consent")
      try browser.fill("Which version of the sharing agreement was explained?", "2006-09")
      try browser.fill("Name of whoever gives the consent", "Mother")
      try browser.fill("Who they are to the child", "mother")
      try browser.arrow(to: "Has parental responsibility", from: "16 or over")
      try browser.tick("Basic details: name, birth, school, who works with the child")
      try browser.tick("Finch")
      try browser.enter(at: "Who will get what?")
      #expect(try browser.text.contains("Finch\nBasic details: name, birth, school"))
      try browser.enter(at: "Record the consent")
      #expect(try browser.text.contains("Stands"))
      try browser.enter(at: "Withdraw")
      #expect(try browser.text.contains("What will happen"))
      try browser.enter(at: "Withdraw the consent")
      #expect(try browser.text.contains("Withdrawal"))
    }

    @Test("by keyboard alone: a conflict is found, and decided with words of one's own")
    func keyboardConflict() throws {
      let furnished = try FurnishedDistrict()
      for (number, runsScript) in withAndWithoutScript.enumerated() {
        if number > 0 { try furnished.disagree() }
        let browser = try Browser(runsScript: runsScript)
        try browser.open(furnished.wren)
        try browser.enter(at: "Conflicts")
        try browser.enter(at: "Behavioural development: Needs")
        try browser.fill("Needs", "Typed with no mouse. ")
        try browser.enter(at: "Save this instead")
        #expect(try browser.text.contains("Decided."))
        try awaited("one answer at Finch") {
          try furnished.finch.ask("conflict-list")["conflicts"] == []
        }
        #expect(
          try furnished.finch.export(furnished.names["child"] ?? "").contains("with no mouse"))
      }
    }

    @Test(
      "who writes into a box that somebody else has changed meanwhile loses nothing",
      arguments: [true, false])
    func overtaken(runsScript: Bool) throws {
      let furnished = try FurnishedDistrict()
      let (child, caf) = (furnished.names["child"] ?? "", furnished.names["caf"] ?? "")
      let browser = try Browser(runsScript: runsScript)
      try browser.open(furnished.wren)
      try browser.visit("/children/\(child)/caf/\(caf)/aspirations")
      try furnished.finch.ask(
        "caf-write",
        ["child": .string(child), "element": "aspirations", "needs": "Said to Finch."])
      try awaited("Finch's words") {
        try furnished.wren.export(child).contains("Said to Finch.")
      }
      try browser.type("Said to Wren.", into: "Needs")
      if !runsScript { try browser.press("Save") }
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
