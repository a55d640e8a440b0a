import CaseRecords
import Causality
import Cryptography
import HTTPWire
import Operations
import PageServer
import Testing

@testable import AgencyService

/// The consent pages before a replica, without sockets: a form is filled in, and what it brings
/// back is what the page before it had.
final class ConsentDesk {
  static let school = String(repeating: "5", count: 32)
  static let clinic = String(repeating: "6", count: 32)
  private static let port: UInt16 = 4_712

  let replica: TestReplica
  let child: String
  private let app: PractitionerApp
  private let cookie: String
  private let token: String

  init() throws {
    let replica = try TestReplica()
    try replica.publish([
      try #require(AgencyID(text: Self.school)): "Moor Lane School",
      try #require(AgencyID(text: Self.clinic)): "Hill Clinic",
    ])
    child = try replica.child()
    try replica.run("caf-start", ["child": .string(child)])
    self.replica = replica
    let sessions = PageSessions(clock: replica.clock)
    // Each test asks from one thread, and waits for the answer.
    nonisolated(unsafe) let asked = replica.replica
    app = PractitionerApp(agencyName: "Sure Start Batley", sessions: sessions) {
      name, input, give in
      guard name != "standing" else {
        return give(.success(["keys": "open", "isAllSynced": true, "sentence": "All synced."]))
      }
      do throws(OperationError) {
        give(.success(try AgencyOperations.run(name, input, on: asked)))
      } catch {
        give(.failure(error))
      }
    }
    cookie = try #require(sessions.signIn(link: sessions.makeLink(for: "Ann Ash")))
    token = try #require(sessions.session(cookie: cookie)).formToken
  }

  struct Answer {
    let status: Int
    let location: String
    let text: String

    /// What the last form of the page sends along without being asked.
    var hidden: [(String, String)] {
      let form = text.split(separator: "<form ").last ?? ""
      return form.matches(of: #/type="hidden" name="([^"]*)" value="([^"]*)"/#)
        .map { (String($0.1), String($0.2)) }.filter { $0.0 != "formToken" }
    }
  }

  func get(_ path: String) throws -> Answer { try ask(.get, "/children/\(child)/\(path)", "") }

  func post(_ path: String, _ fields: [(String, String)]) throws -> Answer {
    let body = ([("formToken", token)] + fields).map { name, value in
      name + "=" + value.utf8.map { "%" + Hex.text([$0]) }.joined()
    }.joined(separator: "&")
    return try ask(.post, "/children/\(child)/\(path)", body)
  }

  private func ask(_ method: HTTPMethod, _ target: String, _ body: String) throws -> Answer {
    let given = Lock<HTTPResponse?>(nil)
    app.answer(
      HTTPRequest(
        method, target, headers: ["Cookie": "cafsync-\(Self.port)=\(cookie)"],
        body: Array(body.utf8)), port: Self.port
    ) { response in given.withLock { $0 = response } }
    let response = try #require(given.withLock { $0 })
    return Answer(
      status: response.status, location: response.headers["Location"] ?? "",
      text: String(decoding: response.body, as: UTF8.self))
  }

  var entries: [JSON] {
    get throws {
      try replica.run("consent-show", ["child": .string(child)])["entries"]?.arrayValue ?? []
    }
  }

  func mayShare(_ agency: String) throws -> Bool {
    try replica.run(
      "may-share",
      ["child": .string(child), "agency": .string(agency), "categories": "development"]
    )["mayShare"] == true
  }

  /// A consent of the mother for the school; with what is to be otherwise.
  static func form(_ changes: [String: [String]] = [:]) -> [(String, String)] {
    let usual: [(String, [String])] = [
      ("by", ["Mo “M” Canary"]), ("relationship", ["mother"]),
      ("capacity", ["parentalResponsibility"]), ("agreement", ["2006-09"]),
      ("purposes", ["store", "share"]), ("categories", ["development", "plan"]),
      ("agencies", [school]), ("until", [""]), ("note", ["Signed, in the file"]),
      ("assessedBy", [""]),
    ]
    let other = changes.filter { change in !usual.contains { $0.0 == change.key } }
      .map { ($0.key, $0.value) }
    return (usual.map { ($0.0, changes[$0.0] ?? $0.1) } + other)
      .flatMap { name, values in values.map { (name, $0) } }
  }
}

@Suite("Consent in the pages")
struct ConsentPagesTests {
  private static let give = "consent/give"

  /// Previews and records, as somebody does who changes nothing on the way.
  private func record(_ desk: ConsentDesk, _ form: [(String, String)]) throws {
    let shown = try desk.post(Self.give, form)
    #expect(shown.status == 200)
    let done = try desk.post(Self.give, shown.hidden + [("step", "record")])
    #expect(done.status == 303 && done.location == "/children/\(desk.child)/consent")
  }

