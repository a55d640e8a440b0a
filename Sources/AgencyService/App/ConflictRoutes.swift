import HTTPWire
import Operations
import PageServer
import Pages

extension Routes {
  /// What two people wrote in one box, and the choice between them.
  static let conflicts: [Route] = [
    .get("conflicts") { visit, _ in
      visit.show([("conflict-list", [:])]) { ConflictPages.list($0, $1[0]) }
    },
    .get("conflicts", "*", "*") { visit, names in
      visit.show([("conflict-show", visit.conflict(names))]) {
        ConflictPages.page($0, $1[0], .blank)
      }
    },
    .post("conflicts", "*", "*") { visit, names in visit.decide(names) },
  ]
}

extension Visit {
  fileprivate func conflict(_ names: [String]) -> JSON {
    input(["part"], and: ["conflict": names.joined(separator: "/")])
  }

  private var thirdAnswer: JSON.Object {
    var values = JSON.Object()
    for (name, value) in form.fields where name.contains(".") {
      let before = values[name]?.stringValue
      values[name] = .string(before.map { $0 + "\n" + value } ?? value)
    }
    return values
  }

  fileprivate func decide(_ names: [String]) {
    var object = JSON.Object()
    object["conflict"] = .string(names.joined(separator: "/"))
    for name in ["part", "seen", "answer"] { object[name] = form[name].map { .string($0) } }
    if form["both"] == "yes" { object["both"] = true }
    if form["third"] == "yes" { object["values"] = .object(thirdAnswer) }
    object["as"] = .string(session.person)
    let again = LocalPath(
      "conflicts", names[0], names[1], query: [("part", form["part"] ?? "")])
    change(
      ("conflict-resolve", .object(object)),
      next: { $0["isUndecided"]?.boolValue == true ? again : LocalPath("conflicts") },
      refused: { error, filled in
        app.ask([("conflict-show", conflict(names))]) { result in
          switch result {
          case .success(let answers):
            let isTyped = form["third"] == "yes"
            let problem = Filled.Problem(field: nil, sentence: error.sentence)
            show([], status: error.httpStatus) { frame, _ in
              ConflictPages.page(frame, answers[0], isTyped ? filled : .blank(problem))
            }
          case .failure(let gone):
            let typed = thirdAnswer.members.compactMap(\.value.stringValue)
            show([], status: gone.httpStatus) { frame, _ in
              ConflictPages.gone(frame, gone.sentence, form["third"] == "yes" ? typed : [])
            }
          }
        }
      })
  }
}
