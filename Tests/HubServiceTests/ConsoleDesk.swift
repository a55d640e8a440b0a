import Dispatch
import HTTPTransport
import HTTPWire
import Operations
import PageServer
import SQLite
import Testing

@testable import HubService

/// The operator's pages without sockets, before a real hub.
final class ConsoleDesk {
  static let passphrase = "nine quiet lanterns"

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
      "operator-add", ["name": "Ola Obi", "passphrase": .string(ConsoleDesk.passphrase)])
  }

  deinit {
    console.stop()
    hub.stop()
  }

  func ask(
    _ method: HTTPMethod, _ target: String, _ fields: [(String, String)] = [],
    host: String = "127.0.0.1:4711", origin: String? = "http://127.0.0.1:4711",
    cookie other: String? = nil
  ) throws -> HTTPResponse {
    try begin(method, target, fields, host: host, origin: origin, cookie: other)()
  }

  /// Asks, and gives what waits for the answer. `address`: as the proxy says it.
  func begin(
    _ method: HTTPMethod, _ target: String, _ fields: [(String, String)] = [],
    host: String = "127.0.0.1:4711", origin: String? = "http://127.0.0.1:4711",
    cookie other: String? = nil, from address: String = ""
  ) -> () throws -> HTTPResponse {
    let given = Lock<HTTPResponse?>(nil)
    let done = DispatchSemaphore(value: 0)
    var headers: HTTPHeaders = ["Host": host]
    headers["Origin"] = origin
    headers["Cookie"] = other ?? (cookie.isEmpty ? nil : "cafsync-hub=\(cookie)")
    let body = fields.map { "\($0)=\(Self.encoded($1))" }.joined(separator: "&")
    console.answer(
      HTTPRequest(method, target, headers: headers, body: Array(body.utf8)),
      from: { SignInQueue.Asker(user: "0", address: address, name: "") }
    ) { response in
      given.withLock { $0 = response }
      done.signal()
    }
    return {
      guard done.wait(timeout: .now() + 20) == .success else {
        throw LocalFailure(.busy, "the console did not answer")
      }
      return try #require(given.withLock { $0 })
    }
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

  /// A page that waits for news, and what it has been told.
  func wait(_ known: String) -> Lock<HTTPResponse?> {
    let given = Lock<HTTPResponse?>(nil)
    console.answer(
      HTTPRequest(
        .get, "/events?revision=\(known)",
        headers: ["Host": "127.0.0.1:4711", "Cookie": "cafsync-hub=\(cookie)"]),
      from: { SignInQueue.Asker(user: "0", name: "") }
    ) { response in given.withLock { $0 = response } }
    return given
  }

  func tick() throws {
    console.events.tick()
    try hub.settle()
  }
}
