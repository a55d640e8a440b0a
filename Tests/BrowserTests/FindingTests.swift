import Operations
import TestDaemons
import Testing

extension InTheBrowser {
  @Suite("Finding while somebody types")
  struct Finding {
    private let wren: TestAgency
    private let browser: Browser

    init() throws {
      wren = try TestDistrict(["Wren"]).agencies[0]
      for (given, family) in [("Amira", "Canaryname"), ("Amina", "Birkhollow")] {
        try wren.ask("child-add", ["given": .string(given), "family": .string(family)])
      }
      browser = try Browser()
      try browser.open(wren)
      try browser.follow("Find a child")
    }

    private func said() throws -> String {
      try browser.run("return document.querySelector('[data-searched]').textContent").stringValue
        ?? ""
    }

    @Test("children are found by the beginning of a name, said to whoever hears the page")
    func found() throws {
      // One letter would find half the town.
      try browser.type("A", into: "Given name")
      try browser.type("mi", into: "Given name")
      try browser.awaitText("2 held here.")
      #expect(try browser.offers("Amira Canaryname") && browser.offers("Amina Birkhollow"))
      try awaited("it to be said") { try said() == "2 held here." }
      try browser.type("Cana", into: "Family name")
      try browser.awaitText("1 held here.")
      #expect(try !browser.offers("Amina Birkhollow"))
      // Nothing of it stands in the address.
      #expect(try browser.path == "/find")
      try browser.follow("Amira Canaryname")
      #expect(try browser.text.contains("Who is involved"))
    }

    @Test("without script the button finds the same")
    func withoutScript() throws {
      let browser = try Browser(runsScript: false)
      try browser.open(wren)
      try browser.follow("Find a child")
      for (family, said) in [("Cana", "1 held here."), ("Zel", "Not held here as of")] {
        try browser.clear("Family name")
        try browser.type(family, into: "Family name")
        try browser.press("Find")
        #expect(try browser.text.contains(said))
      }
    }

    @Test("where none is held, that is said with its date, and what was typed goes along")
    func notHeld() throws {
      try browser.type("Zel", into: "Given name")
      try browser.awaitText("Not held here as of")
      #expect(try browser.text.contains("no answer about other agencies"))
      #expect(try !browser.text.contains("no CAF"))
      try browser.press("Ask the hub")
      #expect(try browser.value(of: "Given name") == "Zel")
    }

    @Test("what was found goes with the next letter; an answer that comes late is not shown")
    func late() throws {
      // The first question is answered; the second after the third, and the last one never.
      try browser.run(
        """
        const ask = window.fetch;
        window.asked = 0;
        window.fetch = (where, how) => {
          if (!String(where).includes("typed")) return ask(where, how);
          window.asked += 1;
          const answer = ask(where, { ...how, signal: undefined });
          if (window.asked == 2) return new Promise(give => { window.give = () => give(answer); });
          return window.asked == 4 ? new Promise(() => {}) : answer;
        };
        """)
      func asked(_ count: Int) throws {
        try awaited("question \(count)") { try browser.run("return window.asked") == .count(count) }
      }
      try browser.type("Am", into: "Given name")
      try browser.awaitText("2 held here.")
      try browser.type("i", into: "Given name")
      #expect(try !browser.offers("Amira Canaryname"))
      try asked(2)
      try browser.type("x", into: "Given name")
      try browser.awaitText("Not held here as of")
      try browser.run("window.give()")
      try awaited("it to be said") { try said().hasPrefix("Not held here") }
      #expect(try !browser.offers("Amina Birkhollow"))
      try browser.clear("Given name")
      try browser.type("Am", into: "Given name")
      try asked(4)
      #expect(try !browser.text.contains("held here") && said().isEmpty)
    }
  }
}
