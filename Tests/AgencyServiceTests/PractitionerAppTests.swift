import Dispatch
import HTTPWire
import Operations
import PageServer
import Testing

@testable import AgencyService

/// The pages without sockets: what is asked of the daemon is answered by the test.
@Suite("The practitioners' pages")
struct PractitionerAppTests {
  private final class StoppedClock: Clock {
    private let boot = Lock<Int64>(5_000_000)
    func wallMilliseconds() -> Int64 { 1_764_000_000_000 }
    func bootMilliseconds() -> Int64 { boot.withLock { $0 } }
    func pass(_ milliseconds: Int64) { boot.withLock { $0 += milliseconds } }
  }

  private static let port: UInt16 = 4_711

  private let clock = StoppedClock()
  private let sessions: PageSessions
  private let app: PractitionerApp
  private let asked = Lock<[String]>([])
  private let isLocked = Lock(false)

  init() {
    sessions = PageSessions(clock: clock)
    app = PractitionerApp(agencyName: "Sure Start", sessions: sessions) {
      [asked, isLocked] name, input, give in
      asked.withLock { $0.append(name) }
      switch name {
      case "standing":
        give(
          .success([
            "keys": isLocked.withLock { $0 } ? "locked" : "open", "isAllSynced": true,
            "sentence": "All synced.",
          ]))
      case "unlock" where input["passphrase"]?.stringValue == "right":
        isLocked.withLock { $0 = false }
        give(.success([:]))
      case "unlock": give(.failure(OperationError(.refused, "That is not the passphrase.")))
      case "child-show":
        give(.success(["name": "Amira <b>Hussain", "child": input["child"] ?? .null]))
      case "child-find" where input["dateOfBirth"]?.stringValue == "soon":
        give(.failure(OperationError(.usage, "No date: <soon>.", field: "dateOfBirth")))
      case "sync": give(.failure(OperationError(.unreachable, "Not synchronised: no line.")))
      default: give(.success([:]))
      }
    }
  }

  private func ask(
    _ method: HTTPMethod, _ target: String, cookie: String? = nil, body: String = ""
  ) throws -> HTTPResponse {
    var headers: HTTPHeaders = [:]
    if let cookie { headers["Cookie"] = "other=1; cafsync-\(Self.port)=\(cookie)" }
    let given = Lock<HTTPResponse?>(nil)
    app.answer(
      HTTPRequest(method, target, headers: headers, body: Array(body.utf8)), port: Self.port
    ) {
      response in given.withLock { $0 = response }
    }
    return try #require(given.withLock { $0 })
  }

