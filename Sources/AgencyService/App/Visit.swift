import HTTPWire
import Operations
import PageServer
import Pages

/// One request of a practitioner who is signed in.
struct Visit: Sendable {
  typealias Question = (name: String, input: JSON)

  let arrived: SignedInRequest
  let port: UInt16
  let app: PractitionerApp
  let give: PractitionerApp.Give

  init(
    _ arrived: SignedInRequest, port: UInt16, app: PractitionerApp,
    give: @escaping PractitionerApp.Give
  ) {
    self.arrived = arrived
    self.port = port
    self.app = app
    self.give = give
  }

  var request: HTTPRequest { arrived.request }
  var session: PageSessions.Session { arrived.session }
  var cookie: String { arrived.cookie }
  var form: URLEncodedForm { arrived.form }

  /// Fields of the form under those names, as an operation takes them.
  func input(_ names: [String], and others: [String: String] = [:]) -> JSON {
    arrived.input(names, and: others)
  }

  /// The same, signed by whoever is here.
  func signed(_ names: [String], and others: [String: String] = [:]) -> JSON {
    input(names, and: others.merging(["as": session.person]) { own, _ in own })
  }

  // MARK: Asking

  /// Every page says how far the work has come. While the keys are locked there is only one: where
  /// they are opened, with what went wrong there.
  func withFrame(
    unlockingFailed problem: String? = nil, _ body: @escaping @Sendable (Page.Frame) -> Void
  ) {
    app.ask([("standing", [:])]) { result in
      switch result {
      case .failure(let error): failed(error, nil)
      case .success(let answers):
        let isLocked = answers[0]["keys"]?.stringValue == "locked"
        // What was done is said on the page that shows it, not on the way there.
        let notice = isLocked ? nil : app.sessions.takeNotice(cookie: cookie)
        let frame = app.frame(session, answers[0], notice: notice)
        if isLocked { showLocked(frame, problem) } else { body(frame) }
      }
    }
  }

  /// A page made of what operations answer.
  func show(
    _ questions: [Question], status: Int = 200,
    _ page: @escaping @Sendable (Page.Frame, [JSON]) -> Page
  ) {
    withFrame { frame in
      app.ask(questions) { result in
        switch result {
        case .success(let answers): give(PageResponse.page(status, page(frame, answers)))
        case .failure(let error): failed(error, frame)
        }
      }
    }
  }

  /// Asks for a change, and leads on to `next`, where it is said what was done. What was refused is
  /// told by `refused`, which has what was typed.
  func change(
    _ question: Question, next: @escaping @Sendable (JSON) -> LocalPath,
    refused: @escaping @Sendable (OperationError, Filled) -> Void
  ) {
    app.ask([question]) { result in
      switch result {
      case .success(let answers):
        app.sessions.leaveNotice(cookie: cookie, answers[0].said)
        give(PageResponse.redirect(to: next(answers[0])))
      case .failure(let error): refused(error, filled(error))
      }
    }
  }

  /// The form as it was sent, with what was wrong with it.
  func filled(_ error: OperationError) -> Filled {
    let problems = (error.details?["problems"]?.arrayValue ?? []).map { problem in
      let parts = ["group", "field"].compactMap { problem[$0]?.stringValue }
      return Filled.Problem(
        field: parts.isEmpty ? nil : parts.joined(separator: "."),
        sentence: problem["sentence"]?.stringValue ?? error.sentence)
    }
    return Filled(
      form.fields,
      problems.isEmpty
        ? [Filled.Problem(field: error.field, sentence: error.sentence)] : problems)
  }

  // MARK: Answers that are no page of their own

  func failed(_ error: OperationError, _ frame: Page.Frame?) {
    show(error.httpStatus, "That did not work", error.sentence, frame)
  }

  func notFound(_ frame: Page.Frame?) {
    show(404, "There is no such page", "The address may have been mistyped.", frame)
  }

  func show(_ status: Int, _ title: String, _ sentence: String, _ frame: Page.Frame?) {
    give(PageResponse.page(status, SignInPages.problem(title, sentence, frame)))
  }
}

extension JSON {
  /// What an operation says that it did, with what there is to look at.
  fileprivate var said: String {
    let warnings = self["warnings"]?.arrayValue?.compactMap(\.stringValue) ?? []
    return ([self["sentence"]?.stringValue].compactMap { $0 } + warnings).joined(separator: " ")
  }
}
