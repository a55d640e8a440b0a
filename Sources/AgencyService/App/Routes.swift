import HTTPWire
import Operations
import Pages

/// One address of the pages, and what answers it.
struct Route: Sendable {
  let method: HTTPMethod
  /// The parts between the slashes; `*` stands for any one.
  let pattern: [String]
  /// With the parts that stand where a `*` does.
  let answer: @Sendable (Visit, [String]) -> Void

  static func get(
    _ pattern: String..., answer: @escaping @Sendable (Visit, [String]) -> Void
  ) -> Route {
    Route(method: .get, pattern: pattern, answer: answer)
  }

  static func post(
    _ pattern: String..., answer: @escaping @Sendable (Visit, [String]) -> Void
  ) -> Route {
    Route(method: .post, pattern: pattern, answer: answer)
  }

  /// What stands in place of each `*`; nil when the address is another one.
  func arguments(_ method: HTTPMethod, _ segments: [String]) -> [String]? {
    let asked = method == .head ? .get : method
    guard self.method == asked, pattern.count == segments.count else { return nil }
    guard zip(pattern, segments).allSatisfy({ $0 == "*" || $0 == $1 }) else { return nil }
    return zip(pattern, segments).filter { $0.0 == "*" }.map(\.1)
  }

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
      var response = PractitionerApp.page(200, SignInPages.signIn())
      response.headers.append(
        "Set-Cookie", PractitionerApp.cookie(visit.port, "", lifeSeconds: 0))
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
          return give(PractitionerApp.json(423, ["sentence": "The records are locked."]))
        }
        give(
          PractitionerApp.json(
            200,
            [
              "sentence": answers[0]["sentence"] ?? "",
              "isAllSynced": answers[0]["isAllSynced"] ?? false,
              "revision": answers.count > 1 ? answers[1]["revision"] ?? "" : "",
              "isPartShown": answers.count > 1 ? answers[1]["isPartShown"] ?? true : true,
            ]))
      case .failure(let error): give(PractitionerApp.json(error.httpStatus, error.json))
      }
    }
  }
}
