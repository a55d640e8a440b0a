import Foundation
import Operations
import TestDaemons

/// A browser with a fresh profile, and what a person does with it.
final class Browser {
  enum Theme: String, CaseIterable { case light, dark }

  /// As the keys are known to WebDriver (section 17.4.2).
  enum Key: String {
    case tab = "\u{e004}"
    case enter = "\u{e007}"
    case shift = "\u{e008}"
    case escape = "\u{e00c}"
    case space = "\u{e00d}"
    case end = "\u{e010}"
    case up = "\u{e013}"
    case down = "\u{e015}"
  }

  private let folder: TestFolder
  let driver: WebDriver
  let runsScript: Bool

  /// - Parameter runsScript: nil of what pages bring along runs otherwise; the driver's own does.
  init(runsScript: Bool = true) throws {
    let folder = try TestFolder()
    self.folder = folder
    self.runsScript = runsScript
    var arguments: [JSON] = [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
      "--hide-scrollbars", "--no-first-run", "--no-proxy-server", "--disable-extensions",
      "--disable-background-networking", "--disable-component-update",
      // Nothing but this machine is there to be fetched from.
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    ]
    arguments.append(.string("--user-data-dir=\(folder.path)/profile"))
    driver = try WebDriver(
      in: folder.path,
      capabilities: [
        "browserName": "chrome",
        "goog:chromeOptions": [
          "args": .array(arguments),
          "prefs": [
            "profile.managed_default_content_settings.javascript": runsScript ? 1 : 2
          ],
        ],
      ])
  }

  // MARK: Going

  func go(_ url: String) throws { try driver.ask("url", ["url": .string(url)]) }

  func reload() throws { try driver.ask("refresh", [:]) }

  var url: String { get throws { try driver.ask("url").stringValue ?? "" } }

  /// The address without the daemon's port.
  var path: String {
    get throws {
      let parts = try url.split(separator: "/", omittingEmptySubsequences: false)
      return "/" + parts.dropFirst(3).joined(separator: "/")
    }
  }

  var title: String { get throws { try driver.ask("title").stringValue ?? "" } }

  /// What a person sees on the page.
  var text: String {
    get throws {
      let script = "return document.body ? document.body.innerText.trim() : ''"
      do {
        return try run(script).stringValue ?? ""
      } catch is WebDriver.Failure {
        // The page went away under the question, as one does that loads itself anew.
        return try run(script).stringValue ?? ""
      }
    }
  }

  /// Returns when the page shows it by itself.
  func awaitText(_ wanted: String) throws {
    try awaited("“\(wanted)” on the page") { try text.contains(wanted) }
  }

  // MARK: Doing

  /// Returns when the page that the link leads to is there.
  func follow(_ link: String) throws {
    try leaving { try click(at: "//a[\(says(link))]") }
  }

  /// Returns when the page that the button leads to is there.
  func press(_ button: String) throws {
    try leaving { try click(at: "//button[\(says(button))]") }
  }

  /// Returns when what was done has led to another page, and that one is there. The driver itself
  /// waits only for what has begun when the click is over; a form may be sent a moment later.
  func leaving(_ act: () throws -> Void) throws {
    try run("document.isLeft = true")
    try act()
    try awaited("the next page") {
      do {
        return try run("return !document.isLeft && document.readyState == 'complete'") == true
      } catch is WebDriver.Failure {
        // The page went away under the question.
        return false
      }
    }
  }

  /// Ticks or chooses what a label is for.
  func choose(_ label: String) throws { try click(field(label)) }

  /// Opens or closes what a summary stands over.
  func unfold(_ summary: String) throws { try click(element("//summary[\(says(summary))]")) }

  /// Chooses one of a list.
  func select(_ option: String, in label: String) throws {
    try click(element("//*[@id=\(idOf(label))]//option[\(says(option))]"))
  }

  /// Types after what the field holds.
  func type(_ text: String, into label: String) throws {
    try driver.ask("element/\(field(label))/value", ["text": .string(text)])
  }

  func clear(_ label: String) throws { try driver.ask("element/\(field(label))/clear", [:]) }

  func value(of label: String) throws -> String {
    try driver.ask("element/\(field(label))/property/value").stringValue ?? ""
  }

  /// What has the focus is given it.
  func type(_ text: String) throws {
    let keys = text.map { String($0) }
    try pressing(keys.flatMap { [("keyDown", $0), ("keyUp", $0)] })
  }

  func press(_ key: Key, times: Int = 1) throws {
    for _ in 0..<times {
      try pressing([("keyDown", key.rawValue), ("keyUp", key.rawValue)])
    }
  }

  /// Goes back through what can be reached with the keyboard.
  func pressShiftTab() throws {
    try pressing([
      ("keyDown", Key.shift.rawValue), ("keyDown", Key.tab.rawValue),
      ("keyUp", Key.tab.rawValue), ("keyUp", Key.shift.rawValue),
    ])
  }

