import Foundation
import Testing

extension InTheBrowser {
  /// `make screenshots`: for a person to look at.
  @Suite("Pictures of every page")
  struct Pictures {
    private static let folder = ProcessInfo.processInfo.environment["CAFSYNC_SCREENSHOTS"]

    @Test("on a desk and on a telephone, light and dark", .enabled(if: folder != nil))
    func pictures() throws {
      let folder = try #require(Self.folder)
      let browser = try Browser()
      try EveryPage.visit(try FurnishedDistrict(), with: browser) { page in
        for (theme, width) in [
          (Browser.Theme.light, 1_280), (.dark, 1_280), (.light, 375), (.dark, 375),
        ] {
          let file = "\(folder)/\(page.name)-\(width)-\(theme).png"
          try browser.screenshot(theme, width: width, to: file)
        }
      }
    }
  }
}
