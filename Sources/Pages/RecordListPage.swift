package import Operations

/// Records of some kinds, one beside the other, each with the way to change it and to add another.
package enum RecordListPage {
  /// What a page of this sort lists.
  package struct Part: Sendable {
    package let kind: String
    package let heading: String
    /// What adds one; nil where that is done elsewhere.
    package let adding: String?

    package init(kind: String, heading: String, adding: String?) {
      self.kind = kind
      self.heading = heading
      self.adding = adding
    }
  }

  /// - Parameter answer: What `record-list` answers.
  package static func page(
    _ frame: Page.Frame, _ title: String, _ parts: [Part], _ answer: JSON, revision: JSON,
    intro: String = ""
  ) -> Page {
    let child = answer.text("child")
    return Page(title, frame, child: (child, revision.text("revision"))) {
      backLink(answer.text("name"), to: LocalPath("children", child))
      element(.h1) { title }
      if !intro.isEmpty { insetText(intro) }
      for part in parts { self.part(part, answer) }
    }
  }

  /// Those that belong to one assessment.
  package static func ofAssessment(
    _ frame: Page.Frame, caf: String, kind: String, _ answer: JSON, revision: JSON
  ) -> Page {
    let child = answer.text("child")
    let titles = [
      "assessmentPerson": "Who took part", "workingService": "Services working with the child",
      "specialistAssessment": "Specialist assessments",
    ]
    let title = titles[kind] ?? PlainName.of(kind)
    return Page(title, frame, child: (child, revision.text("revision"))) {
      backLink("CAF: " + answer.text("name"), to: LocalPath("children", child, "caf", caf))
      element(.h1) { title }
      part(Part(kind: kind, heading: title, adding: "Add one"), answer, caf: caf)
    }
  }

  static func part(_ part: Part, _ answer: JSON, caf: String? = nil) -> HTML {
    let child = answer.text("child")
    let records = answer.items("records").filter {
      $0.text("kind") == part.kind && (caf == nil || ["", caf].contains($0.text("caf")))
    }
    let query = caf.map { [(name: "caf", value: $0)] } ?? []
    return section(part.kind, part.heading) {
      if records.isEmpty { element(.p) { "None is written here." } }
      for record in records { self.record(record, of: child) }
      if let adding = part.adding {
        element(.p) {
          linkButton(
            adding, to: LocalPath("children", child, "add", part.kind, query: query))
        }
      }
    }
  }

  static func record(_ record: JSON, of child: String) -> HTML {
    element(.div, .class("card")) {
      summaryList(record.items("rows").map { ($0.text("label"), $0.html("text")) })
      element(.p, .class("hint")) {
        "\(record.text("by")), \(record.text("at")). "
        PlainName.of(record.text("state")) + "."
      }
      if record.isTrue("isUndecided") {
        element(.p) { link("Two answers: choose", to: LocalPath("conflicts")) }
      }
      element(.p) {
        link(
          "Change",
          to: LocalPath("children", child, "records", record.text("kind"), record.text("record")))
        if record.text("kind") == "tacMeeting" {
          " "
          link(
            "Invite somebody",
            to: LocalPath(
              "children", child, "add", "tacInvitation",
              query: [("meeting", record.text("record"))]))
        }
      }
    }
  }
}
