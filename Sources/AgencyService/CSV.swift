import Operations

/// Comma-separated values (RFC 4180): fields may stand in quotes, in which a quote is written twice
/// and lines may break. The rows may be of any length; who reads them says what they mean.
enum CSV {
  static let bytesMax = 16 << 20

  static func rows(_ text: String) throws(OperationError) -> [[String]] {
    guard text.utf8.count <= bytesMax else {
      throw OperationError(.usage, "The file is longer than \(bytesMax) bytes: split it.")
    }
    var rows: [[String]] = []
    var row: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    var wasQuoted = false
    var line = 1
    func take() {
      let text = String(decoding: field, as: UTF8.self)
      row.append(wasQuoted ? text : Self.trimmed(text))
      field = []
      wasQuoted = false
    }
    var bytes = Array(text.utf8)[...]
    // A byte order mark is what spreadsheets put before the first column.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    while let byte = bytes.popFirst() {
      if byte == UInt8(ascii: "\n") { line += 1 }
      switch byte {
      case UInt8(ascii: "\"") where isQuoted && bytes.first == UInt8(ascii: "\""):
        bytes = bytes.dropFirst()
        field.append(byte)
      case UInt8(ascii: "\"") where isQuoted: isQuoted = false
      case _ where isQuoted: field.append(byte)
      case UInt8(ascii: "\"") where field.allSatisfy({ $0 == UInt8(ascii: " ") }):
        field = []
        isQuoted = true
        wasQuoted = true
      case UInt8(ascii: ","): take()
      case UInt8(ascii: "\r"): continue
      case UInt8(ascii: "\n"):
        take()
        rows.append(row)
        row = []
      default: field.append(byte)
      }
    }
    guard !isQuoted else {
      throw OperationError(.usage, "A quotation mark is not closed before the end, line \(line).")
    }
    if !field.isEmpty || !row.isEmpty {
      take()
      rows.append(row)
    }
    return rows
  }

  private static func trimmed(_ text: String) -> String {
    String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
