import HTTPWire
import Operations
import PageServer
import Pages

extension Routes {
  /// What the family decides, what follows from it, and what is told of it.
  static let consents: [Route] =
    [
      .get("children", "*", "consent") { visit, arguments in
        let child: JSON = ["child": .string(arguments[0])]
        visit.show([("child-revision", child), ("consent-show", child), ("who-holds", child)]) {
          ConsentPage.page($0, $1[1], holds: $1[2], revision: $1[0])
        }
      },
      .get("children", "*", "consent", "withdraw") { visit, arguments in
        let named = visit.input(["entry"], and: ["child": arguments[0]])
        visit.show([
          ("consent-show", ["child": .string(arguments[0])]),
          ("consent-withdraw", named.asPreview),
        ]) { [entry = visit.form["entry"] ?? ""] in
          ConsentPage.withdrawal($0, $1[0], preview: $1[1], entry: entry)
        }
      },
      .post("children", "*", "consent", "withdraw") { visit, arguments in
        visit.record("consent-withdraw", of: arguments[0])
      },
      .get("children", "*", "consent", "unshield") { visit, arguments in
        visit.show([("consent-show", ["child": .string(arguments[0])])]) {
          [entry = visit.form["entry"] ?? ""] in
          ConsentPage.unshield($0, $1[0], entry: entry)
        }
      },
      .post("children", "*", "consent", "unshield") { visit, arguments in
        visit.record("unshield", of: arguments[0])
      },
      .get("children", "*", "may-share") { visit, arguments in
        visit.mayShare(arguments[0], .blank, answer: nil)
      },
      .post("children", "*", "may-share") { visit, arguments in visit.askMayShare(arguments[0]) },
      .get("children", "*", "who-holds") { visit, arguments in
        visit.whoHolds(arguments[0], isSheet: false)
      },
      .get("children", "*", "who-holds", "sheet") { visit, arguments in
        visit.whoHolds(arguments[0], isSheet: true)
      },
      .get("children", "*", "chronology") { visit, arguments in
        let child: JSON = ["child": .string(arguments[0])]
        visit.show([("child-revision", child), ("chronology", child)]) {
          ChronologyPage.page($0, $1[1], revision: $1[0])
        }
      },
    ] + DecisionPages.Kind.allCases.flatMap(decision)

  private static func decision(_ kind: DecisionPages.Kind) -> [Route] {
    [
      .get("children", "*", "consent", kind.rawValue) { visit, arguments in
        visit.decisionForm(kind, arguments[0], .blank)
      },
      .post("children", "*", "consent", kind.rawValue) { visit, arguments in
        visit.decide(kind, arguments[0])
      },
    ]
  }
}

extension DecisionPages.Kind {
  fileprivate var operation: String {
    switch self {
    case .give: "consent-give"
    case .refuse: "consent-refuse"
    case .override: "override-add"
    case .shield: "shield"
    }
  }

  /// What the operation takes of the form: texts, lists, and what is yes or left out.
  fileprivate var fields: (texts: [String], lists: [String], flags: [String]) {
    switch self {
    case .give:
      (
        ["by", "relationship", "capacity", "assessedBy", "agreement", "note", "until"],
        ["purposes", "categories", "agencies", "exclude", "knowingWithdrawal"], []
      )
    case .refuse: ([], ["purposes", "categories", "agencies"], [])
    case .override:
      (
        ["reason", "decidedBy", "until"], ["categories", "agencies"],
        ["significantHarm", "authorisedRole"]
      )
    case .shield: (["review"], ["agencies"], [])
    }
  }
}

extension JSON {
  fileprivate var asPreview: JSON { with("preview", true) }
}

extension Visit {
  // MARK: A decision: its form, its preview, its record

