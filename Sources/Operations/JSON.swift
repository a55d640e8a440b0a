/// A JSON value (RFC 8259): what `--json` prints, what the local API speaks, what configuration
/// files hold.
///
/// Integers are exact over the whole of Int64 and UInt64 and stay apart from fractions: an
/// identifier or a count never passes through a Double. Objects keep the order in which members
/// were set, because people read what we print.
package enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int64)
  /// Only for what does not fit into `integer`; `JSON.count` and the parser see to it.
  case unsigned(UInt64)
  case number(Double)
  case string(String)
  case array([JSON])
  case object(Object)

  /// Members in the order they were set; no name twice.
  ///
  /// Names compare as Swift strings do, by canonical equivalence: two spellings of "é" are one
  /// name. Equality of objects does not look at the order.
  package struct Object: Sendable, Equatable {
    package private(set) var names: [String] = []
    private var values: [String: JSON] = [:]

    package init() {}

    package var count: Int { names.count }

    /// Reading a missing member is nil; setting nil removes it.
    package subscript(name: String) -> JSON? {
      get { values[name] }
      set {
        let old = values[name]
        values[name] = newValue
        if old == nil && newValue != nil { names.append(name) }
        if old != nil && newValue == nil { names.removeAll { $0 == name } }
      }
    }

    /// The members in order.
    package var members: [(name: String, value: JSON)] {
      names.compactMap { name in values[name].map { (name, $0) } }
    }

    package static func == (left: Object, right: Object) -> Bool { left.values == right.values }
  }

  /// A whole number of any size up to UInt64, in its one canonical case.
  package static func count(_ value: some BinaryInteger) -> JSON {
    if let small = Int64(exactly: value) { return .integer(small) }
    guard let large = UInt64(exactly: value) else {
      preconditionFailure("a JSON integer has at most 64 bits")
    }
    return .unsigned(large)
  }

  /// The member of an object; nil for a missing one and for anything that is no object.
  package subscript(name: String) -> JSON? {
    guard case .object(let object) = self else { return nil }
    return object[name]
  }

  package var stringValue: String? {
    guard case .string(let value) = self else { return nil }
    return value
  }

  package var boolValue: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  package var integerValue: Int64? {
    guard case .integer(let value) = self else { return nil }
    return value
  }

  package var unsignedValue: UInt64? {
    switch self {
    case .integer(let value): UInt64(exactly: value)
    case .unsigned(let value): value
    default: nil
    }
  }

  /// Any number; an integer beyond 2⁵³ loses its last digits here, so ask for an integer where one
  /// is meant.
  package var doubleValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  package var arrayValue: [JSON]? {
    guard case .array(let value) = self else { return nil }
    return value
  }

  package var objectValue: Object? {
    guard case .object(let value) = self else { return nil }
    return value
  }

  /// What it is, in words for messages.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .integer, .unsigned: "a whole number"
    case .number: "a fraction"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

extension JSON: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(nilLiteral: ()) { self = .null }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSON)...) {
    var object = Object()
    for (name, value) in elements {
      precondition(object[name] == nil, "a name stands twice in one JSON literal")
      object[name] = value
    }
    self = .object(object)
  }
}

extension JSON {
  /// An object with one more member; what is no object stays what it is.
  package func with(_ name: String, _ value: JSON) -> JSON {
    guard case .object(var object) = self else { return self }
    object[name] = value
    return .object(object)
  }
}
