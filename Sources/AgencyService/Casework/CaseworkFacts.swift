import CaseRecords
import Causality
import SyncEngine
import SyncProtocol

/// What one compartment says that somebody may have to act upon. Kept in memory for every
/// compartment that may be shown, so that what is due is found without opening every record.
///
/// Where people disagree, the answer that leaves work to be done counts: an action is open while
/// one of them says so, and a lead has accepted once nobody says otherwise.
struct CaseworkFacts {
  /// Somebody, as far as a record says who.
  struct Person: Hashable {
    var agency: AgencyID?
    var practitioner: PractitionerID?
    var name: String?
  }

  struct Involvement {
    let person: Person
    let isActive: Bool
    /// The last contact, else the day of the entry, else the start, else the day it was written.
    let lastKnown: CalendarDate?
  }

  struct Lead {
    let person: Person
    let until: CalendarDate?
    let isAccepted: Bool
    let isDeclined: Bool
    let answeredOn: CalendarDate?
    let deputy: Person?
    let absences: [(from: CalendarDate, to: CalendarDate?)]
  }

  struct Flag {
    let status: String
    let startedOn: String?
    let agency: AgencyID?
    let isDerived: Bool
  }

  struct Assessment {
    let assessor: Person
    let state: String
    /// When the state was last set, else when it was started.
    let lastOn: CalendarDate?
    let startedOn: CalendarDate?
    let reviewDue: CalendarDate?

    var isOpen: Bool { state != "closed" }
  }

  /// Another service's assessment: that it exists, who holds it and how old it is.
  struct Specialist {
    let title: String
    let holder: Person
    let on: CalendarDate?
    let outOfDateAfter: CalendarDate?
  }

  struct Action {
    let owner: Person
    let due: CalendarDate
  }

  struct Roll {
    let school: String
    let agency: AgencyID?
    let end: CalendarDate?
    let endReason: String?
    let nextSchool: String?
  }

  let child: ChildID
  let category: CaseRecords.Category
  let custodian: AgencyID
  var names: [String] = []
  var births: [String] = []
  var identities: [ChildIdentity] = []
  var rolls: [Roll] = []
  /// The states said of each service that every child should have.
  var universal: [String: [String]] = [:]
  var involvements: [Involvement] = []
  var leads: [Lead] = []
  var flags: [Flag] = []
  var assessments: [Assessment] = []
  var specialists: [Specialist] = []
  /// Those that are neither done nor dropped and have a day.
  var actions: [Action] = []
  var reviews: [CalendarDate] = []
  var meetings: [CalendarDate] = []
  var families: [RecordID] = []
  var preCAFs: [PreCAF] = []

  /// The categories in which there is something of this kind.
  static let categories: [CaseRecords.Category] = [
    .index, .household, .development, .health, .parenting, .plan, .sensitive, .private,
  ]

  static let universalServices = ["gp", "dentist", "nursery"]
}

// MARK: Reading

extension CaseworkFacts {
  /// Nil when there is nothing of the kind in it.
  init?(_ compartment: Compartment, _ content: CompartmentContent) {
    guard let child = compartment.child, Self.categories.contains(compartment.category)
    else { return nil }
    self.init(child: child, category: compartment.category, custodian: compartment.custodian)
    var isEmpty = true
    for (_, record) in content.records.sorted(by: { $0.key < $1.key }) where record.isPresent {
      isEmpty = !read(record) && isEmpty
    }
    if isEmpty { return nil }
  }

  /// False for a kind that leaves nobody anything to do.
  private mutating func read(_ record: RecordContent) -> Bool {
    switch record.kind {
    case "child": read(child: record)
    case "involvement": involvements.append(Self.involvement(record))
    case "leadProfessional": leads += Self.leads(record)
    case "cafFlag": flags += Self.flags(record)
    case "assessment": assessments.append(Self.assessment(record))
    case "specialistAssessment": specialists += Self.specialists(record)
    case "action": actions += Self.actions(record)
    case "conclusion": reviews += record.values("reviewOn").compactMap { $0.date("reviewOn") }
    case "tacMeeting":
      meetings += record.values("when").compactMap { $0.date("on") }
      reviews += record.values("nextReview").compactMap { $0.date("nextReview") }
    case "preCAF": preCAFs += [PreCAF(record)].compactMap { $0 }
    case "familyLink":
      families += record.values("family").compactMap { $0.identifier("family") }
    default: return false
    }
    return true
  }

