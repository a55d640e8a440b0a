import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

@testable import AgencyService

@Suite("Two answers to one question, on the pages")
struct ConflictPagesTests {
  private let replica: TestReplica
  private let visitor: TestVisitor
  private let child: JSON
  private let caf: String

  init() throws {
    replica = try TestReplica()
    visitor = try TestVisitor(replica)
    child = .string(try replica.child())
    caf = try #require(try replica.run("caf-start", ["child": child])["caf"]?.stringValue)
    try replica.run("practitioner-add", ["name": "Bo Beech"])
  }

  /// Somebody who had not seen what the others wrote; `seen` is what they had before them.
  private func write(
    _ text: String, by author: String, kind: String = "element", group: String = "needs",
    record: RecordID, seen: VersionVector
  ) throws {
    let store = replica.replica.engine.store
    let id = try #require(ChildID(text: child.stringValue ?? ""))
    let stored = try #require(
      try store.compartments(of: id).first {
        try store.content(of: $0).records[record] != nil
      })
    let value =
      group == "life"
      ? GroupValue.life(isPresent: text == "present") : GroupValue.one(group, text)
    var draft = Draft(stored.compartment)
    draft.replace(record, kind, group, value)
    try replica.replica.save(draft, author: replica.replica.practitioner(author), seen: seen)
  }

  private func needs() throws -> [String] {
    let form = try replica.run(
      "record-form",
      ["child": child, "kind": "element", "caf": .string(caf), "element": "identity"])
    let record = try #require(form["record"]?.stringValue.flatMap { RecordID(text: $0) })
    let store = replica.replica.engine.store
    let stored = try #require(
      try store.compartments(in: .development).first {
        try store.content(of: $0).records[record] != nil
      })
    return try store.content(of: stored).records[record]?.values("needs")
      .compactMap { $0.text("needs") } ?? []
  }

  /// The record in which all these answers stand, none of them having seen another.
  @discardableResult
  private func disagree(_ texts: [(author: String, text: String)]) throws -> RecordID {
    try replica.run(
      "caf-write",
      [
        "child": child, "caf": .string(caf), "element": "identity", "strengths": "Sings",
        "as": "Ann Ash",
      ])
    let form = try replica.run(
      "record-form",
      ["child": child, "kind": "element", "caf": .string(caf), "element": "identity"])
    let record = try #require(form["record"]?.stringValue.flatMap { RecordID(text: $0) })
    let seen = try SeenToken(text: form["seen"]?.stringValue ?? "").vector
    for (author, text) in texts {
      replica.clock.advance(milliseconds: 60_000)
      try write(text, by: author, record: record, seen: seen)
    }
    return record
  }

  private func openConflict() throws {
    try visitor.open("/conflicts")
    #expect(visitor.text.contains("Kit Canary"))
    let link = try #require(visitor.page.firstMatch(of: /href="(\/conflicts\/[^"]+)"/))
    try visitor.open(String(link.1))
    #expect(visitor.status == 200)
  }

  @Test("both stand side by side, with author and time, and the words that differ marked")
  func sideBySide() throws {
    try disagree([("Ann Ash", "She sleeps well"), ("Bo Beech", "She sleeps badly")])
    try openConflict()
    #expect(visitor.page.contains("She sleeps <ins>well</ins>"))
    #expect(visitor.page.contains("She sleeps <ins>badly</ins>"))
    for words in ["Ann Ash", "Bo Beech", "Needs", "Identity", "Strengths", "Sings"] {
      #expect(visitor.text.contains(words), "\(words)")
    }
  }

  @Test("one of three is kept, and nothing is left to decide")
  func keepOne() throws {
    try disagree([("Ann Ash", "One"), ("Bo Beech", "Two"), ("Ann Ash", "Three")])
    try openConflict()
    try visitor.press("Keep what Bo Beech wrote")
    #expect(visitor.text.contains("Decided.") && visitor.text.contains("None in what is held"))
    #expect(try needs() == ["Two"])
  }

  @Test("two answers of one author have names of their own, to the ear too")
  func oneAuthor() throws {
    try disagree([("Ann Ash", "One"), ("Bo Beech", "Two"), ("Ann Ash", "Three")])
    try openConflict()
    let buttons = visitor.page.matches(of: />(Keep what [^<]*)</).map { String($0.1) }
    #expect(Set(buttons).count == 3 && buttons.contains("Keep what Bo Beech wrote"), "\(buttons)")
    let third = try #require(
      visitor.page.split(separator: "<section").first {
        $0.contains(">Three<") || $0.contains("<ins>Three")
      })
    let button = try #require(third.firstMatch(of: />(Keep what [^<]*)</)).1
    #expect(third.contains("<h2") && third.contains(", answer "))
    try visitor.press(String(button))
    #expect(try needs() == ["Three"])
  }

  @Test("all are kept, each with who wrote it")
  func keepAll() throws {
    try disagree([("Ann Ash", "Sleeps well"), ("Bo Beech", "Sleeps badly")])
    try openConflict()
    try visitor.press("Keep them all")
    let text = try #require(try needs().first)
    #expect(try needs().count == 1)
    #expect(text.contains("Ann Ash, ") && text.hasSuffix("Sleeps badly"))
    #expect(text.contains(" UTC:\nSleeps well\n\nBo Beech, "))
  }

  @Test("a third begins with both texts, and takes the place of both")
  func third() throws {
    try disagree([("Ann Ash", "Sleeps well"), ("Bo Beech", "Sleeps badly")])
    try openConflict()
    #expect(visitor.page.contains("Sleeps well\n\nSleeps badly</textarea>"))
    try visitor.press("Save this instead", ["needs.needs": "Sleeps better"])
    #expect(try needs() == ["Sleeps better"])
  }

  @Test("an answer that arrived meanwhile is not overwritten, and is asked about next")
  func stale() throws {
    let record = try disagree([("Ann Ash", "One"), ("Bo Beech", "Two")])
    try openConflict()
    try write("Three", by: "Bo Beech", record: record, seen: VersionVector())
    try visitor.press("Keep what Ann Ash wrote")
    #expect(visitor.text.contains("Another answer has arrived that you had not seen"))
    #expect(Set(try needs()) == ["One", "Three"])
    try visitor.press("Keep what Bo Beech wrote")
    #expect(try needs() == ["Three"])
  }

  @Test("an answer that stands no longer is not kept by its place in the list")
  func replaced() throws {
    let record = try disagree([("Ann Ash", "One"), ("Bo Beech", "Two")])
    try openConflict()
    let shown = visitor.page
    let token = try #require(shown.firstMatch(of: /name="seen" value="([^"]+)"/)).1
    try write("Three", by: "Bo Beech", record: record, seen: VersionVector())
    try replica.run(
      "conflict-resolve",
      ["conflict": .string("\(record.text)/needs"), "keep": "2", "seen": .string(String(token))])
    try visitor.press("Keep what Ann Ash wrote", on: shown)
    #expect(visitor.status == 409 && visitor.text.contains("has been replaced meanwhile"))
    #expect(!(try needs().contains("One")))
  }

  @Test("what was typed is shown when somebody has decided meanwhile")
  func decidedMeanwhile() throws {
    let record = try disagree([("Ann Ash", "One"), ("Bo Beech", "Two")])
    try openConflict()
    try replica.run(
      "conflict-resolve", ["conflict": .string("\(record.text)/needs"), "keep": "1"])
    try visitor.press("Save this instead", ["needs.needs": "Long thought about <b>"])
    #expect(visitor.status == 404 && visitor.text.contains("somebody has decided"))
    #expect(visitor.page.contains("Long thought about &lt;b&gt;"))
    #expect(try needs() == ["One"])
  }

  @Test("removed by one while another kept it reads in plain words")
  func removed() throws {
    let place = try replica.put(
      child.stringValue ?? "", .household, "familyMember",
      ["name": GroupValue.one("given", "Nadia")])
    let seen = try #require(try replica.replica.store.compartment(place.compartment)).vector
    for (author, life) in [("Ann Ash", "removed"), ("Bo Beech", "present")] {
      try write(
        life, by: author, kind: "familyMember", group: "life", record: place.record, seen: seen)
    }
    try openConflict()
    #expect(visitor.text.contains("Removed by one, kept by another"))
    #expect(visitor.text.contains("it is no longer to be shown"))
    #expect(visitor.text.contains("Nadia") && !visitor.text.contains("Save this instead"))
    try visitor.press("Keep what Ann Ash wrote")
    try visitor.open("/children/\(child.stringValue ?? "")/family")
    #expect(!visitor.text.contains("Nadia"))
  }
}
