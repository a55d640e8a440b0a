import AgencyService
import CaseRecords
import Causality
import Operations
import ReplicaStore
import Testing

@Suite("A child's chronology")
struct ChronologyTests {
  private func day(_ text: String) throws -> CalendarDate { try #require(CalendarDate(text)) }

  private func lines(_ replica: TestReplica, _ child: String) throws -> [String] {
    let answer = try replica.run("chronology", ["child": .string(child)])
    return (answer["events"]?.arrayValue ?? []).map { event in
      [event["on"], event["kind"], event["sentence"]].map { $0?.stringValue ?? "" }
        .joined(separator: " ")
    }
  }

  @Test("Everything that has a day stands in the order of its days, the same every time")
  func order() throws {
    // It is 24 November 2025.
    let replica = try TestReplica()
    let child = try replica.child()
    let id = JSON.string(child)
    let other = AgencyID(high: 7, low: 7)
    try replica.put(
      child, .index, of: other, "involvement",
      [
        "agency": GroupValue().setting("agency", other),
        "official": .one("official", "unofficial"),
        "period": .one("status", "past").setting("start", try day("2024-01-02"))
          .setting("end", try day("2024-06-30")),
        "contacts": GroupValue().setting("lastContact", try day("2024-06-01"))
          .setting("asOf", try day("2024-07-01")),
      ])
    try replica.put(
      child, .index, "child",
      [
        "school": .one("name", "Moor Lane").setting("rollStart", try day("2023-09-01"))
          .setting("rollEnd", try day("2025-07-01")).setting("rollEndReason", "excluded")
      ], record: .child(try #require(ChildID(text: child))))
    try replica.run("caf-start", ["child": id])
    try replica.run(
      "caf-write", ["child": id, "element": "identity", "needs": "Is shy", "strengths": "Sings"])
    try replica.run(
      "caf-write", ["child": id, "element": "conclusions", "conclusions": "Go on"])
    try replica.run(
      "lead-set", ["child": id, "name": "Ann Ash", "basis": "mostContact", "contact": "x"])
    try replica.put(
      child, .plan, "tacMeeting",
      [
        "when": GroupValue().setting("on", try day("2025-11-25")),
        "nextReview": GroupValue().setting("nextReview", try day("2026-02-01")),
      ])
    try replica.put(
      child, .plan, "tacMeeting",
      [
        "when": GroupValue().setting("on", try day("2025-11-01")),
        "family": GroupValue().setting("invited", true).setting("present", true),
      ])
    try replica.put(
      child, .plan, "action",
      [
        "owner": .one("name", "Bo Beech"),
        "action": .one("action", String(repeating: "a", count: 61)),
        "due": GroupValue().setting("due", try day("2025-12-01")),
        "status": .one("status", "done").setting("on", try day("2025-11-20")),
      ])
    try replica.run(
      "consent-refuse", ["child": id, "agencies": "everyone", "categories": "household"])
    try replica.run(
      "note-add", ["child": id, "text": "Secret words", "title": "A call", "on": "2025-11-10"])
    let cut = String(repeating: "a", count: 60) + "… (Bo Beech)"
    let expected = [
      "2023-09-01 roll On the roll of Moor Lane",
      "2024-01-02 involvement an agency not in the directory began to work with the child, "
        + "unofficially",
      "2024-06-01 contact Last contact with an agency not in the directory",
      "2024-06-30 involvement an agency not in the directory ended its work with the child",
      "2025-07-01 roll Off the roll of Moor Lane: excluded",
      "2025-11-01 meeting The team around the child met, the family was there",
      "2025-11-10 note Note: A call",
      "2025-11-20 action Action done: \(cut)",
      "2025-11-24 involvement Sure Start Batley began to work with the child",
      "2025-11-24 caf A CAF was started, Sure Start Batley",
      "2025-11-24 element Identity, self-esteem, self-image and social presentation: written in "
        + "needs, strengths",
      "2025-11-24 conclusion Conclusions: written in conclusions",
      "2025-11-24 action Action agreed: \(cut)",
      "2025-11-24 lead Ann Ash accepted to lead",
      "2025-11-24 lead Ann Ash, Sure Start Batley was named as lead professional",
      "2025-11-24 consent Refusal: share: family and home — every agency",
      "2025-11-25 meeting The team around the child is to meet",
      "2025-12-01 action Action due: \(cut)",
      "2026-02-01 review The plan is due for review",
    ]
    let first = try lines(replica, child)
    #expect(first == expected)
    #expect(try lines(replica, child) == first)
    let events = try replica.run("chronology", ["child": id])["events"]?.arrayValue ?? []
    #expect(events.filter { $0["isPrivate"] == true }.map { $0["kind"] } == ["note"])
    #expect(events.filter { $0["isAhead"] == true }.count == 3)
    #expect(events.first { $0["kind"] == "note" }?["by"] == "Ann Ash")
    let all = try replica.run("chronology", ["child": id]).text()
    for words in ["Secret words", "Is shy", "Sings"] { #expect(!all.contains(words)) }
  }

  @Test("What is withdrawn is not in it, and what one person wrote later stands on its own day")
  func held() throws {
    let replica = try TestReplica()
    let child = try replica.child()
    let other = AgencyID(high: 7, low: 7)
    let put = try replica.put(
      child, .plan, of: other, "comment",
      ["comment": .one("by", "parent").setting("text", "Good").setting("on", try day("2025-01-01"))]
    )
    #expect(try lines(replica, child).contains("2025-01-01 comment Parent or carer commented"))
    try replica.set(put.compartment, to: .revoked)
    #expect(try !lines(replica, child).contains { $0.contains("commented") })
    try replica.run("caf-start", ["child": .string(child)])
    let write: JSON = ["child": .string(child), "element": "identity", "needs": "Is shy"]
    try replica.run("caf-write", write)
    replica.clock.advance(milliseconds: 86_400_000)
    try replica.run(
      "caf-write", ["child": .string(child), "element": "identity", "strengths": "Sings"])
    #expect(try lines(replica, child).count { $0.contains(" element ") } == 2)
    #expect(replica.refusal("chronology", ["child": "ffff"]) == .failure)
  }
}
