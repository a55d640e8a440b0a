/// Where an operator of the hub signs in.
package enum ConsoleSignInPage {
  /// With the name that was typed, and what went wrong.
  package static func page(_ filled: Filled) -> Page {
    Page("Sign in to the hub", nil, hasErrors: !filled.problems.isEmpty) {
      errorSummary(filled.problems)
      element(.h1) { "Sign in to the hub" }
      element(.form, .method("post"), .action(LocalPath("sign-in"))) {
        textField(
          FieldText("name", "Your name"), filled, .type("text"), .autocomplete("username"))
        textField(
          FieldText("passphrase", "Your passphrase"), filled, .type("password"),
          .autocomplete("current-password"))
        textField(
          FieldText("code", "Code", hint: "If you have set up an authenticator: its present code."),
          filled, .type("text"), .inputmode("numeric"), .autocomplete("one-time-code"))
        button("Sign in")
      }
      section("otherwise", "When that does not work") {
        element(.p) {
          "On the hub's own machine, whoever runs the hub gets a link that is good once, for two "
            + "minutes: cafsync hub console open \"Your Name\""
        }
      }
    }
  }
}
