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

  /// Nothing that a name is made of.
  static func isBlank(_ name: String?) -> Bool { tokens(name ?? "").isEmpty }

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

/// How alike two names are, from most to least.
package enum NameLikeness: Int, Comparable, Sendable {
  case different, initial, near, part, prefix, same

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// Nil if either is blank: what was not given speaks neither for nor against.
  package static func compare(_ left: String?, _ right: String?) -> NameLikeness? {
    let leftTokens = NameFolding.tokens(left ?? "")
    let rightTokens = NameFolding.tokens(right ?? "")
    guard !leftTokens.isEmpty, !rightTokens.isEmpty else { return nil }
    let first = spelling(leftTokens.joined())
    let second = spelling(rightTokens.joined())
    if first == second || Set(leftTokens) == Set(rightTokens) { return .same }
    // One part of a double-barrelled or two-part name; not a lone initial among them.
    let shared = Set(leftTokens.map(spelling)).intersection(rightTokens.map(spelling))
    if shared.contains(where: { $0.unicodeScalars.count > 1 }) { return .part }
    let shortest = min(first.unicodeScalars.count, second.unicodeScalars.count)
    if shortest == 1 { return first.first == second.first ? .initial : .different }
    if first.hasPrefix(second) || second.hasPrefix(first) { return .prefix }
    if shortest >= 4, oneSlipApart(Array(first.utf8), Array(second.utf8)) { return .near }
    return .different
  }

  /// One letter more, less, other, or two neighbours exchanged.
  private static func oneSlipApart(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard abs(left.count - right.count) <= 1 else { return false }
    let start = zip(left, right).prefix { $0 == $1 }.count
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
  package static func spelling(_ name: String) -> String { spellings[name] ?? name }

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
