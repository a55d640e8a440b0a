extension JSONParser {
  /// A quoted text, from the opening quote on.
  mutating func string() throws(JSONError) -> String {
    let opening = mark
    let quote = current
    advance()
    var result = ""
    var runStart = offset
    while let byte = current {
      if byte == quote {
        result += try text(from: runStart, to: offset)
        advance()
        return result
      }
      if byte == UInt8(ascii: "\\") {
        result += try text(from: runStart, to: offset)
        advance()
        try escape(into: &result)
        runStart = offset
      } else if byte < 0x20 {
        throw error("a line break or control character stands in a text; write it as an escape")
      } else {
        advance()
      }
    }
    throw error("this text has no closing quote", at: opening)
  }

  /// What follows a backslash.
  private mutating func escape(into result: inout String) throws(JSONError) {
    guard let byte = current else { throw error("the text ends after a backslash") }
    switch byte {
    case 0x0A where reading.json5,
      0x0D where reading.json5:
      // A backslash at the end of a line: the text goes on in the next one.
      newline()
      return
    case UInt8(ascii: "u"):
      advance()
      result.unicodeScalars.append(try unicodeEscape())
      return
    case UInt8(ascii: "x") where reading.json5:
      advance()
      result.unicodeScalars.append(Unicode.Scalar(UInt8(try hexadecimal(digits: 2))))
      return
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      result.unicodeScalars.append(Unicode.Scalar(byte))
    case UInt8(ascii: "'") where reading.json5: result += "'"
    case UInt8(ascii: "b"): result += "\u{8}"
    case UInt8(ascii: "f"): result += "\u{C}"
    case UInt8(ascii: "n"): result += "\n"
    case UInt8(ascii: "r"): result += "\r"
    case UInt8(ascii: "t"): result += "\t"
    case UInt8(ascii: "v") where reading.json5: result += "\u{B}"
    case UInt8(ascii: "0") where reading.json5: result += "\0"
    default: throw error("there is no such escape")
    }
    advance()
  }

  /// Four digits after `\u`, or a surrogate pair of two such escapes (RFC 8259, section 7). Half a
  /// pair is refused.
  private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let first = try hexadecimal(digits: 4)
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard (0xD800..<0xDC00).contains(first), follows(Array("\\u".utf8)) else {
      throw error("half a surrogate pair stands alone")
    }
    advance(2)
    let second = try hexadecimal(digits: 4)
    guard (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    else { throw error("half a surrogate pair stands alone") }
    return scalar
  }

  private mutating func hexadecimal(digits: Int) throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue,
        byte < 0x80
      else { throw error("\(digits) hexadecimal digits should stand here") }
      value = value << 4 | UInt32(digit)
      advance()
    }
    return value
  }
}