  private func pressing(_ actions: [(type: String, key: String)]) throws {
    try driver.ask(
      "actions",
      [
        "actions": [
          [
            "type": "key", "id": "keyboard",
            "actions": .array(
              actions.map { ["type": .string($0.type), "value": .string($0.key)] }),
          ]
        ]
      ])
  }

  /// Presses Tab until what says so has the focus; throws when it cannot be reached by it.
  func tab(to text: String) throws {
    for _ in 0..<200 {
      try press(.tab)
      if try focused == text { return }
    }
    throw WebDriver.Failure(description: "Tab never reaches “\(text)” on “\(try title)”.")
  }

  /// Comes to a question by Tab and chooses an answer of it with the arrows.
  func arrow(to answer: String, from first: String) throws {
    try tab(to: first)
    try press(.space)
    for _ in 0..<20 where try focused != answer { try press(.down) }
    guard try focused == answer else {
      throw WebDriver.Failure(description: "The arrows never reach “\(answer)”.")
    }
  }

  /// Comes to a box by Tab, and ticks it.
  func tick(_ label: String) throws {
    try tab(to: label)
    try press(.space)
  }

  /// Comes to a field by Tab, and types.
  func fill(_ label: String, _ text: String) throws {
    try tab(to: label)
    try type(text)
  }

  /// Comes to a link or a button by Tab, and follows it.
  func enter(at text: String) throws {
    try tab(to: text)
    try leaving { try press(.enter) }
  }

  /// What has the focus, by its label if it is a field, else by its text.
  var focused: String {
    get throws {
      try run(
        """
        const e = document.activeElement;
        const label = e.labels && e.labels.length ? e.labels[0] : e;
        return label.innerText.trim();
        """
      ).stringValue ?? ""
    }
  }

  // MARK: Finding

  /// Whether the page has a link, a button or a field that is called so.
  func offers(_ name: String) throws -> Bool {
    let path = "//a[\(says(name))] | //button[\(says(name))] | //label[\(says(name))]"
    return try !elements(path).isEmpty
  }

  func elements(_ path: String) throws -> [String] {
    try driver.ask("elements", ["using": "xpath", "value": .string(path)]).arrayValue?
      .compactMap { $0.objectValue?.members.first?.value.stringValue } ?? []
  }

  private func element(_ path: String) throws -> String {
    if let found = try elements(path).first { return found }
    throw WebDriver.Failure(
      description: "There is no \(path) on “\(try title)”, \(try url):\n\(try text)")
  }

  private func field(_ label: String) throws -> String { try element("//*[@id=\(idOf(label))]") }

  private func idOf(_ label: String) -> String { "//label[\(says(label))]/@for" }

  /// A condition: the whole text is this. What belongs to no name is in double quotes here.
  private func says(_ text: String) -> String { "normalize-space(.)=\"\(text)\"" }

  /// Once more, when the page has put another one in its place meanwhile: pages of the hub do that.
  private func click(at path: String) throws {
    do {
      try click(element(path))
    } catch let failure as WebDriver.Failure where failure.description.contains("stale element") {
      try click(element(path))
    }
  }

  private func click(_ element: String) throws { try driver.ask("element/\(element)/click", [:]) }

  // MARK: Looking behind

  /// Runs a script of the test's in the page, whatever the page may run itself.
  @discardableResult
  func run(_ script: String, _ arguments: JSON...) throws -> JSON {
    try driver.ask("execute/sync", ["script": .string(script), "args": .array(arguments)])
  }

  /// Each with its name, its value and its rights.
  func cookies() throws -> [JSON] { try driver.ask("cookie").arrayValue ?? [] }

  func deleteCookies() throws { try driver.delete("cookie") }

  /// The window's inner size in CSS pixels, and what the system says of itself.
  func look(_ theme: Theme, width: Int, height: Int = 900, onPaper: Bool = false) throws {
    try command(
      "Emulation.setDeviceMetricsOverride",
      ["width": .count(width), "height": .count(height), "deviceScaleFactor": 1, "mobile": false])
    try command(
      "Emulation.setEmulatedMedia",
      [
        "media": onPaper ? "print" : "",
        "features": [["name": "prefers-color-scheme", "value": .string(theme.rawValue)]],
      ])
  }

  /// The page as it stands, in its whole length, as PNG.
  func screenshot(_ theme: Theme, width: Int, to file: String) throws {
    try look(theme, width: width)
    let height = try run("return document.documentElement.scrollHeight").integerValue ?? 0
    try look(theme, width: width, height: max(Int(height), 600))
    let image = try driver.ask("screenshot").stringValue.flatMap { Data(base64Encoded: $0) }
    guard let image else { throw WebDriver.Failure(description: "There is no picture.") }
    try image.write(to: URL(fileURLWithPath: file))
  }

  private func command(_ name: String, _ parameters: JSON) throws {
    try driver.ask("goog/cdp/execute", ["cmd": .string(name), "params": parameters])
  }

  /// SIGKILL, whatever it is doing.
  func destroy() { kill(driver.browserIdentifier, SIGKILL) }
}
