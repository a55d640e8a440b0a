/// The address of a page of this daemon; there is no other kind of link.
package struct LocalPath: Hashable, Sendable {
  /// As a request names it: percent-encoded (RFC 3986, 2.1).
  package let text: String

  /// - Parameters:
  ///   - segments: The parts between the slashes; none for the first page.
  ///   - query: Names and values, in order.
  package init(_ segments: String..., query: [(name: String, value: String)] = []) {
    var text = "/" + segments.map(Self.encoded).joined(separator: "/")
    for (index, pair) in query.enumerated() {
      text += index == 0 ? "?" : "&"
      text += Self.encoded(pair.name) + "=" + Self.encoded(pair.value)
    }
    self.text = text
  }

  /// The same with one more name and value in its query.
  func asking(_ name: String, _ value: String) -> LocalPath {
    let pair = Self.encoded(name) + "=" + Self.encoded(value)
    return LocalPath(text: text + (text.contains("?") ? "&" : "?") + pair)
  }

  private init(text: String) { self.text = text }

  /// All but the unreserved characters (RFC 3986, 2.3).
  private static func encoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        bytes.append(byte)
      default:
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
