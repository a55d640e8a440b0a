import Foundation
import HTTPTransport
import HTTPWire
import Operations
import PageServer
import TestDaemons
import Testing

@testable import HubService

/// An operator at the console, without a browser: the bytes that one would be given.
private struct ConsoleReader {
  let client: HTTPClient
  private var cookie = ""
  private var token = ""

  /// By a link of `cafsync hub console open`.
  init(link: String) throws {
    let parts = try #require(URLComponents(string: link))
    client = try HTTPClient(
      HTTPClientOptions(baseURL: "http://\(parts.host ?? ""):\(parts.port ?? 0)"))
    let answer = try client.send(
      HTTPClientRequest(.get, "\(parts.path)?\(parts.percentEncodedQuery ?? "")"))
    let set = try #require(answer.headers["Set-Cookie"])
    cookie = String(set.prefix { $0 != ";" })
    let board = try send(HTTPClientRequest(.get, "/"))
    token = String(
      try #require(board.text.firstMatch(of: #/name="formToken" value="(\w[^>]+)"/#)?.1))
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

extension CanaryHub {
  /// Opens every page of the console's own table of addresses and sends every form; returns what
  /// of the table was left out.
  func visitConsole(_ shown: ShownTexts) throws -> [String] {
    try hub.ask(
      "operator-add",
      ["name": .string(Self.operatorName), "passphrase": .string(Self.passphrase)])
    let link = try #require(
      try hub.ask("console-open", ["name": .string(Self.operatorName)])["url"]?.stringValue)
    shown.addSecret(String(link.suffix(20)), givenBy: "console-open")
    let reader = try ConsoleReader(link: link)
    var left = ConsoleRoutes.all
    func note(_ method: HTTPMethod, _ path: String) {
      let segments = path.prefix { $0 != "?" }.split(separator: "/").map(String.init)
      left.removeAll { $0.arguments(method, segments) != nil }
    }
    for path in try pages() {
      note(.get, path)
      let page = try reader.get(path)
      shown.add("page \(path)", page.text)
      #expect(page.status == 200, "\(path): \(page.status)")
    }
    for path in ["/nothing", "/events?revision=none", "/sign-in?link=used", "/pages.js"] {
      shown.add("page \(path)", try reader.get(path).text)
    }
    for (path, fields) in try forms() {
      note(.post, path)
      let answer = try reader.post(path, fields)
      #expect([200, 303, 400, 403, 404, 409].contains(answer.status), "\(path): \(answer.status)")
      // Where it led to says what was done.
      let said = answer.status == 303 ? try reader.get("/audit").text : answer.text
      shown.add("form \(path)", said)
    }
    return left.map { "\($0.method) \($0.pattern.joined(separator: "/"))" }
  }

  private func pages() throws -> [String] {
    let agency = try identifier(of: "Robin")
    let device = try device(of: "Robin")
    return [
      "/", "/agencies", "/agencies/\(agency)", "/agencies/\(agency)/end",
      "/agencies/\(agency)/remove", "/devices/\(device)", "/devices/\(device)/revoke",
      "/withdrawals", "/withdrawals?all=yes", "/apart", "/audit", "/conflicts", "/identity",
      "/capacity", "/ledger", "/ledger?child=\(child)", "/ledger?child=\(erased)",
      "/ledger?agency=\(agency)", "/reports", "/recovery", "/operators", "/operators/codes",
    ]
  }

  private func forms() throws -> [(String, [String: String])] {
    try hub.ask("agency-add", ["name": "Crane", "sector": "health", "locality": "batley"])
    let agency = try identifier(of: "Crane")
    let lost = try device(of: "Finch")
    return [
      ("/agencies", ["name": "Swift", "sector": "health", "locality": "batley"]),
      ("/agencies", ["name": "Swift", "sector": "none"]),
      ("/agencies/\(agency)/code", [:]), ("/agencies/\(agency)/end", [:]),
      ("/agencies/\(agency)/sign", ["version": "2"]), ("/agencies/\(agency)/remove", [:]),
      ("/devices/\(lost)/revoke", [:]), ("/apart/1/return", [:]), ("/apart/1/release", [:]),
      ("/apart/999/release", [:]), ("/audit/verify", [:]), ("/reports/close", [:]),
      ("/recovery/end", [:]),
      ("/operators/passphrase", ["current": "wrong herons", "passphrase": "a", "again": "a"]),
      ("/operators/codes", ["current": Self.passphrase, "key": "none", "code": "000000"]),
      ("/operators/codes/remove", ["code": "000000"]), ("/sign-out", [:]),
    ]
  }
}
