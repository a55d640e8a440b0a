import Cryptography
import HTTPWire
import Operations
import Pages

/// The practitioners' pages on loopback: who may ask, which page it is, and what it is made of.
///
/// A request is from a browser on this machine, perhaps told by a hostile page to send it. So the
/// `Host` is this address (a foreign name that resolves to 127.0.0.1 is turned away), the session's
/// cookie goes along with nothing that another site begins (SameSite=Strict), and what changes
/// anything shows the session's own token, which no other page can read.
final class PractitionerApp: Sendable {
  typealias Ask = LocalAPI.Handler
  typealias Give = @Sendable (HTTPResponse) -> Void

  let sessions: AppSessions
  private let agencyName: String
  private let ask: Ask

  init(agencyName: String, sessions: AppSessions, ask: @escaping Ask) {
    self.agencyName = agencyName
    self.sessions = sessions
    self.ask = ask
  }

  /// Answers one request, whose host has been checked. `port`: where the pages are served.
  func answer(_ request: HTTPRequest, port: UInt16, _ give: @escaping Give) {
    switch (request.method, request.path) {
    case (.get, "/pages.css"), (.head, "/pages.css"):
      give(Self.response(200, type: "text/css; charset=utf-8", PageAssets.styleSheet))
    case (.get, "/sign-in"): give(signIn(request, port))
    case (.get, _), (.head, _), (.post, _):
      guard let cookie = Self.cookie(of: request, port),
        let session = sessions.session(cookie: cookie)
      else { return give(Self.page(401, SignInPages.signIn())) }
      let visit = Visit(
        request: request, session: session, cookie: cookie, port: port, app: self, give: give)
      visit.run()
    default: give(Self.response(405, type: "text/plain; charset=utf-8", []))
    }
  }

  // MARK: Signing in

  private func signIn(_ request: HTTPRequest, _ port: UInt16) -> HTTPResponse {
    guard let link = request.queryValue("link"), let cookie = sessions.signIn(link: link) else {
      return Self.page(
        403, SignInPages.signIn("This link has been used, or has run out. Ask for another one."))
    }
    var response = Self.redirect(to: LocalPath())
    response.headers.append("Set-Cookie", Self.cookie(port, cookie))
    return response
  }

  /// Cookies know no ports: another agency's pages on this machine have a name of their own.
  private static func cookieName(_ port: UInt16) -> String { "cafsync-\(port)" }

  fileprivate static func cookie(_ port: UInt16, _ value: String, lifeSeconds: Int? = nil) -> String
  {
    cookieName(port) + "=" + value + "; Path=/; HttpOnly; SameSite=Strict"
      + (lifeSeconds.map { "; Max-Age=\($0)" } ?? "")
  }

  private static func cookie(of request: HTTPRequest, _ port: UInt16) -> String? {
    for header in request.headers.values("Cookie") {
      for pair in header.split(separator: ";") {
        let parts = pair.drop(while: \.isWhitespace).split(separator: "=", maxSplits: 1)
        if parts.count == 2, parts[0] == cookieName(port) { return String(parts[1]) }
      }
    }
    return nil
  }

  // MARK: Asking

  /// Asks one after the other; the first failure ends it.
  fileprivate func ask(
    _ questions: [(name: String, input: JSON)], _ answers: [JSON] = [],
    _ give: @escaping @Sendable (Result<[JSON], OperationError>) -> Void
  ) {
    guard let next = questions.first else { return give(.success(answers)) }
    ask(next.name, next.input) { [self] result in
      switch result {
      case .success(let answer): ask(Array(questions.dropFirst()), answers + [answer], give)
      case .failure(let error): give(.failure(error))
      }
    }
  }

  fileprivate func frame(_ session: AppSessions.Session, _ standing: JSON) -> Page.Frame {
    Page.Frame(
      practitioner: session.practitioner, agency: agencyName,
      standing: standing["sentence"]?.stringValue ?? "",
      isAllSynced: standing["isAllSynced"]?.boolValue ?? false, formToken: session.formToken)
  }

  // MARK: Answering

  fileprivate static func page(_ status: Int, _ page: Page) -> HTTPResponse {
    response(status, type: "text/html; charset=utf-8", page.bytes)
  }

  fileprivate static func redirect(to path: LocalPath) -> HTTPResponse {
    var response = response(303, type: "text/plain; charset=utf-8", [])
    response.headers.append("Location", path.text)
    return response
  }

  private static func response(_ status: Int, type: String, _ body: [UInt8]) -> HTTPResponse {
    HTTPResponse(
      status: status,
      headers: [
        "Content-Type": type, "Cache-Control": "no-store",
        "Content-Security-Policy":
          "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
          + "frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
      ], body: body)
  }
}

/// One request of somebody who is signed in.
private struct Visit: Sendable {
  let request: HTTPRequest
  let session: AppSessions.Session
  let cookie: String
  let port: UInt16
  let app: PractitionerApp
  let give: PractitionerApp.Give

