import HTTPWire
import Operations
import PageServer
import Pages

typealias Route = PageRoute<Visit>

/// The addresses of the pages.
enum Routes {
  /// Every address but those of signing in. The first that fits answers.
  static let all: [Route] =
    general + passphrases + children + consents + records + assessments
    + conflicts + sync + work + families

  static let general: [Route] = [
    .get { visit, _ in
      visit.show([
        ("worklist", visit.signed([])), ("status", [:]), ("task-list", [:]), ("conflict-list", [:]),
      ]) {
        HomePage.page($0, work: $1[0], status: $1[1], tasks: $1[2], conflicts: $1[3])
      }
    },
    .get("live") { visit, _ in visit.live() },
    .post("sign-out") { visit, _ in
      visit.app.sessions.signOut(cookie: visit.cookie)
      var response = PageResponse.page(200, SignInPages.signIn())
      response.headers.append(
        "Set-Cookie", PractitionerApp.cookie(visit.port).set("", lifeSeconds: 0))
      visit.give(response)
    },
  ]
}

extension Visit {
  /// How the work stands, and how far the record of one child is, for a page that is open. Asking
  /// is no use of the session: a laptop that lies open is locked all the same.
  fileprivate func live() {
    let about = input(["child", "part"])
    let questions: [Question] =
      [("standing", [:])] + (form["child"] == nil ? [] : [("child-revision", about)])
    app.ask(questions) { result in
      switch result {
      case .success(let answers):
        guard answers[0]["keys"]?.stringValue != "locked" else {
          return give(PageResponse.json(423, ["sentence": "The records are locked."]))
        }
        give(
          PageResponse.json(
            200,
            [
              "sentence": answers[0]["sentence"] ?? "",
              "isAllSynced": answers[0]["isAllSynced"] ?? false,
              "withdrawn": answers[0]["withdrawn"] ?? "",
              "revision": answers.count > 1 ? answers[1]["revision"] ?? "" : "",
              "isPartShown": answers.count > 1 ? answers[1]["isPartShown"] ?? true : true,
            ]))
      case .failure(let error): give(PageResponse.json(error.httpStatus, error.json))
      }
    }
  }
}
