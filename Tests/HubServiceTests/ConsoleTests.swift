import Cryptography
import Dispatch
import HTTPTransport
import HTTPWire
import Operations
import PageServer
import SQLite
import Testing

@testable import HubService

@Suite("The hub's console")
struct ConsoleTests {
  private static let passphrase = ConsoleDesk.passphrase

  @Test("whoever is not signed in gets nothing but where to sign in")
  func stranger() throws {
    let desk = try ConsoleDesk()
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
    let desk = try ConsoleDesk()
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
    let desk = try ConsoleDesk(publicURL: "https://console.example")
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
    let set = try #require(taken.headers["Set-Cookie"])
    #expect(set.hasPrefix("__Host-cafsync-hub=") && set.contains("; Path=/; HttpOnly"))
    #expect(set.contains("; Secure") && !set.contains("Domain"))
    // The plain name, which a neighbour under the same domain could have set, is no session there.
    let secret = set.split(separator: ";")[0].split(separator: "=")[1]
    for (name, status) in [("__Host-cafsync-hub", 200), ("cafsync-hub", 401)] {
      let page = try desk.ask(
        .get, "/", host: "console.example", cookie: "\(name)=\(secret)")
      #expect(page.status == status, "\(name)")
    }
  }

  @Test("guessing one name's passphrase does not keep another out")
  func guesses() throws {
    let desk = try ConsoleDesk()
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
    let desk = try ConsoleDesk()
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
    let desk = try ConsoleDesk()
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
    let desk = try ConsoleDesk()
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
    let desk = try ConsoleDesk()
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
    let desk = try ConsoleDesk()
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
    let desk = try ConsoleDesk()
    _ = try desk.signIn(Self.passphrase)
    for (sector, locality) in [("health", "nowhere"), ("none", "batley"), ("", "")] {
      let fields = [("name", "school"), ("sector", sector), ("locality", locality)]
      #expect(try desk.post("/agencies", fields).status == 400)
    }
    #expect(try desk.hub.operation("agencies").arrayValue?.isEmpty == true)
  }

  @Test("where an agency works, and at what, is said in words")
  func labels() throws {
    let desk = try ConsoleDesk()
    _ = try desk.signIn(Self.passphrase)
    let fields = [("name", "school"), ("sector", "earlyYears"), ("locality", "huddersfieldSouth")]
    let made = try desk.post("/agencies", fields)
    #expect(made.status == 303)
    let agency = try #require(
      try desk.hub.operation("agencies").arrayValue?.first?["id"]?.stringValue)
    for page in ["/agencies", "/agencies/\(agency)"] {
      let rows = desk.text(try desk.ask(.get, page)).replacing(/<option.*?option>/, with: "")
      #expect(rows.contains("Early years") && rows.contains("Huddersfield South"))
      #expect(!rows.contains("earlyYears") && !rows.contains("huddersfieldSouth"))
    }
  }

  @Test("a link opens the console once, for whoever runs the hub")
  func link() throws {
    let desk = try ConsoleDesk()
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
    let desk = try ConsoleDesk()
    _ = try desk.signIn(Self.passphrase)
    try desk.hub.settle()
    let revision = try #require(try desk.hub.operation("revision")["revision"]?.stringValue)
    let waiting = desk.wait(revision)
    try desk.tick()
    #expect(waiting.withLock { $0 } == nil)
    _ = try desk.hub.addAgency("school")
    try desk.tick()
    let news = try #require(waiting.withLock { $0 })
    #expect(news.headers["Content-Type"] == "text/event-stream")
    #expect(desk.text(news).contains("event: revision\ndata: "))
    let again = desk.wait(try #require(try desk.hub.operation("revision")["revision"]?.stringValue))
    desk.clock.advance(milliseconds: ConsoleEvents.waitMilliseconds)
    try desk.tick()
    #expect(desk.text(try #require(again.withLock { $0 })).contains(": nothing new"))
  }
}
