import CaseRecords
import SyncEngine
import Testing

/// Whom an enquirer is told to contact. The district's day is 2023-11-14.
@Suite("The lead professional in an answer")
struct LeadContactTests {
  struct Case: CustomTestStringConvertible {
    let testDescription: String
    var accepted = "accepted"
    var absence: GroupValue?
    var hasDeputy = true
    let expected: String?
  }

  private static func away(from: String, to: String?) -> GroupValue {
    GroupValue.one("from", from).setting("to", to)
  }

  @Test(arguments: [
    Case(testDescription: "at work", expected: "A. Lead"),
    Case(testDescription: "asked, and has not said yes", accepted: "asked", expected: nil),
    Case(testDescription: "declined", accepted: "declined", expected: nil),
    Case(
      testDescription: "away today for the last day",
      absence: away(from: "2023-11-01", to: "2023-11-14"), expected: "B. Deputy"),
    Case(
      testDescription: "back since today", absence: away(from: "2023-11-01", to: "2023-11-13"),
      expected: "A. Lead"),
    Case(
      testDescription: "away from today, nobody knows for how long",
      absence: away(from: "2023-11-14", to: nil), expected: "B. Deputy"),
    Case(
      testDescription: "away from tomorrow", absence: away(from: "2023-11-15", to: nil),
      expected: "A. Lead"),
    Case(
      testDescription: "away without a deputy", absence: away(from: "2023-11-01", to: nil),
      hasDeputy: false, expected: "A. Lead"),
  ])
  func contact(_ its: Case) throws {
    let district = try SmallDistrict()
    let (school, police) = try (district.agency("School"), district.agency("Police"))
    let child: ChildID = district.identifier()
    let index = try school.registers("Amira", "Hussain", born: "2003-05-01", as: child)
    let lead = try school.names(lead: school, in: index, accepted: its.accepted)
    var more: [String: GroupValue] = [:]
    if its.hasDeputy {
      more["deputy"] = .one("name", "B. Deputy").setting("contact", "01632 960124")
    }
    more["absence"] = its.absence
    if !more.isEmpty { try school.write("leadProfessional", more, in: index, record: lead) }
    try school.exchange()
    let answer = try #require(try police.answer("Amira", "Hussain", born: "2003-05-01"))
    #expect(answer.text("leadName") == its.expected)
    let contacts = ["A. Lead": "0113 496 0101", "B. Deputy": "01632 960124"]
    #expect(answer.text("leadContact") == its.expected.flatMap { contacts[$0] })
  }
}
