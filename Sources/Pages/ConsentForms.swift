import Operations

/// What is asked before a decision about sharing is recorded.
enum ConsentForms {
  @HTMLBuilder static func give(_ choices: DecisionPages.Choices, _ filled: Filled) -> HTML {
    agreement(choices.agreement, filled)
    fieldset("Who decides") {
      if choices.form.isTrue("mayDecideAlone") {
        insetText(
          "By what is held here the child is \(choices.form.text("age")) years old. Young people "
            + "may decide for themselves when they understand what it means: ask them. No age "
            + "decides it alone.")
      }
      textField(FieldText("by", "Name of whoever gives the consent"), filled)
      textField(
        FieldText("relationship", "Who they are to the child", hint: "For example mother, or self"),
        filled)
    }
    radios(
      FieldText("capacity", "On what basis do they decide?"), filled, choices.options("capacities"))
    textField(
      FieldText(
        "assessedBy", "Who assessed that a young person under 16 is competent",
        hint: "Only when they decide themselves"), filled)
    purposes("What is it for?", choices, filled)
    parts("What may be passed on?", choices, filled)
    agencies(
      FieldText("agencies", "To whom?"), choices, filled, andEveryone: true)
    agencies(
      FieldText("exclude", "Is there anybody who must never have it?"), choices, filled,
      andEveryone: false)
    until(
      "Until when?", hint: "For example 2007-04-30, the last day. Blank: until it is withdrawn",
      filled)
    textField(
      FieldText("note", "Where is it written down?", hint: "For example: signed form in the file"),
      filled)
  }

  @HTMLBuilder static func refuse(_ choices: DecisionPages.Choices, _ filled: Filled) -> HTML {
    insetText("The family was asked, and said no. It stands until a later consent lifts it.")
    checkboxes(
      FieldText("purposes", "To what do they say no?"), filled, values: ["share"],
      choices.options("purposes"))
    parts("About which parts?", choices, filled)
    agencies(FieldText("agencies", "For whom?"), choices, filled, andEveryone: true)
  }

  @HTMLBuilder static func override(_ choices: DecisionPages.Choices, _ filled: Filled) -> HTML {
    insetText(
      "Only on a ground that the law gives, such as suspected significant harm. It is stronger "
        + "than a withdrawal, reaches only the agencies chosen here, cannot be taken back, and "
        + "ends by itself.")
    textArea(FieldText("reason", "On what ground?"), filled, rows: 3)
    textField(FieldText("decidedBy", "Who decided it?"), filled)
    checkboxes(
      FieldText("significantHarm", "Is significant harm suspected?"), filled,
      [
        Option(
          value: "yes", label: "Yes", hint: "Needed for the work of a confidential service.")
      ])
    checkboxes(
      FieldText("authorisedRole", "Did somebody decide whose role authorises them?"), filled,
      [Option(value: "yes", label: "Yes", hint: "Needed for addresses and phone numbers.")])
    checkboxes(FieldText("categories", "What is disclosed?"), filled, choices.options("categories"))
    agencies(FieldText("agencies", "To whom?"), choices, filled, andEveryone: false)
    until("Until when?", hint: "For example 2007-04-30, the last day", filled)
  }

  @HTMLBuilder static func shield(_ choices: DecisionPages.Choices, _ filled: Filled) -> HTML {
    insetText(
      "Addresses and phone numbers are hidden from everyone but this agency and those chosen here, "
        + "whatever was consented to. Copies elsewhere are destroyed. Agencies keep what is their "
        + "own record.")
    agencies(
      FieldText("agencies", "Who else may have them?"), choices, filled, andEveryone: false)
    textField(
      FieldText(
        "review", "When is it to be looked at again?",
        hint: "For example 2007-04-30. It does not end by itself on that day"), filled)
  }

  // MARK: Parts of them

  private static func agreement(_ agreement: JSON, _ filled: Filled) -> HTML {
    guard agreement.isTrue("isHeld") else {
      return .joined([
        insetText(
          "No version of the sharing agreement is held here. Explain it from paper, and write down "
            + "which version it was."),
        textField(
          FieldText("agreement", "Which version of the sharing agreement was explained?"), filled),
      ])
    }
    let version = agreement.text("version")
    return section("agreement-text", "First explain the sharing agreement") {
      element(.div, .class("inset")) {
        element(.p) { element(.strong) { agreement.text("title") } }
        element(.p, .class("words")) { agreement.text("text") }
        element(.p, .class("hint")) {
          "Version \(version), valid from \(agreement.text("validFrom"))"
        }
      }
      checkboxes(
        FieldText("agreement", "Was this explained?"), filled,
        [Option(value: version, label: "Yes, version \(version) was explained")])
    }
  }

  private static func purposes(
    _ question: String, _ choices: DecisionPages.Choices, _ filled: Filled
  ) -> HTML {
    checkboxes(
      FieldText("purposes", question), filled, values: choices.usual("purposes"),
      choices.options("purposes"))
  }

  private static func parts(
    _ question: String, _ choices: DecisionPages.Choices, _ filled: Filled
  ) -> HTML {
    checkboxes(
      FieldText("categories", question), filled, values: choices.usual("categories"),
      choices.options("categories"))
  }

  private static func agencies(
    _ text: FieldText, _ choices: DecisionPages.Choices, _ filled: Filled, andEveryone: Bool
  ) -> HTML {
    let everyone = Option(
      value: "everyone", label: "Every agency",
      hint: "Also those that join later. Choose it alone, or choose agencies by name.")
    return checkboxes(
      text, filled,
      choices.agencyOptions(ownHint: andEveryone ? "This agency, for what others write." : "")
        + (andEveryone ? [everyone] : []))
  }

  private static func until(_ question: String, hint: String, _ filled: Filled) -> HTML {
    textField(FieldText("until", question, hint: hint), filled)
  }
}
