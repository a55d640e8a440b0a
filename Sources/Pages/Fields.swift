// The fields of a form. Each has a label, perhaps a hint, and says beside itself what is wrong.

/// One way to answer, out of several.
struct Option {
  let value: String
  let label: String
  var hint = ""
}

/// What is the same in every field: its name, what it asks, and what there is to say about it.
struct FieldText {
  let name: String
  let label: String
  var hint = ""
  var problem: String?

  init(_ name: String, _ label: String, hint: String = "", problem: String? = nil) {
    self.name = name
    self.label = label
    self.hint = hint
    self.problem = problem
  }

  fileprivate var hintID: String { name + "-hint" }
  fileprivate var problemID: String { name + "-problem" }

  /// What a screen reader says after the label.
  fileprivate var describing: [Attribute] {
    let ids = (hint.isEmpty ? [] : [hintID]) + (problem == nil ? [] : [problemID])
    return (ids.isEmpty ? [] : [.describedBy(ids.joined(separator: " "))])
      + (problem == nil ? [] : [.invalid])
  }

  @HTMLBuilder fileprivate var notes: HTML {
    if !hint.isEmpty { element(.p, .class("hint"), .id(hintID)) { hint } }
    if let problem {
      element(.p, .class("problem"), .id(problemID)) {
        element(.span, .class("hidden")) { "Error: " }
        problem
      }
    }
  }
}

/// A line to type in. `kind`: the attributes by which a browser helps to fill it in.
func textField(_ text: FieldText, _ filled: Filled, value: String = "", _ kind: Attribute...)
  -> HTML
{
  let text = text.with(filled)
  return element(.div, .class(text.problem == nil ? "field" : "field wrong")) {
    element(.label, .for(text.name)) { text.label }
    text.notes
    HTML.element(
      .input,
      [.id(text.name), .name(text.name), .value(filled.value(text.name, else: value))]
        + (kind.isEmpty ? [.type("text"), .autocomplete("off")] : kind) + text.describing, .empty)
  }
}

/// A box for as many words as it takes.
func textArea(_ text: FieldText, _ filled: Filled, value: String = "", rows: Int = 5) -> HTML {
  let text = text.with(filled)
  return element(.div, .class(text.problem == nil ? "field" : "field wrong")) {
    element(.label, .for(text.name)) { text.label }
    text.notes
    // A browser leaves out a first line break (HTML Living Standard, 13.1.2.5): one is put before.
    HTML.element(
      .textarea, [.id(text.name), .name(text.name), .rows(rows)] + text.describing,
      .text("\n" + filled.value(text.name, else: value)))
  }
}

/// One answer of several, all in view.
func radios(
  _ text: FieldText, _ filled: Filled, value: String = "", isInline: Bool = false,
  _ options: [Option]
) -> HTML {
  let text = text.with(filled)
  let chosen = filled.value(text.name, else: value)
  return fieldset(text) {
    element(.div, .class(isInline ? "choices inline" : "choices")) {
      for (number, option) in options.enumerated() {
        choice(text, option, number, .type("radio"), isChosen: option.value == chosen)
      }
    }
  }
}

/// Any number of answers.
func checkboxes(
  _ text: FieldText, _ filled: Filled, values: [String] = [], _ options: [Option]
) -> HTML {
  let text = text.with(filled)
  let chosen = filled.values(text.name, else: values)
  return fieldset(text) {
    element(.div, .class("choices")) {
      for (number, option) in options.enumerated() {
        choice(text, option, number, .type("checkbox"), isChosen: chosen.contains(option.value))
      }
    }
  }
}

/// One answer out of a long list.
func select(
  _ text: FieldText, _ filled: Filled, value: String = "", _ options: [Option]
) -> HTML {
  let text = text.with(filled)
  let chosen = filled.value(text.name, else: value)
  return element(.div, .class(text.problem == nil ? "field" : "field wrong")) {
    element(.label, .for(text.name)) { text.label }
    text.notes
    HTML.element(
      .select, [.id(text.name), .name(text.name)] + text.describing,
      .joined(
        ([Option(value: "", label: "")] + options).map { option in
          HTML.element(
            .option, [.value(option.value)] + (option.value == chosen ? [.selected] : []),
            .text(option.label))
        }))
  }
}

func hiddenField(_ name: String, _ value: String) -> HTML {
  element(.input, .type("hidden"), .name(name), .value(value))
}

/// Fields that belong together, under what they ask.
func fieldset(_ legend: String, @HTMLBuilder content: () -> HTML) -> HTML {
  element(.fieldset) {
    element(.legend) { legend }
    content()
  }
}

private func fieldset(_ text: FieldText, @HTMLBuilder content: () -> HTML) -> HTML {
  HTML.element(
    .fieldset, [.class(text.problem == nil ? "field" : "field wrong")] + text.describing,
    .joined([element(.legend) { text.label }, text.notes, content()]))
}

/// The first of them has the name as its identifier: there a link of the error summary leads.
private func choice(
  _ text: FieldText, _ option: Option, _ number: Int, _ type: Attribute, isChosen: Bool
) -> HTML {
  let id = number == 0 ? text.name : "\(text.name)-\(number)"
  let hint = option.hint.isEmpty ? [] : [Attribute.describedBy(id + "-hint")]
  return element(.div, .class("choice")) {
    HTML.element(
      .input,
      [type, .id(id), .name(text.name), .value(option.value)] + (isChosen ? [.checked] : []) + hint,
      .empty)
    element(.label, .for(id)) { option.label }
    if !option.hint.isEmpty { element(.p, .class("hint"), .id(id + "-hint")) { option.hint } }
  }
}

extension FieldText {
  fileprivate func with(_ filled: Filled) -> FieldText {
    var text = self
    text.problem = text.problem ?? filled.problem(name)
    return text
  }
}
