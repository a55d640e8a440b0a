import Operations
import SQLite

/// What an examiner of the disk would look for after a purge: the child's words, the sealed values
/// as they stood in the database, and the wrapped keys as they stood in the key file.
struct DemoEvidence {
  let words: [[UInt8]]
  let sealed: [[UInt8]]
  let keys: [[UInt8]]

  /// Reads it from a copy of an agency's folder, as no daemon may be disturbed.
  /// - Parameter child: whose compartments; 32 hexadecimal digits.
  /// - Parameter custodian: the agency that it is held from; what is one's own no withdrawal takes.
  init(copy folder: String, child: String, heldFrom custodian: String, words: [String]) throws {
    self.words = words.map { Array($0.utf8) }
    let replica = try Database(path: folder + "/replica.sqlite")
    defer { replica.close() }
    let found = try replica.query(
      """
      SELECT number, content FROM compartments
      WHERE lower(hex(child)) = ? AND lower(hex(custodian)) = ?
      """, .text(child), .text(custodian)
    ) { ($0.int(0), $0.blob(1)) }
    let keyFile = try Database(path: folder + "/keys.sqlite")
    defer { keyFile.close() }
    sealed = found.map(\.1)
    keys = try found.flatMap { number, _ in
      try keyFile.query("SELECT wrapped FROM keys WHERE number = ?", .integer(number)) {
        $0.blob(0)
      }
    }
  }
}
