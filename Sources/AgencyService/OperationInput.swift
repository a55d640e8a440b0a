import CaseRecords
import Causality
package import Operations

/// What an operation was given: named values, as a form or a command line has them. Blank text is
/// the same as none. Whatever was given and nobody asked for is an error, because it is usually a
/// slip that would otherwise be believed to have been saved.
package final class OperationInput {
  private let values: JSON.Object
  private var asked: Set<String> = []

  package init(_ json: JSON) throws(OperationError) {
    guard case .object(let values) = json else {
      throw OperationError(.usage, "The input should be one JSON object.")
    }
    self.values = values
  }

  func text(_ name: String) throws(OperationError) -> String? {
    asked.insert(name)
    switch values[name] {
    case nil, .null?: return nil
    case .string(let text)?: return text.allSatisfy(\.isWhitespace) ? nil : text
    case .integer(let number)?: return String(number)
    case .bool(let flag)?: return flag ? "yes" : "no"
    case let other?:
      throw OperationError(.usage, "“\(name)” should be a text, not \(other.kind).")
    }
  }

  func required(_ name: String) throws(OperationError) -> String {
    guard let text = try text(name) else {
      throw OperationError(
        .usage, "“\(PlainWords.fromName(name))” is missing: give it.", field: name)
    }
    return text
  }

  func flag(_ name: String) -> Bool {
    asked.insert(name)
    return values[name]?.boolValue ?? false
  }

  /// A list, or one text with commas.
  func list(_ name: String) throws(OperationError) -> [String] {
    asked.insert(name)
    if let items = values[name]?.arrayValue { return items.compactMap(\.stringValue) }
    guard let text = try text(name) else { return [] }
    return text.split(separator: ",").map { String($0.drop(while: \.isWhitespace)) }
  }

  func count(_ name: String, in range: ClosedRange<Int>) throws(OperationError) -> Int? {
    guard let text = try text(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw OperationError(
        .usage,
        "“\(PlainWords.fromName(name))” should be a whole number from \(range.lowerBound) to "
          + "\(range.upperBound).", field: name)
    }
    return number
  }

  func date(_ name: String) throws(OperationError) -> CalendarDate? {
    guard let text = try text(name) else { return nil }
    guard let date = CalendarDate(text) else {
      throw OperationError(
        .usage,
        "“\(PlainWords.fromName(name))” should be a date, year-month-day, for example 2007-04-30.",
        field: name)
    }
    return date
  }

  func json(_ name: String) -> JSON? {
    asked.insert(name)
    return values[name]
  }

  /// Everything was asked for; call it before anything is written.
  func finish() throws(OperationError) {
    guard let stranger = values.names.first(where: { !asked.contains($0) }) else { return }
    let guess = Suggestion.nearest(to: stranger, among: asked.sorted())
    throw OperationError(
      .usage,
      "“\(stranger)” is not known here; "
        + (guess.map { "did you mean “\($0)”?" }
          ?? "known: \(asked.sorted().joined(separator: ", "))."))
  }
}
