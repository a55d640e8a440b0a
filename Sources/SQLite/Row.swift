import CSQLite

/// One row of a result, readable only inside the closure that receives it.
///
/// It is a window on the running statement, so it cannot be copied out of the closure; read the
/// columns into a value of your own. Columns count from 0. Asking for a column as something it is
/// not is a programmer's error and stops the program: STRICT tables and NOT NULL make the stored
/// types certain. For columns that may be NULL use the `optional…` forms.
package struct Row: ~Copyable {
  private let statement: OpaquePointer

  init(statement: OpaquePointer) {
    self.statement = statement
  }

  /// The number of columns.
  package var columnCount: Int { Int(sqlite3_column_count(statement)) }

  package func isNull(_ index: Int) -> Bool {
    type(index) == SQLITE_NULL
  }

  package func int(_ index: Int) -> Int64 {
    expect(SQLITE_INTEGER, at: index)
    return sqlite3_column_int64(statement, Int32(index))
  }

  /// The counterpart of `SQLiteValue.uint`: the stored integer's bit pattern.
  package func uint(_ index: Int) -> UInt64 {
    UInt64(bitPattern: int(index))
  }

  /// A number; integers are converted, as SQLite may store a whole real that way.
  package func real(_ index: Int) -> Double {
    if type(index) != SQLITE_INTEGER { expect(SQLITE_FLOAT, at: index) }
    return sqlite3_column_double(statement, Int32(index))
  }

  /// Text, NUL characters included; bytes that are not UTF-8 come as replacement characters.
  package func text(_ index: Int) -> String {
    expect(SQLITE_TEXT, at: index)
    // The order matters: column_text may convert, and column_bytes then counts the converted form.
    guard let start = sqlite3_column_text(statement, Int32(index)) else { return "" }
    let count = Int(sqlite3_column_bytes(statement, Int32(index)))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  package func blob(_ index: Int) -> [UInt8] {
    withBlob(index) { [UInt8]($0) }
  }

  /// Reads a blob in place, without a copy; the bytes are valid inside `body` only.
  package func withBlob<T>(
    _ index: Int, _ body: (UnsafeRawBufferPointer) throws -> T
  ) rethrows -> T {
    try body(bytes(index))
  }

  func bytes(_ index: Int) -> UnsafeRawBufferPointer {
    expect(SQLITE_BLOB, at: index)
    // An empty blob has no address.
    let start = sqlite3_column_blob(statement, Int32(index))
    let count = Int(sqlite3_column_bytes(statement, Int32(index)))
    return UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)
  }

  package func optionalInt(_ index: Int) -> Int64? { isNull(index) ? nil : int(index) }
  package func optionalUInt(_ index: Int) -> UInt64? { isNull(index) ? nil : uint(index) }
  package func optionalReal(_ index: Int) -> Double? { isNull(index) ? nil : real(index) }
  package func optionalText(_ index: Int) -> String? { isNull(index) ? nil : text(index) }
  package func optionalBlob(_ index: Int) -> [UInt8]? { isNull(index) ? nil : blob(index) }

  /// The column in whatever type it is stored.
  package func value(_ index: Int) -> SQLiteValue {
    switch type(index) {
    case SQLITE_INTEGER: .integer(int(index))
    case SQLITE_FLOAT: .real(real(index))
    case SQLITE_TEXT: .text(text(index))
    case SQLITE_BLOB: .blob(blob(index))
    default: .null
    }
  }

  private func type(_ index: Int) -> Int32 {
    precondition(index >= 0 && index < columnCount, "there is no such column")
    return sqlite3_column_type(statement, Int32(index))
  }

  private func expect(_ expected: Int32, at index: Int) {
    precondition(type(index) == expected, "the column is NULL or of another type")
  }
}
