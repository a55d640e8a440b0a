import SQLite

// Nearly every read of the store goes through these, which take the place of SQLite's own within
// this module: the compiler makes a copy for each type of value that is read only of what stands in
// the same module. A value whose type is known only when the program runs costs more than its row.
extension Database {
  /// All rows, each made into a value by `row`.
  func query<T>(
    _ start: String, where clause: String = "", _ bindings: SQLiteValue...,
    row: (borrowing Row) throws -> T
  ) throws -> [T] {
    var values: [T] = []
    try read(start, where: clause, bindings) {
      values.append(try row($0))
      return true
    }
    return values
  }

  /// The first row, or `nil` if there is none; further rows are not computed.
  func first<T>(
    _ sql: String, _ bindings: SQLiteValue..., row: (borrowing Row) throws -> T
  ) throws -> T? {
    var value: T?
    try read(sql, bindings) {
      value = try row($0)
      return false
    }
    return value
  }
}
