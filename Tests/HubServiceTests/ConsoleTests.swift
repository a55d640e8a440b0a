import Cryptography
import Dispatch
import HTTPTransport
import HTTPWire
import Operations
import PageServer
import SQLite
import Testing

@testable import HubService

/// The operator's pages without sockets, before a real hub.
@Suite("The hub's console")
struct ConsoleTests {
  private static let passphrase = "nine quiet lanterns"

  private final class Desk {
    let folder = TemporaryFolder()
    let clock = ManualClock()
    let hub: TestHub
    let console: HubConsole
    var cookie = ""

    init(publicURL: String? = nil) throws {
      hub = try TestHub(folder: folder, clock: clock)
      var configuration = HubConfiguration(folder: folder.path)
      configuration.consolePublicURL = publicURL
      console = HubConsole(configuration, worker: hub.worker, clock: clock, log: .silent)
      console.serve(on: 4_711)
      _ = try hub.operation(
        "operator-add", ["name": "Ola Obi", "passphrase": .string(ConsoleTests.passphrase)])
    }

    deinit {
      console.stop()
      hub.stop()
    }

    func ask(
      _ method: HTTPMethod, _ target: String, _ fields: [(String, String)] = [],
      host: String = "127.0.0.1:4711", origin: String? = "http://127.0.0.1:4711"
    ) throws -> HTTPResponse {
      let given = Lock<HTTPResponse?>(nil)
      let done = DispatchSemaphore(value: 0)
      var headers: HTTPHeaders = ["Host": host]
      headers["Origin"] = origin
      if !cookie.isEmpty { headers["Cookie"] = "cafsync-hub=\(cookie)" }
      let body = fields.map { "\($0)=\(Self.encoded($1))" }.joined(separator: "&")
      console.answer(HTTPRequest(method, target, headers: headers, body: Array(body.utf8))) {
        response in
        given.withLock { $0 = response }
        done.signal()
      }
      guard done.wait(timeout: .now() + 20) == .success else {
        throw LocalFailure(.busy, "the console did not answer")
      }
      return try #require(given.withLock { $0 })
    }

