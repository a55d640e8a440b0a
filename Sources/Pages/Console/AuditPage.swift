package import Operations

/// Who did what at the hub, newest first.
package enum AuditPage {
  /// - Parameters:
  ///   - answer: What `audit-list` answers.
  ///   - outcome: What verifying has found, when it was asked for.
  package static func page(_ frame: Page.Frame, _ answer: JSON, outcome: (isWhole: Bool, String)?)
    -> Page
  {
    Page("Audit log", frame) {
      element(.h1) { "Audit log" }
      if let outcome {
        element(.p, .class("notice"), .role("status")) {
          tag(outcome.isWhole ? "Whole" : "Changed", outcome.isWhole ? .done : .wrong)
          " " + outcome.1
        }
      }
      postForm(LocalPath("audit", "verify"), token: frame.formToken) {
        button("Check that nobody has changed it")
      }
      ConsolePage.table(
        "Times are UTC", ["When", "Who", "What", "About"],
        answer.items("lines").map { line in
          [
            .text(ConsolePage.time(line["atMilliseconds"])), .text(line.text("name")),
            .text(line.text("action")), .text(line.text("subject")),
          ]
        })
      ConsolePage.earlier(answer, LocalPath("audit"))
    }
  }
}
