/// The character classes of RFC 9110 §5.5 and §5.6, as bytes.
enum ASCII {
  static let tab: UInt8 = 0x09
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let space: UInt8 = 0x20
  static let semicolon: UInt8 = 0x3B
  static let colon: UInt8 = 0x3A

  static func lowercased(_ byte: UInt8) -> UInt8 {
    byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
  }

  static func isWhitespace(_ byte: UInt8) -> Bool {
    byte == space || byte == tab
  }

  static func isDigit(_ byte: UInt8) -> Bool {
    byte >= 0x30 && byte <= 0x39
  }

  static func isLetter(_ byte: UInt8) -> Bool {
    let lower = byte | 0x20
    return lower >= 0x61 && lower <= 0x7A
  }

  static func isVisible(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F
  }

  /// `tchar` of RFC 9110 §5.6.2.
  static func isToken(_ byte: UInt8) -> Bool {
    if isLetter(byte) || isDigit(byte) { return true }
    return switch byte {
    case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
    default: false
    }
  }

  /// What a field value may hold: visible characters, space, tab and bytes beyond ASCII (RFC 9110
  /// §5.5).
  static func isFieldValue(_ byte: UInt8) -> Bool {
    isVisible(byte) || isWhitespace(byte) || byte >= 0x80
  }

  /// What may stand in `uri-host [":" port]`: RFC 3986's unreserved and sub-delims, percent, colon
  /// and brackets.
  static func isHost(_ byte: UInt8) -> Bool {
    if isLetter(byte) || isDigit(byte) { return true }
    return switch byte {
    case 0x21, 0x24...0x2E, 0x3A, 0x3B, 0x3D, 0x5B, 0x5D, 0x5F, 0x7E: true
    default: false
    }
  }

  /// The value of a hexadecimal digit.
  static func hexadecimalValue(_ byte: UInt8) -> Int? {
    switch byte {
    case 0x30...0x39: Int(byte) - 0x30
    case 0x41...0x46: Int(byte) - 0x41 + 10
    case 0x61...0x66: Int(byte) - 0x61 + 10
    default: nil
    }
  }
}
