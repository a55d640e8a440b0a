import AgencyService
import CaseRecords
import Causality
import Cryptography
import Operations
import ReplicaStore
import SyncEngine
import Testing

/// A replica with one child that lacks nothing, so that each test brings in what it is about.
private struct Desk {
  let replica: TestReplica
  let child: String
  let me: PractitionerID
  let other = AgencyID(high: 7, low: 7)
  var agency: AgencyID { replica.replica.agency }

  init(born: String = "1990-01-01") throws {
    replica = try TestReplica()
    me = try #require(
      try replica.run("practitioner-list").texts("practitioners", "practitioner").first
        .flatMap { PractitionerID(text: $0) })
    child = try #require(
      replica.run(
        "child-add", ["given": "Kit", "family": "Canary", "dateOfBirth": .string(born)])["child"]?
        .stringValue)
  }

  func day(_ offset: Int) -> CalendarDate {
    let now = CalendarDate(millisecondsSince1970: UInt64(replica.clock.wallMilliseconds()))
    return now.flatMap { $0.adding(days: offset) }!
  }

  func alerts(_ input: JSON = [:]) throws -> [JSON] {
    try replica.run("worklist", input)["alerts"]?.arrayValue ?? []
  }

  func kinds(_ input: JSON = [:]) throws -> [String] {
    try alerts(input).compactMap { $0["kind"]?.stringValue }.sorted()
  }

  func person(_ agency: AgencyID, _ practitioner: PractitionerID? = nil, _ name: String? = nil)
    -> GroupValue
  {
    GroupValue().setting("agency", agency).setting("practitioner", practitioner)
      .setting("name", name)
  }

  func involve(
    _ agency: AgencyID, _ practitioner: PractitionerID? = nil, _ name: String? = nil,
    of child: String? = nil, lastContact: Int = 0, custodian: AgencyID? = nil
  ) throws {
    try replica.put(
      child ?? self.child, .index, of: custodian, "involvement",
      [
        "agency": GroupValue().setting("agency", agency),
        "practitioner": GroupValue().setting("practitioner", practitioner).setting("name", name),
        "official": .one("official", "official"), "period": .one("status", "active"),
        "contacts": GroupValue().setting("lastContact", day(lastContact))
          .setting("asOf", day(lastContact)),
      ])
  }

  func assess(state: String = "draft", on: Int = 0, review: Int? = nil) throws {
    try replica.put(
      child, .development, "assessment",
      [
        "started": GroupValue().setting("on", day(on)).setting("agency", agency)
          .setting("practitioner", me),
        "state": GroupValue().setting("state", state).setting("on", day(on)),
        "reviewDue": GroupValue().setting("reviewDue", review.map(day)),
      ].filter { !$0.value.isBlank })
  }
}

@Suite("What one practitioner should see to")
struct WorklistTests {
  @Test("An entry is stale, an assessment out of date and a review overdue one day past the limit")
  func limits() throws {
    let stale = try Desk()
    try stale.involve(stale.agency, stale.me, lastContact: -182)
    #expect(try stale.kinds() == [])
    try stale.involve(stale.agency, stale.me, lastContact: -183)
    #expect(try stale.kinds() == ["staleInvolvement"])
    // Another agency's entry is for that agency to mend.
    let others = try Desk()
    try others.involve(others.other, lastContact: -900, custodian: others.other)
    #expect(try others.kinds() == [])

    for (on, review, expected) in [
      (-365, 0, []), (-366, 0, ["assessmentOutOfDate"]), (0, -1, ["reviewOverdue"]),
    ] as [(Int, Int, [String])] {
      let desk = try Desk()
      try desk.assess(on: on, review: review)
      #expect(try desk.kinds().filter { $0 != "noLead" } == expected, "\(on) \(review)")
      try desk.replica.put(
        desk.child, .plan, "tacMeeting", ["when": GroupValue().setting("on", desk.day(0))])
      #expect(try !desk.kinds().contains("reviewOverdue"))
    }
    let specialist = try Desk()
    for (end, count) in [(0, 0), (-1, 1)] {
      try specialist.replica.put(
        specialist.child, .health, "specialistAssessment",
        [
          "assessment": .one("title", "Hearing test").setting("holderName", "The clinic")
            .setting("on", specialist.day(-30)),
          "outOfDateAfter": GroupValue().setting("outOfDateAfter", specialist.day(end)),
        ])
      let alerts = try specialist.alerts()
      #expect(alerts.count == count)
      #expect(alerts.allSatisfy { $0.text().contains("held by The clinic") })
    }
  }

