/// Names as people read them.
package enum PlainWords {
  /// "dateOfBirth" reads "date of birth", "startedOn" reads "started on"; capitals that stand
  /// together stay an abbreviation: "preCAF" reads "pre CAF".
  package static func fromName(_ name: String) -> String {
    var words: [[Character]] = []
    var previous: Character = "A"
    for character in name {
      if character.isUppercase, !previous.isUppercase { words.append([]) }
      if words.isEmpty { words.append([]) }
      words[words.count - 1].append(character)
      previous = character
    }
    return words.map { word in
      word.count > 1 && word[1].isUppercase ? String(word) : String(word).lowercased()
    }.joined(separator: " ")
  }

  /// "a", "a or b", "a, b or c".
  package static func anyOf(_ names: [String]) -> String {
    let words = names.map(fromName)
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
  }
}
