import HTTPWire
import Operations
import PageServer
import Pages

extension Routes {
  /// How far the work has come, and what came back.
  static let sync: [Route] = [
    .get("sync") { visit, _ in visit.syncPage(outcome: nil) },
    .post("sync") { visit, _ in
      visit.app.ask([("sync", [:])]) { result in
        switch result {
        case .success(let answers):
          visit.syncPage(outcome: answers[0]["sentence"]?.stringValue ?? "")
        case .failure(let error): visit.syncPage(outcome: error.sentence)
        }
      }
    },
    .get("sync", "parts") { visit, _ in
      var object = JSON.Object()
      let isUnsentOnly = visit.form["unsent"] == "yes"
      object["unsent"] = .bool(isUnsentOnly)
      object["page"] = visit.form["page"].map { .string($0) }
      visit.show([("part-list", .object(object))]) {
        SyncPage.parts($0, $1[0], isUnsentOnly: isUnsentOnly)
      }
    },
    .get("sync", "apart", "*") { visit, arguments in
      visit.apart(arguments[0], status: 200, isDiscarding: visit.form["discard"] == "yes", .blank)
    },
    .post("sync", "apart", "*", "take-up") { visit, arguments in
      visit.change(
        ("quarantine-take-up", visit.signed([], and: ["number": arguments[0]])),
        next: { _ in LocalPath("sync") },
        refused: { visit.apart(arguments[0], status: $0.httpStatus, isDiscarding: false, $1) })
    },
    .post("sync", "apart", "*", "discard") { visit, arguments in
      visit.change(
        ("quarantine-discard", ["number": .string(arguments[0])]),
        next: { _ in LocalPath("sync") },
        refused: { visit.apart(arguments[0], status: $0.httpStatus, isDiscarding: true, $1) })
    },
  ]
}

extension Visit {
  fileprivate func syncPage(outcome: String?) {
    show([("status", [:]), ("returned-list", [:]), ("quarantine-list", [:])]) {
      SyncPage.page($0, status: $1[0], returned: $1[1], apart: $1[2], outcome: outcome)
    }
  }

  fileprivate func apart(_ number: String, status: Int, isDiscarding: Bool, _ filled: Filled) {
    withFrame { frame in
      app.ask([("quarantine-list", [:])]) { result in
        switch result {
        case .failure(let error): failed(error, frame)
        case .success(let answers):
          let works = answers[0]["work"]?.arrayValue ?? []
          guard let work = works.first(where: { $0["number"]?.integerValue == Int64(number) })
          else {
            return give(PageResponse.page(404, ApartPage.gone(frame)))
          }
          give(
            PageResponse.page(
              status, ApartPage.page(frame, work, isDiscarding: isDiscarding, filled)))
        }
      }
    }
  }
}
