/// The grammar, by recursive descent over bytes. Strings and numbers are in extensions of their
/// own.
struct JSONParser {
  let reading: JSON.Reading
  private let bytes: [UInt8]
  private let keepsPositions: Bool
  private(set) var marks: [String: JSONMark] = [:]
  /// Where the next byte is read.
  private(set) var mark = JSONMark()
  private var depth = 0

  init(_ bytes: [UInt8], _ reading: JSON.Reading, keepsPositions: Bool) throws(JSONError) {
    self.bytes = bytes
    self.reading = reading
    self.keepsPositions = keepsPositions
    if bytes.count > reading.maximumBytes {
      throw error("the text is longer than the \(reading.maximumBytes) bytes allowed")
    }
  }

  mutating func whole() throws(JSONError) -> JSON {
    try skipBlanks()
    let value = try value(at: "")
    try skipBlanks()
    if current != nil { throw error("there is something after the end of the value") }
    return value
  }

  // MARK: Grammar

  private mutating func value(at path: String) throws(JSONError) -> JSON {
    switch current {
    case UInt8(ascii: "{"): return try object(at: path)
    case UInt8(ascii: "["): return try array(at: path)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "'") where reading.json5: return .string(try string())
    case UInt8(ascii: "-"): return try number()
    case .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
    case UInt8(ascii: "+") where reading.json5: return try number()
    case UInt8(ascii: ".") where reading.json5: return try number()
    case nil: throw error("the text ends where a value should stand")
    default:
      switch word() {
      case "true": return .bool(true)
      case "false": return .bool(false)
      case "null": return .null
      default: throw error("a value should stand here")
      }
    }
  }

  private mutating func object(at path: String) throws(JSONError) -> JSON {
    try enter()
    var object = JSON.Object()
    while try more(closing: UInt8(ascii: "}"), first: object.count == 0) {
      let start = mark
      let name = try memberName()
      if object[name] != nil { throw error("the name \"\(name)\" stands here twice", at: start) }
      let memberPath = keepsPositions ? path + "/" + Self.escaped(name) : ""
      if keepsPositions { marks[memberPath] = start }
      try skipBlanks()
      guard take(UInt8(ascii: ":")) else { throw error("a colon should follow the name") }
      try skipBlanks()
      object[name] = try value(at: memberPath)
    }
    depth -= 1
    return .object(object)
  }

  private mutating func array(at path: String) throws(JSONError) -> JSON {
    try enter()
    var elements: [JSON] = []
    while try more(closing: UInt8(ascii: "]"), first: elements.isEmpty) {
      let elementPath = keepsPositions ? path + "/\(elements.count)" : ""
      if keepsPositions { marks[elementPath] = mark }
      elements.append(try value(at: elementPath))
    }
    depth -= 1
    return .array(elements)
  }

  private mutating func enter() throws(JSONError) {
    depth += 1
    if depth > reading.maximumDepth {
      throw error("more than \(reading.maximumDepth) lists and objects inside one another")
    }
    advance()
  }

  /// Whether another element begins here; steps over the comma before it or the bracket after the
  /// last one.
  private mutating func more(closing: UInt8, first: Bool) throws(JSONError) -> Bool {
    try skipBlanks()
    if take(closing) { return false }
    if first { return true }
    guard take(UInt8(ascii: ",")) else {
      throw error("a comma or the closing bracket should stand here")
    }
    try skipBlanks()
    if reading.json5 && take(closing) { return false }
    return true
  }

  private mutating func memberName() throws(JSONError) -> String {
    if current == UInt8(ascii: "\"") { return try string() }
    if reading.json5 {
      if current == UInt8(ascii: "'") { return try string() }
      let name = word()
      if !name.isEmpty { return name }
    }
    throw error("a name should stand here")
  }

  /// Letters, digits, `$` and `_`, not beginning with a digit; empty if there is none.
  private mutating func word() -> String {
    let start = offset
    while let byte = current {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "_"), UInt8(ascii: "$"):
        advance()
      case UInt8(ascii: "0")...UInt8(ascii: "9") where offset > start: advance()
      default: return String(decoding: bytes[start..<offset], as: UTF8.self)
      }
    }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  // MARK: Blanks and comments

  private mutating func skipBlanks() throws(JSONError) {
    while let byte = current {
      switch byte {
      case 0x20, 0x09: advance()
      case 0x0A, 0x0D: newline()
      case 0x0B where reading.json5: advance()
      case 0x0C where reading.json5: advance()
      case 0xC2 where reading.json5 && follows([0xC2, 0xA0]): advance(2)
      case 0xEF where reading.json5 && follows([0xEF, 0xBB, 0xBF]): advance(3)
      case UInt8(ascii: "/") where reading.json5: try skipComment()
      default: return
      }
    }
  }

  private mutating func skipComment() throws(JSONError) {
    let start = mark
    if follows(Array("//".utf8)) {
      while let byte = current, byte != 0x0A, byte != 0x0D { advance() }
    } else if follows(Array("/*".utf8)) {
      advance(2)
      while !follows(Array("*/".utf8)) {
        guard let byte = current else { throw error("this comment does not end", at: start) }
        if byte == 0x0A || byte == 0x0D { newline() } else { advance() }
      }
      advance(2)
    } else {
      throw error("a value should stand here")
    }
    _ = try text(from: start.offset, to: offset)
  }

  // MARK: Bytes

  var offset: Int { mark.offset }

  var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  func follows(_ wanted: [UInt8]) -> Bool { bytes[offset...].starts(with: wanted) }

  mutating func advance(_ count: Int = 1) { mark.offset += count }

  /// Steps over LF, CR or CR LF, and counts a line.
  mutating func newline() {
    advance(follows([0x0D, 0x0A]) ? 2 : 1)
    mark.line += 1
    mark.lineStart = offset
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    advance()
    return true
  }

  /// The bytes as text, refusing what is not UTF-8.
  func text(from start: Int, to end: Int) throws(JSONError) -> String {
    guard let text = String(validating: bytes[start..<end], as: UTF8.self) else {
      throw error("the text just before is not UTF-8")
    }
    return text
  }

  /// An error here, or at a place passed earlier.
  func error(_ problem: String, at place: JSONMark? = nil) -> JSONError {
    JSONError(position: (place ?? mark).position(in: bytes), problem: problem)
  }

  /// A name as a step of a JSON Pointer.
  static func escaped(_ name: String) -> String {
    guard name.contains("/") || name.contains("~") else { return name }
    return name.reduce(into: "") { result, character in
      switch character {
      case "~": result += "~0"
      case "/": result += "~1"
      default: result.append(character)
      }
    }
  }
}

/// A place as the parser carries it along: cheap to keep for each member. The column is counted
/// only when a message needs it; counting it each time would make a hostile text of one long line
/// cost its length squared.
struct JSONMark: Sendable {
  var offset = 0
  var line = 1
  var lineStart = 0

  func position(in bytes: [UInt8]) -> JSONPosition {
    // A continuation byte of UTF-8 starts no scalar.
    let column = bytes[lineStart..<offset].count { $0 & 0xC0 != 0x80 } + 1
    return JSONPosition(line: line, column: column)
  }
}