  private func signIn() throws -> String {
    let link = sessions.makeLink(for: "Ann Ash")
    let response = try ask(.get, "/sign-in?link=\(link)")
    let set = try #require(response.headers["Set-Cookie"])
    return String(try #require(set.split(separator: ";").first?.split(separator: "=").last))
  }

  private func text(_ response: HTTPResponse) -> String {
    String(decoding: response.body, as: UTF8.self)
  }

  private func formToken(_ cookie: String) throws -> String {
    try #require(sessions.session(cookie: cookie)).formToken
  }

  // MARK: Signing in

  @Test("a link signs in once, with a cookie that no script and no other site can use")
  func linkOnce() throws {
    let link = sessions.makeLink(for: "Ann Ash")
    let first = try ask(.get, "/sign-in?link=\(link)")
    #expect(first.status == 303 && first.headers["Location"] == "/")
    let set = try #require(first.headers["Set-Cookie"])
    #expect(set.hasPrefix("cafsync-4711=") && set.contains("; HttpOnly; SameSite=Strict"))
    let again = try ask(.get, "/sign-in?link=\(link)")
    #expect(again.status == 403 && again.headers["Set-Cookie"] == nil)
    #expect(text(again).contains("has been used, or has run out"))
  }

  @Test("a link is good for two minutes, and not a moment longer")
  func linkRunsOut() throws {
    let early = sessions.makeLink(for: "Ann Ash")
    let late = sessions.makeLink(for: "Ann Ash")
    clock.pass(PageSessions.linkMilliseconds - 1)
    #expect(try ask(.get, "/sign-in?link=\(early)").status == 303)
    clock.pass(1)
    #expect(try ask(.get, "/sign-in?link=\(late)").status == 403)
    #expect(try ask(.get, "/sign-in").status == 200)
    for wrong in ["/sign-in?link=", "/sign-in?link=%ff", "/sign-in?link=abc"] {
      #expect(try ask(.get, wrong).status == 403)
    }
  }

  @Test("whoever does nothing for a quarter of an hour is signed out; each page begins it anew")
  func idle() throws {
    let cookie = try signIn()
    for _ in 0..<3 {
      clock.pass(sessions.idleMilliseconds - 1)
      #expect(try ask(.get, "/", cookie: cookie).status == 200)
    }
    clock.pass(sessions.idleMilliseconds)
    #expect(try ask(.get, "/", cookie: cookie).status == 401)
    #expect(try ask(.get, "/", cookie: cookie).status == 401)
  }

  @Test("a session is over after twelve hours, however much it is used")
  func wholeLife() throws {
    let cookie = try signIn()
    let step = sessions.idleMilliseconds - 1
    var left = PageSessions.lifeMilliseconds - 1
    while left > 0 {
      clock.pass(min(step, left))
      left -= min(step, left)
      #expect(try ask(.get, "/", cookie: cookie).status == 200)
    }
    clock.pass(1)
    #expect(try ask(.get, "/", cookie: cookie).status == 401)
    #expect(PageSessions.lifeMilliseconds == 12 * 60 * 60 * 1_000)
  }

  @Test("of links and sessions the oldest make room", arguments: [true, false])
  func room(isLinks: Bool) throws {
    let max = isLinks ? PageSessions.linksMax : PageSessions.sessionsMax
    var made: [String] = []
    for _ in 0...max {
      clock.pass(1)
      made.append(isLinks ? sessions.makeLink(for: "Ann Ash") : try signIn())
    }
    let good = made.map { secret in
      isLinks
        ? sessions.signIn(link: secret) != nil : sessions.session(cookie: secret) != nil
    }
    #expect(good == [false] + Array(repeating: true, count: max))
  }

  @Test("signed out is signed out: the cookie is worth nothing any more")
  func signOut() throws {
    let cookie = try signIn()
    let token = try formToken(cookie)
    let response = try ask(.post, "/sign-out", cookie: cookie, body: "formToken=\(token)")
    #expect(response.headers["Set-Cookie"]?.contains("Max-Age=0") == true)
    #expect(try ask(.get, "/", cookie: cookie).status == 401)
  }

  // MARK: Who may ask

  @Test("nobody sees anything, nor asks for anything, who is not signed in")
  func signedOut() throws {
    for cookie in [nil, "", "guess", "cafsync"] as [String?] {
      for target in [
        "/", "/find?given=Amira", "/children/1", "/sync", "/nothing", "/../etc/passwd",
      ] {
        let response = try ask(.get, target, cookie: cookie)
        #expect(response.status == 401 && text(response).contains("Sign in"))
      }
      #expect(try ask(.post, "/sync", cookie: cookie, body: "formToken=").status == 401)
    }
    #expect(asked.withLock { $0 }.isEmpty)
  }

  @Test("nothing happens at a form that does not come from a page of this session")
  func crossSite() throws {
    let (cookie, other) = (try signIn(), try signIn())
    let foreign = try formToken(other)
    for body in ["", "formToken=", "formToken=\(foreign)", "formToken=%ff", "x"] {
      for target in ["/sync", "/unlock", "/sign-out", "/find"] {
        #expect(try ask(.post, target, cookie: cookie, body: body).status == 403)
      }
    }
    #expect(asked.withLock { $0 }.isEmpty)
    #expect(try ask(.get, "/", cookie: cookie).status == 200)
  }

  @Test("each answer says what a browser must not do with it")
  func headers() throws {
    let cookie = try signIn()
    for target in ["/", "/nothing", "/pages.css", "/sign-in"] {
      let response = try ask(.get, target, cookie: cookie)
      #expect(response.headers["Content-Security-Policy"]?.hasPrefix("default-src 'none'") == true)
      #expect(response.headers["Cache-Control"] == "no-store")
      #expect(response.headers["X-Content-Type-Options"] == "nosniff")
      #expect(response.headers["Referrer-Policy"] == "same-origin")
    }
    #expect(try ask(.delete, "/", cookie: cookie).status == 405)
  }

  // MARK: Pages

  @Test("a page is made of what the daemon answers, with names as text")
  func child() throws {
    let cookie = try signIn()
    let response = try ask(.get, "/children/abc", cookie: cookie)
    #expect(response.status == 200)
    #expect(text(response).contains("<h1>Amira &lt;b&gt;Hussain</h1>"))
    #expect(text(response).contains("Ann Ash, Sure Start"))
    #expect(asked.withLock { $0 } == ["standing", "child-revision", "child-show"])
  }

  @Test(
    "what is wrong with a question stands first, with a link to the field; what was typed stays")
  func badQuestion() throws {
    let cookie = try signIn()
    let token = try formToken(cookie)
    let response = try ask(
      .post, "/find", cookie: cookie,
      body: "formToken=\(token)&given=Zo%C3%AB+Lee&dateOfBirth=soon")
    #expect(response.status == 400)
    #expect(text(response).contains("<a href=\"#dateOfBirth\">No date: &lt;soon&gt;.</a>"))
    #expect(text(response).contains("value=\"Zoë Lee\""))
    #expect(text(response).contains("<title>Error: Find a child"))
  }

  @Test("while somebody types, a page is asked for what is found, by its own session alone")
  func typing() throws {
    let cookie = try signIn()
    let token = try formToken(cookie)
    let response = try ask(
      .post, "/find/typed", cookie: cookie, body: "formToken=\(token)&given=Zo%C3%AB+%3Cb%3E")
    let answer = try JSON.parse(response.body)
    let markup = try #require(answer["markup"]?.stringValue)
    // What was typed goes along with what one may do where nobody is found.
    #expect(markup.contains("Not held here") && markup.contains("value=\"Zoë &lt;b&gt;\""))
    let half = try ask(
      .post, "/find/typed", cookie: cookie, body: "formToken=\(token)&given=Zoe&dateOfBirth=soon")
    #expect(half.status == 400 && !text(half).contains("markup"))
    #expect(try ask(.post, "/find/typed", cookie: cookie, body: "given=Zoe").status == 403)
    #expect(try ask(.post, "/find/typed", body: "formToken=\(token)&given=Zoe").status == 401)
  }

  @Test("what a browser writes down in its history names nobody")
  func history() throws {
    let cookie = try signIn()
    let token = try formToken(cookie)
    let child = try text(ask(.get, "/children/abc", cookie: cookie))
    #expect(child.contains("<title>A child – CAFSync</title>"))
    // The form of the page is sent in the body; an address with a name in it asks for nothing.
    let page = try text(ask(.get, "/find?given=Amira", cookie: cookie))
    #expect(
      page.contains("<form method=\"post\" action=\"/find\" data-search=\"\">")
        && !page.contains("Amira"))
    let found = try text(
      ask(.post, "/find", cookie: cookie, body: "formToken=\(token)&given=Amira"))
    #expect(found.contains("<title>Find a child – CAFSync</title>") && found.contains("Amira"))
    #expect(asked.withLock { $0 }.count { $0 == "child-find" } == 1)
  }

