package import Operations

/// After a restore: what is held back, for whose word, and how it ends.
package enum RecoveryPage {
  /// - Parameter status: What `status` answers.
  package static func page(_ frame: Page.Frame, status: JSON) -> Page {
    let held = status["recovering"]?.unsignedValue ?? 0
    return Page("After a restore", frame) {
      element(.h1) { "After a restore" }
      if held == 0 {
        element(.p) { tag("Nothing is held back", .done) }
      } else {
        element(.p) {
          "Held back: \(Words.count(held, "compartment")), until everybody has been heard "
            + "who could know of a withdrawal that the backup lacks. The board names the devices "
            + "whose word is wanting."
        }
        section("vouch", "When a device will not come any more") {
          element(.p) {
            "Revoke it, if it is lost. Only if you can vouch that no withdrawal is missing, end "
              + "the waiting by hand; the audit log will say that you did."
          }
          postForm(LocalPath("recovery", "end"), token: frame.formToken) {
            warningButton("I vouch for it: end the waiting")
          }
        }
      }
    }
  }
}
