/// The fields of a head, in the order they were sent. Names compare without regard to ASCII case
/// (RFC 9110 §5.1).
package struct HTTPHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  package struct Field: Sendable, Equatable {
    /// As it was sent.
    package let name: String
    /// Without the white space around it.
    package let value: String
  }

  package private(set) var fields: [Field]

  package init() {
    fields = []
  }

  package init(dictionaryLiteral elements: (String, String)...) {
    fields = elements.map { Field(name: $0.0, value: $0.1) }
  }

  /// The first value under `name`. Setting replaces all values; setting `nil` removes them.
  package subscript(name: String) -> String? {
    get { fields.first { Self.areEqual($0.name, name) }?.value }
    set {
      fields.removeAll { Self.areEqual($0.name, name) }
      if let newValue { append(name, newValue) }
    }
  }

  /// All values under `name`, in order.
  package func values(_ name: String) -> [String] {
    fields.compactMap { Self.areEqual($0.name, name) ? $0.value : nil }
  }

  package mutating func append(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// Whether a comma-separated list under `name` holds `token`, in any case (RFC 9110 §5.6.1).
  package func contains(token: String, in name: String) -> Bool {
    values(name).contains { value in
      value.split(separator: ",").contains { part in
        Self.areEqual(Self.trimmed(part.utf8), token.utf8)
      }
    }
  }

  static func areEqual(_ left: String, _ right: String) -> Bool {
    areEqual(left.utf8, right.utf8)
  }

  private static func areEqual(
    _ left: some Collection<UInt8>, _ right: some Collection<UInt8>
  ) -> Bool {
    left.count == right.count
      && zip(left, right).allSatisfy { ASCII.lowercased($0) == ASCII.lowercased($1) }
  }

  private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
    var text = text
    while let first = text.first, ASCII.isWhitespace(first) { text.removeFirst() }
    while let last = text.last, ASCII.isWhitespace(last) { text.removeLast() }
    return text
  }
}
