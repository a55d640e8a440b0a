package import Operations

/// Who coordinates the support for a child: on which basis, whether they accepted, who stands in;
/// and who did before, because the history is kept.
package enum LeadPage {
  /// - Parameters:
  ///   - answer: What `lead-list` answers.
  ///   - roles: For how many children each person leads, as `worklist` answers it.
  package static func page(
    _ frame: Page.Frame, _ answer: JSON, roles: JSON, revision: JSON, _ filled: Filled
  ) -> Page {
    let child = answer.text("child")
    let leads = answer.items("leads")
    let present = leads.filter { $0.text("state") != "past" }
    let past = leads.filter { $0.text("state") == "past" }
    let isOpen = filled.problems.isEmpty
    return Page(
      "Lead professional", frame, hasErrors: !isOpen, child: (child, revision.text("revision"))
    ) {
      backLink(answer.text("name"), to: LocalPath("children", child))
      errorSummary(filled.problems)
      element(.h1) { "Lead professional" }
      insetText(answer.text("sentence"))
      for lead in present { card(frame, lead, of: child) }
      section(
        "name-one", present.isEmpty ? "Name a lead professional" : "Name another, or hand over"
      ) {
        naming(frame, answer, filled, inPlaceOf: present.filter { $0.text("state") != "declined" })
      }
      section("past", "Who led before") {
        if past.isEmpty { element(.p) { "Nobody, in what is held here." } }
        for lead in past { card(frame, lead, of: child) }
      }
      section("roles", "Who leads for how many children") { table(roles) }
    }
  }

  // MARK: One of them

  private static func card(_ frame: Page.Frame, _ lead: JSON, of child: String) -> HTML {
    let record = lead.text("record")
    let isPast = lead.text("state") == "past"
    return element(.div, .class("card")) {
      // Who led before stands under a heading of its own.
      element(isPast ? .h3 : .h2) {
        lead.text("name") + " "
        state(lead.text("state"))
      }
      summaryList([
        ("Agency", lead.html("agency")), ("Contact", lead.html("contact")),
        ("Chosen because", lead.html("basis")), ("Since", lead.html("since")),
        ("Last day", lead.html("until")), ("Answered on", answered(lead)),
        ("Hands over to", lead.html("handsOverTo")), ("Deputy", lead.html("deputy")),
        ("Away", lead.html("absence")),
      ])
      element(.p, .class("hint")) {
        "\(lead.text("by")), \(lead.text("at")), kept by \(lead.text("custodian"))"
      }
      if lead.isTrue("isUndecided") {
        element(.p) { link("Two answers: choose", to: LocalPath("conflicts")) }
      }
      if lead.text("state") == "asked", lead.isTrue("isOwn") {
        postForm(LocalPath("children", child, "lead", record, "answer"), token: frame.formToken) {
          element(.div, .class("actions")) {
            button("Accept: \(lead.text("name")) leads", "answer", "accept")
            button("Decline", "answer", "decline")
          }
        }
      }
      if !isPast { changes(frame, lead, of: child) }
    }
  }

  private static func answered(_ lead: JSON) -> HTML {
    lead.text("state") == "asked" ? .text("Not answered yet") : lead.html("answeredOn")
  }

  private static func changes(_ frame: Page.Frame, _ lead: JSON, of child: String) -> HTML {
    let record = lead.text("record")
    return .joined([
      element(.p) {
        link(
          "Deputy, or absence, of \(lead.text("name"))",
          to: LocalPath("children", child, "records", "leadProfessional", record))
      },
      element(.details, .class("removal")) {
        element(.summary) { "\(lead.text("name")) leads no more" }
        element(.p) {
          "What the agency of the lead holds on that ground alone is then taken back. Whoever "
            + "takes over is best named below: this one then ends when they accept."
        }
        postForm(LocalPath("children", child, "lead", record, "end"), token: frame.formToken) {
          textField(
            FieldText(
              "on-" + record, "The last day", hint: "Blank for today. For example 2007-04-30"),
            .blank)
          button("Record the end")
        }
      },
    ])
  }

  private static func state(_ state: String) -> HTML {
    switch state {
    case "leads": tag("Leads", .done)
    case "asked": tag("Asked", .waiting)
    case "declined": tag("Declined", .wrong)
    default: tag("Led before")
    }
  }

  // MARK: Naming one

  private static func naming(
    _ frame: Page.Frame, _ answer: JSON, _ filled: Filled, inPlaceOf present: [JSON]
  ) -> HTML {
    let options = { (name: String) in
      answer.items(name).map { Option(value: $0.text("value"), label: $0.text("label")) }
    }
    return postForm(
      LocalPath("children", answer.text("child"), "lead"), token: frame.formToken
    ) {
      element(.p) {
        "They lead once they have accepted. Whoever names themselves has accepted."
      }
      if !present.isEmpty {
        radios(
          FieldText(
            "inPlaceOf", "In whose place?",
            hint: "That one leads until the other accepts, and stays in the history."),
          filled, value: present[0].text("record"),
          present.map { Option(value: $0.text("record"), label: $0.text("name")) }
            + [Option(value: "", label: "In nobody’s: they lead together")])
      }
      select(
        FieldText("agency", "Agency"), filled, value: answer.text("ownAgency"), options("agencies"))
      textField(FieldText("name", "Name"), filled)
      textField(
        FieldText(
          "contact", "Contact",
          hint: "Stands on the index. Blank: what is recorded of a practitioner of that name"),
        filled)
      radios(FieldText("basis", "Why this person?"), filled, options("bases"))
      button("Name them")
    }
  }

  private static func table(_ roles: JSON) -> HTML {
    let people = roles.items("people")
    if people.isEmpty { return element(.p) { "Nobody leads in what is held here." } }
    return element(.table) {
      element(.thead) {
        element(.tr) {
          for head in ["Who", "Agency", "Leads for", "Asked for"] {
            element(.th, .scope("col")) { head }
          }
        }
      }
      element(.tbody) {
        for person in people {
          element(.tr) {
            element(.th, .scope("row")) { person.text("name") }
            element(.td) { person.text("agency") }
            element(.td) { "Leads for " + person.text("children") }
            element(.td) { "Asked for " + person.text("asked") }
          }
        }
      }
    }
  }
}
