import AgencyService
import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

@Suite("The daily work, on the pages")
struct WorkPagesTests {
  private let replica: TestReplica
  private let visitor: TestVisitor
  private let child: String

  init() throws {
    replica = try TestReplica()
    visitor = try TestVisitor(replica)
    child = try replica.child()
  }

  private var store: ReplicaStore { replica.replica.engine.store }

  // MARK: Work set apart

  private func setApart(_ text: String, in compartment: CompartmentID, _ record: RecordID) throws {
    try store.saveQuarantine(
      Change(
        dot: Dot(actor: Actor(rawValue: 5), counter: 1), context: VersionVector(),
        writes: [
          Write(
            record: record, kind: "element", group: "needs",
            value: GroupValue.one("needs", text).encoded())
        ], time: HybridTime(milliseconds: 1, logical: 0), claimedMilliseconds: 1, author: nil),
      in: compartment, reason: .notHeld, state: .returned, atMilliseconds: 1)
  }

  @Test("work set apart is shown with what was typed and why, taken up, or discarded after asking")
  func apart() throws {
    try replica.run("caf-start", ["child": .string(child)])
    try replica.run(
      "caf-write", ["child": .string(child), "element": "identity", "needs": "Stands"])
    let stored = try #require(
      try store.compartments(in: .development).first { try !store.content(of: $0).records.isEmpty })
    let record = try #require(
      try store.content(of: stored).records.first { $0.value.groups["needs"] != nil }
    ).key
    for text in ["Apart one", "Apart two"] { try setApart(text, in: stored.id, record) }
    try setApart("Nowhere <b>", in: CompartmentID(high: 9, low: 9), record)
    try visitor.open("/sync")
    for words in ["Apart one", "Apart two", "Needs", "Kit Canary", "that this agency may not hold"]
    {
      #expect(visitor.text.contains(words), "\(words)")
    }
    #expect(visitor.page.contains("Nowhere &lt;b&gt;") && !visitor.text.contains("cafsync"))
    try visitor.open("/sync/apart/3")
    #expect(visitor.text.contains("cannot be taken up") && !visitor.page.contains(">Take it up<"))
    try visitor.open("/sync/apart/1")
    try visitor.press("Take it up")
    #expect(visitor.text.contains("Saved again."))
    #expect(try replica.run("conflict-list").texts("conflicts", "field").count == 1)
    try visitor.open("/sync/apart/1")
    #expect(visitor.status == 404 && visitor.text.contains("not set apart any more"))

    try visitor.open("/sync/apart/2")
    let link = try #require(visitor.page.firstMatch(of: /href="([^"]*discard=yes)"/))
    try visitor.open(String(link.1))
    #expect(visitor.text.contains("Discard this?") && visitor.text.contains("Apart two"))
    #expect(try replica.run("quarantine-list").texts("work", "state").count == 2)
    try visitor.press("Discard these words")
    #expect(!visitor.text.contains("Apart two") && visitor.text.contains("Nowhere"))
  }

  @Test("what waits to be sent is listed child by child, and so is everything, page by page")
  func parts() throws {
    try visitor.open("/sync/parts?unsent=yes")
    #expect(visitor.text.contains("Kit Canary") && visitor.text.contains("Queued: not yet"))
    for number in 0..<25 {
      try replica.run(
        "child-add",
        ["given": .string("Child\(number)"), "family": "Canary", "anyway": true])
    }
    try visitor.open("/sync/parts")
    #expect(visitor.text.contains("Page 1 of 2") && !visitor.text.contains("Before"))
    let first = visitor.page.matches(of: /See the child/).count
    try visitor.open("/sync/parts?page=2")
    #expect(first == 25 && visitor.page.matches(of: /See the child/).count == 1)
    try visitor.open("/sync/parts?page=x")
    #expect(visitor.status == 400)
  }

  // MARK: Lead professional

  @Test("somebody is asked to lead, accepts, and leads no more; the history stays")
  func lead() throws {
    try replica.run("practitioner-add", ["name": "Bo Beech", "contact": "0113 496 0002"])
    try visitor.open("/children/\(child)/lead")
    #expect(visitor.text.contains("Nobody leads"))
    try visitor.press("Name them", ["name": "Bo Beech"])
    #expect(visitor.status == 400 && visitor.page.contains("href=\"#basis\""))
    #expect(visitor.page.contains("value=\"Bo Beech\""))
    try visitor.press("Name them", ["basis": "familyChoice"])
    #expect(visitor.text.contains("Bo Beech is asked to lead"))
    #expect(visitor.text.contains("The family's choice"))
    #expect(visitor.text.contains("0113 496 0002"))
    try visitor.press("Accept: Bo Beech leads")
    #expect(visitor.text.contains("Recorded: accepted.") && visitor.text.contains("One leads"))
    try visitor.press(
      "Name them", ["name": "Ann Ash", "basis": "mostContact", "inPlaceOf": ""])
    #expect(visitor.text.contains("2 lead, in what"))
    #expect(visitor.text.contains("Bo Beech Sure Start Batley Leads for 1 Asked for 0"))

    // The first card is the one whose leading began last, or has the greater name.
    let card = try #require(
      visitor.page.split(separator: "<div class=\"card\">").first {
        $0.contains(">Bo Beech ")
      })
    try visitor.press(
      "Record the end", on: String(card),
      [String(try #require(card.firstMatch(of: /name="(on-[0-9a-f]+)"/)).1): "someday"])
    #expect(visitor.status == 400 && visitor.text.contains("year-month-day"))
    try visitor.press("Record the end", on: String(card))
    #expect(visitor.text.contains("Bo Beech leads until"))
    replica.clock.advance(milliseconds: 86_400_000)
    let later = try TestVisitor(replica)
    try later.open("/children/\(child)/lead")
    #expect(later.text.contains("One leads"))
    let past = try #require(later.page.split(separator: "Who led before").last)
    #expect(past.contains("Bo Beech") && past.contains("Led before"))
  }

  @Test("to hand over, the next is named: when they accept, the other's leading ends by itself")
  func handOver() throws {
    for name in ["Bo Beech", "Cy Cedar"] {
      try replica.run("practitioner-add", ["name": .string(name)])
    }
    try visitor.open("/children/\(child)/lead")
    try visitor.press("Name them", ["name": "Ann Ash", "basis": "mostContact"])
    #expect(visitor.text.contains("Ann Ash leads."))
    // Ann's place is what the form proposes.
    for name in ["Cy Cedar", "Bo Beech"] {
      try visitor.press("Name them", ["name": name, "basis": "familyChoice"])
      #expect(visitor.text.contains("is asked to lead, and may accept. Ann Ash leads until then."))
      #expect(visitor.text.contains("One leads") && visitor.text.contains("\(name), asked"))
      if name == "Cy Cedar" { try visitor.press("Decline") }
    }
    #expect(visitor.text.contains("One leads"))
    let next = try TestVisitor(replica, "Bo Beech")
    try next.open("/children/\(child)/lead")
    try next.press("Accept: Bo Beech leads")
    #expect(next.text.contains("Recorded: accepted. Ann Ash leads until"))
    replica.clock.advance(milliseconds: 86_400_000)
    let later = try TestVisitor(replica)
    try later.open("/children/\(child)/lead")
    let halves = later.page.split(separator: "Who led before")
    #expect(later.text.contains("One leads") && halves.first?.contains("Bo Beech <") == true)
    let past = try #require(halves.dropFirst().first)
    #expect(past.contains("Ann Ash") && past.contains("Bo Beech, accepted on"))
    let refused = replica.refusal(
      "lead-set",
      [
        "child": .string(child), "name": "Ann Ash", "basis": "mostContact",
        "inPlaceOf": "Ann Ash",
      ])
    #expect(refused == .failure, "she leads no more")
  }

  @Test("an answer that the form does not have decides nothing")
  func strangeAnswer() throws {
    try replica.run("practitioner-add", ["name": "Bo Beech"])
    try visitor.open("/children/\(child)/lead")
    try visitor.press("Name them", ["name": "Bo Beech", "basis": "mostContact"])
    try visitor.press("Decline", ["answer": "perhaps"])
    #expect(visitor.status == 400 && visitor.text.contains("none of the answers of this form"))
    #expect(visitor.text.contains("Nobody leads") && visitor.text.contains("Not answered yet"))
  }

  @Test("who is asked may decline, and of two asked the one answers that is meant")
  func decline() throws {
    try replica.run("practitioner-add", ["name": "Bo Beech"])
    for name in ["Bo Beech", "Cy Cedar"] {
      try replica.run(
        "lead-set",
        ["child": .string(child), "name": .string(name), "basis": "familyChoice"])
    }
    try visitor.open("/children/\(child)/lead")
    try visitor.press("Accept: Cy Cedar leads")
    try visitor.press("Decline")
    let states = try replica.run("lead-list", ["child": .string(child)])["leads"]?.arrayValue
    let named = (states ?? []).map {
      "\($0["name"]?.stringValue ?? "") \($0["state"]?.stringValue ?? "")"
    }
    #expect(Set(named) == ["Cy Cedar leads", "Bo Beech declined"])
  }

  // MARK: Enquiries

  @Test("a child found nowhere is asked for with what was typed, on one basis; no answer is none")
  func enquiry() throws {
    try visitor.open("/find")
    try visitor.press("Find", ["given": "Zoë", "family": "Nowhere"])
    #expect(!visitor.text.contains("cafsync"))
    try visitor.press("Ask the hub")
    #expect(visitor.page.contains("value=\"Zoë\"") && visitor.page.contains("value=\"Nowhere\""))
    try visitor.press("Ask", ["reason": "concern"])
    #expect(visitor.status == 403 && visitor.page.contains("href=\"#consent\""))
    #expect(visitor.page.contains("value=\"concern\" checked"))
    try visitor.press("Ask", ["override": "Harm is feared"])
    #expect(visitor.status == 400 && visitor.text.contains("There is a problem"))
    try visitor.press("Ask", ["decidedBy": "Head of service"])
    #expect(visitor.text.contains("the enquiry is queued. This is no answer"))
    for words in [
      "Zoë", "No answer yet", "A concern about the child", "Harm is feared", "Head of service",
      "Asked by Ann Ash",
    ] { #expect(visitor.text.contains(words), "\(words)") }
    #expect(!visitor.text.lowercased().contains("no caf") && !visitor.text.contains("cafsync"))
  }

  @Test("the answer of the hub is shown with how many agencies report, and as of when")
  func answered() throws {
    let asked = try replica.run(
      "check", ["given": "Zoë", "reason": "concern", "consent": "Form of 4 December"])
    let enquiry = try #require(asked["enquiry"]?.stringValue.flatMap { RecordID(text: $0) })
    try hubWrites(
      "enquiryAnswer", "answer",
      GroupValue().setting("enquiry", enquiry).setting("outcome", "knownCAF")
        .setting("leadName", "Dee Dogwood").setting("agenciesReporting", count: 13)
        .setting("agenciesTotal", count: 17).setting("asOf", instant: replica.replica.now)
        .setting("expires", instant: replica.replica.now))
    try visitor.open("/enquiries")
    for words in ["Answered", "13 of 17 agencies reporting", "Dee Dogwood", "As of 2"] {
      #expect(visitor.text.contains(words), "\(words)")
    }
  }

  @Test("a child that is held here is shown at once, and the question is kept")
  func held() throws {
    try visitor.open("/enquire")
    try visitor.press(
      "Ask",
      [
        "given": "Kit", "family": "Canary", "dateOfBirth": "2001-02-03", "reason": "meeting",
        "consent": "Form",
      ])
    #expect(visitor.page.contains("<h1>Kit Canary</h1>") && visitor.text.contains("Held here"))
    #expect(try replica.run("check-list").texts("enquiries", "reason") == ["To prepare a meeting"])
  }

  // MARK: Tasks

  /// As the hub would, in this agency's own desk.
  @discardableResult
  private func hubWrites(_ kind: String, _ group: String, _ value: GroupValue) throws -> RecordID {
    if try store.compartments(in: .desk).isEmpty {
      try replica.run("check", ["given": "Any", "consent": "Form"])
    }
    let desk = try #require(try store.compartments(in: .desk).first)
    let record = RecordID(high: 7, low: UInt64(kind.count))
    _ = try replica.replica.engine.write(
      to: desk.id,
      writes: [Write(record: record, kind: kind, group: group, value: value.encoded())],
      author: nil, now: replica.replica.now)
    return record
  }

  @Test("a task is done, or declined with the reason")
  func tasks() throws {
    let id = try #require(ChildID(text: child))
    let task = try hubWrites(
      "prompt", "prompt",
      GroupValue().setting("text", "chooseLead")
        .setting("child", id)
        .setting("on", instant: replica.replica.now))
    try visitor.open("/tasks/\(task.text)")
    #expect(visitor.text.contains("agree on one") && visitor.text.contains("Kit Canary"))
    try visitor.press("Decline")
    #expect(visitor.status == 400 && visitor.text.contains("Whoever declines says why"))
    try visitor.press("Decline", ["why": "Another agency leads"])
    #expect(visitor.status == 200)
    let all = try replica.run("task-list", ["all": true])
    #expect(all.texts("tasks", "state") == ["declined"])
    try visitor.open("/tasks/none")
    #expect(visitor.text.contains("not here any more"))
  }
}
