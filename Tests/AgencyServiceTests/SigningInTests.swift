import Dispatch
import Foundation
import HTTPWire
import Operations
import PageServer
import Testing

@testable import AgencyService

/// The pages over a real daemon, without sockets.
@Suite("Signing in by name and passphrase")
struct SigningInTests {
  private static let agency = "three quiet herons"
  private static let ann = "a kettle of larks"
  private static let port: UInt16 = 4_711
  private static let host = "127.0.0.1:4711"

  private struct Pages {
    let app: PractitionerApp
    let daemon: AgencyDaemon

    init(_ daemon: AgencyDaemon) {
      self.daemon = daemon
      app = PractitionerApp(agencyName: "Wren", sessions: daemon.sessions) {
        daemon.ask($0, $1, $2)
      }
    }

    /// An answer, with what stands in its body. The form's token is put in for who is signed in.
    func ask(
      _ method: HTTPMethod, _ path: String, cookie: String? = nil,
      origin: String? = "http://" + SigningInTests.host, _ fields: [(String, String)] = []
    ) throws -> (status: Int, text: String, cookie: String?) {
      var headers: HTTPHeaders = ["Host": SigningInTests.host]
      if let cookie { headers["Cookie"] = "cafsync-\(SigningInTests.port)=\(cookie)" }
      if let origin { headers["Origin"] = origin }
      var fields = fields
      if let session = cookie.flatMap({ daemon.sessions.session(cookie: $0) }) {
        fields.append(("formToken", session.formToken))
      }
      let body = fields.map { name, value in
        name + "=" + (value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
      }.joined(separator: "&")
      let done = DispatchSemaphore(value: 0)
      let given = Lock<HTTPResponse?>(nil)
      app.answer(
        HTTPRequest(method, path, headers: headers, body: Array(body.utf8)),
        port: SigningInTests.port
      ) { response in
        given.withLock { $0 = response }
        done.signal()
      }
      try #require(done.wait(timeout: .now() + 60) == .success)
      let response = try #require(given.withLock { $0 })
      let set = response.headers["Set-Cookie"]?.split(separator: ";").first
      return (
        response.status, String(decoding: response.body, as: UTF8.self),
        set?.split(separator: "=").last.map(String.init)
      )
    }

    func signIn(
      _ name: String, _ passphrase: String, origin: String? = "http://" + SigningInTests.host
    ) throws -> (status: Int, text: String, cookie: String?) {
      try ask(
        .post, "/sign-in", origin: origin, [("name", name), ("passphrase", passphrase)])
    }

    func byLink(_ name: String) throws -> String {
      try #require(daemon.sessions.signIn(link: daemon.sessions.makeLink(for: name)))
    }

    var isLocked: Bool { get throws { try daemon.ask("status")["keys"] == "locked" } }
  }

  /// Ann with a passphrase of her own, and Bob without one.
  private func peopled(
    clock: any Clock = SystemClock(), _ body: (Pages) throws -> Void
  ) throws {
    try TestAgencyFolder().serving(clock: clock) { (daemon) throws in
      try daemon.ask("practitioner-add", ["name": "Ann Ash"])
      try daemon.ask("practitioner-add", ["name": "Bob Birch"])
      try daemon.ask("passphrase-set", ["passphrase": .string(Self.agency)])
      try daemon.ask("passphrase-set", ["as": "Ann Ash", "passphrase": .string(Self.ann)])
      try body(Pages(daemon))
    }
  }

  @Test("they open the keys and the pages; what does not fit is told like what is not there")
  func signsIn() throws {
    try peopled { pages in
      try pages.daemon.ask("lock")
      var told: Set<String> = []
      for name in ["Ann Ash", "Bob Birch", "Eve"] {
        let answer = try pages.signIn(name, "no such larks")
        #expect(answer.status == 403 && answer.cookie == nil && !answer.text.contains("such larks"))
        #expect(answer.text.contains("<title>Error: Sign in"))
        told.insert(answer.text.replacing("value=\"\(name)\"", with: ""))
      }
      #expect(told.count == 1)
      #expect(try pages.isLocked)
      #expect(try pages.signIn("", Self.ann).status == 400)
      let answer = try pages.signIn("ann ash", Self.ann)
      #expect(answer.status == 303)
      #expect(try !pages.isLocked)
      let home = try pages.ask(.get, "/", cookie: answer.cookie)
      #expect(home.status == 200 && home.text.contains("Ann Ash, Wren"))
    }
  }

  @Test("a form that another site sent signs nobody in")
  func crossSite() throws {
    try peopled { pages in
      let origins = [
        nil, "null", "", "http://evil.example", "https://" + Self.host, "http://127.0.0.1",
        "http://127.0.0.1:47110", "http://localhost:4711", "http://\(Self.host).evil.example",
      ]
      for origin in origins {
        let answer = try pages.signIn("Ann Ash", Self.ann, origin: origin)
        #expect(answer.status == 403 && answer.cookie == nil, "\(origin ?? "none")")
      }
      #expect(try pages.signIn("Ann Ash", Self.ann, origin: "http://" + Self.host).status == 303)
    }
  }

