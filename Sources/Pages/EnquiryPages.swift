package import Operations

/// Asking the index about a child that is not held here, and what came of it. What is not known is
/// never said as if it were known that there is nothing.
package enum EnquiryPages {
  /// - Parameter answer: What `check-form` answers.
  package static func form(_ frame: Page.Frame, _ answer: JSON, _ filled: Filled) -> Page {
    Page("Ask about a child", frame, hasErrors: !filled.problems.isEmpty) {
      backLink("Enquiries", to: LocalPath("enquiries"))
      errorSummary(filled.problems)
      element(.h1) { "Ask whether anybody knows the child" }
      insetText(
        "The hub is asked with the next exchange. It answers whether the child is known, whether "
          + "there is a CAF, and whom to contact; never with what is written. The reason is kept.")
      postForm(LocalPath("enquire"), token: frame.formToken) {
        ChildFields.identity(filled)
        radios(
          FieldText("reason", "Why do you ask?"), filled,
          answer.items("reasons").map {
            Option(value: $0.text("value"), label: $0.text("label"))
          })
        textArea(FieldText("detail", "Anything more about the reason"), filled, rows: 3)
        fieldset("On which basis? One of the two is needed.") {
          textField(
            FieldText(
              "consent", "The family consents: reference of the consent",
              hint: "Where it is recorded, for example the date of the form"), filled)
          textArea(
            FieldText(
              "override", "Without consent: why",
              hint: "Only where the law allows it, for example suspected significant harm"),
            filled, rows: 3)
          textField(FieldText("decidedBy", "Without consent: who decided"), filled)
        }
        button("Ask")
      }
    }
  }

  /// - Parameter answer: What `check-list` answers.
  package static func list(_ frame: Page.Frame, _ answer: JSON) -> Page {
    Page("Enquiries", frame) {
      element(.h1) { "Enquiries" }
      insetText(answer.text("sentence"))
      element(.p) { linkButton("Ask about a child", to: LocalPath("enquire")) }
      for enquiry in answer.items("enquiries") { card(enquiry) }
    }
  }

  private static func card(_ enquiry: JSON) -> HTML {
    let answers = enquiry.items("answers")
    return element(.div, .class("card")) {
      element(.h2) { enquiry.text("subject") }
      if answers.isEmpty {
        element(.p) {
          tag("No answer yet", .waiting)
          " " + PlainName.of(enquiry.text("state")) + "."
        }
      }
      for answer in answers {
        element(.p) {
          tag("Answered", .done)
          " " + answer.text("sentence")
        }
      }
      summaryList([("Why", enquiry.html("reason")), ("Basis", enquiry.html("basis"))])
      element(.p, .class("hint")) {
        "Asked by \(enquiry.text("askedBy")), \(enquiry.text("askedAt"))"
      }
    }
  }
}
