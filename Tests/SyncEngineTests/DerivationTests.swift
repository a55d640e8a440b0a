import CaseRecords
import Causality
import Disclosure
import SyncEngine
import SyncProtocol
import Testing

@Suite struct DerivationTests {
  @Test func theFlagFollowsTheCAFAndTheSameEventTwiceChangesNothing() throws {
    let district = try SmallDistrict()
    let school = try district.agency("School")
    let child: ChildID = district.identifier()
    // The CAF comes first, the index entry that bears its flag later.
    school.recordsConsentToStore([.development], about: child)
    let development = school.compartment(.development, of: child)
    let caf = try school.startsCAF(in: development)
    try school.exchange()
    let index = try school.registers("Amira", "Hussain", born: nil, as: child)
    let steps = [
      ("draft", "inProgress"), ("draft", "inProgress"), ("complete", "complete"),
      ("inReview", "complete"), ("reopened", "inProgress"), ("closed", "closed"),
    ]
    var before: (flag: String, vector: VersionVector)?
    for (state, flag) in steps {
      try school.write(
        "assessment", ["state": .one("state", state)], in: development, record: caf)
      try school.exchange()
      #expect(school.values("cafFlag", "derived").map { $0.text("status") } == [flag])
      let vector = try #require(school.held[index.id]).vector
      if let before { #expect((before.vector == vector) == (before.flag == flag)) }
      before = (flag, vector)
    }
    let flag = try #require(school.values("cafFlag", "derived").first)
    #expect(flag.identifier("agency", as: AgencyID.self) == school.id)
    #expect(flag.text("leadName") == "B. Assessor" && flag.text("startedOn") == "2025-11-20")

    try school.write("assessment", ["life": .life(isPresent: false)], in: development, record: caf)
    try school.exchange()
    #expect(school.values("cafFlag", "derived").map(\.isBlank) == [true])
  }

  @Test func ofSeveralCAFsTheFlagShowsTheOneAtWorkAndOfThoseTheFirst() throws {
    let district = try SmallDistrict()
    let school = try district.agency("School")
    let child: ChildID = district.identifier()
    _ = try school.registers("Amira", "Hussain", born: nil, as: child)
    school.recordsConsentToStore([.development], about: child)
    let development = school.compartment(.development, of: child)
    func starts(_ day: String, _ state: String, by assessor: String) throws {
      try school.write(
        "assessment",
        [
          "started": GroupValue.one("on", day).setting("agency", school.id)
            .setting("assessor", assessor), "state": .one("state", state),
        ], in: development)
    }
    func flag() throws -> [String?] {
      try school.exchange()
      let flags = school.values("cafFlag", "derived")
      #expect(flags.count == 1)
      return ["status", "startedOn", "leadName"].map { flags.first?.text($0) }
    }
    try starts("2023-09-12", "complete", by: "C. Done")
    #expect(try flag() == ["complete", "2023-09-12", "C. Done"])
    try starts("2023-11-10", "draft", by: "A. Second")
    #expect(try flag() == ["inProgress", "2023-11-10", "A. Second"])
    try starts("2023-10-01", "draft", by: "B. First")
    #expect(try flag() == ["inProgress", "2023-10-01", "B. First"])
  }

  @Test func aConsentRecordedByAnotherAgencyIsNewsToTheCustodian() throws {
    let district = try SmallDistrict()
    let school = try district.agency("School")
    let clinic = try district.agency("Clinic", isSensitive: true)
    let child: ChildID = district.identifier()
    _ = try school.registers("Amira", "Hussain", born: "2003-05-01", as: child)
    try school.exchange()
    clinic.recordsConsentToStore([.development], about: child)
    try district.settle(clinic, school)
    #expect(school.values("notice", "notice").isEmpty, "consent to store opens nothing of others")
    clinic.records(
      .override(
        OverrideTerms(
          categories: [.index], recipients: [clinic.id], reason: "harm", decidedBy: "a manager",
          untilMilliseconds: district.now + SmallDistrict.day, significantHarm: true,
          authorisedRole: false)), about: child)
    try district.settle(clinic, school)
    let notices = school.values("notice", "notice").filter { $0.text("text") == "consentByOther" }
    #expect(notices.map { $0.parameters("parameters")?["agency"] } == ["a service"])
  }

  @Test func whatTheFamilyDeclaresByHandStandsBesideWhatTheHubDerives() throws {
    let district = try SmallDistrict()
    let (school, police) = try (district.agency("School"), district.agency("Police"))
    let child: ChildID = district.identifier()
    let index = try school.registers("Amira", "Hussain", born: "2003-05-01", as: child)
    try school.write(
      "cafFlag",
      ["declared": GroupValue.one("status", "complete").setting("agency", school.id)], in: index)
    try school.exchange()
    let declared = try police.answer("Amira", "Hussain", born: "2003-05-01")
    #expect(declared?.text("cafStatus") == "complete")
    school.recordsConsentToStore([.development], about: child)
    try school.startsCAF(in: school.compartment(.development, of: child))
    try school.exchange()
    let derived = try police.answer("Amira", "Hussain", born: "2003-05-01")
    #expect(derived?.text("cafStatus") == "inProgress")
    #expect(school.values("cafFlag", "declared").map { $0.text("status") } == ["complete"])
  }

  @Test func twoCAFsStartedApartAreBothKeptAndBothAuthorsAreTold() throws {
    let district = try SmallDistrict()
    let (school, nurse) = try (district.agency("School"), district.agency("Nurse"))
    let child: ChildID = district.identifier()
    for author in [school, nurse] {
      try author.registers("Amira", "Hussain", born: nil, as: child)
      author.recordsConsentToStore([.development], about: child)
      try author.startsCAF(in: author.compartment(.development, of: child))
    }
    try district.settle(school, nurse)
    try district.settle(school, nurse)
    for (author, other) in [(school, "Nurse"), (nurse, "School")] {
      let notices = author.values("notice", "notice")
      #expect(notices.map { $0.text("text") } == ["cafAlsoStarted"])
      #expect(notices.first?.parameters("parameters")?["agency"] == other)
      #expect(author.values("assessment", "state").count == 1)
    }
  }

  @Test func whatIsSaidOfAChildEndsWithTheConsentThatItRestsOn() throws {
    let district = try SmallDistrict()
    let (school, nurse) = try (district.agency("School"), district.agency("Nurse"))
    let police = try district.agency("Police")
    let child: ChildID = district.identifier()
    // For a day the school may be told who else knows the child.
    let withdrawal = police.recordsWithdrawal(ofIndexFrom: [school.id], about: child)
    police.records(
      .grant(
        ConsentTerms(
          scope: ConsentScope(
            purposes: [.index, .share], categories: [.index], recipients: .agencies([school.id])),
          excluded: [], supersedes: [withdrawal],
          expiresAtMilliseconds: district.now + SmallDistrict.day, evidence: nil)), about: child)
    try police.exchange()
    for author in [school, nurse] {
      try author.registers("Amira", "Hussain", born: nil, as: child)
      author.recordsConsentToStore([.development], about: child)
      try author.startsCAF(in: author.compartment(.development, of: child))
    }
    try district.settle(school, nurse)
    try district.settle(school, nurse)
    func isTold() -> Bool {
      school.held.values.contains { thread in
        school.holds(thread.compartment)
          && thread.content.records(of: "notice").contains { notice in
            notice.record.values("notice").contains { $0.text("text") == "cafAlsoStarted" }
          }
      }
    }
    try #require(isTold())
    district.now += SmallDistrict.day
    try school.exchange()
    #expect(!isTold())
  }

  @Test func aSensitiveAuthorIsNotGivenAwayByTheNoticeOfASecondCAF() throws {
    let district = try SmallDistrict()
    let school = try district.agency("School")
    let clinic = try district.agency("Clinic", isSensitive: true)
    let child: ChildID = district.identifier()
    for author in [school, clinic] {
      try author.registers("Amira", "Hussain", born: nil, as: child)
      author.recordsConsentToStore([.development], about: child)
      try author.startsCAF(in: author.compartment(.development, of: child))
    }
    try district.settle(school, clinic)
    #expect(school.values("notice", "notice").isEmpty)
    #expect(clinic.values("notice", "notice").map { $0.text("text") } == ["cafAlsoStarted"])
  }

  @Test func eachInvolvedAgencyIsOnePromptToTheAuthorHoweverOftenTheFlagIsWritten() throws {
    let district = try SmallDistrict()
    let (school, nurse, housing) = try (
      district.agency("School"), district.agency("Nurse"), district.agency("Housing")
    )
    let clinic = try district.agency("Clinic", isSensitive: true)
    let child: ChildID = district.identifier()
    let index = try school.registers("Amira", "Hussain", born: nil, as: child)
    try school.names(nurse, involvedIn: index)
    try school.names(clinic, involvedIn: index)
    // Housing knows the child too, and has named nobody: the school is not told of it.
    try housing.registers("Amira", "Hussain", born: nil, as: child)
    school.recordsConsentToStore([.development], about: child)
    let development = school.compartment(.development, of: child)
    let caf = try school.startsCAF(in: development)
    try district.settle(school, nurse, housing, clinic)
    for state in ["complete", "reopened"] {
      try school.write(
        "assessment", ["state": .one("state", state)], in: development, record: caf)
      try school.exchange()
    }
    func prompted() -> [String] {
      school.values("prompt", "prompt")
        .compactMap { $0.parameters("parameters")?["agency"] }.sorted()
    }
    #expect(prompted() == ["Nurse"])
    #expect(school.values("prompt", "state").map { $0.text("state") } == ["open"])
    // Once housing names the school as involved, the school sees its entry, and is prompted.
    let theirs = try #require(
      housing.held.values.first { $0.compartment.category == .index }?.compartment)
    try housing.names(school, involvedIn: theirs)
    try district.settle(housing, school)
    #expect(prompted() == ["Housing", "Nurse"])
    #expect(nurse.values("prompt", "prompt").isEmpty)
  }

