package import Operations

/// Where whoever is signed in sets a passphrase of their own, or another one.
package enum PassphrasePage {
  /// - Parameter standing: What `passphrase-show` answers.
  package static func page(_ frame: Page.Frame, _ standing: JSON, _ filled: Filled) -> Page {
    let hasOwn = standing.isTrue("hasOwn")
    return Page("Your passphrase", frame, hasErrors: !filled.problems.isEmpty) {
      errorSummary(filled.problems)
      element(.h1) { "Your passphrase" }
      if standing.isTrue("hasPassphrase") {
        element(.p) {
          hasOwn
            ? "You have one of your own on this device."
            : "You have none of your own on this device yet."
        }
        insetText(
          "It opens the records on this device, and signs you in to these pages by your name. "
            + "Nobody else needs to know it.")
        postForm(LocalPath("passphrase"), token: frame.formToken) {
          if hasOwn {
            textField(
              FieldText(
                "current", "Present passphrase", hint: "If you have forgotten it: the agency's."),
              filled, .type("password"), .autocomplete("current-password"))
          }
          textField(
            FieldText(
              "passphrase", "New passphrase",
              hint: "A few words that only you would put together: at least "
                + "\(standing.text("charactersMin")) characters."),
            filled, .type("password"), .autocomplete("new-password"))
          textField(
            FieldText("again", "New passphrase, again"), filled, .type("password"),
            .autocomplete("new-password"))
          button(hasOwn ? "Change it" : "Set it")
        }
        if hasOwn { removal(frame, filled) }
      } else {
        insetText(
          "The records on this device lie in the open: a passphrase of your own would keep nobody "
            + "out. The agency's comes first. Type in a terminal on this computer: cafsync agency "
            + "passphrase set")
      }
    }
  }

  private static func removal(_ frame: Page.Frame, _ filled: Filled) -> HTML {
    let isTried = filled.problem("removing") != nil
    return HTML.element(
      .details, [.class("removal")] + (isTried ? [.open] : []),
      .joined([
        element(.summary) { "Remove your passphrase" },
        element(.p) {
          "You then sign in with a link, and the agency’s passphrase opens the records."
        },
        postForm(LocalPath("passphrase", "remove"), token: frame.formToken) {
          textField(
            FieldText(
              "removing", "Your passphrase, to remove it",
              hint: "If you have forgotten it: the agency's."),
            filled, .type("password"), .autocomplete("current-password"))
          warningButton("Remove it")
        },
      ]))
  }
}
