import CaseRecords
import Causality
import SyncEngine
import SyncProtocol
import Testing

/// What the desk tells of a child is held no longer than the child may be enquired about.
@Suite("What the desk has told")
struct DeskThreadTests {
  private let district: SmallDistrict
  private let school: Replica
  private let police: Replica

  init() throws {
    district = try SmallDistrict()
    school = try district.agency("School")
    police = try district.agency("Police")
  }

  @Test("two answers in one thread: a withdrawal of either child reaches it")
  func twoAnswers() throws {
    for isFirst in [true, false] {
      let test = try DeskThreadTests()
      let children: [ChildID] = [test.district.identifier(), test.district.identifier()]
      try test.school.registers("Amira", "Hussain", born: "2003-05-01", as: children[0])
      try test.school.registers("Tom", "Barker", born: "2004-06-02", as: children[1])
      try test.school.exchange()
      let thread = try test.police.asks("Amira", "Hussain", born: "2003-05-01").thread
      try test.police.exchange()
      try test.police.write(
        "enquiry",
        [
          "subject": GroupValue.one("given", "Tom").setting("family", "Barker")
            .setting("dateOfBirth", "2004-06-02"),
          "reason": .one("reason", "beforeCAF"),
          "asked": GroupValue().setting("on", instant: test.district.now),
          "basis": .one("consentReference", "form 13"),
        ], in: thread)
      try test.police.exchange()
      try #require(test.police.answers(in: thread).count == 2)
      let withdrawn = isFirst ? children[0] : children[1]
      test.school.recordsWithdrawal(ofIndexFrom: [test.police.id], about: withdrawn)
      try test.school.exchange()
      try test.police.exchange()
      #expect(!test.police.holds(thread))
    }
  }

  @Test(
    "an answer that rests on a joined entry goes when that entry is withdrawn after the parting")
  func partedSinceTheAnswer() throws {
    let nurse = try district.agency("Nurse")
    let (first, second): (ChildID, ChildID) = (district.identifier(), district.identifier())
    try school.registers("Amira", "Hussain", born: "2003-05-01", as: first)
    let index = try nurse.registers("Amira", "Hussain", born: "2003-05-01", as: second)
    try nurse.names(lead: nurse, in: index)
    school.records(.alias(other: second), about: first)
    let alias = try #require(school.policy.first).id
    try nurse.exchange()
    try school.exchange()
    let thread = try police.asks("Amira", "Hussain", born: "2003-05-01").thread
    try police.exchange()
    try #require(police.answers(in: thread).first?.text("leadName") == "A. Lead")
    school.records(.unalias(alias), about: first)
    try school.exchange()
    nurse.recordsWithdrawal(ofIndexFrom: [police.id], about: second)
    try nurse.exchange()
    try police.exchange()
    #expect(!police.holds(thread))
  }

  @Test(
    "a prompt that names an involved agency goes when the author may not see the index any more")
  func prompt() throws {
    let nurse = try district.agency("Nurse")
    let child: ChildID = district.identifier()
    let index = try school.registers("Amira", "Hussain", born: "2003-05-01", as: child)
    try school.names(nurse, involvedIn: index)
    school.recordsConsentToStore([.development], about: child)
    try school.startsCAF(in: school.compartment(.development, of: child))
    try district.settle(school, nurse)
    let prompts = school.held.values.filter {
      !$0.content.records(of: "prompt").isEmpty
    }
    try #require(prompts.count == 1)
    nurse.recordsWithdrawal(ofIndexFrom: [school.id], about: child)
    try district.settle(nurse, school)
    #expect(school.revoked == Set(prompts.map(\.compartment.id)))
  }
}
