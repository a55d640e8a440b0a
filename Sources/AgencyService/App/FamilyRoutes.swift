import HTTPWire
import Operations
import Pages

extension Route {
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
    .post("children", "*", "family", "*") { visit, names in
      let input = visit.signed([], and: ["child": names[0], "other": names[1]])
        .with("undo", .bool(visit.form["say"] == "part"))
      visit.change(
        ("family-join", input), next: { _ in LocalPath("children", names[0], "family") },
        refused: { error, _ in
          visit.familyPage(
            names[0], status: error.httpStatus,
            .blank(Filled.Problem(field: nil, sentence: error.sentence)), found: nil)
        })
    },
  ]
}

extension Visit {
  // MARK: One child, or two

  fileprivate func pair(_ names: [String], status: Int, _ filled: Filled) {
    let about: JSON = ["child": .string(names[0]), "other": .string(names[1])]
    show([("child-pair", about)], status: status) { PairPages.page($0, $1[0], filled) }
  }

  fileprivate func decidePair(_ names: [String]) {
    let say = form["say"]
    let input = signed([], and: ["child": names[0], "other": names[1]])
      .with("undo", .bool(say == "parted" || say == "undecided"))
    change(
      (["one", "parted"].contains(say) ? "child-alias" : "child-differ", input),
      next: { _ in LocalPath("children", names[0], "same", names[1]) },
      refused: { error, _ in
        pair(
          names, status: error.httpStatus,
          .blank(Filled.Problem(field: nil, sentence: error.sentence)))
      })
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
