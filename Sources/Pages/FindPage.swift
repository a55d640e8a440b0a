package import Operations

/// Finding a child in what is held here; and the honest answer where none is. What is asked does
/// not stand in the address, which a browser writes down.
package enum FindPage {
  /// - Parameters:
  ///   - filled: What was asked for, as it was typed.
  ///   - answer: What `child-find` answers; nil before anything was asked.
  package static func page(_ frame: Page.Frame, _ filled: Filled, answer: JSON?) -> Page {
    Page("Find a child", frame, hasErrors: !filled.problems.isEmpty) {
      errorSummary(filled.problems)
      element(.h1) { "Find a child" }
      postForm(LocalPath("find"), token: frame.formToken, .data(.search)) {
        ChildFields.identity(filled)
        button("Find")
        element(.p, .class("hidden"), .role("status"), .data(.searched))
      }
      element(.div, .data(.results)) {
        if let answer {
          results(frame.formToken, answer, filled)
        } else {
          element(.p) { link("Put a child on the index", to: LocalPath("children", "add")) }
        }
      }
      element(.p) { link("See possible duplicates", to: LocalPath("duplicates")) }
    }
  }

  /// What was found: part of the page, and what its script shows while somebody types.
  /// - Parameter token: What each form of this session has to bring back.
  package static func results(_ token: String, _ answer: JSON, _ filled: Filled) -> HTML {
    let children = answer.items("children")
    return section("found", children.isEmpty ? "Not held here" : "Held here") {
      insetText(answer.text("sentence"))
      list { for child in children { element(.li) { ChildFields.found(child) } } }
      element(.h3) {
        children.isEmpty ? "Ask whether anybody knows the child" : "None of these?"
      }
      element(.p) {
        "The hub is asked with the next exchange. What is not held here is never an answer about "
          + "other agencies."
      }
      // What was typed goes along, so that nobody types it again.
      postForm(LocalPath("enquire"), token: token) {
        for name in ChildFields.names { hiddenField(name, filled.value(name)) }
        button("Ask the hub", "step", "ask")
      }
      postForm(LocalPath("children", "add"), token: token) {
        for name in ChildFields.names { hiddenField(name, filled.value(name)) }
        button("Put this child on the index", "step", "look")
      }
    }
  }
}

/// What tells one child from another, as every page asks and shows it.
enum ChildFields {
  static let names = ["given", "family", "dateOfBirth", "estimatedAge"]

  @HTMLBuilder static func identity(_ filled: Filled) -> HTML {
    textField(FieldText("given", "Given name"), filled)
    textField(FieldText("family", "Family name"), filled)
    textField(
      FieldText(
        "dateOfBirth", "Date of birth", hint: "For example 2007-04-30: year, month and day"),
      filled)
    textField(
      FieldText("estimatedAge", "Age in years, if the date is not known"), filled, .type("text"),
      .inputmode("numeric"), .autocomplete("off"))
  }

  @HTMLBuilder static func found(_ child: JSON) -> HTML {
    link(child.text("name"), to: LocalPath("children", child.text("child")))
    element(.p) { child.text("birth") }
    element(.p, .class("hint")) {
      [child.text("likeness"), child.text("because")].filter { !$0.isEmpty }
        .joined(separator: ": ")
    }
    element(.p, .class("hint")) { child.text("caf") }
  }
}
