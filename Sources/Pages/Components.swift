// Parts that pages share, by the names that GOV.UK's design system gives them.

/// A name beside its value, in rows. Empty values are left out.
func summaryList(_ rows: [(name: String, value: HTML)]) -> HTML {
  element(.dl, .class("summary")) {
    for row in rows where row.value != .empty {
      element(.div) {
        element(.dt) { row.name }
        element(.dd) { row.value }
      }
    }
  }
}

func insetText(_ text: String) -> HTML { element(.p, .class("inset")) { text } }

/// What went wrong, first on the page, each with a link to where it is put right.
func errorSummary(_ errors: [(field: String?, sentence: String)]) -> HTML {
  if errors.isEmpty { return .empty }
  return element(.div, .class("errors"), .role("alert"), .labelledBy("errors-title")) {
    element(.h2, .id("errors-title")) { "There is a problem" }
    element(.ul) {
      for error in errors {
        element(.li) {
          if let field = error.field {
            element(.a, .href(fragment: field)) { error.sentence }
          } else {
            error.sentence
          }
        }
      }
    }
  }
}

/// A labelled line to type in. `kind`: the attributes by which a browser helps to fill it in.
func textField(
  _ name: String, _ label: String, hint: String? = nil, value: String = "",
  kind: Attribute...
) -> HTML {
  let hintID = name + "-hint"
  let described = hint.map { _ in [Attribute.describedBy(hintID)] } ?? []
  return element(.div, .class("field")) {
    element(.label, .for(name)) { label }
    if let hint { element(.p, .class("hint"), .id(hintID)) { hint } }
    HTML.element(
      .input,
      [.id(name), .name(name), .value(value)] + (kind.isEmpty ? [.type("text")] : kind)
        + described, .empty)
  }
}

/// A form that changes something: it shows that it comes from a page of this session.
func postForm(_ action: LocalPath, token: String, @HTMLBuilder content: () -> HTML) -> HTML {
  element(.form, .method("post"), .action(action)) {
    element(.input, .type("hidden"), .name("formToken"), .value(token))
    content()
  }
}

func button(_ text: String) -> HTML {
  element(.button, .type("submit"), .class("button")) { text }
}