    private static func encoded(_ text: String) -> String {
      text.utf8.map { "%" + String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    func signIn(_ passphrase: String, code: String = "", name: String = "Ola Obi") throws
      -> HTTPResponse
    {
      let fields = [("name", name), ("passphrase", passphrase), ("code", code)]
      let response = try ask(.post, "/sign-in", fields)
      if let set = response.headers["Set-Cookie"] {
        cookie = String(set.split(separator: ";")[0].split(separator: "=")[1])
      }
      return response
    }

    func post(_ target: String, _ fields: [(String, String)] = []) throws -> HTTPResponse {
      let token = try #require(console.state.sessions.session(cookie: cookie)).formToken
      return try ask(.post, target, fields + [("formToken", token)])
    }

    func page(_ target: String) throws -> String { text(try ask(.get, target)) }

    func text(_ response: HTTPResponse) -> String { String(decoding: response.body, as: UTF8.self) }

    /// Written by the console's own thread, beside the answer.
    func auditLines() throws -> [(who: String, action: String)] {
      try hub.settle()
      let database = try Database(path: folder.path + "/replica.sqlite")
      return try database.query("SELECT who, action FROM audit ORDER BY number") {
        ($0.text(0), $0.text(1))
      }
    }
  }

  @Test("whoever is not signed in gets nothing but where to sign in")
  func stranger() throws {
    let desk = try Desk()
    for target in ["/", "/agencies", "/audit", "/events", "/nothing"] {
      let response = try desk.ask(.get, target)
      #expect(response.status == 401 && desk.text(response).contains("Sign in to the hub"))
    }
    #expect(try desk.ask(.post, "/agencies", [("name", "school")]).status == 401)
    #expect(try desk.ask(.delete, "/").status == 405)
    #expect(try desk.ask(.get, "/pages.css").status == 200)
  }

  @Test("a name and its passphrase sign in; a wrong one does not, and the log has no name of it")
  func signsIn() throws {
    let desk = try Desk()
    let wrong = try desk.signIn("nine quiet lantern")
    #expect(wrong.status == 403 && wrong.headers["Set-Cookie"] == nil)
    #expect(try desk.signIn(Self.passphrase, name: "my passphrase by mistake").status == 403)
    let right = try desk.signIn(Self.passphrase)
    let set = try #require(right.headers["Set-Cookie"])
    #expect(right.status == 303 && set.contains("HttpOnly; SameSite=Strict"))
    #expect(!set.contains("Secure"))
    #expect(try desk.ask(.get, "/").status == 200)
    let lines = try desk.auditLines()
    #expect(lines.contains { $0 == ("operator Ola Obi", "operator-signed-in") })
    #expect(lines.filter { $0 == ("console", "operator-not-let-in") }.count == 2)
    #expect(!lines.contains { $0.who.contains("mistake") })
  }

  @Test("other hosts and other origins are turned away; the proxy's name gets a secure cookie")
  func origins() throws {
    let desk = try Desk(publicURL: "https://console.example")
    #expect(try desk.ask(.get, "/", host: "evil.example").status == 403)
    let fields = [("name", "Ola Obi"), ("passphrase", Self.passphrase)]
    for (host, origin) in [
      ("127.0.0.1:4711", "https://console.example"), ("127.0.0.1:4711", nil),
      ("console.example", "http://console.example"), ("console.example", "null"),
    ] {
      let refused = try desk.ask(.post, "/sign-in", fields, host: host, origin: origin)
      #expect(refused.status == 403 && refused.headers["Set-Cookie"] == nil, "\(host)")
    }
    let taken = try desk.ask(
      .post, "/sign-in", fields, host: "console.example", origin: "https://console.example")
    #expect(taken.status == 303)
    #expect(try #require(taken.headers["Set-Cookie"]).contains("; Secure"))
  }

  @Test("guessing one name's passphrase does not keep another out")
  func guesses() throws {
    let desk = try Desk()
    _ = try desk.hub.operation(
      "operator-add", ["name": "Ned Nash", "passphrase": .string(Self.passphrase)])
    for _ in 0...GuessDelay.failuresWithoutPauseMax { _ = try desk.signIn("wrong") }
    let held = try desk.signIn(Self.passphrase)
    #expect(held.status == 403 && desk.text(held).contains("The next one counts in 1 seconds"))
    #expect(try desk.signIn(Self.passphrase, name: "Ned Nash").status == 303)
    desk.clock.advance(milliseconds: GuessDelay.firstPauseMilliseconds)
    #expect(try desk.signIn(Self.passphrase).status == 303)
  }

  @Test("of names that were guessed at, the one longest ago makes room")
  func guessedNames() {
    let clock = ManualClock()
    let delays = GuessDelays(clock: clock)
    for number in 0...GuessDelays.namesMax {
      for _ in 0...GuessDelay.failuresWithoutPauseMax { delays.noteFailure(for: "\(number)") }
      clock.advance(milliseconds: 1)
    }
    #expect(delays.remainingMilliseconds(for: "0") == 0)
    #expect(delays.remainingMilliseconds(for: "\(GuessDelays.namesMax)") > 0)
  }

  @Test("with an authenticator set up, a passphrase alone does not do, and no code does twice")
  func codes() throws {
    let desk = try Desk()
    _ = try desk.signIn(Self.passphrase)
    let page = try desk.page("/operators/codes")
    let hidden = try #require(page.firstMatch(of: /name="key" value="([0-9a-f]{40})"/))
    let key = try #require(Hex.bytes(hidden.1))
    let step = OneTimePassword.step(atMilliseconds: desk.clock.wallMilliseconds())
    let code = try OneTimePassword.code(key: key, step: step)
    let made = [
      ("key", String(hidden.1)), ("letters", "x"), ("address", "y"), ("current", Self.passphrase),
    ]
    let unproven = made.dropLast() + [("current", "wrong"), ("code", code)]
    #expect(try desk.post("/operators/codes", Array(unproven)).status == 403)
    let wrong = try desk.post("/operators/codes", made + [("code", "0")])
    #expect(wrong.status == 400 && desk.text(wrong).contains("not the code of this half minute"))
    #expect(try desk.post("/operators/codes", made + [("code", code)]).status == 303)
    // An open browser changes them for nobody else's.
    #expect(try desk.post("/operators/codes", made + [("code", code)]).status == 409)
    #expect(try desk.signIn(Self.passphrase).status == 403)
    #expect(try desk.signIn(Self.passphrase, code: code).status == 403)
    let next = try OneTimePassword.code(key: key, step: step + 1)
    #expect(try desk.signIn("wrong", code: next).status == 403)
    #expect(try desk.signIn(Self.passphrase, code: next).status == 303)
    _ = try desk.hub.operation("operator-codes-remove", ["name": "Ola Obi"])
    #expect(try desk.signIn(Self.passphrase).status == 303)
  }

  @Test("a form from elsewhere changes nothing")
  func forged() throws {
    let desk = try Desk()
    _ = try desk.signIn(Self.passphrase)
    let fields = [("name", "school"), ("sector", "health"), ("locality", "batley")]
    #expect(try desk.ask(.post, "/agencies", fields).status == 403)
    #expect(try desk.ask(.post, "/agencies", fields + [("formToken", "0")]).status == 403)
    #expect(try desk.hub.operation("agencies").arrayValue?.isEmpty == true)
    #expect(try desk.post("/agencies", fields).status == 303)
    #expect(try desk.hub.operation("agencies").arrayValue?.count == 1)
    #expect(
      try desk.auditLines().contains { $0 == ("operator Ola Obi", "agency-add") })
  }

