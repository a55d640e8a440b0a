/// One thing that a person should know about what they entered. Errors stop the save and keep what
/// was typed; warnings are shown and do not.
package struct ValidationIssue: Hashable, Sendable {
  package enum Code: String, Hashable, Sendable {
    case unknownKind, unknownGroup, unknownField
    case missing, wrongType, tooLong, tooMany, tooGreat, tooLarge, tooDeep
    case notInList, notADate, notAnInstant, checkDigit, looksWrong
    case atLeastOne, atMostOne, exactlyOne, outOfOrder, incomplete
  }

  /// Nil if it is about the group, or the record, as a whole.
  package let field: String?
  package let code: Code
  /// Plain words: what is the matter and what to do. Never the data itself.
  package let sentence: String
  package let isWarning: Bool

  package init(field: String?, _ code: Code, _ sentence: String, isWarning: Bool = false) {
    self.field = field
    self.code = code
    self.sentence = sentence
    self.isWarning = isWarning
  }

  /// From a newer version: valid, and kept as it is.
  package var isUnknown: Bool {
    switch code {
    case .unknownKind, .unknownGroup, .unknownField: true
    default: false
    }
  }
}
