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

  /// A part of a child's record, as it is called to the family.
  package static func part(_ category: Category) -> String {
    switch category {
    case .index: "Basic details: name, birth, school, who works with the child"
    case .whereabouts: "Addresses and phone numbers"
    case .household: "The family and the home"
    case .development: "How the child is growing and learning"
    case .health: "Health"
    case .parenting: "Parents and carers, and what is around the family"
    case .plan: "The plan: what was agreed, meetings, who does what"
    case .sensitive: "Work of a confidential service"
    case .private: "The agency's own notes"
    case .desk: "Questions to the hub, and its answers"
    case .agreement: "The sharing agreement"
    case .directory: "The service directory"
    case .glossary: "What words mean"
    case .issues: "The issues log"
    case .practitioners: "The practitioners"
    }
  }
}
