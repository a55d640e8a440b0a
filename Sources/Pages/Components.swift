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

/// A part of a page under a heading of its own.
func section(_ id: String, _ heading: String, @HTMLBuilder content: () -> HTML) -> HTML {
  element(.section, .labelledBy(id)) {
    element(.h2, .id(id)) { heading }
    content()
  }
}

/// How something stands, in a word or two.
func tag(_ text: String, _ kind: TagKind = .plain) -> HTML {
  element(.span, .class("tag tag-" + kind.rawValue)) { text }
}

enum TagKind: String { case plain, done, waiting, wrong }

func link(_ text: String, to path: LocalPath) -> HTML {
  element(.a, .href(path)) { text }
}

/// A link that asks for a decision, and looks like it.
func linkButton(_ text: String, to path: LocalPath) -> HTML {
  element(.a, .href(path), .class("button button-quiet")) { text }
}

func list(@HTMLBuilder items: () -> HTML) -> HTML {
  element(.ul, .class("list")) { items() }
}

/// The name of a column, where the table is too narrow to have columns.
func narrow(_ text: String) -> HTML {
  element(.span, .class("narrow")) { text }
}

/// The way back to what a page is part of.
func backLink(_ text: String, to path: LocalPath) -> HTML {
  element(.p, .class("back")) { link(text, to: path) }
}

/// What went wrong, first on the page, each with a link to where it is put right.
func errorSummary(_ errors: [Filled.Problem]) -> HTML {
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

/// A form that changes something: it shows that it comes from a page of this session.
func postForm(
  _ action: LocalPath, token: String, _ marks: Attribute..., @HTMLBuilder content: () -> HTML
) -> HTML {
  HTML.element(
    .form, [.method("post"), .action(action)] + marks,
    .joined([element(.input, .type("hidden"), .name("formToken"), .value(token)), content()]))
}

func button(_ text: String) -> HTML {
  element(.button, .type("submit"), .class("button")) { text }
}

/// One of several ways to send the same form: the field `name` then says which it was.
func button(_ text: String, _ name: String, _ value: String, isQuiet: Bool = true) -> HTML {
  element(
    .button, .type("submit"), .class(isQuiet ? "button button-quiet" : "button"), .name(name),
    .value(value)
  ) { text }
}

/// For what cannot be taken back easily.
func warningButton(_ text: String) -> HTML {
  element(.button, .type("submit"), .class("button button-warning")) { text }
}