  @Test("An action is overdue the day after, for its owner, until it is done or dropped")
  func actions() throws {
    let desk = try Desk()
    func act(_ owner: GroupValue, due: Int, _ status: String = "open") throws -> RecordID {
      try desk.replica.put(
        desk.child, .plan, "action",
        [
          "owner": owner, "due": GroupValue().setting("due", desk.day(due)),
          "status": .one("status", status),
        ]
      ).record
    }
    let mine = desk.person(desk.agency, desk.me, "Ann Ash")
    _ = try act(mine, due: 0)
    for status in ["done", "dropped"] { _ = try act(mine, due: -9, status) }
    #expect(try desk.kinds() == [])
    let late = try act(mine, due: -1)
    let alert = try #require(try desk.alerts().first)
    #expect(alert["kind"] == "actionOverdue" && alert["owner"] == "Ann Ash")
    #expect(alert["due"]?.stringValue == desk.day(-1).text && alert["isOwn"] == true)
    try desk.replica.put(
      desk.child, .plan, "action", ["status": .one("status", "done")], record: late)
    #expect(try desk.kinds() == [])
  }

  @Test("A colleague sees what is theirs and what is the agency's, and not what is mine")
  func owners() throws {
    let desk = try Desk()
    try desk.replica.run("practitioner-add", ["name": "Bo Beech"])
    for owner in [
      desk.person(desk.agency, desk.me, "Ann Ash"), desk.person(desk.agency, nil, "Bo Beech"),
    ] {
      try desk.replica.put(
        desk.child, .plan, "action",
        ["owner": owner, "due": GroupValue().setting("due", desk.day(-1))])
    }
    let colleague: JSON = ["as": "Bo Beech"]
    #expect(try desk.alerts(colleague).map { $0["owner"] } == ["Bo Beech"])
    #expect(try desk.replica.run("worklist", colleague).texts("children", "name") == [])
    // The child is Ann's, so that she sees all that is overdue for it, her own first.
    #expect(try desk.alerts().map { $0["owner"] } == ["Ann Ash", "Bo Beech"])
    #expect(try desk.replica.run("worklist").texts("children", "name") == ["Kit Canary"])
    for owner in [
      desk.person(desk.agency, nil, "The front desk"), desk.person(desk.other, nil, "Cy Cedar"),
    ] {
      try desk.replica.put(
        desk.child, .plan, "action",
        ["owner": owner, "due": GroupValue().setting("due", desk.day(-1))])
    }
    #expect(try desk.alerts(colleague).map { $0["owner"] } == ["Bo Beech", "The front desk"])
    #expect(try desk.alerts().count == 4)
    // What somebody has left behind is for everybody there.
    try desk.replica.run("practitioner-end", ["practitioner": "Ann Ash", "as": "Bo Beech"])
    #expect(try desk.alerts(colleague).count == 2)
    desk.replica.clock.advance(milliseconds: 86_400_000)
    #expect(desk.replica.refusal("worklist") == .refused)
    #expect(
      try Set(desk.alerts(colleague).compactMap { $0["owner"]?.stringValue })
        == ["Bo Beech", "The front desk", "Ann Ash"])
  }

  @Test("Nobody leads, has not answered, is away with nobody standing in, or has left")
  func leads() throws {
    let desk = try Desk()
    let id = JSON.string(desk.child)
    try desk.assess()
    #expect(try desk.kinds() == ["noLead"])
    try desk.replica.run(
      "lead-set",
      [
        "child": id, "name": "Cy Cedar", "basis": "mostContact",
        "agency": .string(desk.other.text),
      ])
    #expect(try desk.kinds() == ["leadAsked"])
    #expect(try desk.alerts().first?["owner"] == "Cy Cedar, an agency not in the directory")
    try desk.replica.run("lead-end", ["child": id])
    #expect(try desk.kinds() == ["leadAsked"])
    desk.replica.clock.advance(milliseconds: 86_400_000)
    #expect(try desk.kinds() == ["noLead"])

    try desk.replica.run(
      "lead-set", ["child": id, "name": "Ann Ash", "basis": "mostContact"])
    #expect(try desk.kinds() == [])
    for (from, to, kinds) in [
      (1, 2, []), (-2, -1, []), (0, 0, ["leadAbsent"]), (-9, nil, ["leadAbsent"]),
    ] as [(Int, Int?, [String])] {
      let away = GroupValue().setting("from", desk.day(from)).setting("to", to.map(desk.day))
      for record in try leadRecords(desk) {
        try desk.replica.put(
          desk.child, .index, "leadProfessional", ["absence": away], record: record)
      }
      #expect(try desk.kinds() == kinds, "\(from)")
    }
    for record in try leadRecords(desk) {
      try desk.replica.put(
        desk.child, .index, "leadProfessional", ["deputy": .one("name", "Bo Beech")],
        record: record)
    }
    #expect(try desk.kinds() == [])
    try desk.replica.run("practitioner-add", ["name": "Bo Beech"])
    #expect(
      try desk.replica.run("worklist", ["as": "Bo Beech"])["children"]?.arrayValue?.first?["why"]
        == ["deputy"])
    try desk.replica.run(
      "practitioner-end",
      ["practitioner": "Ann Ash", "as": "Bo Beech"])
    #expect(try desk.kinds(["as": "Bo Beech"]) == [])
    desk.replica.clock.advance(milliseconds: 86_400_000)
    #expect(try desk.kinds(["as": "Bo Beech"]) == ["leadLeft"])
  }

  private func leadRecords(_ desk: Desk) throws -> [RecordID] {
    try desk.replica.replica.engine.store.compartments(in: .index).flatMap {
      try desk.replica.replica.engine.store.content(of: $0).records(of: "leadProfessional")
        .map(\.id)
    }
  }

  @Test("A closed CAF needs no lead, whatever the index still says of it")
  func closed() throws {
    let desk = try Desk()
    let id = JSON.string(desk.child)
    try desk.replica.put(
      desk.child, .index, "cafFlag",
      ["derived": .one("status", "complete").setting("agency", desk.agency)])
    #expect(try desk.kinds() == ["noLead"])
    try desk.replica.run("caf-start", ["child": id])
    #expect(
      try desk.replica.run("worklist").texts("children", "caf").first?.contains("progress") == true)
    try desk.replica.run(
      "caf-complete", ["child": id, "state": "closed", "closureReason": "needsMet"])
    #expect(try desk.kinds() == [])
    #expect(try desk.replica.run("worklist").texts("children", "caf") == ["CAF: Closed"])
  }

  @Test("Doctor and dentist are looked for at every age, a nursery at three, a school at five")
  func universalServices() throws {
    // The day of these tests is 24 November 2025.
    for (born, words) in [
      ("2025-11-25", nil), ("2025-11-24", "GP not known, dentist not known (aged 0)."),
      ("2022-11-25", "GP not known, dentist not known (aged 2)."),
      ("2022-11-24", "GP not known, dentist not known, nursery not known (aged 3)."),
      ("2020-11-25", "GP not known, dentist not known, nursery not known (aged 4)."),
      ("2020-11-24", "GP not known, dentist not known, school not known (aged 5)."),
      ("2009-11-25", "GP not known, dentist not known, school not known (aged 15)."),
      ("2009-11-24", "GP not known, dentist not known (aged 16)."),
      ("2005-11-25", "GP not known, dentist not known (aged 19)."), ("2005-11-24", nil),
    ] as [(String, String?)] {
      let desk = try Desk(born: "1990-01-01")
      let key = born == "2025-11-25" ? "expectedDate" : "dateOfBirth"
      let child = RecordID.child(try #require(ChildID(text: desk.child)))
      try desk.replica.put(
        desk.child, .index, "child", ["birth": .one(key, born)], record: child)
      let alerts = try desk.alerts()
      if key == "expectedDate" {
        #expect(alerts.count <= 1)
      } else {
        #expect(alerts.first?["sentence"]?.stringValue == words, "\(born)")
      }
    }
    let desk = try Desk(born: "2020-01-01")
    let child = RecordID.child(try #require(ChildID(text: desk.child)))
    try desk.replica.put(
      desk.child, .index, "child",
      ["gp": .one("state", "none"), "school": .one("name", "Moor Lane")], record: child)
    #expect(try desk.alerts().first?["sentence"] == "No GP, dentist not known (aged 5).")
    // One who knows is enough, and whoever works with the child owns the question.
    try desk.replica.put(
      desk.child, .index, of: desk.other, "child",
      ["gp": .one("state", "known"), "dentist": .one("state", "known")], record: child)
    #expect(try desk.kinds() == [])
  }

  @Test("A roll that ended with no next school has an owner, until somebody knows of a school")
  func offRoll() throws {
    let desk = try Desk(born: "2013-01-01")
    let child = RecordID.child(try #require(ChildID(text: desk.child)))
    func roll(_ end: Int?, _ reason: String? = nil, _ next: String? = nil) throws -> [String] {
      try desk.replica.put(
        desk.child, .index, "child",
        [
          "gp": .one("state", "known"), "dentist": .one("state", "known"),
          "school": .one("name", "Moor Lane").setting("rollEnd", end.map(desk.day))
            .setting("rollEndReason", reason).setting("nextSchool", next),
        ], record: child)
      return try desk.kinds()
    }
    #expect(try roll(nil) == [])
    #expect(try roll(0) == [])
    #expect(try roll(-1, "excluded") == ["offRoll"])
    let alert = try #require(try desk.alerts().first)
    #expect(alert["owner"] == "Ann Ash" && alert["since"]?.stringValue == desk.day(-1).text)
    #expect(try roll(-1, "homeEducated") == [])
    #expect(try roll(-1, "excluded", "Hill Road") == [])
    #expect(try roll(-1, "excluded") == ["offRoll"])
    try desk.replica.put(
      desk.child, .index, of: desk.other, "child", ["school": .one("name", "Hill Road")],
      record: child)
    #expect(try desk.kinds() == [])
  }

  @Test("Two practitioners of one service with one family: also when it is a brother's")
  func duplicateSupport() throws {
    let desk = try Desk()
    try desk.involve(desk.other, nil, "Cy Cedar", custodian: desk.other)
    try desk.involve(desk.other, nil, "cy cedar", custodian: desk.other)
    #expect(try desk.kinds() == [])
    let brother = try desk.replica.child("Lee", family: "Canary")
    try desk.involve(desk.other, nil, "Di Doe", of: brother, custodian: desk.other)
    #expect(try !desk.kinds().contains("duplicateSupport"))
    let family = GroupValue().setting("family", RecordID(high: 1, low: 1))
    let link = try desk.replica.put(desk.child, .household, "familyLink", ["family": family])
    try desk.replica.put(brother, .household, "familyLink", ["family": family])
    #expect(try desk.kinds().contains("duplicateSupport"))
    let words = try desk.alerts().map { $0.text().lowercased() }
    #expect(
      words.contains { $0.contains("cy cedar") && $0.contains("di doe of an agency") }
        || words.contains { $0.contains("di doe and cy cedar of an agency") })
    try desk.replica.put(
      desk.child, .household, "familyLink", ["life": .life(isPresent: false)], record: link.record)
    #expect(try !desk.kinds().contains("duplicateSupport"))
  }

  @Test("What is withdrawn, or past the lease, is in no list, and own work is")
  func withdrawn() throws {
    let desk = try Desk()
    let put = try desk.replica.put(
      desk.child, .plan, of: desk.other, "action",
      [
        "owner": desk.person(desk.agency, desk.me),
        "due": GroupValue().setting("due", desk.day(-1)),
      ])
    try desk.assess()
    #expect(try desk.kinds() == ["actionOverdue", "noLead"])
    try desk.replica.set(put.compartment, to: .revoked)
    #expect(try desk.kinds() == ["noLead"])
    try desk.replica.set(put.compartment, to: .held)
    #expect(try desk.kinds() == ["actionOverdue", "noLead"])
    desk.replica.clock.advance(milliseconds: 31 * 86_400_000)
    #expect(try desk.kinds() == ["noLead"])
  }

  @Test("Each child has one place, whatever its identifiers; open lead roles are counted")
  func roles() throws {
    let desk = try Desk()
    let twin = try #require(
      desk.replica.run(
        "child-add",
        ["given": "Kit", "family": "Canary", "dateOfBirth": "1990-01-01", "anyway": true])["child"]?
        .stringValue)
    #expect(try desk.replica.run("worklist").texts("children", "child").count == 2)
    for child in [desk.child, twin] {
      try desk.replica.run(
        "lead-set", ["child": .string(child), "name": "Ann Ash", "basis": "mostContact"])
    }
    let roles = try desk.replica.run("worklist")["leadRoles"]
    #expect(roles?["people"]?.arrayValue?.first?["children"] == 2)
    try desk.replica.run("child-alias", ["child": .string(desk.child), "other": .string(twin)])
    let joined = try desk.replica.run("worklist")
    #expect(joined.texts("children", "child").count == 1)
    #expect(joined["leadRoles"]?["people"]?.arrayValue?.first?["children"] == 1)
    #expect(joined["leadRoles"]?["agencies"]?.arrayValue?.first?["children"] == 1)
    try desk.replica.run("lead-set", ["child": .string(twin), "name": "Zoe", "basis": "other"])
    let asked = try desk.replica.run("worklist")["leadRoles"]?["people"]?.arrayValue ?? []
    #expect(asked.map { $0["asked"] } == [0, 1])
  }
}
