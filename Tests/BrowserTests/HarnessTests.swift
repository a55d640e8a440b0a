import Operations
import TestDaemons
import Testing

extension InTheBrowser {
  /// A harness that cannot tell the difference proves nothing.
  @Suite("The browser of the tests")
  struct Harness {
    private static let page = """
      data:text/html,<title>T</title><p id=a>off</p><label for=f>Field</label>
      <input id=f><button>Go</button>
      <style>@media (prefers-color-scheme: dark) { p { width: 900px } }</style>
      <script>document.getElementById('a').textContent = 'on'</script>
      """

    @Test("runs a page's script or does not, and says in which theme it is and how wide")
    func looks() throws {
      for runsScript in withAndWithoutScript {
        let browser = try Browser(runsScript: runsScript)
        try browser.go(Self.page)
        #expect(try browser.text.hasPrefix(runsScript ? "on" : "off"))
        for (theme, isWide) in [(Browser.Theme.light, false), (.dark, true)] {
          try browser.look(theme, width: 320)
          #expect(try browser.run("return innerWidth") == 320)
          #expect(try (browser.overflow() > 0) == isWide)
        }
        try browser.type("one", into: "Field")
        try browser.tab(to: "Go")
        try browser.pressShiftTab()
        try browser.press(.end)
        try browser.type(" two")
        #expect(try browser.value(of: "Field") == "one two")
      }
    }

    @Test("is gone when it is killed")
    func killed() throws {
      let browser = try Browser()
      try browser.go(Self.page)
      browser.destroy()
      #expect(throws: (any Error).self) { try browser.text }
    }

    @Test("axe finds what is wrong with a page")
    func axe() throws {
      let browser = try Browser()
      try browser.go(
        "data:text/html,<title>T</title><main><h1>H</h1><input><p style=color:%23ccc>Pale")
      let found = try browser.violations().map(\.rule)
      #expect(found.contains("label") && found.contains("color-contrast"), "\(found)")
    }
  }
}
