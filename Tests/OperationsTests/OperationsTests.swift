import Operations
import Testing

/// The values that every JSON test reads and writes.
@Suite struct JSONTests {
  @Test func `what is written compactly is read back the same`() throws {
    let values: [JSON] = [
      nil, true, false, 0, -1, .integer(.max), .integer(.min), .unsigned(.max), 0.5, 1e-7,
      .number(.leastNonzeroMagnitude),
      .number(.greatestFiniteMagnitude), "", "é\u{1F600}\"\\\n\t\u{1}\u{7f}", [], [1, [2, [3]]],
      [:], ["b": 1, "a": ["c": nil]],
    ]
    for value in values {
      for style in [JSON.Style.compact, .pretty, .sorted] {
        #expect(try JSON.parse(value.text(style)) == value)
      }
    }
  }
}