  @Test("an operator who is ended is signed out; one whose passphrase is another one, elsewhere")
  func ended() throws {
    let desk = try Desk()
    _ = try desk.signIn(Self.passphrase)
    let first = desk.cookie
    _ = try desk.signIn(Self.passphrase)
    let change = [
      ("current", Self.passphrase), ("passphrase", "ten quiet lanterns"),
      ("again", "ten quiet lanterns"),
    ]
    #expect(
      try desk.post("/operators/passphrase", [("current", "x")] + change.dropFirst()).status == 403)
    #expect(try desk.post("/operators/passphrase", change).status == 303)
    #expect(try desk.ask(.get, "/").status == 200)
    (desk.cookie, _) = (first, desk.cookie)
    #expect(try desk.ask(.get, "/").status == 401)
    #expect(try desk.signIn(Self.passphrase).status == 403)
    #expect(try desk.signIn("ten quiet lanterns").status == 303)
    _ = try desk.hub.operation("operator-end", ["name": "Ola Obi"])
    #expect(try desk.ask(.get, "/").status == 401)
    // Also when the session began in the moment of the end.
    desk.cookie = desk.console.state.sessions.signIn("Ola Obi")
    #expect(try desk.ask(.get, "/").status == 401)
    #expect(try !desk.console.state.operators.takeCode("", of: "Ola Obi", atMilliseconds: 0))
  }

