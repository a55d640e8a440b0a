import HTTPWire
import Operations
import PageServer
import Pages

// The passphrase of whoever is signed in, and of nobody else.
extension Routes {
  static let passphrases: [Route] = [
    .get("passphrase") { visit, _ in visit.showPassphrase(200, []) },
    .post("passphrase") { visit, _ in
      guard visit.form["passphrase"] == visit.form["again"] else {
        return visit.showPassphrase(
          400,
          [
            Filled.Problem(
              field: "again", sentence: "Those were two different ones. Type it again.")
          ]
        )
      }
      let question = ("passphrase-set", visit.signed(["current", "passphrase"]))
      visit.change(question) { _ in
        // Whoever knew the old one may still be in.
        visit.app.sessions.signOut(except: visit.cookie) { $0 == visit.session.person }
        return LocalPath("passphrase")
      } refused: { error, _ in
        visit.showPassphrase(
          error.httpStatus, [Filled.Problem(field: error.field, sentence: error.sentence)])
      }
    },
    .post("passphrase", "remove") { visit, _ in
      var object = JSON.Object()
      object["as"] = .string(visit.session.person)
      object["current"] = .string(visit.form["removing"] ?? "")
      visit.change(("passphrase-remove", .object(object))) { _ in
        visit.app.sessions.signOut(except: visit.cookie) { $0 == visit.session.person }
        return LocalPath("passphrase")
      } refused: { error, _ in
        let field = error.field == "current" ? "removing" : error.field
        visit.showPassphrase(
          error.httpStatus, [Filled.Problem(field: field, sentence: error.sentence)])
      }
    },
    .post("unlock") { visit, _ in
      visit.app.ask([("unlock", visit.signed(["passphrase"]))]) { result in
        switch result {
        case .success: visit.give(PageResponse.redirect(to: LocalPath()))
        case .failure(let error):
          // Somebody else may have opened them meanwhile.
          visit.withFrame(unlockingFailed: error.sentence) { _ in
            visit.give(PageResponse.redirect(to: LocalPath()))
          }
        }
      }
    },
  ]
}

extension Visit {
  /// What there is to say of the own passphrase; asked for nobody but whoever is here.
  var ownPassphrase: Question { ("passphrase-show", signed([])) }

  /// Without what was typed: no passphrase is sent back.
  fileprivate func showPassphrase(_ status: Int, _ problems: [Filled.Problem]) {
    show([ownPassphrase], status: status) {
      PassphrasePage.page($0, $1[0], Filled([], problems))
    }
  }

  /// The one page there is while the keys are locked.
  func showLocked(_ frame: Page.Frame, _ problem: String?) {
    app.ask([ownPassphrase]) { result in
      switch result {
      case .success(let answers):
        give(
          PageResponse.page(
            problem == nil ? 200 : 403,
            SignInPages.unlock(frame, whose: answers[0], problem: problem)))
      case .failure(let error): failed(error, frame)
      }
    }
  }
}
