import HTTPWire
import Operations
import PageServer
import Pages

extension Routes {
  /// Finding a child, putting one on the index, and looking at one.
  static let children: [Route] = [
    .get("find") { visit, _ in
      visit.show([]) { frame, _ in FindPage.page(frame, .blank, answer: nil) }
    },
    .post("find") { visit, _ in
      visit.withFrame { frame in
        visit.app.ask([visit.childAsked]) { result in
          switch result {
          case .success(let answers):
            visit.give(
              PageResponse.page(
                200, FindPage.page(frame, visit.asTyped, answer: answers[0])))
          case .failure(let error) where error.code == .usage:
            visit.give(
              PageResponse.page(400, FindPage.page(frame, visit.filled(error), answer: nil)))
          case .failure(let error): visit.failed(error, frame)
          }
        }
      }
    },
    .post("find", "typed") { visit, _ in visit.findWhileTyping() },
    .get("children", "add") { visit, _ in
      visit.show([]) { frame, _ in ChildAddPage.page(frame, .blank) }
    },
    .post("children", "add") { visit, _ in visit.addChild() },
    .get("children", "*") { visit, arguments in
      let child: JSON = ["child": .string(arguments[0])]
      visit.show([("child-revision", child), ("child-show", child)]) {
        ChildPage.page($0, $1[1], revision: $1[0])
      }
    },
  ]
}

extension Visit {
  /// The form as it came, with nothing wrong in it.
  var asTyped: Filled { Filled(form.fields, []) }

  fileprivate var childAsked: Question {
    ("child-find", input(["given", "family", "dateOfBirth", "estimatedAge"]))
  }

  /// For the script of the page. What is not yet whole, like half of a date, is no mistake: the
  /// page says nothing of it before the form is sent.
  fileprivate func findWhileTyping() {
    app.ask([childAsked]) { result in
      switch result {
      case .success(let answers):
        let found = FindPage.results(session.formToken, answers[0], asTyped)
        give(
          PageResponse.json(
            200, ["sentence": answers[0]["sentence"] ?? "", "markup": .string(found.markup)]))
      case .failure(let error): give(PageResponse.json(error.httpStatus, error.json))
      }
    }
  }

  fileprivate func addChild() {
    // From the page that found nobody: what was typed there is looked over first.
    guard form["step"] != "look" else {
      return show([]) { frame, _ in ChildAddPage.page(frame, asTyped) }
    }
    var object = JSON.Object()
    for name in ["given", "family", "dateOfBirth", "estimatedAge", "official"] {
      object[name] = form[name].map { .string($0) }
    }
    object["anyway"] = .bool(form["anyway"] == "yes")
    object["as"] = .string(session.person)
    change(
      ("child-add", .object(object)),
      next: { LocalPath("children", $0["child"]?.stringValue ?? "") },
      refused: { error, filled in
        let alike = error.details?["children"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let known = Filled.Problem(
          field: "anyway",
          sentence: "A child like this is held here already. Look first; if this is another child, "
            + "say so.")
        show([], status: error.httpStatus) { frame, _ in
          ChildAddPage.page(
            frame, alike.isEmpty ? filled : Filled(form.fields, [known]), alike: alike)
        }
      })
  }
}
