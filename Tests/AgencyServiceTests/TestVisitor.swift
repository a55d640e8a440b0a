import HTTPWire
import Operations
import PageServer
import Testing

@testable import AgencyService

/// A practitioner before the pages of a replica, as a browser without script goes through them.
final class TestVisitor {
  private static let port: UInt16 = 4_711

  let app: PractitionerApp
  private let cookie: String
  private(set) var status = 0
  private(set) var page = ""

  init(_ replica: TestReplica, _ practitioner: String = "Ann Ash") throws {
    let sessions = PageSessions(clock: replica.clock)
    // Each test asks from one thread, and waits for the answer.
    nonisolated(unsafe) let replica = replica
    app = PractitionerApp(agencyName: "Sure Start", sessions: sessions) { name, input, give in
      switch name {
      case "standing": give(.success(["keys": "open", "sentence": "No line to the hub."]))
      case "status": give(.success([:]))
      default:
        do throws(OperationError) {
          give(.success(try AgencyOperations.run(name, input, on: replica.replica)))
        } catch { give(.failure(error)) }
      }
    }
    cookie = sessions.signIn(practitioner)
  }

  /// Follows a link, or an address typed in.
  @discardableResult
  func open(_ address: String) throws -> String {
    try ask(.get, address, "")
    return page
  }

  /// Presses the button with these words in the first form that has one, with what stands in the
  /// form, and `typed` in place of what stands there. Follows where it leads.
  func press(_ button: String, _ typed: [String: String] = [:]) throws {
    let form = try #require(
      page.matches(of: /(?s)<form.*?<\/form>/).map { String($0.output) }
        .first { $0.contains(">\(button)</button>") }, "no button “\(button)” in \(page)")
    var fields = Self.fields(form).filter { typed[$0.name] == nil }
    fields += typed.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    let tag = form.matches(of: /<button[^>]*>/).map { String($0.output) }
      .first { form.contains($0 + button) }
    if let tag, let name = Self.attribute("name", tag) {
      fields.append((name, Self.attribute("value", tag) ?? ""))
    }
    let body = fields.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }
    try ask(.post, try #require(Self.attribute("action", form)), body.joined(separator: "&"))
  }

  /// As `press`, when the page that was there before is still in front of somebody.
  func press(_ button: String, on page: String, _ typed: [String: String] = [:]) throws {
    self.page = page
    try press(button, typed)
  }

  /// What a person reads, without the markup.
  var text: String {
    Self.plain(page.replacing(/<[^>]*>/, with: " ").replacing(/\s+/, with: " "))
  }

  private func ask(_ method: HTTPMethod, _ address: String, _ body: String) throws {
    let given = Lock<HTTPResponse?>(nil)
    app.answer(
      HTTPRequest(
        method, address, headers: ["Cookie": "cafsync-\(Self.port)=\(cookie)"],
        body: Array(body.utf8)), port: Self.port
    ) { response in given.withLock { $0 = response } }
    let response = try #require(given.withLock { $0 })
    if let next = response.headers["Location"] { return try ask(.get, next, "") }
    status = response.status
    page = String(decoding: response.body, as: UTF8.self)
  }

  // MARK: Forms

  private static func fields(_ form: String) -> [(name: String, value: String)] {
    var fields: [(name: String, value: String)] = []
    for match in form.matches(of: /<input[^>]*>/) {
      let tag = String(match.output)
      let isChoice = ["radio", "checkbox"].contains(attribute("type", tag))
      if isChoice, !tag.contains(" checked") { continue }
      if let name = attribute("name", tag) { fields.append((name, attribute("value", tag) ?? "")) }
    }
    for match in form.matches(of: /(?s)<textarea([^>]*)>\n(.*?)<\/textarea>/) {
      guard let name = attribute("name", String(match.1)) else { continue }
      fields.append((name, plain(String(match.2))))
    }
    for match in form.matches(of: /(?s)<select([^>]*)>(.*?)<\/select>/) {
      guard let name = attribute("name", String(match.1)) else { continue }
      let chosen = String(match.2).matches(of: /<option([^>]*) selected>/).first
      fields.append((name, chosen.flatMap { attribute("value", String($0.1)) } ?? ""))
    }
    return fields
  }

  private static func attribute(_ name: String, _ tag: String) -> String? {
    guard let start = tag.firstRange(of: " \(name)=\"") else { return nil }
    return plain(String(tag[start.upperBound...].prefix { $0 != "\"" }))
  }

  private static func plain(_ text: String) -> String {
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
      .reduce(text) { $0.replacing($1.0, with: $1.1) }
  }

  private static func encoded(_ text: String) -> String {
    text.utf8.map { "%" + String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
