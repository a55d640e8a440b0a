import Operations
import TestDaemons
import Testing

extension InTheBrowser {
  @Suite("With the line cut, and with consent withdrawn")
  struct StoriesOfTheLine {
    @Test("a child unknown offline is known after the next exchange", arguments: [true, false])
    func unknown(runsScript: Bool) throws {
      let district = try TestDistrict(["Wren", "Finch"])
      let (wren, finch) = (district.agencies[0], district.agencies[1])
      let browser = try Browser(runsScript: runsScript)
      try browser.open(finch)
      district.lines[1].takeDown()
      _ = try wren.child("Amira", sharedWith: [finch])
      try wren.synchronise()

      func find() throws {
        try browser.follow("Find a child")
        try browser.type("Amira", into: "Given name")
        try browser.press("Find")
      }
      try find()
      let answer = try browser.text
      // Nobody is told that there is none: the line is down, and since when is said.
      #expect(answer.contains("Not held here") && answer.contains("No line to the hub"))
      #expect(!answer.contains("Canaryname"))
      try browser.follow("Sync")
      try browser.press("Sync now")
      #expect(try browser.text.contains("Not synchronised"))

      district.lines[1].heal()
      try browser.follow("Sync")
      try browser.press("Sync now")
      try finch.synchronise()
      try find()
      try browser.follow("Amira Canaryname")
      #expect(try browser.text.contains("Who is involved"))
    }

    @Test(
      "a page says how it stands with the hub: by itself, or when it is loaded again",
      arguments: [true, false])
    func standing(runsScript: Bool) throws {
      let district = try TestDistrict(["Wren"])
      let browser = try Browser(runsScript: runsScript)
      func says(_ sentence: String) throws {
        try awaited(sentence) {
          if !runsScript { try browser.reload() }
          return try browser.text.contains(sentence)
        }
      }
      try browser.open(district.agencies[0])
      #expect(try browser.text.contains("All synced."))
      district.lines[0].takeDown()
      try district.agencies[0].ask("child-add", ["given": "Amira"])
      try says("No line to the hub; 1 queued. Work goes on here.")
      district.lines[0].heal()
      try says("All synced.")
    }

    @Test(
      "withdrawn while the page is open, it shows the child no more", arguments: [true, false])
    func withdrawn(runsScript: Bool) throws {
      let district = try TestDistrict(["Wren", "Finch"])
      let (wren, finch) = (district.agencies[0], district.agencies[1])
      let child = try district.sharedChild()
      let browser = try Browser(runsScript: runsScript)
      try browser.open(finch)
      for path in ["", "/details"] {
        try browser.visit("/children/\(child)" + path)
        #expect(try browser.text.contains("Canaryname"))
      }
      try wren.consent("consent-withdraw", child, [finch], "index")
      if runsScript {
        // By itself: nobody touches the keyboard.
        try awaited("the page to let go") { try !browser.text.contains("Canaryname") }
      } else {
        try awaited("the exchange") { try finch.export(child).isEmpty }
        try browser.reload()
      }
      #expect(try !document(browser).contains("Canaryname"))
      for path in ["", "/details", "/caf", "/family", "/plan"] {
        try browser.visit("/children/\(child)" + path)
        #expect(try !browser.text.contains("Canaryname"))
      }
    }

    @Test("withdrawn while it stands among what was found, or on a list, the child goes from there")
    func withdrawnFromLists() throws {
      let district = try TestDistrict(["Wren", "Finch"])
      let (wren, finch) = (district.agencies[0], district.agencies[1])
      let child = try district.sharedChild()
      // Another child of that name, of their own.
      try finch.ask(
        "child-add",
        [
          "given": "Kit", "family": "Canaryname", "dateOfBirth": "2001-02-03", "anyway": true,
        ])
      let (finding, listing) = (try Browser(), try Browser())
      try finding.open(finch)
      try finding.follow("Find a child")
      try finding.type("Kit", into: "Given name")
      try finding.awaitText("2 held here.")
      try listing.open(finch)
      try listing.visit("/duplicates")
      #expect(try listing.text.contains("1 pair held here"))
      try wren.consent("consent-withdraw", child, [finch], "index")
      try finding.awaitText("A record has been withdrawn. Press Find to look again.")
      #expect(try !document(finding).contains("Canaryname"))
      try listing.awaitText("No two children held here")
      #expect(try !document(listing).contains("Canaryname"))
      try finding.press("Find")
      #expect(try finding.text.contains("1 held here."))
    }

    private func document(_ browser: Browser) throws -> String {
      try browser.run("return document.documentElement.outerHTML").text()
    }

    @Test("without script, what was typed into a part that is withdrawn meanwhile is set apart")
    func withdrawnBeforeSaving() throws {
      let district = try TestDistrict(["Wren", "Finch"])
      let (wren, finch) = (district.agencies[0], district.agencies[1])
      let child = try district.sharedChild()
      let caf = try #require(
        try wren.ask("caf-start", ["child": .string(child)])["caf"]?.stringValue)
      try wren.ask(
        "caf-write",
        ["child": .string(child), "element": "identity", "strengths": "Canaryword sings"])
      try wren.consent("consent-give", child, [finch], "development")
      let browser = try Browser(runsScript: false)
      try browser.open(finch)
      try awaited("the section at Finch") {
        try browser.visit("/children/\(child)/caf/\(caf)/identity")
        return try document(browser).contains("Canaryword")
      }
      try browser.type("Typed at the table", into: "Needs")
      try wren.consent("consent-withdraw", child, [finch], "development")
      try awaited("the withdrawal at Finch") {
        try !finch.export(child).contains("Canaryword")
      }
      try browser.press("Save")
      #expect(try browser.text.contains("What you typed is not lost: it is set apart"))
      #expect(try !document(browser).contains("Canaryword"))
      try browser.follow("Sync")
      #expect(try browser.text.contains("Typed at the table"))
    }

    @Test("a part withdrawn while somebody types in it goes from the screen, and no word is lost")
    func withdrawnWhileTyping() throws {
      let district = try TestDistrict(["Wren", "Finch"])
      let (wren, finch) = (district.agencies[0], district.agencies[1])
      let child = try district.sharedChild()
      let caf = try #require(
        try wren.ask("caf-start", ["child": .string(child)])["caf"]?.stringValue)
      try wren.ask(
        "caf-write",
        ["child": .string(child), "element": "identity", "strengths": "Canaryword sings"])
      try wren.consent("consent-give", child, [finch], "development")
      let browser = try Browser()
      try browser.open(finch)
      let section = "/children/\(child)/caf/\(caf)/identity"
      try awaited("the section at Finch") {
        try browser.visit(section)
        return try document(browser).contains("Canaryword")
      }
      district.lines[1].takeDown()
      try browser.type("Typed at the table", into: "Needs")
      try browser.awaitText("Saved on this device")
      try wren.consent("consent-withdraw", child, [finch], "development")
      try wren.synchronise()
      district.lines[1].heal()
      // By itself, though the child's index entry is held on.
      try awaited("the section to go") { try !document(browser).contains("Canaryword") }
      try browser.visit("/children/\(child)")
      #expect(try browser.text.contains("Canaryname"))
      // Written without knowing of the withdrawal: it stands with whoever keeps the CAF.
      try awaited("the words at Wren") {
        try wren.ask("caf-show", ["child": .string(child)]).text().contains("Typed at the table")
      }
    }
  }
}
