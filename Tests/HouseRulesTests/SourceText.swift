import Glibc

/// A Swift file taken apart, line by line, so that a rule about code does not stumble over a
/// comment or a text.
///
/// Not a parser: it knows comments, string literals of all forms, and back-quoted names. That is
/// enough for rules about words.
struct SourceText {
  /// Path from the package root.
  let path: String
  /// As written.
  let lines: [String]
  /// Comments and the contents of string literals blanked.
  let code: [String]
  /// Comments blanked, string literals kept: interpolations mention names too.
  let uncommented: [String]
  /// Only the comments.
  let comments: [String]

  init(path: String, text: String) {
    self.path = path
    var splitter = Splitter(Array(text.utf8))
    splitter.run()
    lines = Self.lines(text)
    code = Self.lines(String(decoding: splitter.code, as: UTF8.self))
    uncommented = Self.lines(String(decoding: splitter.uncommented, as: UTF8.self))
    comments = Self.lines(String(decoding: splitter.comments, as: UTF8.self))
  }

  /// The module that a file of `Sources` belongs to.
  var module: String? {
    let parts = path.split(separator: "/")
    return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
  }

  /// The indices of the lines of a view that contain a text: a fast sieve before a slow pattern.
  func indices(of wanted: String, in view: [String]) -> [Int] {
    view.indices.filter { strstr(view[$0], wanted) != nil }
  }

  private static func lines(_ text: String) -> [String] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}

/// Copies each byte into the views where it belongs, and a blank into the others.
private struct Splitter {
  private let text: [UInt8]
  private var offset = 0
  var code: [UInt8] = []
  var uncommented: [UInt8] = []
  var comments: [UInt8] = []

  init(_ text: [UInt8]) { self.text = text }

  private enum Kind { case code, string, comment }

  private static let newline = UInt8(ascii: "\n")
  private static let quote = UInt8(ascii: "\"")
  private static let backquote = UInt8(ascii: "`")
  private static let backslash = UInt8(ascii: "\\")
  private static let hash = UInt8(ascii: "#")
  private static let slash = UInt8(ascii: "/")
  private static let star = UInt8(ascii: "*")

  mutating func run() {
    while offset < text.count {
      if follows(Self.slash, Self.slash) {
        while offset < text.count && text[offset] != Self.newline { put(.comment) }
      } else if follows(Self.slash, Self.star) {
        blockComment()
      } else if text[offset] == Self.backquote {
        put(.code)
        while offset < text.count && text[offset] != Self.backquote && text[offset] != Self.newline
        {
          put(.code)
        }
        put(.code)
      } else if let hashes = stringOpening() {
        string(hashes: hashes)
      } else {
        put(.code)
      }
    }
  }

  private mutating func blockComment() {
    var depth = 0
    repeat {
      if follows(Self.slash, Self.star) {
        depth += 1
        put(.comment, 2)
      } else if follows(Self.star, Self.slash) {
        depth -= 1
        put(.comment, 2)
      } else {
        put(.comment)
      }
    } while depth > 0 && offset < text.count
  }

  /// The number of `#` before the quote if a string literal begins here.
  private func stringOpening() -> Int? {
    guard text[offset] == Self.quote || text[offset] == Self.hash else { return nil }
    var end = offset
    while end < text.count && text[end] == Self.hash { end += 1 }
    return end < text.count && text[end] == Self.quote ? end - offset : nil
  }

  private mutating func string(hashes: Int) {
    put(.string, hashes)
    let isLong = follows(Self.quote, Self.quote, Self.quote)
    let quotes = [UInt8](repeating: Self.quote, count: isLong ? 3 : 1)
    let marks = [UInt8](repeating: Self.hash, count: hashes)
    let closing = quotes + marks
    let escape = [Self.backslash] + marks
    put(.string, quotes.count)
    while offset < text.count {
      let byte = text[offset]
      if byte == Self.quote && text[offset...].starts(with: closing) { break }
      guard byte == Self.backslash, text[offset...].starts(with: escape) else {
        put(.string)
        continue
      }
      put(.string, escape.count)
      let isInterpolation = offset < text.count && text[offset] == UInt8(ascii: "(")
      put(.string)
      if isInterpolation { interpolation() }
    }
    put(.string, closing.count)
  }

  private mutating func interpolation() {
    var depth = 1
    while offset < text.count && depth > 0 {
      if let hashes = stringOpening() {
        string(hashes: hashes)
        continue
      }
      if text[offset] == UInt8(ascii: "(") { depth += 1 }
      if text[offset] == UInt8(ascii: ")") { depth -= 1 }
      put(.string)
    }
  }

  private func follows(_ wanted: UInt8...) -> Bool {
    text[offset] == wanted[0] && text[offset...].starts(with: wanted)
  }

  private mutating func put(_ kind: Kind, _ count: Int = 1) {
    for _ in 0..<min(count, text.count - offset) {
      let byte = text[offset]
      let blank = byte == Self.newline ? byte : UInt8(ascii: " ")
      code.append(kind == .code ? byte : blank)
      uncommented.append(kind == .comment ? blank : byte)
      comments.append(kind == .comment ? byte : blank)
      offset += 1
    }
  }
}
