/// A form as it comes back to whoever sent it, because something in it has to be put right: what
/// they typed, and what is wrong with it. Nothing typed is lost on the way.
package struct Filled: Sendable {
  /// What is wrong, and the field to mend it in, if it is one.
  package struct Problem: Sendable, Equatable {
    package let field: String?
    package let sentence: String

    package init(field: String?, sentence: String) {
      self.field = field
      self.sentence = sentence
    }
  }

  private let values: [String: [String]]
  /// The form has been sent: what is not in it was left blank.
  let isSent: Bool
  let problems: [Problem]

  /// A form that nobody has sent yet.
  package static let blank = Filled(values: [:], isSent: false, problems: [])

  /// The same, with what went wrong at something else on the page.
  package static func blank(_ problem: Problem) -> Filled {
    Filled(values: [:], isSent: false, problems: [problem])
  }

  private init(values: [String: [String]], isSent: Bool, problems: [Problem]) {
    self.values = values
    self.isSent = isSent
    self.problems = problems
  }

  package init(_ fields: [(name: String, value: String)], _ problems: [Problem]) {
    var values: [String: [String]] = [:]
    for field in fields { values[field.name, default: []].append(field.value) }
    self.init(values: values, isSent: true, problems: problems)
  }

  /// What was typed; before anything was, what stands there now.
  func value(_ name: String, else standing: String = "") -> String {
    isSent ? values[name]?.first ?? "" : standing
  }

  /// What was chosen of several.
  func values(_ name: String, else standing: [String] = []) -> [String] {
    isSent ? values[name] ?? [] : standing
  }

  func problem(_ name: String) -> String? { problems.first { $0.field == name }?.sentence }
}
