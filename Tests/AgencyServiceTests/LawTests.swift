import AgencyService
import Operations
import Testing

@Suite("What is decided without the family, or for good")
struct LawTests {
  private func asked(_ base: JSON, _ changes: JSON) throws -> JSON {
    var object = try #require(base.objectValue)
    for (name, value) in try #require(changes.objectValue).members {
      object[name] = value == .null ? nil : value
    }
    return .object(object)
  }

  @Test("An override says why, who decided and until when, and has the ground that it needs")
  func overrides() throws {
    let replica = try TestReplica()
    let id = JSON.string(try replica.child())
    try replica.run("caf-start", ["child": id])
    // The clock of the tests stands in November 2025.
    let good: JSON = [
      "child": id, "agencies": "Sure Start", "categories": "development,household",
      "reason": "suspected significant harm", "decidedBy": "Bo Beech", "until": "2025-12-31",
    ]
    let bad: [(JSON, ExitCode)] = [
      (["until": .null], .usage), (["until": "2025-11-01"], .usage), (["until": "soon"], .usage),
      (["until": "2025-12-31T24:00"], .usage), (["reason": .null], .usage),
      (["decidedBy": .null], .usage), (["agencies": .null], .usage),
      (["categories": .null], .usage), (["categories": "private"], .usage),
      (["agencies": "Nobody's"], .usage), (["categories": "sensitive"], .refused),
      (["categories": "whereabouts"], .refused), (["signifcantHarm": true], .usage),
    ]
    for (changes, code) in bad {
      #expect(try replica.refusal("override-add", asked(good, changes)) == code, "\(changes)")
    }
    #expect(try replica.run("consent-show", ["child": id])["entries"]?.arrayValue?.isEmpty == true)
    try replica.run("override-add", asked(good, ["preview": true, "reason": .null]))
    #expect(try replica.run("consent-show", ["child": id])["entries"]?.arrayValue?.isEmpty == true)
    try replica.run("override-add", good)
    try replica.run(
      "override-add",
      asked(
        good,
        [
          "categories": "sensitive,whereabouts", "significantHarm": true, "authorisedRole": true,
          "until": "2025-12-31T18:00Z",
        ]))
    let shown = try replica.run("consent-show", ["child": id])
    #expect(shown.texts("entries", "decidedBy") == ["Bo Beech", "Bo Beech"])
    let sentences = shown.texts("entries", "sentence")
    #expect(sentences.contains { $0.hasSuffix("until 2026-01-01 00:00 UTC") })
    #expect(sentences.contains { $0.hasSuffix("until 2025-12-31 18:00 UTC") })
  }

  @Test("May I share this? Yes or no with the reason, also for what is not written yet")
  func mayShare() throws {
    let replica = try TestReplica()
    let id = JSON.string(try replica.child())
    // This agency itself: always its own record.
    let other = String(repeating: "5", count: 32)
    func answer(_ changes: JSON = [:]) throws -> JSON {
      try replica.run("may-share", asked(["child": id, "agency": .string(other)], changes))
    }
    #expect(try answer()["mayShare"] == false)
    #expect(
      try answer(["categories": "development"]).text().contains("no consent to keep this"))
    try replica.run(
      "consent-give",
      [
        "child": id, "agencies": .string(other), "by": "Mother", "relationship": "mother",
        "capacity": "parentalResponsibility", "agreement": "2006-09",
        "purposes": "store,share,discussAtECM",
      ])
    for (changes, isYes) in [
      (["categories": "development"], true), (["categories": "development,health"], false),
      (["categories": "development", "purpose": "discussAtECM"], true),
      (["categories": "development", "purpose": "transfer"], false),
    ] as [(JSON, Bool)] {
      #expect(try answer(changes)["mayShare"]?.boolValue == isYes, "\(changes)")
    }
    #expect(
      replica.refusal(
        "may-share", ["child": id, "agency": .string(other), "purpose": "store"]) == .usage)
    let yes = try answer(["categories": "development"])["categories"]?.arrayValue?.first
    #expect(yes?["label"] == "How the child is growing and learning")
    #expect(
      yes?["basis"]?.stringValue
        == "With the consent of 2025-11-24 by Mother (mother), after agreement 2006-09 was "
        + "explained."
    )
    // What is recorded and what the full table says do not differ.
    try replica.run("caf-start", ["child": id])
    let why = try replica.run("why", ["child": id, "agency": .string(other)])
    #expect(why["categories"]?.arrayValue?.count == 2)
    #expect(try answer()["categories"]?.arrayValue?.count == 2)
    try replica.run("consent-withdraw", ["child": id, "agencies": .string(other)])
    #expect(try answer(["categories": "development"])["mayShare"] == false)
    #expect(
      try answer(["categories": "development"]).text().contains("Consent has been withdrawn"))
    try replica.run(
      "override-add",
      [
        "child": id, "agencies": .string(other), "categories": "development", "reason": "harm",
        "decidedBy": "Bo Beech", "until": "2025-12-31",
      ])
    #expect(try answer(["categories": "development"])["mayShare"] == true)
    replica.clock.advance(milliseconds: 60 * 86_400_000)
    #expect(try answer(["categories": "development"])["mayShare"] == false)
  }

  @Test("One consent lifts 512 withdrawals; with one more it says what to do")
  func manyWithdrawals() throws {
    let replica = try TestReplica()
    let id = JSON.string(try replica.child())
    let withdrawal: JSON = ["child": id, "agencies": "everyone", "categories": "development"]
    for _ in 0..<512 { try replica.run("consent-withdraw", withdrawal) }
    let consent: JSON = [
      "child": id, "agencies": .string(String(repeating: "5", count: 32)), "by": "Mother",
      "relationship": "mother", "capacity": "parentalResponsibility", "agreement": "2006-09",
      "knowingWithdrawal": "all",
    ]
    try replica.run("consent-give", consent)
    try replica.run("consent-withdraw", withdrawal)
    #expect(replica.refusal("consent-give", consent) == .conflict)
    try replica.run("consent-give", asked(consent, ["categories": "parenting"]))
  }

  @Test("A shield hides whereabouts from all but the named until it is lifted, and is reviewed")
  func shields() throws {
    let replica = try TestReplica()
    let id = JSON.string(try replica.child())
    let other = JSON.string(String(repeating: "5", count: 32))
    func mayShareWhereabouts() throws -> Bool? {
      try replica.run(
        "may-share", ["child": id, "agency": other, "categories": "whereabouts"])["mayShare"]?
        .boolValue
    }
    try replica.run(
      "consent-give",
      [
        "child": id, "agencies": other, "by": "Mother", "relationship": "mother",
        "capacity": "parentalResponsibility", "agreement": "2006-09",
      ])
    #expect(try mayShareWhereabouts() == true)
    #expect(replica.refusal("unshield", ["child": id]) == .failure)
    #expect(replica.refusal("shield", ["child": id]) == .usage)
    #expect(replica.refusal("shield", ["child": id, "review": "2025-01-01"]) == .usage)
    let first = try replica.run("shield", ["child": id, "review": "2025-12-31"])
    #expect(try mayShareWhereabouts() == false)
    // With two, both have to name it, and both have to be lifted.
    try replica.run("shield", ["child": id, "review": "2026-01-31", "agencies": other])
    #expect(try mayShareWhereabouts() == false)
    replica.clock.advance(milliseconds: 45 * 86_400_000)
    let sentences = try replica.run("consent-show", ["child": id]).texts("entries", "sentence")
    #expect(sentences.contains { $0.contains("review due since 2025-12-31") })
    #expect(sentences.contains { $0.contains("to be reviewed on 2026-01-31") })
    #expect(replica.refusal("unshield", ["child": id, "entry": "zz"]) == .failure)
    try replica.run("unshield", ["child": id, "entry": first["entry"] ?? ""])
    #expect(try mayShareWhereabouts() == true)
    try replica.run("unshield", ["child": id])
    #expect(replica.refusal("unshield", ["child": id]) == .failure)
  }

  @Test("Erasing says first what it does, and wants the child's name again")
  func erasing() throws {
    let replica = try TestReplica()
    let id = JSON.string(try replica.child())
    let preview = try replica.run("erase", ["child": id, "preview": true])
    #expect(preview["name"] == "Kit Canary")
    #expect(preview.text().contains("1 changes have not been sent"))
    let reason: JSON = ["child": id, "reason": "the family's wish"]
    for (changes, code) in [
      ([:], .conflict), (["name": "Kit Finch"], .conflict), (["name": " "], .conflict),
      (["reason": .null, "yes": true], .usage),
    ] as [(JSON, ExitCode)] {
      #expect(try replica.refusal("erase", asked(reason, changes)) == code, "\(changes)")
    }
    #expect(try replica.run("consent-show", ["child": id])["entries"]?.arrayValue?.isEmpty == true)
    try replica.run("erase", asked(reason, ["name": "kit canary"]))
    #expect(
      try replica.run("consent-show", ["child": id]).texts("entries", "sentence") == ["erased"])
  }
}
