import AgencyService
import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

@Suite("What people ask of an agency's daemon")
struct OperationTests {
  @Test("Nobody writes without saying who they are, and only who works here may")
  func authors() throws {
    let replica = try TestReplica(practitioner: nil)
    #expect(replica.refusal("child-add", ["given": "Kit"]) == .usage)
    #expect(replica.refusal("child-add", ["given": "Kit", "as": "Ann Ash"]) == .refused)
    try replica.run("practitioner-add", ["name": "Ann Ash"])
    #expect(replica.refusal("practitioner-add", ["name": "ann ash", "as": "Ann Ash"]) == .conflict)
    try replica.run("child-add", ["given": "Kit", "as": "Ann Ash"])
    try replica.run("practitioner-add", ["name": "Bo Beech", "as": "Ann Ash"])
    try replica.run(
      "practitioner-end", ["practitioner": "Ann Ash", "as": "Bo Beech"])
    replica.clock.advance(milliseconds: 2 * 86_400_000)
    #expect(replica.refusal("child-add", ["given": "Lee", "as": "Ann Ash"]) == .refused)
    try replica.run("child-add", ["given": "Lee", "as": "Bo Beech"])
  }

  @Test("What is misspelt, wrong or missing is an error and nothing is saved")
  func badInput() throws {
    let replica = try TestReplica()
    let bad: [(JSON, ExitCode)] = [
      ([:], .usage), (["givn": "Kit", "family": "Canary"], .usage),
      (["given": "Kit", "dateOfBirth": "2001-02-30"], .usage),
      (["given": "Kit", "nhsNumber": "9434765918"], .usage),
      (["given": "Kit", "sex": "f"], .usage),
      (["given": "Kit", "dateOfBirth": "2001-02-03", "estimatedAge": "5"], .usage),
    ]
    for (input, code) in bad { #expect(replica.refusal("child-add", input) == code, "\(input)") }
    #expect(replica.refusal("no-such-operation") == .usage)
    #expect(try replica.run("child-find", ["given": "Kit"]).texts("children", "child").isEmpty)
  }

  @Test("A child like one held here is added knowingly only")
  func duplicates() throws {
    let replica = try TestReplica()
    let child = try replica.child()
    let again: JSON = ["given": "Kit", "family": "Canary", "dateOfBirth": "2001-02-03"]
    #expect(replica.refusal("child-add", again) == .conflict)
    var knowingly = try #require(again.objectValue)
    knowingly["anyway"] = true
    try replica.run("child-add", .object(knowingly))
    let found = try replica.run("child-find", ["given": "Kit", "family": "Canary"])
      .texts("children", "child")
    #expect(found.count == 2)
    let other = try #require(found.first { $0 != child })
    try replica.run("child-alias", ["child": .string(child), "other": .string(other)])
    let exported = try replica.run("export", ["child": .string(child)])
    #expect(exported["identifiers"]?.arrayValue?.count == 2)
    #expect(exported["compartments"]?.arrayValue?.count == 2)
    try replica.run(
      "child-alias", ["child": .string(child), "other": .string(other), "undo": true])
    #expect(
      try replica.run("export", ["child": .string(child)])["identifiers"]?.arrayValue?.count == 1)
  }

  @Test("A list is imported whole or not at all, with a report on every row")
  func imports() throws {
    let replica = try TestReplica()
    let good = "Given,Family,Date of birth\nKit,Canary,2001-02-03\n\"Lee, jun.\",Wren,2002-03-04\n"
    let dry = try replica.run("child-import", ["csv": .string(good), "dryRun": true])
    #expect(dry["rows"]?.arrayValue?.count == 2)
    #expect(try replica.run("child-find", ["family": "Wren"]).texts("children", "child").isEmpty)
    #expect(dry.texts("rows", "result") == ["would be added", "would be added"])
    let nobody = try TestReplica(practitioner: nil)
    try nobody.run("child-import", ["csv": .string(good), "dryRun": true])
    #expect(nobody.refusal("child-import", ["csv": .string(good)]) == .usage)
    let bad = good + "Max,Finch,2003-13-01\n"
    #expect(replica.refusal("child-import", ["csv": .string(bad)]) == .usage)
    #expect(try replica.run("child-find", ["family": "Wren"]).texts("children", "child").isEmpty)
    let done = try replica.run("child-import", ["csv": .string(good)])
    #expect(done["added"]?.integerValue == 2)
    #expect(done.texts("rows", "result") == ["added", "added"])
    let again = try replica.run("child-import", ["csv": .string(good)])
    #expect(again["added"]?.integerValue == 0 && again["leftOut"]?.integerValue == 2)
    for wrong in ["", "nickname\nKit\n", "given,given\na,b\n", "given\n\"Kit\n", "given\na,b\n"] {
      #expect(replica.refusal("child-import", ["csv": .string(wrong)]) == .usage, "\(wrong)")
    }
  }

