import Foundation
import Testing

/// `make screenshots`: for a person to look at.
enum Pictures {
  static let folder = ProcessInfo.processInfo.environment["CAFSYNC_SCREENSHOTS"]

  /// Of the page as it stands: on a desk and on a telephone, light and dark.
  static func take(_ name: String, with browser: Browser) throws {
    guard let folder else { return }
    for theme in Browser.Theme.allCases {
      for width in [1_280, 375] {
        let file = "\(folder)/\(name)-\(width)-\(theme).png"
        try browser.screenshot(theme, width: width, to: file)
      }
    }
  }
}

extension InTheBrowser {
  @Suite("Pictures", .enabled(if: Pictures.folder != nil))
  struct PicturesTests {
    @Test("of every page")
    func pages() throws {
      let browser = try Browser()
      try EveryPage.visit(try FurnishedDistrict(), with: browser) { page in
        try Pictures.take(page.name, with: browser)
      }
    }

    @Test("of the console")
    func console() throws {
      let desk = try OperatorDesk()
      let browser = try Browser()
      try desk.signIn(browser)
      for page in try desk.paths() {
        try browser.visit(page.path)
        try Pictures.take("console-\(page.name)", with: browser)
      }
    }
  }
}