  fileprivate func decisionForm(
    _ kind: DecisionPages.Kind, _ child: String, _ filled: Filled, status: Int = 200
  ) {
    show(
      [
        ("consent-form", ["child": .string(child)]), ("agency-list", [:]), ("agreement-show", [:]),
      ], status: status
    ) {
      DecisionPages.form(
        $0, kind, DecisionPages.Choices(form: $1[0], agencies: $1[1], agreement: $1[2]), filled)
    }
  }

  private func decision(_ kind: DecisionPages.Kind, _ child: String) -> JSON {
    let fields = kind.fields
    var input = JSON.Object()
    input["child"] = .string(child)
    for name in fields.texts { input[name] = form[name].map { .string($0) } }
    // A list with nothing in it says that nothing was chosen.
    for name in fields.lists {
      input[name] = .array(form.fields.filter { $0.name == name }.map { .string($0.value) })
    }
    for name in fields.flags { input[name] = .bool(form[name] == "yes") }
    input["as"] = .string(session.person)
    return .object(input)
  }

  fileprivate func decide(_ kind: DecisionPages.Kind, _ child: String) {
    switch form["step"] {
    case "change": decisionForm(kind, child, asTyped)
    case "record":
      // What a form does not bring back from a preview, it has not been shown.
      let input = decision(kind, child).with("previewed", .string(form["previewed"] ?? ""))
      change(
        (kind.operation, input), next: { _ in LocalPath("children", child, "consent") },
        refused: { error, filled in
          guard error.code == .conflict else {
            return decisionForm(kind, child, filled, status: error.httpStatus)
          }
          preview(
            kind, child, status: error.httpStatus,
            problems: [Filled.Problem(field: nil, sentence: error.sentence)])
        })
    default: preview(kind, child, status: 200, problems: [])
    }
  }

  private func preview(
    _ kind: DecisionPages.Kind, _ child: String, status: Int, problems: [Filled.Problem]
  ) {
    app.ask([(kind.operation, decision(kind, child).asPreview)]) { result in
      switch result {
      case .failure(let error):
        decisionForm(kind, child, filled(error), status: error.httpStatus)
      case .success(let answers):
        let found = (answers[0]["problems"]?.arrayValue ?? []).map { problem in
          Filled.Problem(
            field: problem["field"]?.stringValue, sentence: problem["sentence"]?.stringValue ?? "")
        }
        guard found.isEmpty else {
          return decisionForm(kind, child, Filled(form.fields, found), status: 400)
        }
        show([], status: status) { frame, _ in
          DecisionPages.preview(
            frame, kind, answers[0], fields: form.fields, problems: problems)
        }
      }
    }
  }

  /// The second click: what was named on the page before.
  fileprivate func record(_ operation: String, of child: String) {
    // Without an entry an operation means all of them, and no page offers that.
    let entry = JSON.string(form["entry"].flatMap { $0.isEmpty ? nil : $0 } ?? "none")
    change(
      (operation, signed([], and: ["child": child]).with("entry", entry)),
      next: { _ in LocalPath("children", child, "consent") },
      refused: { error, _ in failed(error, nil) })
  }

  // MARK: What is told of it

  fileprivate func mayShare(
    _ child: String, _ filled: Filled, answer: JSON?, status: Int = 200
  ) {
    show([("consent-form", ["child": .string(child)]), ("agency-list", [:])], status: status) {
      MaySharePage.page($0, form: $1[0], agencies: $1[1], filled, answer: answer)
    }
  }

  fileprivate func askMayShare(_ child: String) {
    let input = self.input(["agency", "categories", "purpose"], and: ["child": child])
    app.ask([("may-share", input)]) { result in
      switch result {
      case .success(let answers): mayShare(child, asTyped, answer: answers[0])
      case .failure(let error):
        mayShare(child, filled(error), answer: nil, status: error.httpStatus)
      }
    }
  }

  fileprivate func whoHolds(_ child: String, isSheet: Bool) {
    let input: JSON = ["child": .string(child)]
    show([("child-revision", input), ("who-holds", input)]) {
      WhoHoldsPage.page($0, $1[1], isSheet: isSheet, revision: $1[0])
    }
  }
}
