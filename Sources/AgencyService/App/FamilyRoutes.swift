import HTTPWire
import Operations
import PageServer
import Pages

extension Routes {
  /// Children who may be one, and children who are of one family.
  static let families: [Route] = [
    .get("duplicates") { visit, _ in
      visit.show([("duplicates", [:])]) { PairPages.list($0, $1[0]) }
    },
    .get("children", "*", "same", "*") { visit, names in visit.pair(names, status: 200, .blank) },
    .post("children", "*", "same", "*") { visit, names in visit.decidePair(names) },
    .get("children", "*", "family") { visit, names in
      visit.familyPage(names[0], status: 200, .blank, found: nil)
    },
    .post("children", "*", "family") { visit, names in visit.lookForSibling(of: names[0]) },
    .post("children", "*", "family", "*") { visit, names in visit.decideSibling(names) },
  ]
}

extension Visit {
  // MARK: One child, or two

  fileprivate func pair(_ names: [String], status: Int, _ filled: Filled) {
    let about: JSON = ["child": .string(names[0]), "other": .string(names[1])]
    show([("child-pair", about)], status: status) { PairPages.page($0, $1[0], filled) }
  }

  fileprivate func decidePair(_ names: [String]) {
    @Sendable func refuse(_ error: OperationError) {
      pair(
        names, status: error.httpStatus,
        .blank(Filled.Problem(field: nil, sentence: error.sentence)))
    }
    let decisions: [String: (operation: String, isUndone: Bool)] = [
      "one": ("child-alias", false), "parted": ("child-alias", true),
      "two": ("child-differ", false), "undecided": ("child-differ", true),
    ]
    guard let decision = decisions[form["say"] ?? ""] else { return refuse(Self.noAnswer) }
    let input = signed([], and: ["child": names[0], "other": names[1]])
      .with("undo", .bool(decision.isUndone))
    change(
      (decision.operation, input),
      next: { _ in LocalPath("children", names[0], "same", names[1]) },
      refused: { error, _ in refuse(error) })
  }

  /// A button of ours says one of its answers; what says another decides nothing.
  static var noAnswer: OperationError {
    OperationError(
      .usage, "That is none of the answers of this form: nothing was recorded. Choose one here.")
  }

  // MARK: The family

  /// - Parameter found: What `child-find` answered, when somebody looked for a brother or sister.
  fileprivate func familyPage(
    _ child: String, status: Int, _ filled: Filled, found: JSON?
  ) {
    let about: JSON = ["child": .string(child)]
    let kinds: JSON = ["familyMember", "home"]
    show(
      [
        ("child-revision", about), ("family-show", about),
        ("record-list", ["child": .string(child), "kinds": kinds]),
      ], status: status
    ) {
      FamilyPage.page($0, $1[1], records: $1[2], found: found, revision: $1[0], filled)
    }
  }

  fileprivate func decideSibling(_ names: [String]) {
    @Sendable func refuse(_ error: OperationError) {
      familyPage(
        names[0], status: error.httpStatus,
        .blank(Filled.Problem(field: nil, sentence: error.sentence)), found: nil)
    }
    guard let say = form["say"], ["join", "part"].contains(say) else {
      return refuse(Self.noAnswer)
    }
    let input = signed([], and: ["child": names[0], "other": names[1]])
      .with("undo", .bool(say == "part"))
    change(
      ("family-join", input), next: { _ in LocalPath("children", names[0], "family") },
      refused: { error, _ in refuse(error) })
  }

  fileprivate func lookForSibling(of child: String) {
    app.ask([("child-find", input(["given", "family", "dateOfBirth", "estimatedAge"]))]) { result in
      switch result {
      case .success(let answers): familyPage(child, status: 200, asTyped, found: answers[0])
      case .failure(let error):
        familyPage(child, status: error.httpStatus, filled(error), found: nil)
      }
    }
  }
}
