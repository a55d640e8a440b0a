package import Operations

/// The child's own page of the CAF: a few questions in short words. The answers stand in the same
/// boxes as everybody else's.
package enum ChildVersionPage {
  /// - Parameter questions: What `child-version` answers.
  package static func page(_ frame: Page.Frame, _ questions: JSON, _ filled: Filled) -> Page {
    let (child, caf) = (questions.text("child"), questions.text("caf"))
    let path = LocalPath("children", child, "caf", caf, "child")
    return Page(
      "In your own words", frame, hasErrors: !filled.problems.isEmpty, child: (child, "")
    ) {
      backLink("The CAF", to: LocalPath("children", child, "caf", caf))
      errorSummary(filled.problems)
      element(.h1) { "In your own words" }
      element(.p) { "You can leave out anything. You can come back and change it." }
      postForm(path, token: frame.formToken) {
        for question in questions.items("questions") {
          let name = question.text("name")
          hiddenField("seen." + name, filled.value("seen." + name, else: question.text("seen")))
          hiddenField("was." + name, filled.value("was." + name, else: question.text("was")))
          textArea(
            FieldText(name, question.text("question"), hint: question.text("hint")), filled,
            value: question.text("value"), rows: 4)
        }
        button("Keep what I wrote")
      }
    }
  }
}
