import HTTPWire
import Operations
import PageServer
import Testing

@testable import AgencyService

extension InTheBrowser {
  @Suite("Every page")
  struct EveryPageTests {
    @Test("none is left out")
    func complete() throws {
      let paths = EveryPage.all.map { $0.path.split(separator: "?")[0].split(separator: "/") }
      for route in Routes.all where route.method == .get && route.pattern != ["live"] {
        let isListed = paths.contains { route.arguments(.get, $0.map(String.init)) != nil }
        #expect(isListed, "\(route.pattern) is missing in EveryPage.all.")
      }
    }

    @Test("axe finds nothing wrong, in both themes; nothing lies beyond the narrowest window")
    func looks() throws {
      let furnished = try FurnishedDistrict()
      let browser = try Browser()
      try EveryPage.visit(furnished, with: browser) { page in
        try browser.expectNothingWrong(on: page.name)
        // What a browser writes down in its history names nobody.
        let written = try browser.title + browser.url
        #expect(!written.contains("Amira") && !written.contains("Canaryname"), "\(written)")
      }
    }

    @Test("all are there without script, and say the same")
    func withoutScript() throws {
      let furnished = try FurnishedDistrict()
      func headings(runsScript: Bool) throws -> [String] {
        let browser = try Browser(runsScript: runsScript)
        var found: [String] = []
        try EveryPage.visit(furnished, with: browser) { page in
          let headings = try browser.run(
            """
            return [...document.querySelectorAll('h1, h2, label, main a, main button')]
              .filter(one => one.checkVisibility()).map(one => one.innerText).join(' | ')
            """)
          found.append("\(page.name): \(headings.stringValue ?? "")")
        }
        return found
      }
      #expect(try headings(runsScript: false) == headings(runsScript: true))
    }
  }
}