  @Test("a passphrase has its limits")
  func limits() throws {
    let desk = try Desk()
    let min = OperatorBook.passphraseCharactersMin
    let max = OperatorBook.passphraseBytesMax
    for (number, length) in [min, max].enumerated() {
      _ = try desk.hub.operation(
        "operator-add",
        ["name": "\(number)", "passphrase": .string(String(repeating: "p", count: length))])
    }
    for length in [0, min - 1, max + 1] {
      #expect(throws: LocalFailure.self) {
        try desk.hub.operation(
          "operator-add",
          ["name": "other", "passphrase": .string(String(repeating: "p", count: length))])
      }
    }
    #expect(throws: LocalFailure.self) {
      try desk.hub.operation(
        "operator-add", ["name": "0", "passphrase": .string(Self.passphrase)])
    }
  }

  @Test("a name is its very letters")
  func letters() throws {
    let desk = try Desk()
    _ = try desk.hub.operation(
      "operator-add", ["name": "Kay Ola", "passphrase": .string(Self.passphrase)])
    let kelvin = "\u{212a}ay Ola"
    #expect(try desk.signIn(Self.passphrase, name: kelvin).status == 403)
    #expect(throws: LocalFailure.self) {
      try desk.hub.operation(
        "operator-add", ["name": .string(kelvin), "passphrase": .string(Self.passphrase)])
    }
    for name in [" ", "a\u{202e}b", "a\u{9b}b", "a\u{2028}b"] {
      #expect(throws: LocalFailure.self) {
        try desk.hub.operation(
          "operator-add", ["name": .string(name), "passphrase": .string(Self.passphrase)])
      }
    }
  }

  @Test("what a list does not have is not taken from a form")
  func lists() throws {
    let desk = try Desk()
    _ = try desk.signIn(Self.passphrase)
    for (sector, locality) in [("health", "nowhere"), ("none", "batley"), ("", "")] {
      let fields = [("name", "school"), ("sector", sector), ("locality", locality)]
      #expect(try desk.post("/agencies", fields).status == 400)
    }
    #expect(try desk.hub.operation("agencies").arrayValue?.isEmpty == true)
  }

  @Test("a link opens the console once, for whoever runs the hub")
  func link() throws {
    let desk = try Desk()
    let url = try #require(
      try desk.hub.operation("console-open", ["name": "Ola Obi"])["url"]?.stringValue)
    let target = String(url.dropFirst("http://127.0.0.1:4711".count))
    #expect(try desk.ask(.get, target).status == 303)
    #expect(try desk.ask(.get, target).status == 403)
    #expect(throws: LocalFailure.self) {
      try desk.hub.operation("console-open", ["name": "nobody"])
    }
  }

  @Test("operators are known again by a hub that starts anew, and a damaged file is told of")
  func kept() throws {
    let folder = TemporaryFolder()
    let first = try TestHub(folder: folder)
    _ = try first.operation(
      "operator-add", ["name": "Ola Obi", "passphrase": .string(Self.passphrase)])
    first.stop()
    let path = HubFolder(path: folder.path).operatorsPath
    let book = try OperatorBook(path: path)
    #expect(try book.isRight(passphrase: Self.passphrase, of: "Ola Obi"))
    #expect(try !book.isRight(passphrase: Self.passphrase, of: "Ned Nash"))
    let bytes = try AtomicFile.read(path, maximumBytes: 1 << 20)
    try AtomicFile.write(Array(bytes.dropLast(9)), to: path)
    #expect(throws: HubFolderError.damagedOperators(file: path)) { try OperatorBook(path: path) }
    try AtomicFile.write(bytes, to: path, mode: 0o644)
    #expect(throws: HubFolderError.secretReadableByOthers(file: path)) {
      try OperatorBook(path: path)
    }
  }

  @Test("a page that waits is told of news, and of nothing after its time")
  func events() throws {
    let desk = try Desk()
    _ = try desk.signIn(Self.passphrase)
    try desk.hub.settle()
    let revision = try #require(try desk.hub.operation("revision")["revision"]?.stringValue)
    func wait(_ known: String) -> Lock<HTTPResponse?> {
      let given = Lock<HTTPResponse?>(nil)
      desk.console.answer(
        HTTPRequest(
          .get, "/events?revision=\(known)",
          headers: ["Host": "127.0.0.1:4711", "Cookie": "cafsync-hub=\(desk.cookie)"])
      ) { response in given.withLock { $0 = response } }
      return given
    }
    func tick() throws {
      desk.console.events.tick()
      try desk.hub.settle()
    }
    let waiting = wait(revision)
    try tick()
    #expect(waiting.withLock { $0 } == nil)
    _ = try desk.hub.addAgency("school")
    try tick()
    let news = try #require(waiting.withLock { $0 })
    #expect(news.headers["Content-Type"] == "text/event-stream")
    #expect(desk.text(news).contains("event: revision\ndata: "))
    let again = wait(try #require(try desk.hub.operation("revision")["revision"]?.stringValue))
    desk.clock.advance(milliseconds: ConsoleEvents.waitMilliseconds)
    try tick()
    #expect(desk.text(try #require(again.withLock { $0 })).contains(": nothing new"))
  }
}
