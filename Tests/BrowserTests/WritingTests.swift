import TestDaemons
import Testing

extension InTheBrowser {
  @Suite("Writing a CAF")
  struct Writing {
    private let district: TestDistrict
    private let child: String

    private var wren: TestAgency { district.agencies[0] }

    init() throws {
      district = try TestDistrict(["Wren", "Finch"])
      child = try district.agencies[0].child("Amira", sharedWith: [district.agencies[1]])
    }

    /// Starts a CAF and opens a section of it.
    private func begin(_ browser: Browser, section: String) throws {
      try browser.open(wren)
      try browser.visit("/children/\(child)")
      try browser.follow("The CAF")
      try browser.type("Often tired.", into: "What led to this assessment?")
      try browser.press("Start")
      try browser.follow(section)
    }

    /// Another browser, as after a crash, on the same page.
    private func shows(_ place: String, _ label: String) throws -> String {
      let browser = try Browser()
      try browser.open(wren)
      try browser.visit(place)
      return try browser.value(of: label)
    }

    @Test(
      "killed while somebody types, the browser loses nothing that was said to be saved",
      arguments: [true, false])
    func killed(runsScript: Bool) throws {
      let browser = try Browser(runsScript: runsScript)
      func save() throws {
        if !runsScript { try browser.press("Save") }
        try browser.awaitText("Saved on this device")
        if !runsScript { try browser.follow("Physical development") }
      }
      try begin(browser, section: "Physical development")
      let place = try browser.path
      try browser.type("Runs and climbs.", into: "Strengths")
      try save()
      try browser.type("Sleeps badly.", into: "Needs")
      try save()
      try browser.type(" And then", into: "Needs")
      browser.destroy()
      #expect(try shows(place, "Strengths") == "Runs and climbs.")
      #expect(try shows(place, "Needs").hasPrefix("Sleeps badly."))
    }

    @Test(
      "section by section, saved by itself or by its button, and counted as it stands",
      arguments: [true, false])
    func sections(runsScript: Bool) throws {
      let browser = try Browser(runsScript: runsScript)
      func backToTheList() throws {
        guard runsScript else { return try browser.press("Save") }
        try browser.awaitText("Saved on this device")
        try browser.follow("CAF: Amira Canaryname")
      }
      try begin(browser, section: "Physical development")
      try browser.type("Runs and climbs.", into: "Strengths")
      try browser.choose("Done")
      try backToTheList()
      #expect(try browser.text.contains("1 of 19"))
      try browser.follow("Aspirations")
      try browser.choose("Not needed")
      try backToTheList()
      #expect(try browser.text.contains("2 of 19"))
      try browser.follow("Physical development")
      let place = try browser.path
      browser.destroy()
      #expect(try shows(place, "Strengths") == "Runs and climbs.")
    }

    @Test(
      "on paper stands what was written, and neither guidance nor what a browser is for",
      arguments: [true, false])
    func paper(runsScript: Bool) throws {
      let browser = try Browser(runsScript: runsScript)
      try begin(browser, section: "Aspirations")
      try browser.type("Wants to be a nurse.", into: "Strengths")
      try browser.look(.light, width: 800, onPaper: true)
      #expect(try !browser.text.contains("What to think of"))
      try browser.look(.light, width: 800)
      #expect(try browser.text.contains("What to think of"))
      try browser.unfold("What to think of")
      try browser.press("Save")
      try browser.follow("Print")
      try browser.look(.light, width: 800, onPaper: true)
      let paper = try browser.text
      for word in ["Amira Canaryname", "Often tired.", "Aspirations", "Wants to be a nurse."] {
        #expect(paper.contains(word))
      }
      for word in ["Sign out", "Find a child", "synced", "Save", "What to think of"] {
        #expect(!paper.contains(word))
      }
    }

    @Test(
      "by keyboard alone: from the first page to a section written and saved",
      arguments: [true, false])
    func keyboard(runsScript: Bool) throws {
      let browser = try Browser(runsScript: runsScript)
      try browser.open(wren)
      try browser.press(.tab)
      #expect(try browser.focused == "Skip to the main content")
      try browser.enter(at: "Find a child")
      try browser.tab(to: "Given name")
      try browser.type("Amira")
      try browser.leaving { try browser.press(.enter) }
      try browser.enter(at: "Amira Canaryname")
      try browser.enter(at: "The CAF")
      try browser.tab(to: "What led to this assessment?")
      try browser.type("Often tired.")
      try browser.enter(at: "Start")
      try browser.enter(at: "Aspirations")
      try browser.tab(to: "Strengths")
      try browser.type("Wants to be a nurse.")
      // How far the section is stands last; the arrows choose among its answers.
      try browser.tab(to: "Save")
      try browser.pressShiftTab()
      for _ in 0..<4 where try browser.focused != "Done" { try browser.press(.up) }
      #expect(try browser.focused == "Done")
      try browser.enter(at: "Save")
      #expect(try browser.text.contains("1 of 19"))
      try browser.enter(at: "Aspirations")
      #expect(try browser.value(of: "Strengths") == "Wants to be a nurse.")
      try browser.enter(at: "Sign out")
      #expect(try browser.title == "Sign in – CAFSync")
    }
  }
}
