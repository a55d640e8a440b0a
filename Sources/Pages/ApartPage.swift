package import Operations

/// One piece of work that was set apart: to be taken up again, or discarded after asking once more.
package enum ApartPage {
  /// - Parameters:
  ///   - work: One of those that `quarantine-list` answers.
  ///   - isDiscarding: Somebody has asked to discard it, and is asked once more.
  package static func page(
    _ frame: Page.Frame, _ work: JSON, isDiscarding: Bool, _ filled: Filled
  ) -> Page {
    let number = work.text("number")
    return Page("Work set apart", frame, hasErrors: !filled.problems.isEmpty) {
      backLink("Sync", to: LocalPath("sync"))
      errorSummary(filled.problems)
      element(.h1) { isDiscarding ? "Discard this?" : "Work set apart" }
      element(.div, .class("card")) { words(work) }
      if isDiscarding {
        element(.p) { "These words are then gone from this device, and cannot be brought back." }
        postForm(LocalPath("sync", "apart", number, "discard"), token: frame.formToken) {
          warningButton("Discard these words")
        }
        element(.p) { link("Keep them set apart", to: LocalPath("sync")) }
      } else {
        choices(frame, work, number)
      }
    }
  }

  /// What was typed, and why it does not stand with the rest.
  @HTMLBuilder static func words(_ work: JSON) -> HTML {
    summaryList([
      ("Child", work.html("name")), ("Why", .text(PlainName.of(work.text("reason")))),
      ("Where", .text(PlainName.of(work.text("state")))),
    ])
    summaryList(work.items("rows").map { ($0.text("label"), $0.html("text")) })
    element(.p, .class("hint")) { "\(work.text("by")), \(work.text("at"))" }
  }

  @HTMLBuilder private static func choices(
    _ frame: Page.Frame, _ work: JSON, _ number: String
  ) -> HTML {
    if work.isTrue("mayBeTakenUp") {
      element(.p) {
        "Taken up, it is saved again under your name. Where it differs from what stands, both are "
          + "kept until a person chooses."
      }
      postForm(LocalPath("sync", "apart", number, "take-up"), token: frame.formToken) {
        button("Take it up")
      }
    } else {
      insetText(
        "This agency may not hold that part of the record now, so it cannot be taken up. Discuss "
          + "it with the family or the lead professional.")
    }
    element(.p) {
      linkButton(
        "Discard", to: LocalPath("sync", "apart", number, query: [("discard", "yes")]))
    }
  }

  /// Nothing is set apart under that number any more.
  package static func gone(_ frame: Page.Frame) -> Page {
    Page("Work set apart", frame) {
      backLink("Sync", to: LocalPath("sync"))
      element(.h1) { "This is not set apart any more" }
      insetText(
        "It was taken up or discarded, or the hub's operator has released it to where it belongs.")
    }
  }
}
