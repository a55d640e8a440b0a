extension JSONParser {
  /// A number. Written without fraction and exponent it is exact, and must fit into 64 bits; a
  /// Double would silently change the digits.
  mutating func number() throws(JSONError) -> JSON {
    let start = mark
    var isNegative = false
    if take(UInt8(ascii: "-")) {
      isNegative = true
    } else if current == UInt8(ascii: "+") {
      advance()
    }
    if reading.json5 && (follows(Array("0x".utf8)) || follows(Array("0X".utf8))) {
      advance(2)
      let digits = digits { $0.isHexDigit }
      return try integer(digits, radix: 16, isNegative: isNegative, at: start)
    }
    let whole = digits { $0.isNumber }
    if whole.isEmpty && !(reading.json5 && current == UInt8(ascii: ".")) {
      throw error("a digit should stand here", at: start)
    }
    if whole.count > 1 && whole.hasPrefix("0") {
      throw error("a number does not begin with a zero", at: start)
    }
    var isWhole = true
    var fraction = ""
    if take(UInt8(ascii: ".")) {
      isWhole = false
      fraction = digits { $0.isNumber }
      if fraction.isEmpty && !(reading.json5 && !whole.isEmpty) {
        throw error("a digit should follow the decimal point")
      }
    }
    var exponent = ""
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      isWhole = false
      advance()
      if take(UInt8(ascii: "-")) { exponent = "-" } else { _ = take(UInt8(ascii: "+")) }
      let power = digits { $0.isNumber }
      if power.isEmpty { throw error("a digit should follow the exponent's sign") }
      exponent += power
    }
    if isWhole { return try integer(whole, radix: 10, isNegative: isNegative, at: start) }
    let spelling =
      "\(isNegative ? "-" : "")\(whole.isEmpty ? "0" : whole)"
      + ".\(fraction.isEmpty ? "0" : fraction)e\(exponent.isEmpty ? "0" : exponent)"
    guard let value = Double(spelling), value.isFinite else {
      throw error("this number is too large", at: start)
    }
    return .number(value)
  }

  private func integer(
    _ digits: String, radix: Int, isNegative: Bool, at start: JSONMark
  ) throws(JSONError) -> JSON {
    if digits.isEmpty { throw error("a digit should stand here", at: start) }
    // "-0" is the number zero; only a Double could keep its sign.
    if let value = Int64((isNegative ? "-" : "") + digits, radix: radix) { return .integer(value) }
    if !isNegative, let value = UInt64(digits, radix: radix) { return .unsigned(value) }
    throw error("this whole number does not fit into 64 bits", at: start)
  }

  private mutating func digits(_ belongs: (Character) -> Bool) -> String {
    var result = ""
    while let byte = current, byte < 0x80, belongs(Character(Unicode.Scalar(byte))) {
      result.unicodeScalars.append(Unicode.Scalar(byte))
      advance()
    }
    return result
  }
}