  @Test("A consent is recorded from the page that shows who will get what, and from no other")
  func give() throws {
    let desk = try ConsentDesk()
    let shown = try desk.post(Self.give, ConsentDesk.form())
    #expect(shown.text.contains("<h1>Who will get what</h1>"))
    #expect(shown.text.contains("<h3>Moor Lane School</h3>"))
    #expect(!shown.text.contains("<h3>Hill Clinic</h3>"))
    #expect(shown.text.contains("How the child is growing and learning"))
    #expect(try desk.entries.isEmpty)
    let done = try desk.post(Self.give, shown.hidden + [("step", "record")])
    #expect(done.status == 303)
    let page = try desk.get("consent").text
    for words in [
      "The consent is recorded", "Mo “M” Canary (mother)", "Has parental responsibility", "2006-09",
      "Signed, in the file", "Ann Ash", "recorded here, not yet at the hub", "Stands</span>",
      "Moor Lane School",
    ] { #expect(page.contains(words), "\(words)") }
    #expect(try desk.mayShare(ConsentDesk.school) && !desk.mayShare(ConsentDesk.clinic))
  }

  @Test("A form that was not shown, or was changed since, or when things have changed, is refused")
  func lies() throws {
    let desk = try ConsentDesk()
    let record = [("step", "record")]
    #expect(try desk.post(Self.give, ConsentDesk.form() + record).status == 409)
    let shown = try desk.post(Self.give, ConsentDesk.form())
    // The consequences of one form with another one.
    let previewed = shown.hidden.filter { $0.0 == "previewed" }
    for change in [
      ["agencies": [ConsentDesk.clinic]], ["categories": ["development"]], ["by": ["Jo"]],
      ["until": ["2199-01-01"]],
    ] {
      let form = ConsentDesk.form(change) + previewed + record
      #expect(try desk.post(Self.give, form).status == 409, "\(change)")
    }
    // An agency that is on no list.
    let stranger = ConsentDesk.form(["agencies": [String(repeating: "7", count: 32)]])
    let strange = try desk.post(Self.give, stranger)
    let refused = try desk.post(Self.give, strange.hidden + record)
    #expect(refused.status == 400 && refused.text.contains("not in the directory"))
    // Somebody else has recorded something in the meantime.
    try desk.replica.run(
      "consent-refuse",
      [
        "child": .string(desk.child), "agencies": .string(ConsentDesk.clinic),
        "categories": "development",
      ])
    try desk.replica.run(
      "consent-refuse",
      [
        "child": .string(desk.child), "agencies": .string(ConsentDesk.school),
        "categories": "plan",
      ])
    let late = try desk.post(Self.give, shown.hidden + record)
    #expect(late.status == 409 && late.text.contains("What stands against it"))
    #expect(try desk.entries.count == 2)
  }

  @Test(
    "What is wrong is said beside its field, and what was typed stays",
    arguments: [
      ("by", "", "by"), ("relationship", " ", "relationship"), ("capacity", "", "capacity"),
      ("capacity", "competentUnderSixteen", "assessedBy"), ("agreement", "", "agreement"),
      ("until", "soon", "until"), ("categories", nil, "categories"), ("purposes", nil, "purposes"),
      ("agencies", nil, "agencies"),
    ])
  func refused(field: String, value: String?, at place: String) throws {
    let desk = try ConsentDesk()
    let form = ConsentDesk.form([field: value.map { [$0] } ?? []])
    let answer = try desk.post(Self.give, form)
    #expect(answer.status == 400)
    #expect(answer.text.contains("<a href=\"#\(place)\">"), "\(answer.text)")
    #expect(answer.text.contains("id=\"\(place)-problem\""))
    #expect(answer.text.contains("value=\"Mo “M” Canary\"") || field == "by")
    #expect(answer.text.contains("value=\"Signed, in the file\""))
    #expect(answer.text.contains("value=\"plan\" checked") || field == "categories")
    #expect(!answer.text.contains("--"))
    #expect(try desk.entries.isEmpty)
  }

  @Test("Every agency and one by its name are two decisions; health needs the name")
  func everyone() throws {
    let desk = try ConsentDesk()
    let both = ConsentDesk.form(["agencies": ["everyone", ConsentDesk.school]])
    #expect(try desk.post(Self.give, both).status == 400)
    let all = ConsentDesk.form(["agencies": ["everyone"], "categories": ["development", "health"]])
    let shown = try desk.post(Self.give, all).text
    #expect(shown.contains("What nobody would be given"))
    #expect(shown.contains("Health information needs consent that names this agency."))
  }

  @Test("A consent is withdrawn with two clicks, and the first says what will happen")
  func withdraw() throws {
    let desk = try ConsentDesk()
    try record(desk, ConsentDesk.form())
    let entry = try #require(try desk.entries.first?["entry"]?.stringValue)
    desk.replica.clock.advance(milliseconds: 1)
    try record(desk, ConsentDesk.form(["agencies": [ConsentDesk.clinic]]))
    let consent = try desk.get("consent").text
    #expect(consent.contains("/consent/withdraw?entry=\(entry)\""))
    let first = try desk.get("consent/withdraw?entry=\(entry)")
    #expect(first.status == 200)
    let words = first.text.replacing(#/<[^>]*>/#, with: "")
    #expect(words.contains("Moor Lane School: How the child is growing and learning"))
    #expect(words.contains("Hill Clinic: How the child is growing and learning. There is consent"))
    #expect(words.contains("destroy their copy, and confirm it"))
    // The clinic's consent still rests upon what the hub keeps.
    #expect(!words.contains("The hub: How the child"))
    #expect(try desk.mayShare(ConsentDesk.school))
    let second = try desk.post("consent/withdraw", first.hidden)
    #expect(second.status == 303)
    #expect(try !desk.mayShare(ConsentDesk.school) && desk.mayShare(ConsentDesk.clinic))
    #expect(try desk.get("consent/withdraw?entry=\(entry)").status == 409)
    // The last one takes the hub's copy along.
    let last = try #require(
      try desk.entries.last { $0["kind"] == "consent" }?["entry"]?.stringValue)
    let rest = try desk.get("consent/withdraw?entry=\(last)")
    #expect(
      rest.text.replacing(#/<[^>]*>/#, with: "").contains("The hub: How the child is growing"))
    #expect(try desk.post("consent/withdraw", rest.hidden).status == 303)
    #expect(try desk.entries.allSatisfy { $0["kind"] != "consent" || $0["isStanding"] == false })
  }

  @Test("No form withdraws what another child's family consented to, nor all that there is")
  func otherChild() throws {
    let desk = try ConsentDesk()
    try record(desk, ConsentDesk.form())
    let entry = try #require(try desk.entries.first?["entry"]?.stringValue)
    let other = try #require(
      desk.replica.run("child-add", ["given": "Zed", "family": "Other"])["child"]?.stringValue)
    #expect(
      desk.replica.refusal(
        "consent-withdraw", ["child": .string(other), "entry": .string(entry)]) == .failure)
    for fields in [[("entry", "")], [], [("entry", String(entry.prefix(8)))]] {
      #expect(try desk.post("consent/withdraw", fields).status == 404)
      #expect(try desk.post("consent/unshield", fields).status == 404)
    }
    #expect(try desk.mayShare(ConsentDesk.school))
  }

