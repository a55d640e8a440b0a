package import Operations

/// Who held what, from when to when, on which basis.
package enum LedgerPage {
  /// - Parameters:
  ///   - answer: What `ledger` answers; nil before anything was asked.
  ///   - agencies: What `agencies` answers.
  package static func page(
    _ frame: Page.Frame, _ answer: JSON?, agencies: JSON, child: String, agency: String,
    _ filled: Filled
  ) -> Page {
    Page("Disclosures", frame, hasErrors: !filled.problems.isEmpty) {
      errorSummary(filled.problems)
      element(.h1) { "Disclosures" }
      element(.p) {
        "Who held what about a child, or what an agency held: from when to when, on which basis, "
          + "with the devices’ proof that it is gone. Children stand here by their identifiers "
          + "alone."
      }
      element(.form, .method("get"), .action(LocalPath("ledger"))) {
        textField(
          FieldText("child", "Child’s identifier", hint: "32 digits and letters from a to f."),
          filled, value: child)
        select(
          FieldText("agency", "Agency"), filled, value: agency,
          (agencies.arrayValue ?? []).map { one in
            Option(value: one.text("id"), label: one.text("name"))
          })
        button("Look it up")
      }
      if let answer { found(answer, child: child, agency: agency) }
    }
  }

  private static func found(_ answer: JSON, child: String, agency: String) -> HTML {
    let lines = answer.items("lines")
    return section("found", "What was held") {
      if lines.isEmpty { element(.p) { "Nothing was held." } }
      list {
        for line in lines {
          element(.li) {
            element(.p) { line.text("words") }
            element(.p, .class("hint")) {
              "Child \(line.text("child")), compartment \(line.text("compartment"))"
            }
          }
        }
      }
      if let next = answer["next"]?.integerValue {
        let query = [("child", child), ("agency", agency), ("after", "\(next)")]
          .filter { !$0.1.isEmpty }
        element(.p) { link("Further", to: LocalPath("ledger", query: query)) }
      }
    }
  }
}
