import HTTPTransport
import HTTPWire
import Operations
import PageServer
import Pages

extension ConsoleRoutes {
  /// An operator changes nobody's account but their own.
  static let operators: [ConsoleRoute] = [
    .get("operators") { visit, _ in visit.showOperators(200, .blank) },
    .post("operators", "passphrase") { visit, _ in visit.setPassphrase() },
    .get("operators", "codes") { visit, _ in
      visit.show([("operator-codes-new", visit.own)]) { frame, answers, _ in
        OperatorPages.codes(frame, answers[0], .blank)
      }
    },
    .post("operators", "codes") { visit, _ in visit.setCodes() },
    .post("operators", "codes", "remove") { visit, _ in
      visit.proving(passphrase: nil, field: "code") {
        visit.change(
          ("operator-codes-remove", visit.own), next: LocalPath("operators"),
          said: { $0["sentence"]?.stringValue ?? "" })
      }
    },
  ]
}

extension ConsoleVisit {
  fileprivate var own: JSON { ["name": .string(arrived.session.person)] }

  fileprivate func showOperators(_ status: Int, _ filled: Filled) {
    show([("operators", [:])], status: status) { frame, answers, _ in
      OperatorPages.list(frame, answers[0], filled)
    }
  }

  fileprivate func setPassphrase() {
    let form = arrived.form
    guard form["passphrase"] == form["again"] else {
      return showOperators(
        400,
        .blank(
          Filled.Problem(
            field: "again", sentence: "Those were two different ones. Nothing was changed.")))
    }
    proving(passphrase: form["current"] ?? "", field: "current") {
      let input = own.with("passphrase", .string(form["passphrase"] ?? ""))
        .with("cookie", .string(arrived.cookie))
      change(
        ("operator-passphrase", input), next: LocalPath("operators"),
        said: { $0["sentence"]?.stringValue ?? "" },
        refused: {
          showOperators(
            $0.httpStatus, .blank(Filled.Problem(field: "passphrase", sentence: $0.sentence)))
        })
    }
  }

  /// With the passphrase, and only where none are set up: those that are have to be removed first,
  /// which takes one of them. The same key is shown again when the code was not right, since it has
  /// been typed into the authenticator already.
  fileprivate func setCodes() {
    let made = arrived.input(["key", "letters", "address"])
    @Sendable func refuse(_ status: Int, _ field: String, _ sentence: String) {
      show([], status: status) { frame, _, _ in
        OperatorPages.codes(
          frame, made, .blank(Filled.Problem(field: field, sentence: sentence)))
      }
    }
    let (name, passphrase) = (arrived.session.person, arrived.form["current"] ?? "")
    let input = arrived.input(["key", "code"], and: ["name": name])
    guard console.state.operators.account(name)?.codeKey == nil else {
      return refuse(409, "code", "Codes are set up for you already. Remove those first.")
    }
    console.prove(
      name,
      { operators, _ in
        try operators.isRight(passphrase: passphrase, of: name)
      }
    ) { sentence in
      if let sentence { return refuse(403, "current", sentence) }
      change(
        ("operator-codes-set", input), next: LocalPath("operators"),
        said: { $0["sentence"]?.stringValue ?? "" },
        refused: { refuse($0.httpStatus, "code", $0.sentence) })
    }
  }

  /// A browser left open is not its operator: what guards an account is changed only by whoever
  /// shows that they have it.
  fileprivate func proving(
    passphrase: String?, field: String, _ body: @escaping @Sendable () -> Void
  ) {
    let name = arrived.session.person
    let code = arrived.form["code"] ?? ""
    console.prove(
      name,
      { operators, now in
        if let passphrase { return try operators.isRight(passphrase: passphrase, of: name) }
        return try operators.takeCode(code, of: name, atMilliseconds: now)
      }
    ) { sentence in
      guard let sentence else { return body() }
      showOperators(403, .blank(Filled.Problem(field: field, sentence: sentence)))
    }
  }
}
