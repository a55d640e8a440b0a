/// Markup that is safe to send, whatever people typed into it.
package struct HTML: Hashable, Sendable {
  /// What a browser is sent, without the document type.
  package private(set) var markup: String

  private init(markup: String) { self.markup = markup }

  package static let empty = HTML(markup: "")

  /// Text as a person reads it.
  package static func text(_ text: String) -> HTML { HTML(markup: escaped(text)) }

  /// One after the other.
  static func joined(_ parts: some Sequence<HTML>) -> HTML {
    HTML(markup: parts.reduce(into: "") { $0 += $1.markup })
  }

  /// An element with its content; `content` is ignored by those that have none.
  static func element(_ name: ElementName, _ attributes: [Attribute], _ content: HTML) -> HTML {
    var markup = "<" + name.rawValue
    for attribute in attributes {
      markup += " " + attribute.name
      if let value = attribute.value { markup += "=\"" + escaped(value) + "\"" }
    }
    markup += ">"
    if !name.isVoid { markup += content.markup + "</" + name.rawValue + ">" }
    return HTML(markup: markup)
  }

  /// The five characters that mean something in text or in a quoted attribute (HTML Living
  /// Standard, 13.1.4 and 13.1.2.3); and those that a browser may not be sent are shown as a
  /// replacement character (13.1.3: no control characters but white space).
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n": result.unicodeScalars.append(scalar)
      case "\r": break
      default:
        let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
        result.unicodeScalars.append(isControl ? "\u{fffd}" : scalar)
      }
    }
    return result
  }
}

/// Content as it is written down in a page: strings are text.
@resultBuilder
enum HTMLBuilder {
  static func buildExpression(_ text: String) -> HTML { .text(text) }
  static func buildExpression(_ html: HTML) -> HTML { html }
  static func buildBlock(_ parts: HTML...) -> HTML { .joined(parts) }
  static func buildOptional(_ part: HTML?) -> HTML { part ?? .empty }
  static func buildEither(first: HTML) -> HTML { first }
  static func buildEither(second: HTML) -> HTML { second }
  static func buildArray(_ parts: [HTML]) -> HTML { .joined(parts) }
}
