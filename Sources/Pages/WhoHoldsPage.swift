package import Operations

/// Who holds what of a child: for the practitioner with everything, and on a sheet for the family
/// without what is not for them.
package enum WhoHoldsPage {
  /// - Parameters:
  ///   - answer: What `who-holds` answers.
  ///   - isSheet: Only what is for the family, as it is printed.
  ///   - revision: What `child-revision` answers.
  package static func page(
    _ frame: Page.Frame, _ answer: JSON, isSheet: Bool, revision: JSON
  ) -> Page {
    let child = answer.text("child")
    let rows = { (name: String) in
      answer.items(name).filter { !isSheet || $0.isTrue("isForFamily") }
    }
    return Page("Who holds what", frame, child: (child, revision.text("revision"))) {
      if isSheet {
        backLink("Who holds what", to: LocalPath("children", child, "who-holds"))
      } else {
        backLink(answer.text("name"), to: LocalPath("children", child))
      }
      element(.h1) { isSheet ? "Who holds what about \(answer.text("name"))" : "Who holds what" }
      element(.p) { answer.text("sentence") }
      if isSheet {
        element(.p, .class("hint screen")) {
          "Print this page with your browser (Ctrl and P). What is not for the family is left out."
        }
      } else {
        element(.p, .class("screen")) {
          linkButton(
            "The sheet for the family", to: LocalPath("children", child, "who-holds", "sheet"))
        }
      }
      section("agencies", "Agencies that may have something from us") {
        if rows("agencies").isEmpty { element(.p) { "None." } }
        for agency in rows("agencies") {
          element(.h3) { agency.text("agency") }
          parts(agency.items("parts").filter { !isSheet || $0.isTrue("isForFamily") }, isSheet)
        }
      }
      part("hub", "At the hub", rows("hub"), isSheet)
      part("heldHere", "Held here, and written by others", rows("heldHere"), isSheet)
      part("onlyHere", "Kept by us alone", rows("onlyHere"), isSheet)
      denied(rows("notShared"), isSheet)
    }
  }

  private static func part(
    _ id: String, _ heading: String, _ rows: [JSON], _ isSheet: Bool
  ) -> HTML {
    rows.isEmpty ? .empty : section(id, heading) { parts(rows, isSheet) }
  }

  private static func parts(_ rows: [JSON], _ isSheet: Bool) -> HTML {
    list {
      for row in rows {
        element(.li) {
          element(.strong) { row.text("label") }
          if !row.text("writtenBy").isEmpty { ", written by " + row.text("writtenBy") }
          mark(row, isSheet)
          element(.p, .class("hint")) {
            row.text("sentence")
            row.text("until").isEmpty ? "" : " Until \(row.text("until"))."
          }
        }
      }
    }
  }

  private static func denied(_ rows: [JSON], _ isSheet: Bool) -> HTML {
    if rows.isEmpty { return .empty }
    return section("notShared", "What the family has said no to") {
      list {
        for row in rows {
          element(.li) {
            row.text("sentence")
            mark(row, isSheet)
            element(.p, .class("hint")) {
              row.items("parts").filter { !isSheet || $0.isTrue("isForFamily") }
                .map { $0.text("label") }.joined(separator: "; ")
            }
          }
        }
      }
    }
  }

  private static func mark(_ row: JSON, _ isSheet: Bool) -> HTML {
    if isSheet || row.isTrue("isForFamily") { return .empty }
    return .joined([.text(" "), tag("Not on the family’s sheet")])
  }
}
