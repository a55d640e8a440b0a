package import Operations

/// One record of a child as a form, made from its schema.
package enum RecordPage {
  /// - Parameters:
  ///   - form: What `record-form` answers.
  ///   - back: The page that this is part of, with its name.
  package static func page(
    _ frame: Page.Frame, _ form: JSON, _ filled: Filled, to action: LocalPath,
    back: (name: String, path: LocalPath)
  ) -> Page {
    let title = form.text("title")
    return Page(
      title, frame, hasErrors: !filled.problems.isEmpty, child: (form.text("child"), ""),
      seen: form.text("seen")
    ) {
      backLink(back.name, to: back.path)
      errorSummary(filled.problems)
      element(.h1) { title }
      guidance(form)
      self.form(frame, form, filled, to: action)
      if !form.isTrue("isNew") { removal(frame, form) }
    }
  }

  /// The form alone: with what it showed, so that only what somebody changed is written.
  static func form(
    _ frame: Page.Frame, _ form: JSON, _ filled: Filled, to action: LocalPath
  ) -> HTML {
    element(.form, .method("post"), .action(action), .class("record"), .data(.autosave)) {
      hiddenField("formToken", frame.formToken)
      for name in ["record", "seen", "caf", "element", "meeting", "category"] {
        hiddenField(name, filled.value(name, else: form.text(name)))
      }
      for box in form.items("boxes") { self.box(box, filled) }
      element(.div, .class("actions")) {
        button("Save")
        element(.p, .class("hint"), .role("status"), .data(.saved)) {
          form.text("state").isEmpty ? "" : "This part: " + form.text("state")
        }
      }
    }
  }

  static func guidance(_ form: JSON) -> HTML {
    let prompts = form.texts("guidance")
    if prompts.isEmpty { return .empty }
    return element(.details, .class("guidance"), .open) {
      element(.summary) { "What to think of" }
      element(.ul) { for prompt in prompts { element(.li) { prompt } } }
    }
  }

  private static func box(_ box: JSON, _ filled: Filled) -> HTML {
    let group = box.text("group")
    if box.isTrue("isUndecided") {
      return element(.div, .class("field")) {
        element(.p) { element(.strong) { box.text("legend") } }
        insetText(
          "Two people wrote here without seeing each other. Both texts are kept until somebody "
            + "chooses.")
        link("See both and choose", to: LocalPath("conflicts"))
      }
    }
    let fields = box.items("fields")
    let was = hiddenField("was." + group, filled.value("was." + group, else: box.text("was")))
    if fields.count == 1 {
      return .joined([was, field(fields[0], filled), author(box)])
    }
    return .joined([
      was,
      fieldset(box.text("legend")) {
        for field in fields { self.field(field, filled) }
        author(box)
      },
    ])
  }

  private static func author(_ box: JSON) -> HTML {
    if box.text("by").isEmpty { return .empty }
    return element(.p, .class("hint author")) { "\(box.text("by")), \(box.text("at"))" }
  }

  static func field(_ field: JSON, _ filled: Filled) -> HTML {
    let (name, value) = (field.text("name"), field.text("value"))
    var hint = field.text("hint")
    if field.text("type") == "date", hint.isEmpty {
      hint = "For example 2007-04-30: year, month and day"
    }
    let text = FieldText(name, field.text("label"), hint: hint)
    let options = field.items("options").map {
      Option(value: $0.text("value"), label: $0.text("label"))
    }
    switch field.text("type") {
    case "longText": return textArea(text, filled, value: value)
    case "lines": return textArea(text, filled, value: value, rows: 3)
    case "several":
      return checkboxes(
        text, filled, values: value.split(separator: "\n").map(String.init), options)
    case "one" where options.count <= 6:
      return radios(
        text, filled, value: value,
        options + (field.isTrue("isRequired") ? [] : [Option(value: "", label: "Not answered")]))
    case "one": return select(text, filled, value: value, options)
    case "number":
      return textField(
        text, filled, value: value, .type("text"), .inputmode("numeric"), .autocomplete("off"))
    default: return textField(text, filled, value: value)
    }
  }

  private static func removal(_ frame: Page.Frame, _ form: JSON) -> HTML {
    if ["child", "element", "assessment"].contains(form.text("kind")) { return .empty }
    return element(.details, .class("removal")) {
      element(.summary) { "Remove this entry" }
      element(.p) { "It is no longer shown, here and wherever it is held. It can be brought back." }
      postForm(
        LocalPath(
          "children", form.text("child"), "remove", form.text("kind"), form.text("record")),
        token: frame.formToken
      ) { warningButton("Remove") }
    }
  }
}
