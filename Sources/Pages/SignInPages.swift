package import Operations

/// Pages for whoever is not signed in, or whose keys are locked.
package enum SignInPages {
  /// How to sign in; with what went wrong, if something did.
  package static func signIn(_ problem: String? = nil) -> Page {
    signIn(Filled([], problem.map { [Filled.Problem(field: nil, sentence: $0)] } ?? []))
  }

  /// The same, with the name that was typed.
  package static func signIn(_ filled: Filled) -> Page {
    Page("Sign in", nil, hasErrors: !filled.problems.isEmpty) {
      errorSummary(filled.problems)
      element(.h1) { "Sign in" }
      element(.form, .method("post"), .action(LocalPath("sign-in"))) {
        textField(
          FieldText("name", "Your name"), filled, .type("text"), .autocomplete("username"))
        textField(
          FieldText("passphrase", "Your own passphrase"), filled, .type("password"),
          .autocomplete("current-password"))
        button("Sign in")
      }
      section("link", "Without a passphrase of your own") {
        element(.p) { "These pages also open with a link that is good once, for two minutes." }
        element(.ol) {
          element(.li) { "Open a terminal on this computer." }
          element(.li) { "Type: cafsync agency open --as \"Your Name\"" }
          element(.li) { "Follow the link that it prints." }
        }
      }
    }
  }

  /// The records are here, and cannot be read. `whose`: what `passphrase-show` answers.
  package static func unlock(_ frame: Page.Frame, whose: JSON, problem: String? = nil) -> Page {
    let text =
      whose.isTrue("hasOwn")
      ? FieldText(
        "passphrase", "Your own passphrase", hint: "If you have forgotten it: the agency's.")
      : FieldText("passphrase", "The agency's passphrase")
    let filled = Filled(
      [], problem.map { [Filled.Problem(field: "passphrase", sentence: $0)] } ?? [])
    return Page("The records are locked", frame, hasErrors: problem != nil) {
      errorSummary(filled.problems)
      element(.h1) { "The records are locked" }
      element(.p) { "Nothing on this device can be read until they are opened." }
      postForm(LocalPath("unlock"), token: frame.formToken) {
        textField(text, filled, .type("password"), .autocomplete("current-password"))
        button("Open the records")
      }
    }
  }

  /// Something that is not there, or was not allowed; with the way on.
  package static func problem(_ title: String, _ sentence: String, _ frame: Page.Frame?) -> Page {
    Page(title, frame) {
      element(.h1) { title }
      element(.p) { sentence }
      element(.p) { element(.a, .href(LocalPath())) { "Go to the first page" } }
    }
  }
}
