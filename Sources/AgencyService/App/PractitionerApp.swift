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
    case (.get, "/pages.js"), (.head, "/pages.js"):
      give(Self.response(200, type: "text/javascript; charset=utf-8", PageAssets.script))
    case (.get, "/sign-in"): give(signIn(byLink: request, port))
    case (.post, "/sign-in"): signIn(byPassphrase: request, port, give)
    case (.get, _), (.head, _), (.post, _):
      // A page that looks by itself whether it is still true is not somebody who works.
      guard let cookie = Self.cookie(of: request, port),
        let session = sessions.session(cookie: cookie, isUse: request.path != "/live")
      else { return give(Self.page(401, SignInPages.signIn())) }
      guard
        let visit = Visit(
          request, session: session, cookie: cookie, port: port, app: self, give: give)
      else { return give(Self.page(403, Self.notTaken)) }
      answer(visit)
    default: give(Self.response(405, type: "text/plain; charset=utf-8", []))
    }
  }

  private func answer(_ visit: Visit) {
    let request = visit.request
    guard request.method != .post || visit.isFromOwnPage else {
      return visit.give(Self.page(403, Self.notTaken))
    }
    for route in Route.all {
      guard let arguments = route.arguments(request.method, visit.segments) else { continue }
      return route.answer(visit, arguments)
    }
    if request.method == .post { return visit.notFound(nil) }
    visit.withFrame { visit.notFound($0) }
  }

  static var notTaken: Page {
    SignInPages.problem(
      "Not taken",
      "This did not come from a page of yours. Go back, load the page again, and repeat it.", nil)
  }

  // MARK: Cookies

  /// Cookies know no ports: another agency's pages on this machine have a name of their own.
  private static func cookieName(_ port: UInt16) -> String { "cafsync-\(port)" }

  static func cookie(_ port: UInt16, _ value: String, lifeSeconds: Int? = nil) -> String {
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
    _ session: AppSessions.Session, _ standing: JSON, notice: String?
  ) -> Page.Frame {
    Page.Frame(
      practitioner: session.practitioner, agency: agencyName,
      standing: standing["sentence"]?.stringValue ?? "",
      isAllSynced: standing["isAllSynced"]?.boolValue ?? false, formToken: session.formToken,
      notice: notice)
  }

  // MARK: Answering

  static func page(_ status: Int, _ page: Page) -> HTTPResponse {
    response(status, type: "text/html; charset=utf-8", page.bytes)
  }

  /// What the script of a page asked for.
  static func json(_ status: Int, _ json: JSON) -> HTTPResponse {
    response(status, type: "application/json", json.bytes())
  }

  static func redirect(to path: LocalPath) -> HTTPResponse {
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
          "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
          + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        // Not `no-referrer`: a browser would then send `Origin: null` with our own forms.
        "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
      ], body: body)
  }
}