  @Test("guessing at the pages has to wait, the right one too")
  func guesses() throws {
    let clock = ManualClock()
    try peopled(clock: clock) { pages in
      for _ in 0...GuessDelay.failuresWithoutPauseMax {
        #expect(try pages.signIn("Ann Ash", "no such larks").status == 403)
      }
      clock.advance(milliseconds: GuessDelay.firstPauseMilliseconds - 1)
      let early = try pages.signIn("Ann Ash", Self.ann)
      #expect(early.status == 403 && early.text.contains("Wait 1 s"))
      clock.advance(milliseconds: 1)
      #expect(try pages.signIn("Ann Ash", Self.ann).status == 303)
    }
  }

  @Test("the page of locked records says whose passphrase it asks for, to each their own")
  func whose() throws {
    try peopled { pages in
      let (ann, bob) = (try pages.byLink("Ann Ash"), try pages.byLink("Bob Birch"))
      let tries = [
        (ann, "Your own passphrase", Self.ann), (ann, "Your own passphrase", Self.agency),
        (bob, "The agency&#39;s passphrase", Self.agency),
      ]
      for (cookie, label, passphrase) in tries {
        try pages.daemon.ask("lock")
        let page = try pages.ask(.get, "/", cookie: cookie)
        #expect(page.text.contains(label), "\(page.text)")
        let wrong = try pages.ask(.post, "/unlock", cookie: cookie, [("passphrase", "no larks")])
        #expect(wrong.status == 403 && wrong.text.contains(label))
        #expect(
          try pages.ask(.post, "/unlock", cookie: cookie, [("passphrase", passphrase)]).status
            == 303)
        #expect(try !pages.isLocked)
      }
      // Ann's opens nothing for Bob.
      try pages.daemon.ask("lock")
      #expect(
        try pages.ask(.post, "/unlock", cookie: bob, [("passphrase", Self.ann)]).status == 403)
    }
  }

  @Test("one's own is set and changed on its page, for oneself alone, which ends other sessions")
  func ownPage() throws {
    try peopled { pages in
      let (bob, other) = (try pages.byLink("Bob Birch"), try pages.byLink("Bob Birch"))
      let ann = try pages.byLink("Ann Ash")
      let moss = "moss under the gate"
      #expect(try pages.ask(.get, "/passphrase", cookie: bob).text.contains("none of your own"))
      let wrong: [([(String, String)], Int)] = [
        ([("passphrase", moss), ("again", "moss over the gate")], 400),
        ([("passphrase", moss)], 400), ([("passphrase", "short"), ("again", "short")], 400),
      ]
      for (fields, status) in wrong {
        let answer = try pages.ask(.post, "/passphrase", cookie: bob, fields)
        #expect(answer.status == status && answer.text.contains("There is a problem"))
        #expect(!answer.text.contains("moss"))
      }
      // Whose it is says the session, whatever the form says.
      let set = try pages.ask(
        .post, "/passphrase", cookie: bob,
        [("as", "Ann Ash"), ("passphrase", moss), ("again", moss)])
      #expect(set.status == 303)
      let page = try pages.ask(.get, "/passphrase", cookie: bob)
      #expect(page.text.contains("Bob Birch has a passphrase of their own."))
      #expect(page.text.contains("Present passphrase"))
      #expect(try pages.signIn("Ann Ash", Self.ann).status == 303)
      #expect(pages.daemon.sessions.session(cookie: other) == nil)
      #expect(pages.daemon.sessions.session(cookie: ann) != nil)
      let changes = [("no such moss", 403), (moss, 303)]
      for (current, status) in changes {
        let answer = try pages.ask(
          .post, "/passphrase", cookie: bob,
          [("current", current), ("passphrase", "ivy by the well"), ("again", "ivy by the well")])
        #expect(answer.status == status && !answer.text.contains("such moss"))
      }
      #expect(try pages.signIn("Bob Birch", moss).status == 403)
      #expect(try pages.signIn("Bob Birch", "ivy by the well").status == 303)
    }
  }

  @Test("before the agency has one there is none of one's own, and it is said why")
  func inTheOpen() throws {
    try TestAgencyFolder().serving { (daemon) throws in
      try daemon.ask("practitioner-add", ["name": "Ann Ash"])
      let pages = Pages(daemon)
      let ann = try pages.byLink("Ann Ash")
      let page = try pages.ask(.get, "/passphrase", cookie: ann)
      #expect(page.text.contains("lie in the open") && !page.text.contains("New passphrase"))
      let set = try pages.ask(
        .post, "/passphrase", cookie: ann, [("passphrase", Self.ann), ("again", Self.ann)])
      #expect(set.status == 409)
      #expect(try pages.signIn("Ann Ash", Self.ann).status == 403)
    }
  }
}
