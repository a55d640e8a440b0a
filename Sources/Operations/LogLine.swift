import Glibc

extension Log {
  /// What a metadata value may be. There is no case for a person: see the essay of `Log`.
  package enum Value: Sendable, Equatable, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
  {
    /// A word or sentence of our own or of the system: an error, a file path, an address.
    case text(String)
    case integer(Int64)
    case flag(Bool)
    /// Bytes written as hexadecimal digits: the ids of compartments, actors, devices.
    case identifier([UInt8])

    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .flag(value) }

    /// A count of any integer type; what does not fit is shown as the nearest that does.
    package static func count(_ value: some BinaryInteger) -> Value {
      .integer(Int64(clamping: value))
    }

    /// The sentence of an error.
    package static func error(_ error: any Error) -> Value { .text(String(describing: error)) }
  }

  /// The longest text value written, in Unicode scalars before escaping; the rest is cut off and
  /// counted.
  package static let maximumTextScalars = 512

  /// One event as one line, without its newline.
  static func line(
    form: Form, wallMilliseconds: Int64, level: Level, message: String,
    metadata: [(name: String, value: Value)]
  ) -> String {
    let time = Moment.rfc3339(wallMilliseconds)
    switch form {
    case .logfmt:
      var line = "time=\(time) level=\(level) message=\(logfmt(message))"
      for (name, value) in metadata { line += " \(name)=\(logfmt(value))" }
      return line
    case .json:
      var object = JSON.Object()
      object["time"] = .string(time)
      object["level"] = .string("\(level)")
      object["message"] = .string(message)
      for (name, value) in metadata { object[name] = json(value) }
      return JSON.object(object).text()
    }
  }

  private static func logfmt(_ value: Value) -> String {
    switch value {
    case .text(let text): logfmt(printable(text))
    case .integer(let integer): String(integer)
    case .flag(let flag): String(flag)
    case .identifier(let bytes): hexadecimal(bytes)
    }
  }

  /// Bare if it is one plain word, quoted otherwise.
  private static func logfmt(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      byte > 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=") && byte < 0x7F
    }
    if isPlain && !text.isEmpty { return text }
    return "\"" + text.replacing("\"", with: "\\\"") + "\""
  }

  private static func json(_ value: Value) -> JSON {
    switch value {
    case .text(let text): .string(printable(text))
    case .integer(let integer): .integer(integer)
    case .flag(let flag): .bool(flag)
    case .identifier(let bytes): .string(hexadecimal(bytes))
    }
  }

  /// Cut to length, and with everything escaped that could end the line, move the cursor or reverse
  /// the writing direction: text that came over the wire must not be able to forge another line.
  static func printable(_ text: String) -> String {
    let scalars = text.unicodeScalars
    var result = ""
    for scalar in scalars.prefix(maximumTextScalars) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default:
        if scalar == "\\" { result += "\\\\" } else { result.unicodeScalars.append(scalar) }
      }
    }
    let cut = scalars.count - maximumTextScalars
    if cut > 0 { result += "… (\(cut) more)" }
    return result
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    // An identifier has 16 bytes, a digest 32 or 64; what is longer is none and would be content.
    bytes.prefix(64).reduce(into: "") { text, byte in
      text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }
}
