/// A closed list of codes with the words that a practitioner reads for each. The codes are stable
/// (they stand on disk and on the wire), the words may be improved at any time.
package struct CodeList: Hashable, Sendable {
  package struct Code: Hashable, Sendable {
    package let value: String
    /// Plain words, ready to be shown.
    package let label: String
  }

  package let name: String
  /// In the order in which a form offers them.
  package let codes: [Code]
  private let labels: [String: String]

  package init(_ name: String, _ codes: KeyValuePairs<String, String>) {
    self.init(name, codes.map { Code(value: $0.key, label: $0.value) })
  }

  package init(_ name: String, _ codes: [Code]) {
    self.name = name
    self.codes = codes
    labels = Dictionary(codes.map { ($0.value, $0.label) }, uniquingKeysWith: { first, _ in first })
  }

  package func contains(_ value: String) -> Bool { labels[value] != nil }

  /// Nil for a code that this version does not know; show the code itself then.
  package func label(for value: String) -> String? { labels[value] }

  package static func == (left: Self, right: Self) -> Bool {
    left.name == right.name && left.codes == right.codes
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
