import AgencyService
import CaseRecords
import Causality
import Operations
import ReplicaStore
import Testing

@Suite("A child's family")
struct FamilyTests {
  private func join(_ replica: TestReplica, _ one: String, _ two: String, undo: Bool = false) throws
    -> JSON
  {
    try replica.run(
      "family-join", ["child": .string(one), "other": .string(two), "undo": .bool(undo)])
  }

  private func siblings(_ replica: TestReplica, _ child: String) throws -> Set<String> {
    Set(try replica.run("family-show", ["child": .string(child)]).texts("siblings", "child"))
  }

  @Test("Joined children are one another's siblings, who they were joined with before too")
  func joins() throws {
    let replica = try TestReplica()
    let names = ["Kit", "Lee", "Max", "Noa"]
    let ids = try names.map { try replica.child($0) }
    let (kit, lee, max, noa) = (ids[0], ids[1], ids[2], ids[3])
    #expect(try siblings(replica, kit) == [])
    _ = try join(replica, kit, lee)
    _ = try join(replica, max, noa)
    #expect(try siblings(replica, kit) == [lee])
    #expect(try siblings(replica, noa) == [max])
    let joined = try join(replica, lee, noa)
    #expect(joined["children"]?.arrayValue?.count == 4)
    for id in ids { #expect(try siblings(replica, id) == Set(ids).subtracting([id])) }
    #expect(try join(replica, kit, max)["sentence"] == "They are joined as one family already.")
    _ = try join(replica, kit, noa, undo: true)
    #expect(try siblings(replica, noa) == [])
    #expect(try siblings(replica, kit) == [lee, max])
    _ = try join(replica, kit, lee, undo: true)
    _ = try join(replica, kit, max, undo: true)
    for id in ids { #expect(try siblings(replica, id) == []) }
    // Nothing of it is left, with the last of them either.
    let exported = try replica.run("export", ["child": .string(kit)])
    #expect(exported["compartments"]?.text().contains("familyLink") == false)
    _ = try join(replica, kit, lee)
    #expect(try siblings(replica, lee) == [kit])
  }

  @Test("What cannot be joined, or taken back, is refused, and nothing is changed")
  func refused() throws {
    let replica = try TestReplica()
    let kit = JSON.string(try replica.child())
    let lee = JSON.string(try replica.child("Lee"))
    let max = JSON.string(try replica.child("Max"))
    for (input, code) in [
      (["child": kit, "other": kit], .usage), (["child": kit], .usage),
      (["child": kit, "other": "ffff"], .failure),
      (["child": kit, "other": lee, "writtenWith": max], .usage),
      (["child": kit, "other": lee, "undo": true], .failure),
    ] as [(JSON, ExitCode)] {
      #expect(replica.refusal("family-join", input) == code, "\(input)")
    }
    // What another agency has joined is for that agency to take back.
    let family = GroupValue().setting("family", RecordID(high: 1, low: 1))
    let other = AgencyID(high: 7, low: 7)
    for id in [kit, lee] {
      try replica.put(
        try #require(id.stringValue), .household, of: other, "familyLink", ["family": family])
    }
    #expect(try siblings(replica, try #require(kit.stringValue)) == [try #require(lee.stringValue)])
    #expect(
      replica.refusal("family-join", ["child": kit, "other": lee, "undo": true]) == .refused)
  }

  @Test("The household is written once, and shown with each of the children")
  func household() throws {
    let replica = try TestReplica()
    let kit = try replica.child()
    let lee = try replica.child("Lee")
    try replica.put(
      lee, .household, "familyMember",
      [
        "name": .one("given", "Mo"), "relationship": .one("relationship", "mother"),
        "parentalResponsibility": .one("parentalResponsibility", "yes"),
        "livesHere": GroupValue().setting("livesHere", true),
      ])
    try replica.put(lee, .household, "home", ["description": .one("description", "A flat")])
    try replica.put(
      lee, .index, "child",
      ["school": .one("name", "Moor Lane")], record: .child(try #require(ChildID(text: lee))))
    #expect(
      try replica.run("family-show", ["child": .string(kit)])["members"]?.arrayValue == [])
    // With whom there is a household already.
    #expect(try join(replica, kit, lee)["writtenWith"]?.stringValue == lee)
    for child in [kit, lee] {
      let shown = try replica.run("family-show", ["child": .string(child)])
      let member = try #require(shown["members"]?.arrayValue?.first)
      #expect(shown["members"]?.arrayValue?.count == 1 && member["name"] == "Mo")
      #expect(member["relationship"] == "Mother" && member["livesHere"] == true)
      #expect(member["writtenWith"]?.stringValue == lee && member["isCarer"] == .null)
      #expect(shown["homes"]?.arrayValue?.count == 1)
      #expect(shown.texts("writtenWith", "child") == [lee])
    }
    let sibling = try #require(
      try replica.run("family-show", ["child": .string(kit)])["siblings"]?.arrayValue?.first)
    #expect(sibling["school"] == "Moor Lane" && sibling["services"] == ["Sure Start Batley"])
    // Consent is each child's own: what is shared of one is not shared of the other.
    let school = JSON.string(String(repeating: "5", count: 32))
    try replica.run(
      "consent-give",
      [
        "child": .string(kit), "agencies": school, "by": "Mo", "relationship": "mother",
        "capacity": "parentalResponsibility", "agreement": "2006-09",
      ])
    for (child, isYes) in [(kit, true), (lee, false)] {
      let may = try replica.run(
        "may-share", ["child": .string(child), "agency": school, "categories": "household"])
      #expect(may["mayShare"]?.boolValue == isYes)
    }
  }

  @Test("A brother or sister who may not be shown any more is not")
  func withdrawn() throws {
    let replica = try TestReplica()
    let kit = try replica.child()
    let lee = try replica.child("Lee")
    let family = GroupValue().setting("family", RecordID(high: 1, low: 1))
    let other = AgencyID(high: 7, low: 7)
    try replica.put(kit, .household, of: other, "familyLink", ["family": family])
    let link = try replica.put(lee, .household, of: other, "familyLink", ["family": family])
    #expect(try siblings(replica, kit) == [lee])
    try replica.set(link.compartment, to: .revoked)
    #expect(try siblings(replica, kit) == [])
    try replica.set(link.compartment, to: .held)
    #expect(try siblings(replica, kit) == [lee])
    replica.clock.advance(milliseconds: 31 * 86_400_000)
    #expect(try siblings(replica, kit) == [])
  }
}
