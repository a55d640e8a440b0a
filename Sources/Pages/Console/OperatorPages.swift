package import Operations

/// The operators' accounts, and what each keeps of their own.
package enum OperatorPages {
  /// - Parameter operators: What `operators` answers.
  package static func list(_ frame: Page.Frame, _ operators: JSON, _ filled: Filled) -> Page {
    let all = operators.arrayValue ?? []
    let own = all.first { $0.text("name") == frame.practitioner }
    return Page("Operators", frame, hasErrors: !filled.problems.isEmpty) {
      errorSummary(filled.problems)
      element(.h1) { "Operators" }
      ConsolePage.table(
        "Who may sign in", ["Name", "Sees", "Since", "Asked for a code"],
        all.map {
          [
            .text($0.text("name")),
            .text($0.text("role") == "coordinator" ? "The reports alone" : "Everything"),
            .text(ConsolePage.time($0["madeMilliseconds"])),
            tag($0.isTrue("hasCodes") ? "Yes" : "No", $0.isTrue("hasCodes") ? .done : .waiting),
          ]
        })
      element(.p) {
        "Operators are added and ended on the hub’s own machine: cafsync hub operator add NAME, "
          + "cafsync hub operator end NAME. With --coordinator, add makes an account that sees the "
          + "reports alone."
      }
      section("own", "Your passphrase") {
        postForm(LocalPath("operators", "passphrase"), token: frame.formToken) {
          textField(
            FieldText("current", "Present passphrase"), filled, .type("password"),
            .autocomplete("current-password"))
          textField(
            FieldText("passphrase", "New passphrase", hint: "At least 12 characters."), filled,
            .type("password"), .autocomplete("new-password"))
          textField(
            FieldText("again", "New passphrase, again"), filled, .type("password"),
            .autocomplete("new-password"))
          button("Change it")
        }
      }
      section("codes", "Codes of an authenticator") {
        if own?.isTrue("hasCodes") == true {
          element(.p) { "Signing in asks you for a code." }
          postForm(LocalPath("operators", "codes", "remove"), token: frame.formToken) {
            textField(
              FieldText("code", "The present code"), filled, .type("text"), .inputmode("numeric"),
              .autocomplete("one-time-code"))
            warningButton("Ask for none any more")
          }
        } else {
          element(.p) {
            "With an authenticator app, whoever learns your passphrase still cannot sign in."
          }
          element(.p) { linkButton("Set one up", to: LocalPath("operators", "codes")) }
        }
      }
    }
  }

  /// - Parameter made: What `operator-codes-new` answers.
  package static func codes(_ frame: Page.Frame, _ made: JSON, _ filled: Filled) -> Page {
    Page("Set up an authenticator", frame, hasErrors: !filled.problems.isEmpty) {
      backLink("Operators", to: LocalPath("operators"))
      errorSummary(filled.problems)
      element(.h1) { "Set up an authenticator" }
      element(.ol) {
        element(.li) { "In the authenticator app, add an account by hand." }
        element(.li) {
          "Type this key: "
          element(.strong) { made.text("letters") }
        }
        element(.li) { "Kind of code: by time, six digits, every 30 seconds." }
        element(.li) { "Type the code that it then shows." }
      }
      element(.details) {
        element(.summary) { "As an address, for apps that take one" }
        element(.p) { made.text("address") }
      }
      postForm(LocalPath("operators", "codes"), token: frame.formToken) {
        hiddenField("key", made.text("key"))
        hiddenField("letters", made.text("letters"))
        hiddenField("address", made.text("address"))
        textField(
          FieldText("current", "Your passphrase"), filled, .type("password"),
          .autocomplete("current-password"))
        textField(
          FieldText("code", "Code"), filled, .type("text"), .inputmode("numeric"),
          .autocomplete("one-time-code"))
        button("Use it from now on")
      }
    }
  }
}
