import HTTPTransport
import HTTPWire
import Operations
import PageServer
import Pages

typealias ConsoleRoute = PageRoute<ConsoleVisit>

/// One request of an operator who is signed in.
struct ConsoleVisit: Sendable {
  typealias Question = (name: String, input: JSON)

  let arrived: SignedInRequest
  let console: HubConsole
  let give: HubConsole.Give

  init(_ arrived: SignedInRequest, console: HubConsole, give: @escaping HubConsole.Give) {
    self.arrived = arrived
    self.console = console
    self.give = give
  }

  /// Asks one after the other; the first failure ends it.
  func ask(
    _ questions: [Question], _ answers: [JSON] = [],
    _ give: @escaping @Sendable (Result<[JSON], LocalFailure>) -> Void
  ) {
    guard let next = questions.first else { return give(.success(answers)) }
    console.ask(next.name, next.input, as: arrived.session.person) { result in
      switch result {
      case .success(let answer): ask(Array(questions.dropFirst()), answers + [answer], give)
      case .failure(let failure): give(.failure(failure))
      }
    }
  }

  /// A page made of what operations answer; `standing` is asked for first.
  func show(
    _ questions: [Question], status: Int = 200,
    _ page: @escaping @Sendable (Page.Frame, [JSON], JSON) -> Page?
  ) {
    ask([("standing", [:])] + questions) { result in
      switch result {
      case .success(let answers):
        let frame = frame(answers[0])
        guard let page = page(frame, Array(answers.dropFirst()), answers[0]) else {
          return notFound(frame)
        }
        give(PageResponse.page(status, page))
      case .failure(let failure): failed(failure)
      }
    }
  }

  /// Asks for a change, and leads on to `next`, where it is said what was done.
  func change(
    _ question: Question, next: LocalPath, said: @escaping @Sendable (JSON) -> String,
    refused: (@Sendable (LocalFailure) -> Void)? = nil
  ) {
    ask([question]) { result in
      switch result {
      case .success(let answers):
        console.state.sessions.leaveNotice(cookie: arrived.cookie, said(answers[0]))
        give(PageResponse.redirect(to: next))
      case .failure(let failure): refused.map { $0(failure) } ?? failed(failure)
      }
    }
  }

  private func frame(_ standing: JSON) -> Page.Frame {
    Page.Frame(
      operator: arrived.session.person, standing: standing["sentence"]?.stringValue ?? "",
      isInStep: standing["isInStep"]?.boolValue ?? false, formToken: arrived.session.formToken,
      notice: console.state.sessions.takeNotice(cookie: arrived.cookie),
      // What a form led to is not fetched again by itself: that would send the form again.
      revision: arrived.request.method == .post ? "" : standing["revision"]?.stringValue ?? "")
  }

  /// The form as it was sent, with what was wrong with it.
  func filled(_ failure: LocalFailure, field: String? = nil) -> Filled {
    Filled(arrived.form.fields, [Filled.Problem(field: field, sentence: failure.sentence)])
  }

  func notFound(_ frame: Page.Frame? = nil) {
    give(
      PageResponse.page(
        404,
        SignInPages.problem(
          "There is no such page", "The address may have been mistyped.", frame)))
  }

  func failed(_ failure: LocalFailure) {
    give(
      PageResponse.page(
        failure.httpStatus, SignInPages.problem("That did not work", failure.sentence, nil)))
  }
}
