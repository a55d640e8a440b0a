package import Operations

/// Work that the hub has set apart: released or returned by a person who cannot read it.
package enum SetApartPage {
  /// - Parameter answer: What `quarantine` answers.
  package static func page(_ frame: Page.Frame, _ answer: JSON, now: JSON?, _ filled: Filled)
    -> Page
  {
    let waiting = answer.items("changes").filter { $0.text("state") == "waiting" }
    return Page("Set apart", frame, hasErrors: !filled.problems.isEmpty) {
      errorSummary(filled.problems)
      element(.h1) { "Set apart" }
      element(.p) {
        "Nothing that somebody typed is thrown away. What may not stand in a record as it came "
          + "waits here. Released, it goes into the record; returned, it goes back to its author’s "
          + "agency. Its words are shown to nobody here."
      }
      if waiting.isEmpty { element(.p) { tag("Nothing waits", .done) } }
      for change in waiting { one(frame, change, now: now) }
    }
  }

  private static func one(_ frame: Page.Frame, _ change: JSON, now: JSON?) -> HTML {
    let number = ConsolePage.number(change["number"])
    return element(.div, .class("card")) {
      element(.h2) { "Number \(number)" }
      summaryList([
        ("Why", .text(change.text("why"))),
        ("For", .text(ConsolePage.age(change["atMilliseconds"], now: now))),
        ("From", .text("\(change.text("device")), \(change.text("agency"))")),
        ("Told", .text(told(change.items("told")))),
        ("Part", .text(change.text("category"))),
        ("Compartment", .text(change.text("compartment"))),
      ])
      element(.div, .class("actions")) {
        postForm(LocalPath("apart", number, "release"), token: frame.formToken) {
          button("Release number \(number)")
        }
        postForm(LocalPath("apart", number, "return"), token: frame.formToken) {
          button("Return number \(number)", "way", "return")
        }
      }
    }
  }

  private static func told(_ told: [JSON]) -> String {
    told.map { one in
      let whom = [one.text("device"), one.text("agency")].filter { !$0.isEmpty }
      let when = ConsolePage.time(one["atMilliseconds"])
      return "\(whom.joined(separator: ", ")) on \(when), \(one.text("how"))"
    }.joined(separator: "; ")
  }
}
