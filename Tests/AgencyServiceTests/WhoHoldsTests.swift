import AgencyService
import CaseRecords
import Causality
import Operations
import ReplicaStore
import Testing

@Suite("Who holds what, in words for the family")
struct WhoHoldsTests {
  private let school = String(repeating: "5", count: 32)

  /// A replica with the school in the hub's directory, and a child with a CAF and a private note.
  private func desk() throws -> (replica: TestReplica, child: String) {
    let replica = try TestReplica()
    try replica.publish([try #require(AgencyID(text: school)): "Moor Lane School"])
    let child = try replica.child()
    let id = JSON.string(child)
    try replica.run("caf-start", ["child": id])
    try replica.run("note-add", ["child": id, "text": "A worry of ours"])
    return (replica, child)
  }

  private func consent(_ child: String, _ changes: JSON.Object = .init()) -> JSON {
    var object = JSON.Object()
    object["child"] = .string(child)
    object["agencies"] = .string(school)
    object["by"] = "Mo Canary"
    object["relationship"] = "mother"
    object["capacity"] = "parentalResponsibility"
    object["agreement"] = "2006-09"
    for (name, value) in changes.members { object[name] = value }
    return .object(object)
  }

  private func ask(_ replica: TestReplica, _ child: String) throws -> JSON {
    try replica.run("who-holds", ["child": .string(child)])
  }

  /// What a sheet for the family would show.
  private func sheet(_ answer: JSON) -> String {
    func kept(_ value: JSON) -> JSON? {
      switch value {
      case .object(var object):
        if object["isForFamily"] == false { return nil }
        for (name, member) in object.members { object[name] = kept(member) }
        return .object(object)
      case .array(let items): return .array(items.compactMap(kept))
      default: return value
      }
    }
    return kept(answer)?.text() ?? ""
  }

  @Test("Nobody, until there is consent; then who, which part, on whose word, until when")
  func consented() throws {
    let (replica, child) = try desk()
    let before = try ask(replica, child)
    #expect(before["agencies"]?.arrayValue?.isEmpty == true)
    #expect(before.texts("onlyHere", "category") == ["development", "private"])
    #expect(
      before["hub"]?.arrayValue?.map { $0["keeps"] } == [true, false])
    var changes = JSON.Object()
    changes["until"] = "2026-06-30"
    try replica.run("consent-give", consent(child, changes))
    let after = try ask(replica, child)
    let recipient = try #require(after["agencies"]?.arrayValue?.first)
    #expect(recipient["agency"] == "Moor Lane School")
    #expect(recipient.texts("parts", "category") == ["development"])
    #expect(recipient.texts("parts", "label") == ["How the child is growing and learning"])
    #expect(
      recipient.texts("parts", "sentence") == [
        "With the consent of 2025-11-24 by Mo Canary (mother), after agreement 2006-09 was "
          + "explained."
      ])
    #expect(recipient.texts("parts", "until") == ["2026-07-01 00:00 UTC"])
    #expect(after["hub"]?.arrayValue?.map { $0["keeps"] } == [true, true])
    #expect(after.texts("onlyHere", "category") == ["private"])
    replica.clock.advance(milliseconds: 365 * 86_400_000)
    #expect(try ask(replica, child)["agencies"]?.arrayValue?.isEmpty == true)
  }

