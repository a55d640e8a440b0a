package import Operations

/// Two entries that may be one child: which there are, and the choice after looking at both.
package enum PairPages {
  /// - Parameter answer: What `duplicates` answers.
  package static func list(_ frame: Page.Frame, _ answer: JSON) -> Page {
    Page("Possible duplicates", frame) {
      backLink("Find a child", to: LocalPath("find"))
      element(.h1) { "Possible duplicates" }
      insetText(answer.text("sentence"))
      Pages.list {
        for pair in answer.items("pairs") {
          let children = pair.items("children")
          if children.count == 2 {
            element(.li) {
              link(
                children.map { "\($0.text("name")), \($0.text("birth"))" }
                  .joined(separator: " and "),
                to: path(children[0].text("child"), children[1].text("child")))
              element(.p, .class("hint")) {
                [pair.text("likeness"), pair.text("because")].joined(separator: ": ")
              }
              element(.p, .class("hint")) {
                "Kept by " + pair.texts("agencies").joined(separator: ", ")
              }
            }
          }
        }
      }
    }
  }

  private static func path(_ child: String, _ other: String) -> LocalPath {
    LocalPath("children", child, "same", other)
  }

  /// - Parameter answer: What `child-pair` answers.
  package static func page(_ frame: Page.Frame, _ answer: JSON, _ filled: Filled) -> Page {
    let children = answer.items("children")
    return Page("One child, or two?", frame, hasErrors: !filled.problems.isEmpty) {
      backLink("Possible duplicates", to: LocalPath("duplicates"))
      errorSummary(filled.problems)
      element(.h1) { "One child, or two?" }
      element(.div, .class("sides")) {
        for (number, child) in children.enumerated() { entry(child, number) }
      }
      if children.count == 2 {
        choices(
          frame, answer.text("state"),
          path(children[0].text("child"), children[1].text("child")))
      }
    }
  }

  private static func entry(_ child: JSON, _ number: Int) -> HTML {
    element(.section, .class("card"), .labelledBy("child-\(number)")) {
      element(.h2, .id("child-\(number)")) { child.text("name") }
      summaryList(child.items("rows").map { ($0.text("label"), $0.html("text")) })
      element(.p) { "Kept by " + child.texts("agencies").joined(separator: ", ") }
      element(.p, .class("hint")) { child.texts("parts").joined(separator: "; ") }
      element(.p) { link("See this entry", to: LocalPath("children", child.text("child"))) }
    }
  }

  @HTMLBuilder private static func choices(
    _ frame: Page.Frame, _ state: String, _ path: LocalPath
  ) -> HTML {
    switch state {
    case "joined":
      insetText("They are recorded as one child. No record was moved.")
      postForm(path, token: frame.formToken) {
        button("Take it back: they are two children", "say", "parted")
      }
    case "differ":
      insetText("This agency has recorded that they are two children.")
      postForm(path, token: frame.formToken) {
        button("Take it back: they may be one", "say", "undecided")
      }
    default:
      element(.p) {
        "Joined, what is kept of either is shown as of one child, here and at every agency that "
          + "knows the child. No record is moved, and it can be taken back. Consent counts for "
          + "both."
      }
      postForm(path, token: frame.formToken) {
        element(.div, .class("actions")) {
          button("They are one child", "say", "one")
          button("They are two children", "say", "two")
        }
      }
    }
  }
}
