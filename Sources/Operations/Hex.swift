/// Bytes as people copy them: two hexadecimal digits each.
package enum Hex {
  package static func text(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// Nil for anything but pairs of hexadecimal digits.
  package static func bytes(_ text: some StringProtocol) -> [UInt8]? {
    let digits = text.utf8.map {
      UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 ? $0 - 48 : letter($0)
    }
    guard digits.count.isMultiple(of: 2), !digits.contains(UInt8.max) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  private static func letter(_ character: UInt8) -> UInt8 {
    switch character {
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: .max
    }
  }
}
