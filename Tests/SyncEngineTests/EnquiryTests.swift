import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

@Suite struct EnquiryTests {
  @Test func aKnownChildIsAnsweredWithItsCAFAndWhomToContactAndNothingElse() throws {
    let district = try SmallDistrict()
    let (school, nurse, police) = try (
      district.agency("School"), district.agency("Nurse"), district.agency("Police")
    )
    let child: ChildID = district.identifier()
    let index = try school.registers("Amira", "Hussain", born: "2003-05-01", as: child)
    try school.names(nurse, involvedIn: index)
    try school.names(lead: nurse, in: index)
    school.recordsConsentToStore([.development], about: child)
    try school.startsCAF(in: school.compartment(.development, of: child))
    try district.settle(school, nurse)

    let answer = try #require(try police.answer("Amirah", "Hussein", born: "2003-05-01"))
    #expect(answer.text("outcome") == "knownCAF")
    #expect(answer.text("cafStatus") == "inProgress")
    #expect(answer.text("leadName") == "A. Lead")
    #expect(answer.text("leadContact") == "0113 496 0101")
    #expect(answer.instant("asOf") == district.now)
    #expect(answer.instant("expires") == district.now + 30 * SmallDistrict.day)
    #expect(
      Set(answer.fields.keys) == [
        "enquiry", "outcome", "cafStatus", "leadName", "leadContact", "agenciesReporting",
        "agenciesTotal", "oldestSyncAgencyName", "oldestSyncDays", "asOf", "expires",
      ])
    #expect(!police.holds(index), "an answer opens no compartment")
  }

  @Test func theAuthorIsToldWhoAskedAndASensitiveEnquirerIsOnlyAService() throws {
    let district = try SmallDistrict()
    let (school, police) = try (district.agency("School"), district.agency("Police"))
    let clinic = try district.agency("Clinic", isSensitive: true)
    let child: ChildID = district.identifier()
    try school.registers("Amira", "Hussain", born: "2003-05-01", as: child)
    try school.exchange()
    _ = try police.answer("Amira", "Hussain", born: "2003-05-01")
    _ = try clinic.answer("Amira", "Hussain", born: "2003-05-01")
    try school.exchange()
    let notices = school.values("notice", "notice")
    #expect(notices.allSatisfy { $0.text("text") == "enquiryMade" })
    #expect(
      Set(notices.compactMap { $0.parameters("parameters")?["agency"] })
        == ["Police", "a service"])
    #expect(notices.allSatisfy { $0.identifier("child", as: ChildID.self) == child })
  }

  /// Everything an enquirer receives, with the times and identifiers that differ anyway taken out.
  private func answered(
    _ prepare: (SmallDistrict, _ enquirer: Replica) throws -> Void
  ) throws -> [UInt8] {
    let district = try SmallDistrict()
    let enquirer = try district.agency("Police")
    try prepare(district, enquirer)
    let thread = try enquirer.asks("Amira", "Hussain", born: "2003-05-01").thread
    let answer = try enquirer.exchange()
    #expect(answer.revocations.isEmpty && answer.policy.isEmpty)
    // An answer that were about a child could be taken back later, and tell by that.
    let later = try enquirer.exchange()
    #expect(later.revocations.isEmpty && later.policy.isEmpty)
    #expect(enquirer.held.count == 1)
    let values = enquirer.answers(in: thread)
    try #require(values.count == 1)
    return values[0].setting("enquiry", RecordID?.none).setting("asOf", instant: 0)
      .setting("expires", instant: 0).encoded()
  }

  @Test func unknownSensitiveAndDeniedChildrenAreAnsweredAlikeByteForByte() throws {
    let unknown = try answered { district, _ in
      _ = try district.agency("Clinic", isSensitive: true)
      try district.agency("School").exchange()
    }
    let sensitive = try answered { district, _ in
      let clinic = try district.agency("Clinic", isSensitive: true)
      try district.agency("School").exchange()
      try clinic.registers("Amira", "Hussain", born: "2003-05-01", as: district.identifier())
      try clinic.exchange()
    }
    let denials: [(Replica, AgencyID, ChildID) -> Void] = [
      { $0.recordsWithdrawal(ofIndexFrom: [$1], about: $2) },
      { school, police, child in
        school.records(
          .refusal(
            ConsentScope(
              purposes: [.index, .share], categories: [.index], recipients: .everyone)),
          about: child)
      },
      { school, police, child in
        school.records(
          .grant(
            ConsentTerms(
              scope: ConsentScope(
                purposes: [.index], categories: [.index], recipients: .everyone),
              excluded: [police], supersedes: [], expiresAtMilliseconds: nil, evidence: nil)),
          about: child)
      },
    ]
    #expect(try GroupValue(encoded: unknown).text("outcome") == "noEntry")
    #expect(sensitive == unknown)
    for denial in denials {
      let denied = try answered { district, police in
        _ = try district.agency("Clinic", isSensitive: true)
        let school = try district.agency("School")
        let child: ChildID = district.identifier()
        try school.registers("Amira", "Hussain", born: "2003-05-01", as: child)
        denial(school, police.id, child)
        try school.exchange()
      }
      #expect(denied == unknown)
    }
  }

  @Test func aSensitiveServicesEntryAddsNothingToWhatOthersAreTold() throws {
    func told(withClinic: Bool) throws -> [UInt8] {
      let district = try SmallDistrict()
      let (school, police) = try (district.agency("School"), district.agency("Police"))
      let clinic = try district.agency("Clinic", isSensitive: true)
      let child: ChildID = district.identifier()
      try school.registers("Amira", "Hussain", born: nil, as: child)
      if withClinic {
        let index = try clinic.registers("Amira", "Hussain", born: "2003-05-01", as: child)
        try clinic.names(lead: clinic, in: index)
        clinic.recordsConsentToStore([.development], about: child)
        try clinic.startsCAF(in: clinic.compartment(.development, of: child))
        // Another child of that name, known to the clinic alone.
        try clinic.registers("Amira", "Hussain", born: nil, as: district.identifier())
      }
      try district.settle(school, clinic)
      let answer = try #require(try police.answer("Amira", "Hussain"))
      #expect(answer.text("outcome") == "knownNoCAF")
      return answer.setting("enquiry", RecordID?.none).encoded()
    }
    #expect(try told(withClinic: true) == told(withClinic: false))
  }

  @Test func withoutConsentOrOverrideNothingIsSearchedUntilABasisIsGiven() throws {
    let district = try SmallDistrict()
    let (school, police) = try (district.agency("School"), district.agency("Police"))
    try school.registers("Amira", "Hussain", born: "2003-05-01", as: district.identifier())
    try school.exchange()
    let insufficient: [GroupValue?] = [
      nil, GroupValue(), .one("consentReference", "  "), .one("overrideReason", "harm"),
    ]
    for basis in insufficient {
      let answer = try police.answer("Amira", "Hussain", born: "2003-05-01", basis: basis)
      #expect(answer?.text("outcome") == "basisMissing")
    }
    try school.exchange()
    #expect(school.values("notice", "notice").isEmpty)

    let (thread, enquiry) = try police.asks("Amira", "Hussain", born: "2003-05-01", basis: nil)
    try police.exchange()
    try police.write(
      "enquiry",
      ["basis": GroupValue.one("overrideReason", "harm").setting("decidedBy", "C. Chief")],
      in: thread, record: enquiry)
    try police.exchange()
    #expect(police.answers(in: thread).map { $0.text("outcome") } == ["knownNoCAF"])
  }

  @Test func severalChildrenOrAVagueQuestionAskForMoreDetailWithoutNames() throws {
    let district = try SmallDistrict()
    let (school, police) = try (district.agency("School"), district.agency("Police"))
    for birth in ["2003-05-01", "2004-06-02"] {
      try school.registers("Amira", "Hussain", born: birth, as: district.identifier())
    }
    try school.exchange()
    for (given, family) in [("Amira", "Hussain"), (nil, "Hussain"), ("Amira", nil)] {
      let answer = try #require(try police.answer(given, family))
      #expect(answer.text("outcome") == "severalPossible")
      #expect(answer.text("leadName") == nil && answer.text("cafStatus") == nil)
    }
    #expect(
      try police.answer("Amira", "Hussain", born: "2004-06-02")?.text("outcome") == "knownNoCAF")
  }

  @Test func anAnswerStandsUntilItExpiresOrTheFamilyWithdrawsTheIndex() throws {
    for isWithdrawn in [true, false] {
      let district = try SmallDistrict()
      let (school, police) = try (district.agency("School"), district.agency("Police"))
      let child: ChildID = district.identifier()
      try school.registers("Amira", "Hussain", born: "2003-05-01", as: child)
      try school.exchange()
      let thread = try police.asks("Amira", "Hussain", born: "2003-05-01").thread
      try police.exchange()
      #expect(police.holds(thread))
      if isWithdrawn {
        school.recordsWithdrawal(ofIndexFrom: [police.id], about: child)
        try school.exchange()
      } else {
        district.now += 30 * SmallDistrict.day
      }
      try police.exchange()
      #expect(!police.holds(thread))
    }
  }

  @Test func coverageSaysHowManyAgenciesReportAndWhichIsOldest() throws {
    let district = try SmallDistrict()
    let (school, police) = try (district.agency("School"), district.agency("Police"))
    let clinic = try district.agency("Clinic", isSensitive: true)
    _ = try district.agency("Never in contact")
    try district.settle(school, clinic)
    for (days, reporting) in [(UInt64(6), 2), (7, 1), (9, 1)] {
      let district = district
      let start = district.now
      district.now += days * SmallDistrict.day
      let answer = try #require(try police.answer("Nobody", "Known"))
      #expect(answer.count("agenciesTotal") == 3)
      #expect(answer.count("agenciesReporting") == reporting)
      #expect(answer.text("oldestSyncAgencyName") == "School")
      #expect(answer.count("oldestSyncDays") == Int(days))
      district.now = start
    }
  }

  @Test func anEnquiryIsAuditedByIdentifiersOnly() throws {
    let district = try SmallDistrict()
    let police = try district.agency("Police")
    _ = try police.answer("Amira", "Hussain", born: "2003-05-01")
    let lines = try district.engine.store.auditLines().filter { $0.action == "enquiry" }
    #expect(lines.count == 1)
    #expect(lines[0].who == police.id.text)
    #expect(lines[0].subject.contains("reason beforeCAF outcome noEntry"))
    #expect(!lines[0].subject.contains("Amira") && !lines[0].subject.contains("Hussain"))
  }
}
