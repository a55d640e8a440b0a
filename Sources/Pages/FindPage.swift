package import Operations

/// Finding a child in what is held here; and the honest answer where none is. What is asked does
/// not stand in the address, which a browser writes down.
package enum FindPage {
  /// What was asked for, as it was typed.
  package struct Question: Sendable {
    package var given = ""
    package var family = ""
    package var dateOfBirth = ""
    package var estimatedAge = ""

    package init() {}
  }

  /// - Parameters:
  ///   - answer: What `child-find` answers; nil before anything was asked.
  ///   - problem: Why it was not answered, and the field that is at fault.
  package static func page(
    _ frame: Page.Frame, _ question: Question, answer: JSON?,
    problem: (field: String?, sentence: String)? = nil
  ) -> Page {
    Page("Find a child", frame, hasErrors: problem != nil) {
      errorSummary(problem.map { [($0.field ?? "given", $0.sentence)] } ?? [])
      element(.h1) { "Find a child" }
      postForm(LocalPath("find"), token: frame.formToken) {
        textField("given", "Given name", value: question.given, kind: .autocomplete("off"))
        textField("family", "Family name", value: question.family, kind: .autocomplete("off"))
        textField(
          "dateOfBirth", "Date of birth", hint: "Year, month and day, for example 2007-04-30",
          value: question.dateOfBirth, kind: .autocomplete("off"))
        textField(
          "estimatedAge", "Age in years, if the date is not known", value: question.estimatedAge,
          kind: .inputmode("numeric"), .autocomplete("off"))
        button("Find")
      }
      if let answer { results(answer) }
    }
  }

  private static func results(_ answer: JSON) -> HTML {
    let children = answer["children"]?.arrayValue ?? []
    return element(.section, .labelledBy("found")) {
      element(.h2, .id("found")) { children.isEmpty ? "Not held here" : "Held here" }
      insetText(answer["sentence"]?.stringValue ?? "")
      element(.ul, .class("list")) {
        for child in children {
          element(.li) {
            element(.a, .href(LocalPath("children", child["child"]?.stringValue ?? ""))) {
              child["name"]?.stringValue ?? ""
            }
            element(.p) { child["birth"]?.stringValue ?? "" }
            element(.p, .class("hint")) {
              [child["likeness"]?.stringValue, child["because"]?.stringValue]
                .compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ": ")
            }
            element(.p, .class("hint")) { child["caf"]?.stringValue ?? "" }
          }
        }
      }
    }
  }
}
