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
  let role: OperatorBook.Role
  let console: HubConsole
  let give: HubConsole.Give

  init(
    _ arrived: SignedInRequest, role: OperatorBook.Role, console: HubConsole,
    give: @escaping HubConsole.Give
  ) {
    self.arrived = arrived
    self.role = role
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
    withFrame { frame, standing in
      ask(questions) { result in
        switch result {
        case .success(let answers):
          guard let page = page(frame, answers, standing) else { return notFound(frame) }
          give(PageResponse.page(status, page))
        case .failure(let failure): give(failed(failure, frame))
        }
      }
    }
  }

  private func withFrame(_ body: @escaping @Sendable (Page.Frame, JSON) -> Void) {
    // How it stands with agencies and their devices is not for them.
    guard role == .full else { return body(coordinatorFrame(), .null) }
    ask([("standing", [:])]) { result in
      switch result {
      case .success(let answers): body(frame(answers[0]), answers[0])
      // Without it there is nothing to go on to.
      case .failure(let failure): give(failed(failure, nil))
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
      case .failure(let failure):
        if let refused { return refused(failure) }
        withFrame { frame, _ in give(failed(failure, frame)) }
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

  private func coordinatorFrame() -> Page.Frame {
    Page.Frame(
      coordinator: arrived.session.person, formToken: arrived.session.formToken,
      notice: console.state.sessions.takeNotice(cookie: arrived.cookie))
  }

  /// The form as it was sent, with what was wrong with it.
  func filled(_ failure: LocalFailure, field: String? = nil) -> Filled {
    Filled(arrived.form.fields, [Filled.Problem(field: field, sentence: failure.sentence)])
  }

  func notFound() { withFrame { frame, _ in notFound(frame) } }

  private func notFound(_ frame: Page.Frame) {
    give(
      PageResponse.page(
        404,
        SignInPages.problem(
          "There is no such page", "The address may have been mistyped.", frame)))
  }

  /// The same for all that a coordinator's account is not for, whether it is there or not.
  func notTheirs() {
    withFrame { frame, _ in
      give(
        PageResponse.page(
          403,
          SignInPages.problem(
            "Not for your account",
            "It sees the reports alone. Whoever runs the hub can make you another one.", frame)))
    }
  }

  func failed(_ failure: LocalFailure) {
    withFrame { frame, _ in give(failed(failure, frame)) }
  }

  private func failed(_ failure: LocalFailure, _ frame: Page.Frame?) -> HTTPResponse {
    let title = failure.isUnknown ? "That is not here" : "That did not work"
    return PageResponse.page(
      failure.httpStatus, SignInPages.problem(title, failure.sentence, frame))
  }
}