  private mutating func read(child record: RecordContent) {
    let others = record.values("otherNames").flatMap { $0.texts("otherNames") ?? [] }
    let births = record.values("birth")
    self.births += births.map(\.birthWords)
    for name in record.values("name") {
      names.append(
        [name.text("given"), name.text("family")].compactMap { $0 }.joined(separator: " "))
      for birth in births.isEmpty ? [GroupValue()] : births {
        identities.append(
          ChildIdentity(
            given: name.text("given"), family: name.text("family"), otherNames: others,
            dateOfBirth: birth.date("dateOfBirth"), estimatedAge: birth.count("estimatedAge"),
            estimatedOn: birth.date("estimatedOn")))
      }
    }
    for school in record.values("school") {
      guard let name = school.text("name") else { continue }
      rolls.append(
        Roll(
          school: name, agency: school.identifier("agency"), end: school.date("rollEnd"),
          endReason: school.text("rollEndReason"), nextSchool: school.text("nextSchool")))
    }
    for service in Self.universalServices {
      let states = record.values(service).compactMap { $0.text("state") }
      if !states.isEmpty { universal[service, default: []] += states }
    }
  }

  private static func involvement(_ record: RecordContent) -> Involvement {
    var person = record.values("practitioner").first.map(person) ?? Person()
    person.agency = record.values("agency").first?.identifier("agency")
    let periods = record.values("period")
    let contacts = record.values("contacts")
    let written = record.groups.values.flatMap(\.siblings)
      .map(\.value.claimedMilliseconds).max()
    return Involvement(
      person: person, isActive: periods.contains { $0.text("status") == "active" },
      lastKnown: contacts.compactMap { $0.date("lastContact") }.max()
        ?? contacts.compactMap { $0.date("asOf") }.max()
        ?? periods.compactMap { $0.date("start") }.max()
        ?? written.flatMap { CalendarDate(millisecondsSince1970: $0) })
  }

  private static func leads(_ record: RecordContent) -> [Lead] {
    let answers = record.values("acceptance")
    let said = answers.map { $0.text("accepted") }
    let absences = record.values("absence").compactMap { absence in
      absence.date("from").map { (from: $0, to: absence.date("to")) }
    }
    return record.values("lead").map { lead in
      let agency: AgencyID? = lead.identifier("agency")
      let deputy = record.values("deputy").first { !$0.isBlank }.map(person)
      return Lead(
        person: Person(
          agency: agency, practitioner: lead.identifier("practitioner"), name: lead.text("name")),
        until: lead.date("until"),
        isAccepted: !said.isEmpty && said.allSatisfy { $0 == "accepted" },
        isDeclined: !said.isEmpty && said.allSatisfy { $0 == "declined" },
        answeredOn: answers.compactMap { $0.date("on") }.max(),
        deputy: deputy.map {
          Person(agency: agency, practitioner: $0.practitioner, name: $0.name)
        }, absences: absences)
    }
  }

  private static func flags(_ record: RecordContent) -> [Flag] {
    ["derived", "declared"].flatMap { group in
      record.values(group).compactMap { value in
        value.text("status").map { status in
          Flag(
            status: status, startedOn: value.text("startedOn"),
            agency: value.identifier("agency"), isDerived: group == "derived")
        }
      }
    }
  }

  private static func assessment(_ record: RecordContent) -> Assessment {
    let started = record.values("started").first
    let states = record.values("state")
    let state = states.first { $0.text("state") != "closed" } ?? states.first
    let startedOn = started?.date("on")
    return Assessment(
      assessor: Person(
        agency: started?.identifier("agency"), practitioner: started?.identifier("practitioner"),
        name: started?.text("assessor")),
      state: state?.text("state") ?? "draft", lastOn: state?.date("on") ?? startedOn,
      startedOn: startedOn,
      reviewDue: record.values("reviewDue").compactMap { $0.date("reviewDue") }.min())
  }

  private static func specialists(_ record: RecordContent) -> [Specialist] {
    let ends = record.values("outOfDateAfter").compactMap { $0.date("outOfDateAfter") }
    return record.values("assessment").compactMap { value in
      guard let title = value.text("title") else { return nil }
      return Specialist(
        title: title,
        holder: Person(agency: value.identifier("holder"), name: value.text("holderName")),
        on: value.date("on"), outOfDateAfter: ends.min())
    }
  }

  private static func actions(_ record: RecordContent) -> [Action] {
    let states = record.values("status").compactMap { $0.text("status") }
    let isOver = !states.isEmpty && states.allSatisfy { ["done", "dropped"].contains($0) }
    guard !isOver, let due = record.values("due").compactMap({ $0.date("due") }).min(),
      let owner = record.values("owner").first.map(person)
    else { return [] }
    return [Action(owner: owner, due: due)]
  }

  private static func person(_ value: GroupValue) -> Person {
    Person(
      agency: value.identifier("agency"), practitioner: value.identifier("practitioner"),
      name: value.text("name"))
  }
}
