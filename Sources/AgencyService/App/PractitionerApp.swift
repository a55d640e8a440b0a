import HTTPWire
import Operations
import PageServer
import Pages

/// The practitioners' pages on loopback: who may ask, which page it is, and what it is made of.
final class PractitionerApp: Sendable {
  typealias Ask = LocalAPI.Handler
  typealias Give = @Sendable (HTTPResponse) -> Void

  let sessions: PageSessions
  private let agencyName: String
  private let ask: Ask

  init(agencyName: String, sessions: PageSessions, ask: @escaping Ask) {
    self.agencyName = agencyName
    self.sessions = sessions
    self.ask = ask
  }

  /// Answers one request, whose host has been checked. `port`: where the pages are served.
  func answer(_ request: HTTPRequest, port: UInt16, _ give: @escaping Give) {
    if let asset = PageResponse.asset(request) { return give(asset) }
    switch (request.method, request.path) {
    case (.get, "/sign-in"): give(signIn(byLink: request, port))
    case (.post, "/sign-in"): signIn(byPassphrase: request, port, give)
    case (.get, _), (.head, _), (.post, _):
      // A page that looks by itself whether it is still true is not somebody who works.
      guard let cookie = Self.cookie(port).secret(in: request),
        let session = sessions.session(cookie: cookie, isUse: request.path != "/live")
      else { return give(PageResponse.page(401, SignInPages.signIn())) }
      guard let arrived = SignedInRequest(request, session: session, cookie: cookie) else {
        return give(PageResponse.notTaken)
      }
      answer(Visit(arrived, port: port, app: self, give: give))
    default: give(PageResponse.nothing(405))
    }
  }

  private func answer(_ visit: Visit) {
    let isChange = visit.request.method == .post
    guard !isChange || visit.arrived.isFromOwnPage else { return visit.give(PageResponse.notTaken) }
    if Route.answer(visit.arrived, visit, by: Routes.all) { return }
    if isChange { return visit.notFound(nil) }
    visit.withFrame { visit.notFound($0) }
  }

  /// Another agency's pages on this machine have a name of their own.
  static func cookie(_ port: UInt16) -> PageCookie { PageCookie(name: "cafsync-\(port)") }

  // MARK: Asking

  /// Asks one after the other; the first failure ends it.
  func ask(
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

  func frame(
    _ session: PageSessions.Session, _ standing: JSON, notice: String?
  ) -> Page.Frame {
    Page.Frame(
      practitioner: session.person, agency: agencyName,
      standing: standing["sentence"]?.stringValue ?? "",
      isAllSynced: standing["isAllSynced"]?.boolValue ?? false, formToken: session.formToken,
      notice: notice, withdrawn: standing["withdrawn"]?.stringValue ?? "")
  }
}
