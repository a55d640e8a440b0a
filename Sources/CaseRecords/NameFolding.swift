/// Names made comparable: case, diacritics and punctuation folded away. Foundation's folding is not
/// in FoundationEssentials; the Latin letters of British, Polish and other European names suffice.
package enum NameFolding {
  /// The parts of a name: "Kowalska-Łęcka" gives "kowalska", "lecka"; "O'Brien" gives "obrien".
  /// At most `RecordLimits.nameTokens` parts.
  package static func tokens(_ name: String) -> [String] {
    if let plain = plainTokens(name) { return plain }
    var tokens: [String] = []
    var token = String.UnicodeScalarView()
    func close() {
      if !token.isEmpty { tokens.append(String(token)) }
      token = String.UnicodeScalarView()
    }
    for scalar in name.lowercased().unicodeScalars.prefix(RecordLimits.shortTextScalars) {
      if ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) {
        // Most names, and all that the tables below would say of them.
        token.append(scalar)
      } else if let plain = plainLetters[scalar] {
        token.append(contentsOf: plain.unicodeScalars)
      } else if (0x300...0x36F).contains(scalar.value) || apostrophes.contains(scalar) {
        continue
      } else if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
        token.append(scalar)
      } else {
        close()
      }
    }
    close()
    return Array(tokens.prefix(RecordLimits.nameTokens))
  }

  /// The same for a name in ASCII, as most are: without a table or a question about a scalar. Nil
  /// for any other.
  private static func plainTokens(_ name: String) -> [String]? {
    var tokens: [String] = []
    var token: [UInt8] = []
    func close() {
      if !token.isEmpty { tokens.append(String(decoding: token, as: UTF8.self)) }
      token.removeAll(keepingCapacity: true)
    }
    for byte in name.utf8.prefix(RecordLimits.shortTextScalars) {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        token.append(byte)
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): token.append(byte | 0x20)
      case UInt8(ascii: "'"), UInt8(ascii: "`"), UInt8(ascii: "."): continue
      case 0x80...: return nil
      default: close()
      }
    }
    close()
    return Array(tokens.prefix(RecordLimits.nameTokens))
  }

  /// The whole name as one word: "Mary-Anne", "Mary Anne" and "Maryanne" are one.
  package static func folded(_ name: String) -> String { tokens(name).joined() }

  private static let apostrophes: Set<Unicode.Scalar> = ["'", "\u{2019}", "\u{2018}", "`", "."]

  private static let plainLetters: [Unicode.Scalar: String] = {
    let families: KeyValuePairs<String, String> = [
      "a": "àáâãäåāăą", "c": "çćĉċč", "d": "ďđ", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥħ",
      "i": "ìíîïĩīĭįı", "j": "ĵ", "k": "ķ", "l": "ĺļľŀł", "n": "ñńņňŉ", "o": "òóôõöøōŏő",
      "r": "ŕŗř", "s": "śŝşšș", "t": "ţťŧț", "u": "ùúûüũūŭůűų", "w": "ŵ", "y": "ýÿŷ",
      "z": "źżž", "ss": "ß", "ae": "æ", "oe": "œ", "th": "þ", "dh": "ð",
    ]
    var table: [Unicode.Scalar: String] = [:]
    for (plain, letters) in families {
      for scalar in letters.unicodeScalars { table[scalar] = plain }
    }
    return table
  }()
}

/// A name as others are compared with it. Folding takes longer than comparing, so whoever compares
/// with many folds once.
package struct FoldedName: Hashable, Sendable {
  fileprivate let tokens: [String]
  /// The whole name as one word, in its one spelling.
  package let whole: String
  fileprivate let letters: [UInt8]
  fileprivate let scalars: Int

  /// Nil when there is nothing that a name is made of.
  package init?(_ name: String?) {
    let tokens = NameFolding.tokens(name ?? "")
    guard !tokens.isEmpty else { return nil }
    self.tokens = tokens
    whole = NameLikeness.spelling(tokens.joined())
    letters = Array(whole.utf8)
    scalars = whole.unicodeScalars.count
  }

  /// The parts of the name and the whole, each in its one spelling.
  package var words: [String] { tokens.map(NameLikeness.spelling) + [whole] }
}

/// How alike two names are, from most to least.
package enum NameLikeness: Int, Comparable, Sendable {
  case different, initial, near, part, prefix, same

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// Nil if either is blank: what was not given speaks neither for nor against.
  package static func compare(_ left: FoldedName?, _ right: FoldedName?) -> NameLikeness? {
    guard let left, let right else { return nil }
    if left.whole == right.whole { return .same }
    // Of one part each, the parts are the wholes.
    if left.tokens.count > 1 || right.tokens.count > 1 {
      if Set(left.tokens) == Set(right.tokens) { return .same }
      // One part of a double-barrelled or two-part name; not a lone initial among them.
      let shared = Set(left.tokens.map(spelling)).intersection(right.tokens.map(spelling))
      if shared.contains(where: { $0.unicodeScalars.count > 1 }) { return .part }
    }
    let shortest = min(left.scalars, right.scalars)
    if shortest == 1 { return left.whole.first == right.whole.first ? .initial : .different }
    if left.letters.starts(with: right.letters) || right.letters.starts(with: left.letters) {
      return .prefix
    }
    if shortest >= 4, oneSlipApart(left.letters, right.letters) { return .near }
    return .different
  }

  /// One letter more, less, other, or two neighbours exchanged.
  private static func oneSlipApart(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard abs(left.count - right.count) <= 1 else { return false }
    var start = 0
    while start < min(left.count, right.count), left[start] == right[start] { start += 1 }
    let leftRest = left[start...]
    let rightRest = right[start...]
    if left.count != right.count {
      return left.count > right.count
        ? leftRest.dropFirst().elementsEqual(rightRest)
        : rightRest.dropFirst().elementsEqual(leftRest)
    }
    if leftRest.dropFirst().elementsEqual(rightRest.dropFirst()) { return true }
    return leftRest.dropFirst(2).elementsEqual(rightRest.dropFirst(2))
      && leftRest.prefix(2).reversed().elementsEqual(rightRest.prefix(2))
  }

  /// Names with many English spellings, brought to one.
  fileprivate static func spelling(_ name: String) -> String { spellings[name] ?? name }

  private static let spellings: [String: String] = {
    let families = [
      ["muhammad", "mohammed", "mohammad", "mohamed", "muhammed", "mohamad"],
      ["hussain", "hussein", "husain"], ["ahmed", "ahmad"], ["yusuf", "yousuf", "yousaf", "yusaf"],
      ["khadija", "khadijah"], ["aisha", "aysha", "ayesha", "aishah"],
      ["catherine", "katherine", "kathryn", "katharine"], ["stephen", "steven"],
      ["shaun", "sean", "shawn"], ["clarke", "clark"],
    ]
    return Dictionary(
      families.flatMap { family in family.map { ($0, family[0]) } },
      uniquingKeysWith: { first, _ in first })
  }()
}