  @Test func aPromptIsAnsweredByTheAgencyAndTheHubLeavesTheAnswerAlone() throws {
    let district = try SmallDistrict()
    let (school, nurse) = try (district.agency("School"), district.agency("Nurse"))
    let child: ChildID = district.identifier()
    let index = try school.registers("Amira", "Hussain", born: nil, as: child)
    try school.names(nurse, involvedIn: index)
    school.recordsConsentToStore([.development], about: child)
    try school.startsCAF(in: school.compartment(.development, of: child))
    try school.exchange()
    let thread = try #require(
      school.held.values.first { $0.compartment.category == .desk })
    let prompt = try #require(thread.content.records(of: "prompt").first)
    try school.write(
      "prompt", ["state": .one("state", "declined").setting("why", "no consent")],
      in: thread.compartment, record: prompt.id)
    try district.settle(school, nurse)
    #expect(school.values("prompt", "state").map { $0.text("state") } == ["declined"])
  }

  @Test func nobodyOpensADoorForHimself() throws {
    let district = try SmallDistrict()
    let (school, nurse, police) = try (
      district.agency("School"), district.agency("Nurse"), district.agency("Police")
    )
    let child: ChildID = district.identifier()
    let index = try school.registers("Amira", "Hussain", born: nil, as: child)
    try school.names(nurse, involvedIn: index)
    try district.settle(school, nurse)
    #expect(nurse.holds(index))
    // The nurse, who holds the compartment, takes the lead, and with it content. It does not count.
    let lead = try nurse.names(lead: nurse, in: index)
    try nurse.exchange()
    func facts() throws -> (leads: Set<AgencyID>, involved: Set<AgencyID>) {
      let facts = try district.engine.facts(of: child, custodian: school.id)
      return (facts.leads, facts.involved)
    }
    #expect(try facts().leads.isEmpty)
    #expect(school.values("leadProfessional", "lead").isEmpty)
    try school.exchange()
    #expect(school.values("leadProfessional", "lead").count == 1, "but it is kept and shown")
    // It names another, who has no part in writing it: that one counts.
    try nurse.names(police, involvedIn: index)
    try nurse.exchange()
    #expect(try facts().involved == [nurse.id, police.id])
    try police.exchange()
    #expect(police.holds(index))
    // The school confirms the lead in its own hand.
    let value = try #require(school.values("leadProfessional", "lead").first)
    try school.write("leadProfessional", ["lead": value], in: index, record: lead)
    try school.exchange()
    #expect(try facts().leads == [nurse.id])
  }

  @Test func whatIsNotSaidOrNoLongerSaidIsNoFact() throws {
    let district = try SmallDistrict()
    let (school, nurse) = try (district.agency("School"), district.agency("Nurse"))
    let clinic = try district.agency("Clinic", isSensitive: true)
    let child: ChildID = district.identifier()
    let index = try school.registers("Amira", "Hussain", born: nil, as: child)
    let involvement = try school.names(nurse, involvedIn: index)
    try school.names(clinic, involvedIn: index)
    try school.names(lead: nurse, in: index, accepted: "asked")
    try school.names(lead: clinic, in: index, until: "2020-01-01")
    try district.settle(school, nurse)
    var facts = try district.engine.facts(of: child, custodian: school.id)
    #expect(facts.involved == [nurse.id] && facts.leads == [clinic.id])
    #expect(facts.leadEnds == [clinic.id: 1_577_923_200_000], "the second of January 2020")
    #expect(nurse.holds(index))
    try school.write(
      "involvement", ["life": .life(isPresent: false)], in: index, record: involvement)
    try district.settle(school, nurse)
    facts = try district.engine.facts(of: child, custodian: school.id)
    #expect(facts.involved.isEmpty)
    #expect(!nurse.holds(index))
  }

  @Test func thePlanNamesItsTeamAndTheOwnersOfItsActions() throws {
    let district = try SmallDistrict()
    let (school, nurse, housing, police) = try (
      district.agency("School"), district.agency("Nurse"), district.agency("Housing"),
      district.agency("Police")
    )
    let child: ChildID = district.identifier()
    school.recordsConsentToStore([.plan], about: child)
    let plan = school.compartment(.plan, of: child)
    func of(_ replica: Replica) -> GroupValue {
      GroupValue.one("name", "A").setting("agency", replica.id)
    }
    try school.write("tacMeeting", ["convener": of(nurse)], in: plan)
    try school.write("tacInvitation", ["invited": of(housing)], in: plan)
    try school.write(
      "action", ["owner": of(police), "status": .one("status", "open")], in: plan)
    try school.write(
      "action", ["owner": of(nurse), "status": .one("status", "dropped")], in: plan)
    try school.exchange()
    let facts = try district.engine.facts(of: child, custodian: school.id)
    #expect(facts.planMembers == [nurse.id, housing.id])
    #expect(facts.actionOwners == [police.id])
    try police.exchange()
    #expect(police.holds(plan))
  }
}
