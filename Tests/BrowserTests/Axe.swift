import Cryptography
import Foundation
import Operations
import TestSupport
import Testing

/// axe-core, the engine that the accessibility checks of most browsers are made with.
enum Axe {
  /// Fetched once into the build folder, from the registry where Python's packages are; what it has
  /// to be is known here.
  private static let source = Result { try fetched() }

  private static let version = "4.12.1"
  private static let digest = "84494fec757e4710dc751c8d7a636e457f4532f08f85c86dc9070133fbff53bc"

  private static func fetched() throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = root.appending(path: ".build/axe-core-\(version).js").path
    if !FileManager.default.fileExists(atPath: file) {
      let module = "axe_playwright_python"
      let python = try Python.with(module, from: "axe-playwright-python==0.1.8")
      let folder = try Python.run(python, ["-c", "import \(module) as a; print(a.__path__[0])"])
      let found = folder.trimmingCharacters(in: .newlines) + "/axe.min.js"
      try AtomicFile.write(AtomicFile.read(found, maximumBytes: bytesMax), to: file)
    }
    let bytes = try AtomicFile.read(file, maximumBytes: bytesMax)
    guard sha256(bytes).map({ String(format: "%02x", $0) }).joined() == digest else {
      throw WebDriver.Failure(description: "\(file) is not axe-core \(version): remove it.")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let bytesMax = 4 << 20

  /// One rule that a page breaks, and where.
  struct Violation: CustomStringConvertible {
    let rule: String
    let help: String
    let places: [String]

    var description: String { "\(rule): \(help) \(places)" }
  }

  /// WCAG 2.2 up to AA, and what is good practice besides.
  fileprivate static func run(in browser: Browser) throws -> [Violation] {
    if try browser.run("return typeof axe") != "object" { try browser.run(source.get()) }
    let answer = try browser.run(
      """
      return axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        resultTypes: ['violations'],
      }).then(found => found.violations.map(one => ({
        rule: one.id, help: one.help,
        places: one.nodes.map(node => node.target.join(' ') + ': ' + node.html.slice(0, 120)),
      })))
      """)
    guard let found = answer.arrayValue else {
      throw WebDriver.Failure(description: "axe gave no answer: \(answer)")
    }
    return found.map { one in
      Violation(
        rule: one["rule"]?.stringValue ?? "", help: one["help"]?.stringValue ?? "",
        places: one["places"]?.arrayValue?.compactMap(\.stringValue) ?? [])
    }
  }
}

extension Browser {
  /// What axe finds wrong with the page as it stands.
  func violations() throws -> [Axe.Violation] { try Axe.run(in: self) }

  /// How many pixels of the page lie beyond the window's right edge.
  func overflow() throws -> Int {
    let pixels = try run(
      """
      const page = document.documentElement;
      return page.scrollWidth - page.clientWidth;
      """)
    return Int(try #require(pixels.integerValue))
  }

  /// In both themes axe finds nothing wrong, and nothing lies beyond the narrowest window.
  func expectNothingWrong(on page: String) throws {
    for theme in Theme.allCases {
      try look(theme, width: 320)
      #expect(try overflow() <= 0, "\(page), \(theme)")
      try look(theme, width: 1_280)
      for violation in try violations() { Issue.record("\(page), \(theme): \(violation)") }
    }
  }
}
