/// Pages for whoever is not signed in, or whose keys are locked.
package enum SignInPages {
  /// How to sign in; with what went wrong, if something did.
  package static func signIn(_ problem: String? = nil) -> Page {
    Page("Sign in", nil, hasErrors: problem != nil) {
      errorSummary(problem.map { [Filled.Problem(field: nil, sentence: $0)] } ?? [])
      element(.h1) { "Sign in" }
      element(.p) { "These pages open with a link that is good once, for two minutes." }
      element(.ol) {
        element(.li) { "Open a terminal on this computer." }
        element(.li) { "Type: cafsync agency open --as \"Your Name\"" }
        element(.li) { "Follow the link that it prints." }
      }
    }
  }

  /// The records are here, and cannot be read.
  package static func unlock(_ frame: Page.Frame, problem: String? = nil) -> Page {
    Page("The records are locked", frame, hasErrors: problem != nil) {
      errorSummary(problem.map { [Filled.Problem(field: "passphrase", sentence: $0)] } ?? [])
      element(.h1) { "The records are locked" }
      element(.p) { "Nothing on this device can be read until they are opened." }
      postForm(LocalPath("unlock"), token: frame.formToken) {
        textField(
          FieldText("passphrase", "Passphrase"), .blank, .type("password"),
          .autocomplete("current-password"))
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
