package import Operations

/// A decision about sharing on its way to be recorded: a form, then what would follow from it. Only
/// there can it be recorded.
package enum DecisionPages {
  package enum Kind: String, CaseIterable, Sendable {
    case give, refuse, override, shield

    var title: String {
      switch self {
      case .give: "Record a consent"
      case .refuse: "Record a refusal"
      case .override: "Disclose without consent"
      case .shield: "Shield the whereabouts"
      }
    }

    fileprivate var recording: String {
      switch self {
      case .give: "Record the consent"
      case .refuse: "Record the refusal"
      case .override: "Record the disclosure"
      case .shield: "Shield the whereabouts"
      }
    }
  }

  /// What a form is made from.
  package struct Choices {
    let form: JSON
    let agencies: JSON
    let agreement: JSON

    /// What `consent-form`, `agency-list` and `agreement-show` answer.
    package init(form: JSON, agencies: JSON, agreement: JSON) {
      self.form = form
      self.agencies = agencies
      self.agreement = agreement
    }

    func options(_ name: String) -> [Option] {
      form.items(name).map {
        Option(value: $0.text("value"), label: $0.text("label"), hint: $0.text("hint"))
      }
    }

    func usual(_ name: String) -> [String] {
      form.items(name).filter { $0.isTrue("isUsual") }.map { $0.text("value") }
    }

    /// - Parameter ownHint: What there is to say of this agency itself.
    func agencyOptions(ownHint: String) -> [Option] {
      agencies.items("agencies").map { agency in
        Option(
          value: agency.text("agency"), label: agency.text("name"),
          hint: agency.isTrue("isThisAgency") ? ownHint : "")
      }
    }
  }

  package static func form(
    _ frame: Page.Frame, _ kind: Kind, _ choices: Choices, _ filled: Filled
  ) -> Page {
    let child = choices.form.text("child")
    return Page(kind.title, frame, hasErrors: !filled.problems.isEmpty) {
      backLink("Consent", to: LocalPath("children", child, "consent"))
      errorSummary(filled.problems)
      element(.h1) { kind.title }
      element(.p) { choices.form.text("name") }
      postForm(LocalPath("children", child, "consent", kind.rawValue), token: frame.formToken) {
        switch kind {
        case .give: ConsentForms.give(choices, filled)
        case .refuse: ConsentForms.refuse(choices, filled)
        case .override: ConsentForms.override(choices, filled)
        case .shield: ConsentForms.shield(choices, filled)
        }
        element(.p) { "Nothing is recorded yet: the next page shows who will get what." }
        button("Who will get what?")
      }
    }
  }

  // MARK: What would follow

  /// - Parameters:
  ///   - answer: What the operation answers to a preview.
  ///   - fields: The form as it was sent, to travel on.
  package static func preview(
    _ frame: Page.Frame, _ kind: Kind, _ answer: JSON, fields: [(name: String, value: String)],
    problems: [Filled.Problem] = []
  ) -> Page {
    let child = answer.text("child")
    let standing = answer.items("standing")
    let mayRecord = standing.isEmpty || answer.isTrue("isAllLifted")
    return Page("Who will get what", frame, hasErrors: !problems.isEmpty) {
      backLink("Consent", to: LocalPath("children", child, "consent"))
      errorSummary(problems)
      element(.h1) { "Who will get what" }
      element(.p) { "\(kind.title): \(answer.text("name"))" }
      insetText("Nothing is recorded yet.")
      if kind != .refuse, kind != .shield { gains(answer) }
      if !answer.items("loses").isEmpty {
        section("loses", "Who would lose it") { losses(answer.items("loses")) }
      } else if kind == .refuse || kind == .shield {
        insetText("Nobody loses anything that is written here now. It holds for what comes.")
      }
      postForm(LocalPath("children", child, "consent", kind.rawValue), token: frame.formToken) {
        for field in fields
        where !["formToken", "step", "previewed", "knowingWithdrawal"].contains(field.name) {
          hiddenField(field.name, field.value)
        }
        hiddenField("previewed", answer.text("previewed"))
        if !standing.isEmpty { against(standing) }
        element(.div, .class("actions")) {
          if mayRecord {
            button(kind.recording, "step", "record", isQuiet: false)
          } else {
            button("Show it again with these lifted", "step", "preview", isQuiet: false)
          }
          button("Change the form", "step", "change")
        }
      }
    }
  }

  private static func gains(_ answer: JSON) -> HTML {
    let rows = answer.items("receives") + answer.items("receivesOnceWritten")
    let agencies = rows.map { $0.text("agency") }
      .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return .joined([
      section("gets", "Agency by agency") {
        if agencies.isEmpty { element(.p) { "No other agency would be given anything." } }
        for agency in agencies {
          element(.h3) { agency }
          list {
            for row in rows where row.text("agency") == agency { element(.li) { gain(row) } }
          }
        }
      },
      answer.items("nobody").isEmpty
        ? .empty
        : section("nobody", "What nobody would be given") {
          list {
            for row in answer.items("nobody") {
              element(.li) {
                row.text("part")
                element(.p, .class("hint")) { row.text("because") }
              }
            }
          }
        },
    ])
  }

  private static func gain(_ row: JSON) -> HTML {
    let how =
      !row.isTrue("isNew")
      ? tag("May have it already") : row.isTrue("isWritten") ? tag("New", .waiting) : tag("New")
    return .joined([
      .text(row.text("part") + " "), how,
      row.isTrue("isWritten") ? .empty : .text(" when something is written there"),
      row.isTrue("isStoredAtHub")
        ? .empty
        : element(.p, .class("hint")) {
          "It does not reach them: there is no consent to keep it at the hub, which passes it on."
        },
      element(.p, .class("hint")) { row.text("because") },
    ])
  }

  /// Who has to let go of what, and of what nobody will be sent any more.
  static func losses(_ rows: [JSON]) -> HTML {
    let held = rows.filter { $0.isTrue("isWritten") }
    let unwritten = rows.filter { !$0.isTrue("isWritten") }
    let agencies = unwritten.map { $0.text("agency") }
      .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return .joined([
      held.isEmpty
        ? element(.p) { "Nobody else may have anything by it that this agency has written." }
        : list {
          for row in held {
            element(.li) {
              element(.strong) { row.text("agency") }
              ": " + row.text("part")
              if !row.text("writtenBy").isEmpty { ", written by " + row.text("writtenBy") }
              element(.p, .class("hint")) { "A copy held there is destroyed." }
            }
          }
        },
      .joined(
        agencies.map { agency in
          element(.p) {
            "\(agency) would not be sent these either, in which this agency has written nothing: "
            unwritten.filter { $0.text("agency") == agency }.map { $0.text("part") }
              .joined(separator: "; ") + "."
          }
        }),
      element(.p) {
        "It holds too for what other agencies have written, with them and at the hub."
      },
    ])
  }

  private static func against(_ standing: [JSON]) -> HTML {
    section("against", "What stands against it") {
      element(.p) {
        "The consent can be recorded only if whoever gives it knows of these and lifts them. "
        "Otherwise change the form, so that it asks for less."
      }
      checkboxes(
        FieldText("knowingWithdrawal", "They know of it, and lift it"), .blank,
        values: standing.filter { $0.isTrue("isLifted") }.map { $0.text("entry") },
        standing.map { entry in
          Option(
            value: entry.text("entry"),
            label: "\(ConsentPage.kindWords(entry)) of \(entry.text("recordedAt")): "
              + entry.texts("parts").joined(separator: "; ") + " — "
              + (entry.texts("excluded") + entry.texts("recipients")).joined(separator: ", "),
            hint: "Recorded by " + entry.text("recordedBy"))
        })
    }
  }
}
