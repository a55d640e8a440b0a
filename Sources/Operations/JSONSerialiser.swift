extension JSON {
  /// How a value is written.
  package struct Style: Sendable {
    /// A line per member, indented by two spaces.
    package var pretty: Bool
    /// Members by the UTF-8 bytes of their names instead of in insertion order.
    package var sorted: Bool

    package init(pretty: Bool = false, sorted: Bool = false) {
      self.pretty = pretty
      self.sorted = sorted
    }

    package static let compact = Style()
    package static let pretty = Style(pretty: true)
    package static let sorted = Style(sorted: true)
  }

  /// The value as strict JSON text, without a newline at its end.
  ///
  /// JSON has no infinity and no not-a-number; both are written as `null`, as ECMAScript does.
  package func text(_ style: Style = .compact) -> String {
    var writer = Writer(style: style)
    writer.write(self, indent: 0)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// The same as UTF-8 bytes.
  package func bytes(_ style: Style = .compact) -> [UInt8] {
    var writer = Writer(style: style)
    writer.write(self, indent: 0)
    return writer.bytes
  }

  private struct Writer {
    let style: Style
    var bytes: [UInt8] = []

    mutating func write(_ value: JSON, indent: Int) {
      switch value {
      case .null: put("null")
      case .bool(let flag): put(flag ? "true" : "false")
      case .integer(let integer): put(String(integer))
      case .unsigned(let integer): put(String(integer))
      case .number(let number): put(number.isFinite ? number.description : "null")
      case .string(let string): quote(string)
      case .array(let elements):
        list("[", "]", elements, indent: indent) { writer, element in
          writer.write(element, indent: indent + 1)
        }
      case .object(let object):
        var members = object.members
        if style.sorted {
          members.sort { left, right in left.name.utf8.lexicographicallyPrecedes(right.name.utf8) }
        }
        list("{", "}", members, indent: indent) { writer, member in
          writer.quote(member.name)
          writer.put(writer.style.pretty ? ": " : ":")
          writer.write(member.value, indent: indent + 1)
        }
      }
    }

    private mutating func list<Element>(
      _ opening: String, _ closing: String, _ elements: [Element], indent: Int,
      _ write: (inout Writer, Element) -> Void
    ) {
      put(opening)
      for (position, element) in elements.enumerated() {
        if position > 0 { put(",") }
        line(indent + 1)
        write(&self, element)
      }
      if !elements.isEmpty { line(indent) }
      put(closing)
    }

    private mutating func line(_ indent: Int) {
      guard style.pretty else { return }
      put("\n")
      bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent * 2))
    }

    private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func quote(_ text: String) {
      put("\"")
      for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "\""): put("\\\"")
        case UInt8(ascii: "\\"): put("\\\\")
        case 0x0A: put("\\n")
        case 0x0D: put("\\r")
        case 0x09: put("\\t")
        case 0..<0x20, 0x7F:
          let digits = String(byte, radix: 16)
          put("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
        default: bytes.append(byte)
        }
      }
      put("\"")
    }
  }
}
