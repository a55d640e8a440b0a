package import Operations

/// What has happened to a child and what is to come, by date.
package enum ChronologyPage {
  /// - Parameters:
  ///   - answer: What `chronology` answers.
  ///   - revision: What `child-revision` answers.
  package static func page(_ frame: Page.Frame, _ answer: JSON, revision: JSON) -> Page {
    let child = answer.text("child")
    let events = answer.items("events")
    return Page("Chronology", frame, child: (child, revision.text("revision"))) {
      backLink(answer.text("name"), to: LocalPath("children", child))
      element(.h1) { "Chronology: " + answer.text("name") }
      element(.p) { answer.text("sentence") }
      if !events.isEmpty {
        element(.p, .class("hint screen")) {
          "Print it with your browser (Ctrl and P). Private notes are left out on paper. It is not "
          "made for the family: it may tell of what they are not told."
        }
        element(.table) {
          element(.thead) {
            element(.tr) {
              for head in ["Date", "What", "By whom"] { element(.th, .scope("col")) { head } }
            }
          }
          element(.tbody) { for event in events { row(event) } }
        }
      }
    }
  }

  private static func row(_ event: JSON) -> HTML {
    // Somebody of another agency is named with it.
    let (by, agency) = (event.text("by"), event.text("agency"))
    let who = by.isEmpty ? agency : by.hasSuffix(", " + agency) ? by : "\(by), \(agency)"
    return HTML.element(
      .tr, event.isTrue("isPrivate") ? [.class("screen")] : [],
      .joined([
        element(.th, .scope("row"), .class("when")) {
          event.text("on")
          if event.isTrue("isAhead") {
            " "
            tag("To come", .waiting)
          }
        },
        element(.td) {
          event.text("sentence")
          if event.isTrue("isPrivate") {
            " "
            tag("Private")
          }
        },
        element(.td) { who },
      ]))
  }
}
