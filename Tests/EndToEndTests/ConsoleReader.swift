import Foundation
import HTTPTransport
import HTTPWire
import Operations
import TestDaemons
import Testing

/// An operator at the console, without a browser: the bytes that one would be given.
struct ConsoleReader {
  let client: HTTPClient
  private var cookie = ""
  private var token = ""

  /// A new operator, by a link of `cafsync hub console open`.
  init(named name: String, at hub: TestHub, role: String = "operator") throws {
    try hub.ask(
      "operator-add",
      ["name": .string(name), "passphrase": "nine quiet lanterns", "role": .string(role)])
    let link = try hub.ask("console-open", ["name": .string(name)])["url"]?.stringValue
    try self.init(link: try #require(link))
  }

  /// By a link of `cafsync hub console open`.
  init(link: String) throws {
    let parts = try #require(URLComponents(string: link))
    client = try HTTPClient(
      HTTPClientOptions(baseURL: "http://\(parts.host ?? ""):\(parts.port ?? 0)"))
    let answer = try client.send(
      HTTPClientRequest(.get, "\(parts.path)?\(parts.percentEncodedQuery ?? "")"))
    let set = try #require(answer.headers["Set-Cookie"])
    cookie = String(set.prefix { $0 != ";" })
    // The page that every role has.
    let reports = try send(HTTPClientRequest(.get, "/reports"))
    token = String(
      try #require(reports.text.firstMatch(of: #/name="formToken" value="([^"]+)"/#)?.1))
  }

  private func send(_ request: HTTPClientRequest) throws -> (status: Int, text: String) {
    var request = request
    request.headers.append("Cookie", cookie)
    let answer = try client.send(request)
    return (answer.status, String(decoding: answer.body, as: UTF8.self))
  }

  func get(_ path: String) throws -> (status: Int, text: String) {
    try send(HTTPClientRequest(.get, path))
  }

  func post(_ path: String, _ fields: [String: String]) throws -> (status: Int, text: String) {
    var form = URLComponents()
    form.queryItems = fields.merging(["formToken": token]) { own, _ in own }.sorted {
      $0.key < $1.key
    }.map { URLQueryItem(name: $0.key, value: $0.value) }
    return try send(
      HTTPClientRequest(
        .post, path, headers: ["Content-Type": "application/x-www-form-urlencoded"],
        body: Array((form.percentEncodedQuery ?? "").utf8)))
  }
}
