package import Operations

/// A CAF on paper: what is written, without guidance, forms or blank boxes' frames.
package enum PrintPage {
  /// - Parameters:
  ///   - tasks: What `caf-tasks` answers.
  ///   - records: What `record-list` answers for the kinds of an assessment.
  package static func page(
    _ frame: Page.Frame, tasks: JSON, records: JSON, revision: JSON
  ) -> Page {
    let path = LocalPath("children", tasks.text("child"), "caf", tasks.text("caf"))
    let of = records.items("records")
    return Page(
      "CAF for printing", frame, child: (tasks.text("child"), revision.text("revision"))
    ) {
      backLink("The CAF", to: path)
      element(.h1) { "Common Assessment: " + tasks.text("name") }
      summaryList([
        ("Born", tasks.html("birth")), ("State", tasks.html("stateWords")),
        ("Kept by", tasks.html("custodian")),
      ])
      kinds(["assessment", "assessmentPerson", "workingService"], "How it began", of)
      kinds(["familyMember", "home"], "Family and home", of)
      for part in tasks.items("parts") {
        let written = part.items("elements").compactMap { element in
          of.first {
            $0.text("element") == element.text("element") && $0.text("caf") == tasks.text("caf")
          }
          .map { (element.text("label"), $0) }
        }
        section("part" + part.text("part"), part.text("title")) {
          if written.isEmpty { element(.p) { "Nothing is written in what is held here." } }
          for (label, record) in written {
            element(.h3) { label }
            rows(record)
          }
        }
      }
      kinds(["specialistAssessment"], "Specialist assessments", of)
      kinds(["conclusion", "action", "tacMeeting", "tacInvitation", "comment"], "Plan", of)
      element(.p, .class("hint")) {
        "As it is held by \(frame.agency). Blank sections are left out."
      }
    }
  }

  @HTMLBuilder private static func kinds(
    _ kinds: [String], _ heading: String, _ records: [JSON]
  ) -> HTML {
    let own = records.filter { kinds.contains($0.text("kind")) && !$0.items("rows").isEmpty }
    if !own.isEmpty {
      section(kinds[0], heading) {
        for record in own {
          element(.h3) { record.text("title") }
          rows(record)
        }
      }
    }
  }

  private static func rows(_ record: JSON) -> HTML {
    element(.div, .class("card")) {
      summaryList(record.items("rows").map { ($0.text("label"), $0.html("text")) })
      element(.p, .class("hint")) { "\(record.text("by")), \(record.text("at"))" }
    }
  }
}
