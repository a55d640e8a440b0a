import CBOR

// A refusal reads the same in the replies to an exchange and to an enrolment.
private enum Key {
  static let outcome: UInt64 = 1
  static let code: UInt64 = 20
  static let sentence: UInt64 = 21
  static let whatToDo: UInt64 = 22
}

extension MessageMap {
  mutating func refusal(_ code: RefusalCode, sentence: String, whatToDo: String) {
    unsigned(Key.outcome, Outcome.refused)
    unsigned(Key.code, code.rawValue)
    field(Key.sentence, when: !sentence.isEmpty) { $0.text(sentence) }
    field(Key.whatToDo, when: !whatToDo.isEmpty) { $0.text(whatToDo) }
  }
}

struct RefusalFields {
  private var code: RefusalCode?
  private var sentence = ""
  private var whatToDo = ""

  mutating func read(_ key: UInt64, _ reader: inout MessageReader) throws(MessageError) {
    switch key {
    case Key.code:
      guard let known = RefusalCode(rawValue: try reader.unsigned("refusal code")) else {
        throw reader.failure("refusal code", .unassignedNumber)
      }
      code = known
    case Key.sentence: sentence = try text("sentence", &reader)
    case Key.whatToDo: whatToDo = try text("what to do", &reader)
    default: try reader.skip("unknown key")
    }
  }

  private func text(
    _ field: StaticString, _ reader: inout MessageReader
  ) throws(MessageError) -> String {
    let text = try reader.text(field, bytesMax: SyncLimits.policyTextBytesMax)
    try reader.notDefault(text.isEmpty, field)
    return text
  }

  func complete(
    _ reader: MessageReader
  ) throws(MessageError) -> (code: RefusalCode, sentence: String, whatToDo: String) {
    (try reader.required(code, "refusal code"), sentence, whatToDo)
  }
}