  @Test("A withdrawal is lifted by a consent that names it, and never by accident")
  func lift() throws {
    let desk = try ConsentDesk()
    let withdrawn = try desk.replica.run(
      "consent-withdraw",
      [
        "child": .string(desk.child), "agencies": .string(ConsentDesk.school),
        "categories": "development",
      ])
    let entry = try #require(withdrawn["entry"]?.stringValue)
    let shown = try desk.post(Self.give, ConsentDesk.form())
    #expect(shown.text.contains("What stands against it"))
    #expect(!shown.text.contains("value=\"record\""))
    for lifted in [[], [("knowingWithdrawal", "")]] {
      let answer = try desk.post(Self.give, shown.hidden + lifted + [("step", "record")])
      #expect(answer.status == 409)
    }
    let again = try desk.post(
      Self.give, shown.hidden + [("knowingWithdrawal", entry), ("step", "preview")])
    #expect(again.text.contains("value=\"\(entry)\" checked"))
    #expect(again.text.contains("value=\"record\""))
    #expect(again.text.contains("<h3>Moor Lane School</h3>"))
    let done = try desk.post(
      Self.give, again.hidden + [("knowingWithdrawal", entry), ("step", "record")])
    #expect(done.status == 303)
    #expect(try desk.mayShare(ConsentDesk.school))
    #expect(try desk.get("consent").text.contains("Lifted by a later consent"))
  }

  @Test("From a preview back to the form, with everything that was typed")
  func back() throws {
    let desk = try ConsentDesk()
    let shown = try desk.post(Self.give, ConsentDesk.form())
    let form = try desk.post(Self.give, shown.hidden + [("step", "change")]).text
    #expect(form.contains("<h1>Record a consent</h1>"))
    #expect(form.contains("value=\"\(ConsentDesk.school)\" checked"))
    #expect(form.contains("value=\"parentalResponsibility\" checked"))
    #expect(!form.contains("value=\"household\" checked"))
  }
}
