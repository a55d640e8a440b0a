/// Reads the lines of one head: a start line, then fields, then the empty line.
///
/// A line is collected up to its line feed and judged as a whole, so a split anywhere inside it
/// changes nothing.
struct HeadParser: Sendable {
  private var line: [UInt8] = []
  private(set) var startLine: [UInt8]?
  private(set) var headers = HTTPHeaders()
  private var headerBytes = 0
  private var skippedEmptyLine = false

  /// Whether nothing of a head has arrived.
  var isEmpty: Bool {
    line.isEmpty && startLine == nil && !skippedEmptyLine
  }

  /// Takes bytes up to the end of the head. Returns true when the head is complete. The start line
  /// is judged as soon as it is whole: who speaks another protocol may never send more.
  mutating func consume(
    _ bytes: inout ArraySlice<UInt8>, limits: HTTPLimits,
    checkStartLine: ([UInt8]) throws(HTTPWireError) -> Void
  ) throws(HTTPWireError) -> Bool {
    while true {
      if startLine == nil {
        guard
          let complete = try LineReader.take(
            &bytes, into: &line, bytesMax: limits.requestLineBytesMax,
            tooLong: .startLineTooLong(bytesMax: limits.requestLineBytesMax))
        else { return false }
        if complete.isEmpty {
          // RFC 9112 §2.2: one empty line before a start line is the tail of an old client's body.
          if skippedEmptyLine { throw .malformedStartLine }
          skippedEmptyLine = true
        } else {
          try checkStartLine(complete)
          startLine = complete
        }
        continue
      }
      let tooLong = HTTPWireError.headersTooLong(bytesMax: limits.headerBytesMax)
      let left = limits.headerBytesMax - headerBytes
      guard
        let complete = try LineReader.take(&bytes, into: &line, bytesMax: left, tooLong: tooLong)
      else { return false }
      if complete.isEmpty { return true }
      guard complete.count + 2 <= left else { throw tooLong }
      headerBytes += complete.count + 2
      guard headers.fields.count < limits.headerCountMax else {
        throw .tooManyHeaders(countMax: limits.headerCountMax)
      }
      let field = try HeadParser.field(complete)
      headers.append(field.name, field.value)
    }
  }

  /// `field-name ":" OWS field-value OWS` (RFC 9112 §5), without folding.
  static func field(_ line: [UInt8]) throws(HTTPWireError) -> HTTPHeaders.Field {
    guard let first = line.first, !ASCII.isWhitespace(first) else { throw .foldedHeader }
    guard let colon = line.firstIndex(of: ASCII.colon), colon > 0 else { throw .invalidHeaderName }
    let name = line[..<colon]
    guard name.allSatisfy(ASCII.isToken) else { throw .invalidHeaderName }
    var value = line[(colon + 1)...]
    while let first = value.first, ASCII.isWhitespace(first) { value.removeFirst() }
    while let last = value.last, ASCII.isWhitespace(last) { value.removeLast() }
    guard value.allSatisfy(ASCII.isFieldValue), let text = String(validating: value, as: UTF8.self)
    else { throw .invalidHeaderValue }
    return HTTPHeaders.Field(name: String(decoding: name, as: UTF8.self), value: text)
  }
}

/// Cuts lines that end in CR LF out of a stream, with a bound on what it keeps.
enum LineReader {
  /// Moves bytes into `line` until a line feed. Returns the line without CR LF once it is whole,
  /// and leaves `line` empty for the next; `nil` if more bytes are needed.
  static func take(
    _ bytes: inout ArraySlice<UInt8>, into line: inout [UInt8], bytesMax: Int,
    tooLong: HTTPWireError
  ) throws(HTTPWireError) -> [UInt8]? {
    let end = bytes.firstIndex(of: ASCII.lineFeed)
    let part = bytes[..<(end ?? bytes.endIndex)]
    // One byte more than the limit is kept: the carriage return.
    guard part.count <= bytesMax + 1 - line.count else { throw tooLong }
    line.append(contentsOf: part)
    guard let end else {
      bytes = bytes[bytes.endIndex...]
      return nil
    }
    bytes = bytes[(end + 1)...]
    guard line.popLast() == ASCII.carriageReturn else { throw .lineEndsWithBareLineFeed }
    defer { line = [] }
    return line
  }
}
