import Glibc
import HTTPTransport
import HTTPWire
import Operations
import SQLite
import Testing

@testable import HubService

@Suite("The hub's console, within its bounds")
struct ConsoleBoundsTests {
  private static let passphrase = ConsoleDesk.passphrase

  // MARK: The audit log comes first

  @Test("nothing about an operator changes whose line cannot be written")
  func lineFirst() throws {
    let desk = try ConsoleDesk()
    let path = HubFolder(path: desk.folder.path).operatorsPath
    let before = try AtomicFile.read(path, maximumBytes: 1 << 20)
    let other = try Database(path: desk.folder.path + "/replica.sqlite")
    // The line is taken, and its transaction fails at the very end, as on a full disk.
    try other.execute(
      """
      CREATE TABLE lame (agency INTEGER REFERENCES agencies (number) DEFERRABLE INITIALLY DEFERRED);
      CREATE TRIGGER lame AFTER INSERT ON audit BEGIN INSERT INTO lame VALUES (-1); END;
      """)
    let changes: [(String, JSON)] = [
      ("operator-add", ["name": "Ned Nash", "passphrase": .string(Self.passphrase)]),
      ("operator-passphrase", ["name": "Ola Obi", "passphrase": "ten quiet lanterns"]),
      ("operator-codes-remove", ["name": "Ola Obi"]), ("operator-end", ["name": "Ola Obi"]),
    ]
    for (operation, input) in changes {
      #expect(throws: LocalFailure.self, "\(operation)") {
        try desk.hub.operation(operation, input)
      }
      #expect(try AtomicFile.read(path, maximumBytes: 1 << 20) == before, "\(operation)")
    }
    #expect(try desk.signIn(Self.passphrase).status == 303)
    try other.execute("DROP TRIGGER lame; DROP TABLE lame")
    for (operation, input) in changes { _ = try desk.hub.operation(operation, input) }
    #expect(desk.console.state.operators.all.map(\.name) == ["Ned Nash"])
    other.close()
  }

  @Test("a file that cannot be written has a line of what was begun, and one that it failed")
  func fileFails() throws {
    let desk = try ConsoleDesk()
    let path = HubFolder(path: desk.folder.path).operatorsPath
    try #require(unlink(path) == 0 && mkdir(path, 0o700) == 0)
    #expect(throws: LocalFailure.self) {
      try desk.hub.operation("operator-end", ["name": "Ola Obi"])
    }
    #expect(desk.console.state.operators.account("Ola Obi") != nil)
    #expect(
      try desk.auditLines().map(\.action) == [
        "operator-add", "operator-end", "operator-end failed",
      ])
  }

  @Test("of two who take one name at once, one gets it")
  func atOnce() throws {
    let desk = try ConsoleDesk()
    let results = Lock<[Bool]>([])
    for _ in 0..<2 {
      desk.hub.worker.submit(
        .operation(
          "operator-add", ["name": "Ned Nash", "passphrase": .string(Self.passphrase)],
          who: "a test"
        ) { result in results.withLock { $0.append((try? result.get()) != nil) } })
    }
    try desk.hub.settle()
    #expect(results.withLock { $0 } == [true, false])
    #expect(desk.console.state.operators.all.count == 2)
  }

  @Test("signing out stands on the audit log as signing in does")
  func signOut() throws {
    let desk = try ConsoleDesk()
    _ = try desk.signIn(Self.passphrase)
    #expect(try desk.post("/sign-out").status == 200)
    #expect(try desk.ask(.get, "/").status == 401)
    #expect(
      try desk.auditLines().map(\.action) == [
        "operator-add", "operator-signed-in", "operator-signed-out",
      ])
    #expect(try desk.auditLines().last?.who == "operator Ola Obi")
  }

  @Test("a session is over after twelve hours, however much it is used")
  func wholeLife() throws {
    let desk = try ConsoleDesk()
    _ = try desk.signIn(Self.passphrase)
    for _ in 0..<71 {
      desk.clock.advance(milliseconds: 600_000)
      #expect(try desk.ask(.get, "/capacity").status == 200)
    }
    desk.clock.advance(milliseconds: 599_999)
    #expect(try desk.ask(.get, "/capacity").status == 200)
    desk.clock.advance(milliseconds: 1)
    #expect(try desk.ask(.get, "/capacity").status == 401)
  }

  // MARK: What is not there

  @Test("what is named and is not there is said to be not there")
  func unknown() throws {
    let desk = try ConsoleDesk()
    _ = try desk.signIn(Self.passphrase)
    for target in [
      "/nothing", "/agencies/x", "/agencies/x/end", "/agencies/x/remove", "/devices/x",
      "/devices/x/revoke", "/ledger?agency=x", "/reports?report=1",
    ] {
      let response = try desk.ask(.get, target)
      #expect(response.status == 404, "\(target)")
      // With the way on.
      #expect(desk.text(response).contains("Sign out"), "\(target)")
    }
    for target in [
      "/nothing", "/agencies/x/code", "/agencies/x/end", "/agencies/x/remove", "/agencies/x/sign",
      "/devices/x/revoke", "/apart/7/release", "/apart/7/return", "/apart/x/release",
      "/apart/99999999999999999999/return",
    ] {
      let response = try desk.post(target)
      #expect(response.status == 404, "\(target)")
      #expect(desk.text(response).contains("Sign out"), "\(target)")
    }
  }

  @Test("a number that is none is refused, and never taken for the first page")
  func numbers() throws {
    let desk = try ConsoleDesk()
    _ = try desk.signIn(Self.passphrase)
    _ = try desk.hub.addAgency("school")
    for number in ["99999999999999999999", "9223372036854775808", "-1", "x", "", "1.5"] {
      for target in [
        "/audit?before=", "/identity?before=", "/withdrawals?before=",
        "/ledger?agency=school&after=", "/reports?report=",
      ] {
        let response = try desk.ask(.get, target + number)
        #expect(response.status == 400, "\(target)\(number)")
        #expect(desk.text(response).contains("is a whole number from"), "\(target)\(number)")
      }
    }
    for target in ["/audit?before=9223372036854775807", "/audit?before=1"] {
      #expect(try desk.ask(.get, target).status == 200, "\(target)")
    }
  }

  // MARK: Shares

  @Test("twelve guesses at once keep nobody out who comes from elsewhere")
  func crowd() throws {
    let desk = try ConsoleDesk()
    func begin(_ name: String, _ passphrase: String, _ address: String)
      -> () throws -> HTTPResponse
    {
      desk.begin(
        .post, "/sign-in", [("name", name), ("passphrase", passphrase), ("code", "")],
        from: address)
    }
    let guesses = (0..<12).map { begin("guess \($0)", "wrong", "192.0.2.1") }
    let own = begin("Ola Obi", Self.passphrase, "192.0.2.2")
    #expect(try own().status == 303)
    let answers = try guesses.map { desk.text(try $0()) }
    #expect(answers.contains { $0.contains("Too many sign in at once") })
    #expect(answers.contains { $0.contains("is not right") })
  }

  @Test("a session has four places to wait for news; beyond them a page asks by itself")
  func waiting() throws {
    let desk = try ConsoleDesk()
    _ = try desk.signIn(Self.passphrase)
    try desk.hub.settle()
    let revision = try #require(try desk.hub.operation("revision")["revision"]?.stringValue)
    let own = (0..<ConsoleEvents.waitingOfSessionMax).map { _ in desk.wait(revision) }
    try desk.tick()
    #expect(own.allSatisfy { $0.withLock { $0 } == nil })
    let beyond = try #require(desk.wait(revision).withLock { $0 })
    #expect(desk.text(beyond) == "retry: 5000\n: nothing new\n\n")
    // It learns what the others wait for.
    let late = try #require(desk.wait("old").withLock { $0 })
    #expect(desk.text(late).contains("event: revision\ndata: \(revision)\n"))
    _ = try desk.signIn(Self.passphrase)
    let other = desk.wait(try #require(try desk.hub.operation("revision")["revision"]?.stringValue))
    #expect(other.withLock { $0 } == nil)
  }
}
