package import Operations

/// How many answers stand side by side until somebody chooses, by age.
package enum OpenConflictsPage {
  /// - Parameter answer: What `conflicts` answers.
  package static func page(_ frame: Page.Frame, _ answer: JSON, now: JSON?) -> Page {
    let bands = answer.texts("bands")
    let counts = answer.items("counts")
    return Page("Conflicts", frame) {
      element(.h1) { "Conflicts" }
      element(.p) {
        "Two people have answered the same question without knowing of each other. Both answers "
          + "are kept, and shown side by side at the agencies, until somebody there chooses."
      }
      if counts.isEmpty {
        element(.p) { tag("None is open", .done) }
      } else {
        ConsolePage.table(
          "Open, by how long", ["Custodian and part"] + bands + ["The oldest for"],
          counts.map { count in
            [HTML.text("\(count.text("agency")): \(count.text("category"))")]
              + count.items("bands").map { .text(ConsolePage.number($0)) }
              + [.text(ConsolePage.age(count["oldestMilliseconds"], now: now))]
          })
      }
    }
  }
}