  @Test("sync now says what came of it, also when nothing did")
  func syncNow() throws {
    let cookie = try signIn()
    let token = try formToken(cookie)
    let response = try ask(.post, "/sync", cookie: cookie, body: "formToken=\(token)")
    #expect(response.status == 200 && text(response).contains("Not synchronised: no line."))
  }

  @Test("locked records show nothing but where they are opened")
  func locked() throws {
    let cookie = try signIn()
    let token = try formToken(cookie)
    isLocked.withLock { $0 = true }
    for target in ["/", "/children/abc", "/find?given=A"] {
      let response = try ask(.get, target, cookie: cookie)
      #expect(text(response).contains("The records are locked"))
    }
    let search = try ask(.post, "/find", cookie: cookie, body: "formToken=\(token)&given=A")
    #expect(text(search).contains("The records are locked"))
    #expect(Set(asked.withLock { $0 }) == ["standing", "passphrase-show"])
    let wrong = try ask(.post, "/unlock", cookie: cookie, body: "formToken=\(token)&passphrase=no")
    #expect(wrong.status == 403 && text(wrong).contains("That is not the passphrase."))
    #expect(!text(wrong).contains("value=\"no\""))
    let right = try ask(
      .post, "/unlock", cookie: cookie, body: "formToken=\(token)&passphrase=right")
    #expect(right.status == 303)
    #expect(try !text(ask(.get, "/", cookie: cookie)).contains("The records are locked"))
  }
}
