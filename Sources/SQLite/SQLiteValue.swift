/// A value as SQLite stores it, to be bound to a parameter.
///
/// Values always travel as bindings, never inside the SQL text: that keeps them out of error
/// messages and lets one prepared statement serve every call.
package enum SQLiteValue: Hashable, Sendable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])

  /// An unsigned integer by its bit pattern, so that no value can trap; read it back with
  /// `Row.uint`.
  ///
  /// Values above `Int64.max` are stored negative: they come back whole, but SQL orders them before
  /// zero.
  package static func uint(_ value: UInt64) -> SQLiteValue {
    .integer(Int64(bitPattern: value))
  }

  /// `null` for `nil`, else the integer.
  package static func optional(_ value: Int64?) -> SQLiteValue {
    value.map(SQLiteValue.integer) ?? .null
  }

  /// `null` for `nil`, else the text.
  package static func optional(_ value: String?) -> SQLiteValue {
    value.map(SQLiteValue.text) ?? .null
  }

  /// `null` for `nil`, else the bytes.
  package static func optional(_ value: [UInt8]?) -> SQLiteValue {
    value.map(SQLiteValue.blob) ?? .null
  }
}

extension SQLiteValue: ExpressibleByIntegerLiteral {
  package init(integerLiteral value: Int64) {
    self = .integer(value)
  }
}

extension SQLiteValue: ExpressibleByStringLiteral {
  package init(stringLiteral value: String) {
    self = .text(value)
  }
}

extension SQLiteValue: ExpressibleByNilLiteral {
  package init(nilLiteral: ()) {
    self = .null
  }
}
