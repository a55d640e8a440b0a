// Checks of the identifiers that people type. None of them is ever a key: keys are random.

/// The NHS number of England and Wales (NHS Data Model and Dictionary): ten digits, the last a
/// check.
package enum NHSNumber {
  /// Spaces and hyphens are allowed between digits, as on the NHS card ("943 476 5919").
  package static func isValid(_ text: String) -> Bool {
    guard let digits = digits(text) else { return false }
    return checkDigit(Array(digits[0..<9])) == digits[9]
  }

  /// The tenth digit for nine others, or nil: one number in eleven is never issued.
  package static func checkDigit(_ nine: [Int]) -> Int? {
    guard nine.count == 9, nine.allSatisfy((0...9).contains) else { return nil }
    let sum = zip(nine, stride(from: 10, through: 2, by: -1)).reduce(0) { $0 + $1.0 * $1.1 }
    let check = 11 - sum % 11
    return check == 11 ? 0 : check == 10 ? nil : check
  }

  /// 999 000 0000 to 999 999 9999 is never issued to a person: the range for tests and samples.
  package static func isTestRange(_ text: String) -> Bool {
    digits(text)?.prefix(3).allSatisfy { $0 == 9 } ?? false
  }

  /// The ten digits, or nil if the text is anything else.
  package static func digits(_ text: String) -> [Int]? {
    var digits: [Int] = []
    for scalar in text.unicodeScalars {
      switch scalar {
      case "0"..."9": digits.append(Int(scalar.value - 0x30))
      case " ", "-": continue
      default: return nil
      }
      if digits.count > 10 { return nil }
    }
    return digits.count == 10 ? digits : nil
  }
}

/// The unique pupil number (DfES guide to UPNs): a check letter, twelve digits; a temporary one
/// ends in a letter instead of the last digit.
package enum UPN {
  private static let alphabet = Array("ABCDEFGHJKLMNPQRTUVWXYZ".unicodeScalars)

  package static func isValid(_ text: String) -> Bool {
    let scalars = Array(text.unicodeScalars.prefix(14))
    guard scalars.count == 13 else { return false }
    return checkLetter(String(String.UnicodeScalarView(scalars[1...]))) == Character(scalars[0])
  }

  /// Nil unless the body is twelve digits, or eleven and a letter of the UPN alphabet.
  package static func checkLetter(_ body: String) -> Character? {
    let scalars = Array(body.unicodeScalars.prefix(13))
    guard scalars.count == 12 else { return nil }
    var sum = 0
    for (index, scalar) in scalars.enumerated() {
      let value: Int
      if ("0"..."9").contains(scalar) {
        value = Int(scalar.value - 0x30)
      } else if index == 11, let position = alphabet.firstIndex(of: scalar) {
        value = position
      } else {
        return nil
      }
      sum += value * (index + 2)
    }
    return Character(alphabet[sum % 23])
  }

  package static func isTemporary(_ text: String) -> Bool {
    guard isValid(text), let last = text.unicodeScalars.last else { return false }
    return !("0"..."9").contains(last)
  }
}

/// Postcodes of the United Kingdom (BS 7666). A postcode that looks wrong is a warning and never a
/// refusal: the address of a family that moved yesterday matters more than its form.
package enum Postcode {
  private static let outwardShapes: Set<String> = ["A9", "A99", "A9A", "AA9", "AA99", "AA9A"]

  package static func looksRight(_ text: String) -> Bool {
    let letters = Array(text.uppercased().unicodeScalars.filter { $0 != " " }.prefix(9))
    guard (5...7).contains(letters.count) else { return false }
    let shape = letters.map { scalar -> Character in
      switch scalar {
      case "A"..."Z": "A"
      case "0"..."9": "9"
      default: "?"
      }
    }
    return outwardShapes.contains(String(shape.dropLast(3))) && String(shape.suffix(3)) == "9AA"
      && letters.suffix(2).allSatisfy { !"CIKMOV".unicodeScalars.contains($0) }
  }
}
