package import Operations

/// The family of a child: brothers and sisters with their schools and services, and the household,
/// which is written once for all of them. Consent stays with each child.
package enum FamilyPage {
  /// - Parameters:
  ///   - answer: What `family-show` answers.
  ///   - records: The household of this child, as `record-list` answers it.
  ///   - found: What `child-find` answered, when somebody looked for a brother or sister.
  package static func page(
    _ frame: Page.Frame, _ answer: JSON, records: JSON, found: JSON?, revision: JSON,
    _ filled: Filled
  ) -> Page {
    let child = answer.text("child")
    return Page(
      "The family", frame, hasErrors: !filled.problems.isEmpty,
      child: (child, revision.text("revision"))
    ) {
      backLink(answer.text("name"), to: LocalPath("children", child))
      errorSummary(filled.problems)
      element(.h1) { "The family" }
      section("siblings", "Brothers and sisters") {
        siblings(frame, answer)
        joining(frame, answer, found, filled)
      }
      household(answer)
      RecordListPage.part(
        .init(kind: "familyMember", heading: "Members of the family", adding: "Add somebody"),
        records)
      RecordListPage.part(
        .init(kind: "home", heading: "The home", adding: "Describe the home"), records)
    }
  }

  // MARK: Brothers and sisters

  @HTMLBuilder private static func siblings(_ frame: Page.Frame, _ answer: JSON) -> HTML {
    insetText(answer.text("sentence"))
    for sibling in answer.items("siblings") {
      element(.div, .class("card")) {
        element(.h3) {
          link(sibling.text("name"), to: LocalPath("children", sibling.text("child")))
        }
        summaryList([
          ("Born", sibling.html("birth")), ("School", sibling.html("school")),
          ("Services", .text(sibling.texts("services").joined(separator: "; "))),
          ("CAF", sibling.html("caf")), ("Lead professional", sibling.html("lead")),
        ])
        element(.details, .class("removal")) {
          element(.summary) { "\(sibling.text("name")) is not of this family" }
          postForm(
            LocalPath("children", answer.text("child"), "family", sibling.text("child")),
            token: frame.formToken
          ) { button("Take back the link with \(sibling.text("name"))", "say", "part") }
        }
      }
    }
  }

  private static func joining(
    _ frame: Page.Frame, _ answer: JSON, _ found: JSON?, _ filled: Filled
  ) -> HTML {
    let child = answer.text("child")
    let joined = Set([child] + answer.items("siblings").map { $0.text("child") })
    let children = (found?.items("children") ?? []).filter { !joined.contains($0.text("child")) }
    let isOpen = found != nil || !filled.problems.isEmpty
    return HTML.element(
      .details, isOpen ? [.open] : [],
      .joined([
        element(.summary) { "Add a brother or sister" },
        postForm(LocalPath("children", child, "family"), token: frame.formToken) {
          ChildFields.identity(filled)
          button("Look")
        },
        results(frame, child, children, isAsked: found != nil),
      ]))
  }

  @HTMLBuilder private static func results(
    _ frame: Page.Frame, _ child: String, _ children: [JSON], isAsked: Bool
  ) -> HTML {
    if isAsked, children.isEmpty {
      insetText("No other child like that is held here. Put the child on the index first.")
    }
    for other in children {
      element(.div, .class("card")) {
        ChildFields.found(other)
        postForm(
          LocalPath("children", child, "family", other.text("child")), token: frame.formToken
        ) { button("\(other.text("name")) is of this family", "say", "join") }
      }
    }
  }

  // MARK: The household

  /// Where it is written with another child.
  @HTMLBuilder private static func household(_ answer: JSON) -> HTML {
    let own = answer.text("child")
    let writers = answer.items("writtenWith").filter { $0.text("child") != own }
    if !writers.isEmpty {
      section("household", "The household is written once") {
        for writer in writers {
          element(.p) {
            "It is written with "
            link(writer.text("name"), to: LocalPath("children", writer.text("child"), "family"))
            ". Add to it there."
          }
        }
        for member in answer.items("members") where member.text("writtenWith") != own {
          element(.div, .class("card")) { self.member(member) }
        }
      }
    }
  }

  @HTMLBuilder private static func member(_ member: JSON) -> HTML {
    summaryList([
      ("Name", member.html("name")), ("Relationship", member.html("relationship")),
      ("Parental responsibility", member.html("parentalResponsibility")),
      ("Born", member.html("birth")), ("Contact", member.html("contact")),
      ("School", member.html("school")),
      ("Services", .text(member.texts("services").joined(separator: "; "))),
    ])
    element(.p, .class("hint")) { "Kept by " + member.text("custodian") }
    element(.p) {
      link(
        "Change what is written of \(member.text("name"))",
        to: LocalPath(
          "children", member.text("writtenWith"), "records", "familyMember",
          member.text("record")))
    }
  }
}
