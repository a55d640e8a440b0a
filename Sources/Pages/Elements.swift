/// The elements that pages are made of. None can run anything, but the one script of our own.
enum ElementName: String {
  case html, head, meta, title, link, body, header, nav, main, footer, section
  case h1, h2, h3, p, strong, span, a, ul, ol, li, dl, dt, dd, div, del, ins, details, summary
  case table, caption, thead, tbody, tr, th, td
  case svg, rect
  case form, label, input, button, fieldset, legend, textarea, select, option, script

  /// Those that have no content and no end (HTML Living Standard, 13.1.2).
  var isVoid: Bool {
    switch self {
    case .meta, .link, .input: true
    default: false
    }
  }
}

/// What the script of our own finds its way by (`Assets/pages.js`).
enum DataName: String {
  /// A form that is saved while somebody types.
  case autosave
  /// Where such a form says how far it is.
  case saved
  /// What the page shows of one child, as a digest: when it changes, the page is out of date.
  case live, revision
  /// The part of the record that the page shows: the page goes when that may not be shown.
  case part
  case standing
  /// A form that finds while somebody types; where it shows what it found, and where it says so.
  case search, results, searched
  /// The revision of the hub's books that the page was made of.
  case board
  /// What had been withdrawn when a page of no one child was made: it may name children.
  case withdrawn
}

/// An attribute of an element: one of a closed list, so that none can hold a script.
struct Attribute {
  let name: String
  /// Nil: the attribute is there, and that is all (`required`).
  let value: String?

  private init(_ name: String, _ value: String?) {
    self.name = name
    self.value = value
  }

  static func `class`(_ value: String) -> Attribute { Attribute("class", value) }
  static func id(_ value: String) -> Attribute { Attribute("id", value) }
  static func `for`(_ value: String) -> Attribute { Attribute("for", value) }
  static func name(_ value: String) -> Attribute { Attribute("name", value) }
  static func value(_ value: String) -> Attribute { Attribute("value", value) }
  static func type(_ value: String) -> Attribute { Attribute("type", value) }
  static func content(_ value: String) -> Attribute { Attribute("content", value) }
  static func lang(_ value: String) -> Attribute { Attribute("lang", value) }
  static func charset(_ value: String) -> Attribute { Attribute("charset", value) }
  static func rel(_ value: String) -> Attribute { Attribute("rel", value) }
  static func scope(_ value: String) -> Attribute { Attribute("scope", value) }
  static func role(_ value: String) -> Attribute { Attribute("role", value) }
  static func method(_ value: String) -> Attribute { Attribute("method", value) }
  static func autocomplete(_ value: String) -> Attribute { Attribute("autocomplete", value) }
  static func inputmode(_ value: String) -> Attribute { Attribute("inputmode", value) }
  static func describedBy(_ id: String) -> Attribute { Attribute("aria-describedby", id) }
  static func labelledBy(_ id: String) -> Attribute { Attribute("aria-labelledby", id) }
  static func label(_ text: String) -> Attribute { Attribute("aria-label", text) }
  static func current(_ value: String) -> Attribute { Attribute("aria-current", value) }
  static func rows(_ value: Int) -> Attribute { Attribute("rows", String(value)) }
  /// Marks what the script of our own looks for; its value is read by nothing else.
  static func data(_ name: DataName, _ value: String = "") -> Attribute {
    Attribute("data-" + name.rawValue, value)
  }
  // Pictures (SVG 2): numbers only, so that nothing can be drawn from elsewhere.
  static func viewBox(width: Int, height: Int) -> Attribute {
    Attribute("viewBox", "0 0 \(width) \(height)")
  }
  static func x(_ value: Int) -> Attribute { Attribute("x", String(value)) }
  static func y(_ value: Int) -> Attribute { Attribute("y", String(value)) }
  static func width(_ value: Int) -> Attribute { Attribute("width", String(value)) }
  static func height(_ value: Int) -> Attribute { Attribute("height", String(value)) }
  static let checked = Attribute("checked", nil)
  static let selected = Attribute("selected", nil)
  static let `defer` = Attribute("defer", nil)
  static let open = Attribute("open", nil)
  static let invalid = Attribute("aria-invalid", "true")
  static func tabindex(_ value: Int) -> Attribute { Attribute("tabindex", String(value)) }

  // Where a browser goes, and what it fetches: a page of this daemon, or a place on this page.
  static func href(_ path: LocalPath) -> Attribute { Attribute("href", path.text) }
  static func src(_ path: LocalPath) -> Attribute { Attribute("src", path.text) }
  static func action(_ path: LocalPath) -> Attribute { Attribute("action", path.text) }
  static func href(fragment id: String) -> Attribute { Attribute("href", "#" + id) }
}

/// `element(.p) { "text" }`.
func element(
  _ name: ElementName, _ attributes: Attribute..., @HTMLBuilder content: () -> HTML = { .empty }
) -> HTML {
  .element(name, attributes, content())
}
