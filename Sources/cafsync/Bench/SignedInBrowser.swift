import HTTPWire
import Operations

/// Somebody who is signed in, on a connection of their own.
final class SignedInBrowser {
  private let connection: PlainConnection
  private let cookie: String
  private var formToken = ""

  /// `link` is what a daemon gives to be opened once.
  init(link: String) throws {
    let parts = link.split(separator: "/", maxSplits: 2)
    guard parts.count == 3, let port = parts[1].split(separator: ":").last.flatMap({ UInt16($0) })
    else { throw DemoFailure("The daemon gave no link.") }
    connection = try PlainConnection(port: port)
    let answer = try connection.ask(HTTPRequest(.get, "/" + String(parts[2])))
    cookie = String(answer.headers["Set-Cookie"]?.split(separator: ";").first ?? "")
    let home = try page(HTTPRequest(.get, "/", headers: ["Cookie": cookie]))
    let marker = "name=\"formToken\" value=\""
    guard let found = home.firstRange(of: marker) else {
      throw DemoFailure("The first page has no form.")
    }
    formToken = String(home[found.upperBound...].prefix { $0 != "\"" })
  }

  func get(_ path: String) throws {
    _ = try page(HTTPRequest(.get, path, headers: ["Cookie": cookie]))
  }

  func post(_ path: String, _ form: String) throws {
    let body = Array("formToken=\(formToken)&\(form)".utf8)
    _ = try page(HTTPRequest(.post, path, headers: ["Cookie": cookie], body: body))
  }

  private func page(_ request: HTTPRequest) throws -> String {
    let answer = try connection.ask(request)
    guard answer.status == 200 else {
      throw DemoFailure("A page was answered with \(answer.status).")
    }
    return String(decoding: answer.body, as: UTF8.self)
  }
}
