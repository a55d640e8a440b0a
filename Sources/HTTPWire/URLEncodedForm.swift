/// The fields of a form as a browser sends them (`application/x-www-form-urlencoded`; URL Living
/// Standard, 5.1): of a body, or of the query of a form that asks.
package struct URLEncodedForm: Sendable, Equatable {
  /// In the order of the form; a name may come several times.
  package let fields: [(name: String, value: String)]

  /// As many as any page has, and more; a body has a limit of its own.
  package static let fieldsMax = 1_000

  /// Nil for more than `fieldsMax` fields, a broken escape, or bytes that are no UTF-8.
  package init?(_ bytes: some Sequence<UInt8>) {
    let pairs = Array(bytes).split(separator: UInt8(ascii: "&"))
    guard pairs.count <= Self.fieldsMax else { return nil }
    var fields: [(name: String, value: String)] = []
    for pair in pairs {
      let parts = pair.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.decoded(parts[0]),
        let value = parts.count == 2 ? Self.decoded(parts[1]) : ""
      else { return nil }
      fields.append((name, value))
    }
    self.fields = fields
  }

  /// The first value under a name; nil when the form had no such field.
  package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

  package static func == (left: Self, right: Self) -> Bool {
    left.fields.elementsEqual(right.fields) { $0 == $1 }
  }

  private static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
    let spaced = bytes.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
    guard let text = String(validating: spaced, as: UTF8.self) else { return nil }
    return HTTPRequest.percentDecoded(text)
  }
}