  @Test("Children are found by how their names begin; that there are more is said")
  func beginnings() throws {
    let replica = try TestReplica()
    func add(_ number: Int) throws {
      try replica.run(
        "child-add", ["given": .string("Kit\(number)"), "family": "Canary", "anyway": true])
    }
    func find(_ asked: JSON) throws -> (count: Int, sentence: String) {
      let answer = try replica.run("child-find", asked)
      return (
        answer["children"]?.arrayValue?.count ?? 0, answer["sentence"]?.stringValue ?? ""
      )
    }
    for number in 1...20 { try add(number) }
    let all = try find(["given": "ki"])
    #expect(all.count == 20 && all.sentence == "20 held here.")
    try add(21)
    for asked in [["given": "ki"], ["family": "cana"], ["given": "kit", "family": "can"]] as [JSON]
    {
      let found = try find(asked)
      #expect(found.count == 20 && found.sentence.hasPrefix("More than 20 held here"))
    }
    #expect(try find(["given": "Kit7"]).count == 1)
    let none = try find(["given": "kix"])
    #expect(none.count == 0 && none.sentence.contains("no answer about other agencies"))
  }

  @Test("An enquiry needs one basis, and what is not held here never reads as no CAF")
  func enquiries() throws {
    let replica = try TestReplica()
    let asked: [JSON] = [
      ["given": "Kit"], ["given": "Kit", "consent": "form 12", "override": "harm"],
    ]
    for input in asked { #expect(replica.refusal("check", input) == .refused) }
    #expect(replica.refusal("check", ["given": "Kit", "override": "harm"]) == .usage)
    let unknown = try replica.run(
      "check", ["given": "Kit", "family": "Canary", "consent": "form 12"])
    #expect(unknown["isHeldHere"] == false)
    #expect(unknown["sentence"]?.stringValue?.hasPrefix("Not held here as of") == true)
    #expect(try replica.run("check-list").texts("enquiries", "state").count == 1)
    let child = try replica.child()
    try replica.run("caf-start", ["child": .string(child)])
    let known = try replica.run(
      "check", ["given": "Kit", "family": "Canary", "consent": "form 12"])
    #expect(known["isHeldHere"] == true)
    #expect(known["sentence"]?.stringValue?.contains("In progress") == true)
  }

  @Test("A CAF is written box by box, stays here without consent, and is completed")
  func assessment() throws {
    let replica = try TestReplica()
    let child = try replica.child()
    let id = JSON.string(child)
    #expect(
      replica.refusal("caf-write", ["child": id, "element": "identity", "needs": "x"]) == .failure)
    try replica.run("caf-start", ["child": id, "ledTo": "A word with the school"])
    #expect(replica.refusal("caf-write", ["child": id, "element": "identty"]) == .usage)
    #expect(replica.refusal("caf-write", ["child": id, "element": "identity"]) == .usage)
    let written = try replica.run(
      "caf-write", ["child": id, "element": "identity", "strengths": "Sings", "needs": "A choir"])
    #expect(written["state"]?.stringValue?.hasPrefix("held here only") == true)
    let health = try replica.run(
      "caf-write", ["child": id, "element": "generalHealth", "needs": "A dentist"])
    #expect(health["category"]?.stringValue == "health")
    let caf = try #require(try replica.run("caf-show", ["child": id])["cafs"]?.arrayValue?.first)
    #expect(Set(caf.texts("elements", "element")) == ["identity", "generalHealth"])
    #expect(
      replica.refusal("caf-complete", ["child": id, "state": "closed"]) == .usage)
    try replica.run("caf-complete", ["child": id])
    let standing = try replica.run("child-show", ["child": id])["caf"]?["sentence"]?.stringValue
    #expect(standing?.contains("Complete") == true)
    #expect(replica.refusal("caf-complete", ["child": id, "state": "reopened"]) == .failure)
    try replica.run(
      "caf-complete", ["child": id, "state": "closed", "closureReason": "needsMet"])
    #expect(replica.refusal("caf-write", ["child": id, "element": "identity"]) == .failure)
    try replica.run("caf-complete", ["child": id, "state": "reopened"])
    try replica.run("caf-write", ["child": id, "element": "identity", "needs": "Another"])
  }

  @Test("What the hub derives of a CAF does not take the place of the agency's own word")
  func flags() throws {
    let replica = try TestReplica()
    let id = JSON.string(try replica.child())
    try replica.run("caf-start", ["child": id])
    let index = try #require(try replica.replica.engine.store.compartments(in: .index).first)
    let derived = GroupValue.one("status", "inProgress").encoded()
    // Before the agency's own record, by its identifier.
    _ = try replica.replica.engine.write(
      to: index.id,
      writes: [
        Write(
          record: RecordID(high: 0, low: 1), kind: "cafFlag", group: "derived", value: derived)
      ], author: nil, now: replica.replica.now)
    try replica.run("caf-complete", ["child": id])
    let said = try replica.run("child-show", ["child": id])["caf"]?["statements"]?.arrayValue ?? []
    let own = said.filter { $0["saidBy"]?.stringValue == "Sure Start Batley" }
    #expect(said.count == 2 && own.map { $0["status"] } == ["complete"])
  }

  @Test("Two who wrote in one box without seeing each other are both kept until a person chooses")
  func conflicts() throws {
    let replica = try TestReplica()
    let id = JSON.string(try replica.child())
    try replica.run("caf-start", ["child": id])
    let first = try replica.run(
      "caf-write", ["child": id, "element": "identity", "needs": "One"])
    let seen = try #require(first["seen"])
    for text in ["Two", "Three"] {
      try replica.run(
        "caf-write", ["child": id, "element": "identity", "needs": .string(text), "seen": seen])
    }
    let listed = try replica.run("conflict-list", ["child": id])
    let name = try #require(listed.texts("conflicts", "conflict").first)
    #expect(listed["conflicts"]?.arrayValue?.count == 1)
    #expect(
      replica.refusal("conflict-resolve", ["conflict": .string(name)]) == .usage)
    #expect(
      replica.refusal("conflict-resolve", ["conflict": .string(name), "keep": "3"]) == .usage)
    try replica.run("conflict-resolve", ["conflict": .string(name), "text": "Two and three"])
    #expect(try replica.run("conflict-list")["conflicts"]?.arrayValue?.isEmpty == true)
    let other = try replica.run("child-show", ["child": id])["compartments"]?.arrayValue?
      .first { $0["category"] == "index" }
    #expect(
      replica.refusal(
        "caf-write",
        ["child": id, "element": "identity", "needs": "x", "seen": other?["seen"] ?? ""]) == .usage)
    for text in ["", "x", "00.zz", String(repeating: "0", count: 32) + ".8"] where !text.isEmpty {
      #expect(
        replica.refusal(
          "caf-write", ["child": id, "element": "identity", "needs": "x", "seen": .string(text)])
          == .usage)
    }
  }

  @Test("A consent says who gave it, and lifts a withdrawal only by naming it")
  func consent() throws {
    let replica = try TestReplica()
    let id = JSON.string(try replica.child())
    var given: JSON.Object = try #require(
      (["child": id, "agencies": "everyone", "by": "Mother", "relationship": "mother"] as JSON)
        .objectValue)
    #expect(replica.refusal("consent-give", .object(given)) == .usage)
    given["capacity"] = "parentalResponsibility"
    given["agreement"] = "2006-09"
    let bad = given
    given["agencies"] = "Nobody's agency"
    #expect(replica.refusal("consent-give", .object(given)) == .usage)
    given = bad
    try replica.run("caf-start", ["child": id])
    try replica.run("consent-give", .object(given))
    let state = try replica.run(
      "caf-write", ["child": id, "element": "identity", "needs": "One"])["state"]?.stringValue
    #expect(state?.hasPrefix("queued") == true)
    let withdrawn = try replica.run("consent-withdraw", ["child": id, "agencies": "everyone"])
    let entry = try #require(withdrawn["entry"]?.stringValue)
    #expect(replica.refusal("consent-give", .object(given)) == .conflict)
    given["knowingWithdrawal"] = .string(String(entry.prefix(8)))
    try replica.run("consent-give", .object(given))
    #expect(try replica.run("consent-show", ["child": id])["entries"]?.arrayValue?.count == 3)
  }

  @Test("A lead who is asked accepts, and who is not asked cannot")
  func lead() throws {
    let replica = try TestReplica()
    let id = JSON.string(try replica.child())
    #expect(replica.refusal("lead-accept", ["child": id]) == .failure)
    try replica.run("practitioner-add", ["name": "Bo Beech"])
    try replica.run("lead-set", ["child": id, "name": "Bo Beech", "basis": "familyChoice"])
    try replica.run("lead-accept", ["child": id, "as": "Bo Beech"])
    #expect(replica.refusal("lead-accept", ["child": id]) == .failure)
    let shown = try replica.run("child-show", ["child": id])["caf"]?["leadProfessional"]
    #expect(shown?.arrayValue?.count == 1)
  }

  @Test("What was set apart is taken up beside what stands, or discarded, and nothing else goes")
  func setApart() throws {
    let replica = try TestReplica()
    let id = JSON.string(try replica.child())
    try replica.run("caf-start", ["child": id])
    try replica.run("caf-write", ["child": id, "element": "identity", "needs": "Stands"])
    let store = replica.replica.engine.store
    let stored = try #require(
      try store.compartments(in: .development).first { try !store.content(of: $0).records.isEmpty })
    let place = try #require(
      try store.content(of: stored).records.first { $0.value.groups["needs"] != nil })
    func setApart(_ text: String, in compartment: CompartmentID) throws {
      try store.saveQuarantine(
        Change(
          dot: Dot(actor: Actor(rawValue: 5), counter: 1), context: VersionVector(),
          writes: [
            Write(
              record: place.key, kind: place.value.kind, group: "needs",
              value: GroupValue.one("needs", text).encoded())
          ], time: HybridTime(milliseconds: 1, logical: 0), claimedMilliseconds: 1, author: nil),
        in: compartment, reason: .authorNotAllowed, state: .returned, atMilliseconds: 1)
    }
    try setApart("Apart", in: stored.id)
    try setApart("Elsewhere", in: CompartmentID(high: 9, low: 9))
    try setApart("Gone", in: stored.id)
    #expect(try replica.run("quarantine-list").texts("work", "state").count == 3)
    #expect(replica.refusal("quarantine-take-up", [:]) == .usage)
    #expect(replica.refusal("quarantine-take-up", ["number": "9"]) == .failure)
    #expect(replica.refusal("quarantine-take-up", ["number": "2"]) == .refused)
    try replica.run("quarantine-take-up", ["number": "1"])
    let conflicts = try replica.run("conflict-list", ["child": id])["conflicts"]?.arrayValue
    #expect(conflicts?.count == 1)
    let text = conflicts?.first?.text() ?? ""
    #expect(text.contains("Stands") && text.contains("Apart"))
    try replica.run("quarantine-discard", ["number": "3"])
    #expect(replica.refusal("quarantine-discard", ["number": "3"]) == .failure)
    #expect(try replica.run("quarantine-list")["work"]?.arrayValue?.count == 1)
  }

  @Test("Whose leading has ended may hold nothing on that ground, and is shown no more")
  func leadEnds() throws {
    let replica = try TestReplica()
    let id = JSON.string(try replica.child())
    let other = String(repeating: "5", count: 32)
    try replica.run(
      "consent-give",
      [
        "child": id, "purposes": "store", "by": "Mother", "relationship": "mother",
        "capacity": "parentalResponsibility", "agreement": "2006-09",
      ])
    func mayShare() throws -> Bool? {
      try replica.run(
        "may-share", ["child": id, "agency": .string(other), "categories": "development"])[
          "mayShare"]?.boolValue
    }
    #expect(replica.refusal("lead-end", ["child": id]) == .failure)
    let set = try replica.run(
      "lead-set",
      ["child": id, "agency": .string(other), "name": "Cy Cedar", "basis": "familyChoice"])
    #expect(try mayShare() == false)
    // What the other agency would answer.
    let record = try #require(set["record"]?.stringValue.flatMap { RecordID(text: $0) })
    let index = try #require(try replica.replica.engine.store.compartments(in: .index).first)
    _ = try replica.replica.engine.write(
      to: index.id,
      writes: [
        Write(
          record: record, kind: "leadProfessional", group: "acceptance",
          value: GroupValue.one("accepted", "accepted").encoded())
      ], author: nil, now: replica.replica.now)
    #expect(try mayShare() == true)
    try replica.run("lead-set", ["child": id, "name": "Ann Ash", "basis": "familyChoice"])
    #expect(replica.refusal("lead-end", ["child": id]) == .conflict)
    #expect(replica.refusal("lead-end", ["child": id, "name": "Nobody"]) == .failure)
    try replica.run("lead-end", ["child": id, "name": "cy cedar"])
    // The last day is included.
    #expect(try mayShare() == true)
    replica.clock.advance(milliseconds: 86_400_000)
    #expect(try mayShare() == false)
    let shown = try replica.run("child-show", ["child": id])["caf"]?["leadProfessional"]
    #expect(shown?.arrayValue?.count == 1)
  }

  @Test("A generated district is loaded through the same door as everything else")
  func sample() throws {
    let replica = try TestReplica()
    let loaded = try replica.run(
      "load-sample", ["children": "30", "seed": "7", "role": "sureStart", "stories": true])
    #expect((loaded["compartments"]?.integerValue ?? 0) > 0)
    let child = try #require(loaded["children"]?.arrayValue?.first)
    #expect(
      try replica.run("export", ["child": child])["compartments"]?.arrayValue?.isEmpty == false)
    #expect(replica.refusal("load-sample", ["role": "nobody"]) == .usage)
  }
}
