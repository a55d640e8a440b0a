import Operations

// Short ways to read what an operation answered. A page shows what is there; what is missing is
// blank.
extension JSON {
  func text(_ name: String) -> String {
    self[name]?.stringValue ?? self[name]?.integerValue.map { String($0) } ?? ""
  }

  func items(_ name: String) -> [JSON] { self[name]?.arrayValue ?? [] }

  func texts(_ name: String) -> [String] { items(name).compactMap(\.stringValue) }

  func isTrue(_ name: String) -> Bool { self[name]?.boolValue ?? false }

  /// Shown when it says something.
  func html(_ name: String) -> HTML { .text(text(name)) }
}
