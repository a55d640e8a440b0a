import Operations

/// The agency's answers as people read them: the sentence first, then what belongs to it, indented.
enum AgencyPrinting {
  static func text(_ value: JSON) -> String {
    lines(value, indent: 0).joined(separator: "\n")
  }

  /// Members that are milliseconds since 1970.
  private static let moments: Set<String> = ["asOf", "expires", "on"]

  private static func lines(_ value: JSON, indent: Int) -> [String] {
    let margin = String(repeating: "  ", count: indent)
    guard case .object(let object) = value else { return [margin + Terminal.cell(value)] }
    var lines: [String] = []
    if let sentence = object["sentence"]?.stringValue { lines.append(margin + sentence) }
    for (name, member) in object.members where name != "sentence" {
      let title = words(name)
      switch member {
      case .null: continue
      case .string(let text) where text.isEmpty: continue
      case .array(let items):
        if items.isEmpty { continue }
        lines.append("\(margin)\(title):")
        for item in items {
          var inner = Self.lines(item, indent: indent + 2)
          if let first = inner.first {
            inner[0] = margin + "  - " + first.dropFirst(margin.count + 4)
          }
          lines += inner
        }
      case .object:
        lines.append("\(margin)\(title):")
        lines += Self.lines(member, indent: indent + 1)
      case .integer where moments.contains(name):
        lines.append("\(margin)\(title): \(Terminal.time(member))")
      default: lines.append("\(margin)\(title): \(Terminal.cell(member))")
      }
    }
    return lines
  }

  /// `lastExchange` reads “last exchange”.
  private static func words(_ name: String) -> String {
    name.reduce(into: "") { words, character in
      words += character.isUppercase ? " " + character.lowercased() : String(character)
    }
  }
}
