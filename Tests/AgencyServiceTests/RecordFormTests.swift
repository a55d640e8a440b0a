import AgencyService
import Operations
import Testing

@Suite("Records as forms")
struct RecordFormTests {
  private let replica: TestReplica
  private let child: String
  private let caf: String

  init() throws {
    replica = try TestReplica()
    child = try replica.child()
    caf = try #require(
      try replica.run("caf-start", ["child": .string(child)])["caf"]?.stringValue)
  }

  private func form(_ kind: String, _ others: [String: String] = [:]) throws -> Form {
    var input = JSON.Object()
    input["child"] = .string(child)
    input["kind"] = .string(kind)
    for (name, value) in others.sorted(by: { $0.key < $1.key }) { input[name] = .string(value) }
    return Form(try replica.run("record-form", .object(input)))
  }

  private func element() throws -> Form {
    try form("element", ["caf": caf, "element": "identity"])
  }

  /// A form as a browser holds it: what it showed, and what somebody types into it.
  fileprivate struct Form {
    var json: JSON
    init(_ json: JSON) { self.json = json }

    func field(_ name: String) -> String? {
      for box in json["boxes"]?.arrayValue ?? [] {
        for field in box["fields"]?.arrayValue ?? [] where field["name"]?.stringValue == name {
          return field["value"]?.stringValue
        }
      }
      return nil
    }

    var was: JSON {
      var was = JSON.Object()
      for box in json["boxes"]?.arrayValue ?? [] {
        if let group = box["group"]?.stringValue { was[group] = box["was"] }
      }
      return .object(was)
    }

    func input(_ typed: [String: String]) -> JSON {
      var input = JSON.Object()
      for name in ["child", "kind", "record", "caf", "element", "category", "seen"] {
        input[name] = json[name]
      }
      var values = JSON.Object()
      for (name, text) in typed.sorted(by: { $0.key < $1.key }) { values[name] = .string(text) }
      input["values"] = .object(values)
      input["was"] = was
      return .object(input)
    }
  }

  @Test("what was typed stands in the form afterwards, and a section written in is started")
  func written() throws {
    let answer = try replica.run(
      "record-write", element().input(["strengths.strengths": "Sings\r\nwell"]))
    #expect(answer["sentence"]?.stringValue == "Saved on this device.")
    let again = try element()
    #expect(again.field("strengths.strengths") == "Sings\nwell")
    #expect(again.field("state.state") == "started")
    #expect(again.field("needs.needs") == "")
  }

  @Test("a box that nobody touched is not written: two people in two boxes do not meet")
  func untouched() throws {
    let (one, other) = (try element(), try element())
    try replica.run("record-write", one.input(["needs.needs": "Sleeps little"]))
    try replica.run(
      "record-write",
      other.input(["needs.needs": "", "strengths.strengths": "Sings", "state.state": ""]))
    let now = try element()
    #expect(now.field("needs.needs") == "Sleeps little")
    #expect(now.field("strengths.strengths") == "Sings")
    #expect(try replica.run("conflict-list").texts("conflicts", "field").isEmpty)
  }

  @Test("who writes over what their form did not show makes a second answer")
  func unseen() throws {
    try replica.run("record-write", element().input(["needs.needs": "First"]))
    let (one, other) = (try element(), try element())
    try replica.run("record-write", one.input(["needs.needs": "One"]))
    let answer = try replica.run("record-write", other.input(["needs.needs": "Other"]))
    #expect(answer["undecided"]?.arrayValue == ["needs"])
    let conflicts = try replica.run("conflict-list")["conflicts"]?.arrayValue ?? []
    #expect(conflicts.count == 1)
    let values = conflicts[0]["values"]?.arrayValue ?? []
    #expect(Set(values.compactMap { $0["value"]?["needs"]?.stringValue }) == ["One", "Other"])
  }

  @Test("a form that saves itself again and again supersedes its own words, and only those")
  func autosaves() throws {
    var mine = try element()
    let other = try element()
    for text in ["S", "Sl", "Sleeps"] {
      let answer = try replica.run("record-write", mine.input(["needs.needs": text]))
      mine.take(answer)
    }
    #expect(try replica.run("conflict-list").texts("conflicts", "field").isEmpty)
    // Sent by its button after all: it is not said that nothing was done.
    #expect(
      try replica.run("record-write", mine.input(["needs.needs": "Sleeps"]))["sentence"]
        == "Everything typed here is saved on this device.")
    try replica.run("record-write", other.input(["needs.needs": "Other"]))
    let last = try replica.run("record-write", mine.input(["needs.needs": "Sleeps little"]))
    #expect(last["undecided"]?.arrayValue == ["needs"])
    let conflicts = try replica.run("conflict-list")["conflicts"]?.arrayValue ?? []
    let values = conflicts.flatMap { $0["values"]?.arrayValue ?? [] }
      .compactMap { $0["value"]?["needs"]?.stringValue }
    #expect(Set(values).isSuperset(of: ["Other", "Sleeps little"]) && !values.contains("Sl"))
  }

  @Test("a form that is sent twice makes one record")
  func twice() throws {
    let input = try form("action").input(["action.action": "Call", "owner.name": "Ann Ash"])
    try replica.run("record-write", input)
    try replica.run("record-write", input)
    let list = try replica.run("record-list", ["child": .string(child), "kinds": ["action"]])
    #expect(list["records"]?.arrayValue?.count == 1)
  }

  @Test("a record needs what its kind requires; nothing of it is saved otherwise")
  func required() throws {
    let form = try form("tacMeeting")
    #expect(
      replica.refusal("record-write", form.input(["views.views": "Many"])) == .usage)
    let list = try replica.run("record-list", ["child": .string(child), "kinds": ["tacMeeting"]])
    #expect(list["records"]?.arrayValue?.isEmpty == true)
    #expect(
      replica.refusal("record-write", form.input(["views.nothing": "x"])) == .usage)
    #expect(form.field("convener.name") == "Ann Ash")
  }

  @Test("the family is invited to each meeting, or there is a reason why not")
  func family() throws {
    let typed = ["when.on": "2025-11-24", "convener.name": "Ann Ash", "family.invited": "no"]
    #expect(replica.refusal("record-write", try form("tacMeeting").input(typed)) == .usage)
    try replica.run(
      "record-write",
      form("tacMeeting").input(typed.merging(["family.whyNot": "Abroad"]) { $1 }))
  }

  @Test("a list is one entry a line, and a comma is part of an entry")
  func lines() throws {
    let typed = [
      "name.given": "Nadia", "relationship.relationship": "mother",
      "parentalResponsibility.parentalResponsibility": "yes",
      "services.services": "Rent, and arrears\r\n\r\nSure Start",
    ]
    let answer = try replica.run("record-write", form("familyMember").input(typed))
    let record = try #require(answer["record"]?.stringValue)
    #expect(
      try form("familyMember", ["record": record]).field("services.services")
        == "Rent, and arrears\nSure Start")
  }

  @Test("a form of one kind writes no record of another, and what follows by itself has no form")
  func kinds() throws {
    let note = try form("note").input(["note.on": "2025-11-24", "note.text": "Rang"])
    let record = try #require(try replica.run("record-write", note)["record"]?.stringValue)
    var action = try form("action")
    guard case .object(var object) = action.json else { return }
    object["record"] = .string(record)
    object["seen"] = ""
    action.json = .object(object)
    #expect(
      replica.refusal("record-write", action.input(["action.action": "x", "owner.name": "A"]))
        == .usage)
    for kind in ["cafFlag", "familyLink", "agency", "enquiry", "nothing"] {
      #expect(
        replica.refusal("record-form", ["child": .string(child), "kind": .string(kind)]) == .usage)
    }
  }

  @Test("a statement cites whose work it is known from, and an action the strength it builds on")
  func cited() throws {
    let involved = try #require(
      try replica.run("child-show", ["child": .string(child)])["involvements"]?.arrayValue?.first?[
        "involvement"]?.stringValue)
    try replica.run(
      "record-write",
      element().input([
        "strengths.strengths": "Sings", "evidence.source": "fromInvolvement",
        "evidence.involvement": involved,
      ]))
    #expect(try element().field("evidence.involvement") == involved)
    let action = try form("action")
    let element = try #require(try element().json["record"]?.stringValue)
    let offered =
      (action.json["boxes"]?.arrayValue ?? [])
      .flatMap { $0["fields"]?.arrayValue ?? [] }
      .first { $0["name"] == "strength.element" }?["options"]?.arrayValue ?? []
    #expect(offered.map { $0["value"] } == [.string(element)])
    let answer = try replica.run(
      "record-write",
      action.input(["owner.name": "Ann Ash", "strength.element": element, "action.action": "Choir"])
    )
    let record = try #require(answer["record"]?.stringValue)
    #expect(try form("action", ["record": record]).field("strength.element") == element)
  }

  @Test("cleared is cleared, where it may be blank")
  func cleared() throws {
    try replica.run("record-write", element().input(["needs.needs": "Sleeps little"]))
    try replica.run("record-write", element().input(["needs.needs": ""]))
    #expect(try element().field("needs.needs") == "")
  }

  @Test("removed can be brought back; what a child consists of is not removed")
  func removed() throws {
    let answer = try replica.run(
      "record-write",
      form("note").input(["note.on": "2025-11-24", "note.text": "Rang twice"]))
    var named = JSON.Object()
    named["child"] = .string(child)
    named["kind"] = "note"
    named["record"] = answer["record"]
    let list: JSON = ["child": .string(child), "kinds": ["note"]]
    try replica.run("record-remove", .object(named))
    #expect(try replica.run("record-list", list)["records"]?.arrayValue?.isEmpty == true)
    named["undo"] = true
    try replica.run("record-remove", .object(named))
    #expect(try replica.run("record-list", list)["records"]?.arrayValue?.count == 1)
    #expect(
      replica.refusal(
        "record-remove",
        ["child": .string(child), "kind": "child", "record": .string(child)]) == .refused)
  }

  @Test("the child's own words stand in the boxes of the assessment, and are shown again")
  func childVersion() throws {
    let input: JSON = ["child": .string(child), "caf": .string(caf)]
    func asked() throws -> [String: JSON] {
      let questions = try replica.run("child-version", input)["questions"]?.arrayValue ?? []
      return Dictionary(uniqueKeysWithValues: questions.map { ($0["name"]?.stringValue ?? "", $0) })
    }
    let before = try asked()
    #expect(before.count == 6)
    var answer = JSON.Object()
    answer["child"] = .string(child)
    answer["caf"] = .string(caf)
    for (name, question) in before.sorted(by: { $0.key < $1.key }) {
      answer[name] = name == "goodAt" ? "Singing" : name == "say" ? "Ask me first" : ""
      answer["was." + name] = question["was"]
      answer["seen." + name] = question["seen"]
    }
    try replica.run("child-version-write", .object(answer))
    #expect(try element().field("strengths.strengths") == "Singing")
    #expect(try asked()["say"]?["value"] == "Ask me first")
    // Only the boxes that were written in have been begun.
    let tasks = try replica.run("caf-tasks", input)["parts"]?.arrayValue ?? []
    let begun = tasks.flatMap { $0["elements"]?.arrayValue ?? [] }
      .filter { $0["state"] != "untouched" }
    #expect(begun.map { $0["element"] } == ["identity"])
  }

  @Test("what is open on a page has a revision, which changes when the record does")
  func revision() throws {
    func revision() throws -> String? {
      try replica.run("child-revision", ["child": .string(child)])["revision"]?.stringValue
    }
    let before = try revision()
    #expect(try revision() == before && before?.isEmpty == false)
    try replica.run("record-write", element().input(["needs.needs": "Sleeps little"]))
    #expect(try revision() != before)
    // A decision changes what a page may say, though no record has.
    let written = try revision()
    try replica.run(
      "consent-refuse",
      ["child": .string(child), "agencies": "everyone"])
    #expect(try revision() != written)
    let part = try element().json["seen"]?.stringValue?.prefix { $0 != "." }
    for (asked, isShown) in [
      (String(part ?? ""), true), (String(repeating: "7", count: 32), false),
    ] {
      let answer = try replica.run(
        "child-revision", ["child": .string(child), "part": .string(asked)])
      #expect(answer["isPartShown"] == .bool(isShown))
    }
    let stranger = String(repeating: "7", count: 32)
    #expect(
      try replica.run("child-revision", ["child": .string(stranger)])["revision"] == "")
  }
}

extension RecordFormTests.Form {
  /// What the script of the page does with the answer to an autosave.
  fileprivate mutating func take(_ answer: JSON) {
    guard case .object(var object) = json else { return }
    object["seen"] = answer["seen"]
    object["boxes"] = .array(
      (json["boxes"]?.arrayValue ?? []).map { box in
        guard case .object(var changed) = box, let group = box["group"]?.stringValue else {
          return box
        }
        changed["was"] = answer["was"]?[group]
        return .object(changed)
      })
    json = .object(object)
  }
}
