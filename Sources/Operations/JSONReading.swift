/// Why a text is not the JSON that was expected, and where.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  package let position: JSONPosition
  /// A sentence that names what is wrong. It may repeat a member's name, never a value.
  package let problem: String

  package var description: String { "\(position): \(problem)" }
}

/// A place in a text. Both count from 1; the column counts Unicode scalars.
package struct JSONPosition: Equatable, Sendable, CustomStringConvertible {
  package let line: Int
  package let column: Int

  package var description: String { "\(line):\(column)" }
}

/// A parsed text together with the places where things stand in it, for messages.
package struct JSONDocument: Sendable {
  package let value: JSON
  let bytes: [UInt8]
  let marks: [String: JSONMark]

  /// Where a member's name or an element of a list begins.
  /// - Parameter pointer: a JSON Pointer (RFC 6901), like `/hub/limits/0`.
  package func position(of pointer: String) -> JSONPosition? {
    marks[pointer]?.position(in: bytes)
  }
}

extension JSON {
  /// What the parser accepts, and how much of it.
  package struct Reading: Sendable {
    /// Also JSON5 (json5.org): comments, trailing commas, names without quotes (ASCII), single
    /// quotes, its escapes and number forms. Not its Infinity and NaN: no setting means either.
    package var json5: Bool
    /// How many lists and objects may stand inside one another.
    package var maximumDepth: Int
    package var maximumBytes: Int

    package init(json5: Bool = false, maximumDepth: Int = 32, maximumBytes: Int = 1_048_576) {
      // The parser descends by recursion: the stack of a thread bounds what may be allowed.
      precondition((1...256).contains(maximumDepth))
      self.json5 = json5
      self.maximumDepth = maximumDepth
      self.maximumBytes = maximumBytes
    }

    package static let json = Reading()
    package static let json5 = Reading(json5: true)
  }

  /// Reads one value that fills the whole text.
  package static func parse(
    _ bytes: [UInt8], _ reading: Reading = .json
  ) throws(JSONError) -> JSON {
    var parser = try JSONParser(bytes, reading, keepsPositions: false)
    return try parser.whole()
  }

  /// Reads one value that fills the whole text.
  package static func parse(
    _ text: String, _ reading: Reading = .json
  ) throws(JSONError) -> JSON {
    try parse(Array(text.utf8), reading)
  }

  /// Reads one value and remembers where everything stands.
  package static func document(
    _ bytes: [UInt8], _ reading: Reading
  ) throws(JSONError) -> JSONDocument {
    var parser = try JSONParser(bytes, reading, keepsPositions: true)
    let value = try parser.whole()
    return JSONDocument(value: value, bytes: bytes, marks: parser.marks)
  }
}