  func run() {
    if request.method == .post {
      guard let form = URLEncodedForm(request.body),
        constantTimeEquals(
          Array((form["formToken"] ?? "").utf8), Array(session.formToken.utf8))
      else {
        return show(
          403, "Not taken",
          "This did not come from a page of yours. Go back, load the page again, and repeat it.",
          nil)
      }
      return post(form)
    }
    withFrame { get($0) }
  }

  /// Every page says how far the work has come. While the keys are locked there is only one: where
  /// they are opened, with what went wrong there.
  private func withFrame(
    unlockingFailed problem: String? = nil, _ body: @escaping @Sendable (Page.Frame) -> Void
  ) {
    app.ask([("standing", [:])]) { result in
      switch result {
      case .failure(let error): failed(error, nil)
      case .success(let answers):
        let frame = app.frame(session, answers[0])
        guard answers[0]["keys"]?.stringValue == "locked" else { return body(frame) }
        give(
          PractitionerApp.page(
            problem == nil ? 200 : 403, SignInPages.unlock(frame, problem: problem)))
      }
    }
  }

  private var segments: [String] {
    request.path.split(separator: "/").compactMap { HTTPRequest.percentDecoded($0) }
  }

  // MARK: Pages

  private func get(_ frame: Page.Frame) {
    switch segments {
    case []:
      made([("status", [:]), ("task-list", [:]), ("conflict-list", [:])], frame) {
        HomePage.page(frame, status: $0[0], tasks: $0[1], conflicts: $0[2])
      }
    case ["find"]:
      give(PractitionerApp.page(200, FindPage.page(frame, FindPage.Question(), answer: nil)))
    case ["sync"]:
      made([("status", [:])], frame) { SyncPage.page(frame, status: $0[0]) }
    case let path where path.count == 2 && path[0] == "children":
      made([("child-show", ["child": .string(path[1])])], frame) { ChildPage.page(frame, $0[0]) }
    default:
      show(404, "There is no such page", "The address may have been mistyped.", frame)
    }
  }

  // MARK: Forms

  private func post(_ form: URLEncodedForm) {
    switch segments {
    case ["find"]: find(form)
    case ["sync"]:
      app.ask([("sync", [:])]) { result in
        let outcome =
          switch result {
          case .success(let answers): answers[0]["sentence"]?.stringValue ?? ""
          case .failure(let error): error.sentence
          }
        withFrame { frame in
          made([("status", [:])], frame) {
            SyncPage.page(frame, status: $0[0], outcome: outcome)
          }
        }
      }
    case ["unlock"]:
      app.ask([("unlock", ["passphrase": .string(form["passphrase"] ?? "")])]) { result in
        switch result {
        case .success: give(PractitionerApp.redirect(to: LocalPath()))
        case .failure(let error):
          // Somebody else may have opened them meanwhile.
          withFrame(unlockingFailed: error.sentence) { _ in
            give(PractitionerApp.redirect(to: LocalPath()))
          }
        }
      }
    case ["sign-out"]:
      app.sessions.signOut(cookie: cookie)
      var response = PractitionerApp.page(200, SignInPages.signIn())
      response.headers.append("Set-Cookie", PractitionerApp.cookie(port, "", lifeSeconds: 0))
      give(response)
    default:
      show(404, "There is no such page", "Nothing was changed.", nil)
    }
  }

  private func find(_ form: URLEncodedForm) {
    var question = FindPage.Question()
    question.given = form["given"] ?? ""
    question.family = form["family"] ?? ""
    question.dateOfBirth = form["dateOfBirth"] ?? ""
    question.estimatedAge = form["estimatedAge"] ?? ""
    var input = JSON.Object()
    input["given"] = .string(question.given)
    input["family"] = .string(question.family)
    input["dateOfBirth"] = .string(question.dateOfBirth)
    input["estimatedAge"] = .string(question.estimatedAge)
    withFrame { [question, input] frame in
      app.ask([("child-find", .object(input))]) { result in
        switch result {
        case .success(let answers):
          give(PractitionerApp.page(200, FindPage.page(frame, question, answer: answers[0])))
        case .failure(let error) where error.code == .usage:
          give(
            PractitionerApp.page(
              400,
              FindPage.page(
                frame, question, answer: nil, problem: (error.field, error.sentence))))
        case .failure(let error): failed(error, frame)
        }
      }
    }
  }

  // MARK: Answers

  private func made(
    _ questions: [(name: String, input: JSON)], _ frame: Page.Frame,
    _ page: @escaping @Sendable ([JSON]) -> Page
  ) {
    app.ask(questions) { result in
      switch result {
      case .success(let answers): give(PractitionerApp.page(200, page(answers)))
      case .failure(let error): failed(error, frame)
      }
    }
  }

  private func failed(_ error: OperationError, _ frame: Page.Frame?) {
    show(error.httpStatus, "That did not work", error.sentence, frame)
  }

  private func show(_ status: Int, _ title: String, _ sentence: String, _ frame: Page.Frame?) {
    give(PractitionerApp.page(status, SignInPages.problem(title, sentence, frame)))
  }
}
