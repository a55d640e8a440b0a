import CaseRecords
import Causality
import Operations
import Testing

@testable import AgencyService

@Suite("What the pages ask before a decision, and tell after it")
struct ConsentFormTests {
  @Test("From 13 on it is said that the young person may decide, and no age decides it")
  func age() throws {
    let replica = try TestReplica()
    // The clock of the tests stands on 24 November 2025.
    for (born, age, prompts) in [
      ("2012-11-24", 13, true), ("2012-11-25", 12, false), ("2024-12-01", 0, false),
    ] {
      let child = try #require(
        replica.run(
          "child-add",
          ["given": "Kit", "family": "Canary", "dateOfBirth": .string(born), "anyway": true]
        )["child"])
      let form = try replica.run("consent-form", ["child": child])
      #expect(form["age"] == .count(age) && form["mayDecideAlone"] == .bool(prompts), "\(born)")
    }
    let guessed = try #require(
      replica.run("child-add", ["given": "Zed", "estimatedAge": "14"])["child"])
    #expect(try replica.run("consent-form", ["child": guessed])["mayDecideAlone"] == true)
    let unknown = try #require(replica.run("child-add", ["given": "Amy"])["child"])
    #expect(try replica.run("consent-form", ["child": unknown])["mayDecideAlone"] == false)
    let desk = try ConsentDesk()
    #expect(try desk.get("consent/give").text.contains("may decide for themselves"))
  }

  @Test("Of the agreement the newest version is shown that is valid today")
  func agreement() throws {
    let desk = try ConsentDesk()
    #expect(try desk.replica.run("agreement-show")["isHeld"] == false)
    let bare = try desk.get("consent/give").text
    #expect(bare.contains("No version of the sharing agreement is held here"))
    #expect(bare.contains("id=\"agreement\" name=\"agreement\" value=\"\" type=\"text\""))
    try desk.replica.publishAgreements([
      ("2006-09", "2006-09-01"), ("2025-10", "2025-11-24"), ("2025-12", "2025-11-25"),
    ])
    let shown = try desk.replica.run("agreement-show")
    #expect(shown["version"] == "2025-10" && shown["text"] == "Words of 2025-10")
    let form = try desk.get("consent/give").text
    #expect(form.contains("Words of 2025-10") && form.contains("value=\"2025-10\""))
  }

  @Test("A refusal, a disclosure without consent and a shield go by their preview too")
  func others() throws {
    let desk = try ConsentDesk()
    let refusal = [
      ("purposes", "share"), ("categories", "development"), ("agencies", ConsentDesk.school),
    ]
    let disclosure = [
      ("reason", "Suspected significant harm"), ("decidedBy", "Bo Beech"), ("until", "2025-12-31"),
      ("categories", "development"), ("agencies", ConsentDesk.school),
    ]
    let shield = [("review", "2025-12-31"), ("agencies", ConsentDesk.school)]
    for (name, form) in [("refuse", refusal), ("override", disclosure), ("shield", shield)] {
      let before = try desk.entries.count
      let path = "consent/" + name
      #expect(try desk.get(path).status == 200)
      #expect(try desk.post(path, form + [("step", "record")]).status == 409, "\(name)")
      let shown = try desk.post(path, form)
      #expect(shown.text.contains("<h1>Who will get what</h1>"), "\(name)")
      #expect(try desk.entries.count == before)
      let done = try desk.post(path, shown.hidden + [("step", "record")])
      #expect(done.status == 303, "\(name)")
      #expect(try desk.entries.count == before + 1)
    }
    let page = try desk.get("consent").text
    for words in [
      "Refusal", "Disclosure without consent", "Bo Beech", "Whereabouts shielded", "2025-12-31",
    ] { #expect(page.contains(words), "\(words)") }
    let id = try #require(
      try desk.entries.first { $0["kind"] == "shield" }?["entry"]?.stringValue)
    let lifting = try desk.get("consent/unshield?entry=\(id)")
    #expect(try desk.post("consent/unshield", lifting.hidden).status == 303)
    #expect(try desk.get("consent").text.contains("Lifted</span>"))
  }

  @Test(
    "A disclosure without consent lacks nothing that the law asks",
    arguments: [
      ("reason", "", "reason"), ("decidedBy", "", "decidedBy"), ("until", "2025-01-01", "until"),
      ("categories", "sensitive", "significantHarm"),
      ("categories", "whereabouts", "authorisedRole"), ("agencies", nil, "agencies"),
    ])
  func override(field: String, value: String?, at place: String) throws {
    let desk = try ConsentDesk()
    let form =
      [
        ("reason", "Harm to “Kit”"), ("decidedBy", "Bo Beech"), ("until", "2025-12-31"),
        ("categories", "development"), ("agencies", ConsentDesk.school),
      ].filter { $0.0 != field } + (value.map { [(field, $0)] } ?? [])
    let answer = try desk.post("consent/override", form)
    #expect(answer.status == 400 || answer.status == 403)
    #expect(answer.text.contains("<a href=\"#\(place)\">"))
    #expect(field == "reason" || answer.text.contains("\nHarm to “Kit”</textarea>"))
  }

  @Test("May I share this? Yes or no with the reason, and what was asked stays chosen")
  func mayShare() throws {
    let desk = try ConsentDesk()
    let question = [
      ("agency", ConsentDesk.school), ("categories", "development"), ("purpose", "share"),
    ]
    let no = try desk.post("may-share", question)
    #expect(no.status == 200 && no.text.contains("No, not all of it with Moor Lane School"))
    #expect(no.text.contains("There is no consent"))
    #expect(no.text.contains("value=\"\(ConsentDesk.school)\" selected"))
    let shown = try desk.post("consent/give", ConsentDesk.form())
    _ = try desk.post("consent/give", shown.hidden + [("step", "record")])
    #expect(try desk.post("may-share", question).text.contains("Yes, it may be shared"))
    let empty = try desk.post("may-share", [("purpose", "share")])
    #expect(empty.status == 400 && empty.text.contains("<a href=\"#agency\">"))
  }

  @Test("The family's sheet has not what is not for them; the chronology marks what is private")
  func sheets() throws {
    let desk = try ConsentDesk()
    try desk.replica.run(
      "note-add", ["child": .string(desk.child), "text": "A worry", "title": "Worry of ours"])
    try desk.replica.run(
      "override-add",
      [
        "child": .string(desk.child), "agencies": .string(ConsentDesk.school),
        "categories": "development", "reason": "harm at home", "decidedBy": "Bo Beech",
        "until": "2025-12-31",
      ])
    let all = try desk.get("who-holds").text
    let sheet = try desk.get("who-holds/sheet").text
    for words in ["Bo Beech", "harm at home", "own notes", "Moor Lane School"] {
      #expect(all.contains(words) && !sheet.contains(words), "\(words)")
    }
    #expect(sheet.contains("Who holds what about Kit Canary") && sheet.contains("At the hub"))
    #expect(sheet.contains("<title>Who holds what – CAFSync</title>"))
    let chronology = try desk.get("chronology").text
    #expect(chronology.contains("<tr class=\"screen\">") && chronology.contains("Private</span>"))
    #expect(chronology.contains("A CAF was started"))
  }
}