  @Test("What was taken back, declined or ruled out is said for as long as it stands")
  func denied() throws {
    let (replica, child) = try desk()
    let id = JSON.string(child)
    try replica.run("consent-give", consent(child))
    try replica.run(
      "consent-withdraw", ["child": id, "agencies": .string(school), "categories": "development"])
    try replica.run(
      "consent-refuse", ["child": id, "agencies": "everyone", "categories": "health"])
    var never = JSON.Object()
    never["exclude"] = .string(school)
    never["agencies"] = "everyone"
    never["categories"] = "household"
    try replica.run("consent-give", consent(child, never))
    let answer = try ask(replica, child)
    #expect(answer["agencies"]?.arrayValue?.isEmpty == true)
    #expect(Set(answer.texts("notShared", "kind")) == ["withdrawn", "refused", "excluded"])
    #expect(
      Set(answer.texts("notShared", "sentence")) == [
        "Consent was withdrawn on 2025-11-24: Moor Lane School may not have it.",
        "The family said no on 2025-11-24: other agencies may not have it.",
        "The family said “never” on 2025-11-24: Moor Lane School may not have it.",
      ])
    // A new consent that knows of the withdrawal lifts it.
    var knowing = JSON.Object()
    knowing["knowingWithdrawal"] = "all"
    knowing["categories"] = "development"
    try replica.run("consent-give", consent(child, knowing))
    #expect(try Set(ask(replica, child).texts("notShared", "kind")) == ["refused", "excluded"])
  }

  @Test("The family's sheet leaves out notes, confidential work, and what a parent is not told")
  func sheets() throws {
    let (replica, child) = try desk()
    let all = try ask(replica, child)
    #expect(all.text().contains("own notes") && !sheet(all).contains("own notes"))
    // A young person decides alone, also about a confidential service that no directory lists.
    let refuge = "66666666666666666666666666666666"
    try replica.put(child, .sensitive, "note", ["note": .one("text", "x")])
    var alone = JSON.Object()
    alone["capacity"] = "competentUnderSixteen"
    alone["assessedBy"] = "Dr Elm"
    alone["relationship"] = "self"
    alone["by"] = "Kit Canary junior"
    alone["categories"] = "sensitive,development"
    alone["agencies"] = .string(school + "," + refuge)
    try replica.run("consent-give", consent(child, alone))
    let young = try ask(replica, child)
    #expect(young["agencies"]?.arrayValue?.count == 2)
    #expect(young.text().contains("Kit Canary junior"))
    for words in ["junior", "onfidential", "not in the directory", "Moor Lane"] {
      #expect(!sheet(young).contains(words), "\(words)")
    }
    // Nor is a disclosure on suspected harm announced to whoever may be the cause of it.
    let other = try desk()
    try other.replica.run(
      "consent-withdraw",
      [
        "child": .string(other.child), "agencies": .string(school), "categories": "development",
      ])
    try other.replica.run(
      "override-add",
      [
        "child": .string(other.child), "agencies": .string(school), "categories": "development",
        "reason": "suspected significant harm", "decidedBy": "Bo Beech", "until": "2025-12-31",
      ])
    let harm = try ask(other.replica, other.child)
    #expect(harm["agencies"]?.text().contains("Bo Beech") == true)
    #expect(!sheet(harm).contains("Bo Beech") && !sheet(harm).contains("harm"))
    #expect(sheet(harm).contains("Consent was withdrawn"))
  }

  @Test("A confidential part, and an agency that no directory lists, are in no sheet at all")
  func confidential() throws {
    let refuge = "66666666666666666666666666666666"
    for (agencies, categories, isShown) in [
      (school, "development", true), (school, "sensitive", false), (refuge, "development", false),
    ] {
      let (replica, child) = try desk()
      try replica.put(child, .sensitive, "note", ["note": .one("text", "x")])
      var changes = JSON.Object()
      changes["agencies"] = .string(agencies)
      changes["categories"] = .string(categories)
      try replica.run("consent-give", consent(child, changes))
      let given = try ask(replica, child)
      #expect(given["agencies"]?.arrayValue?.count == 1)
      #expect(sheet(given["agencies"] ?? .null).contains("Mo Canary") == isShown, "\(categories)")
      #expect(!sheet(given).contains("onfidential"))
      try replica.run(
        "consent-withdraw",
        [
          "child": .string(child), "agencies": .string(agencies),
          "categories": .string(categories),
        ])
      let taken = try ask(replica, child)
      #expect(taken["notShared"]?.arrayValue?.count == 1)
      #expect(sheet(taken).contains("Consent was withdrawn") == isShown, "\(categories)")
    }
  }

  @Test("What others have written and this agency holds is named with who wrote it")
  func others() throws {
    let (replica, child) = try desk()
    let written = try replica.put(
      child, .plan, of: AgencyID(text: school), "comment",
      ["comment": .one("by", "parent").setting("text", "Good")])
    #expect(try ask(replica, child).texts("heldHere", "writtenBy") == ["Moor Lane School"])
    try replica.set(written.compartment, to: .revoked)
    #expect(try ask(replica, child)["heldHere"]?.arrayValue?.isEmpty == true)
    #expect(replica.refusal("who-holds", ["child": "ffff"]) == .failure)
  }
}
