package import Operations

/// “May I share this with them?”: yes or no, with the reason, by what is known on this device.
package enum MaySharePage {
  /// - Parameters:
  ///   - form: What `consent-form` answers.
  ///   - agencies: What `agency-list` answers.
  ///   - answer: What `may-share` answers; nil before anybody has asked.
  package static func page(
    _ frame: Page.Frame, form: JSON, agencies: JSON, _ filled: Filled, answer: JSON?
  ) -> Page {
    let child = form.text("child")
    return Page("May I share this?", frame, hasErrors: !filled.problems.isEmpty) {
      backLink(form.text("name"), to: LocalPath("children", child))
      errorSummary(filled.problems)
      element(.h1) { "May I share this?" }
      if let answer { self.answer(answer) }
      postForm(LocalPath("children", child, "may-share"), token: frame.formToken) {
        select(
          FieldText("agency", "With whom?"), filled,
          agencies.items("agencies").filter { !$0.isTrue("isThisAgency") }.map {
            Option(value: $0.text("agency"), label: $0.text("name"))
          })
        checkboxes(
          FieldText(
            "categories", "What?", hint: "Nothing chosen: all that this agency has written"),
          filled,
          form.items("categories").map {
            Option(value: $0.text("value"), label: $0.text("label"))
          })
        radios(
          FieldText("purpose", "What for?"), filled, value: "share",
          form.items("purposes").filter { !["store", "index"].contains($0.text("value")) }.map {
            Option(value: $0.text("value"), label: $0.text("label"))
          })
        button("Ask")
      }
      element(.p, .class("hint")) { "Answered on this device, also without a line." }
    }
  }

  private static func answer(_ answer: JSON) -> HTML {
    element(.div, .class("inset"), .role("status")) {
      element(.p) {
        answer.isTrue("mayShare") ? tag("Yes", .done) : tag("No", .wrong)
        " "
        element(.strong) { answer.text("sentence") }
      }
      list {
        for row in answer.items("categories") {
          element(.li) {
            row.text("answer") == "yes" ? tag("Yes", .done) : tag("No", .wrong)
            " " + row.text("label")
            element(.p, .class("hint")) {
              row.text("basis").isEmpty
                ? row.texts("reasons").joined(separator: " ") : row.text("basis")
              row.text("until").isEmpty ? "" : " Until \(row.text("until"))."
            }
          }
        }
      }
    }
  }
}
