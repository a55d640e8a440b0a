import CBOR
import CaseRecords
import Causality

/// Tells the five stories with the agencies of one district.
struct StoryTeller {
  let roster: AgencyRoster
  var generator: SeededGenerator

  static func stories(roster: AgencyRoster, seed: UInt64) -> [SampleStory] {
    SampleStory.Name.allCases.enumerated().map { index, name in
      var teller = StoryTeller(
        roster: roster, generator: SeededGenerator(seed: seed, stream: 0x5707, index: index))
      return switch name {
      case .indexCheck: teller.indexCheck()
      case .jointCAF: teller.jointCAF()
      case .metWithoutLead: teller.metWithoutLead()
      case .threeSiblings: teller.threeSiblings()
      case .knownToNobody: teller.knownToNobody()
      }
    }
  }

  private mutating func indexCheck() -> SampleStory {
    let household = Household(locality: "dewsbury", heritage: .british, using: &generator)
    let school = roster.first(.primarySchool, in: "dewsbury")
    let nurses = roster.first(.schoolNurses)
    let housing = roster.first(.housing)
    let asker = roster.first(.voluntary)
    let (draft, start) = begin(ageDays: 8 * 365, in: household, with: [school, nurses, housing])
    var child = start
    writeCAF(
      of: &child, draft, household, author: school, others: [nurses, housing],
      status: "inProgress")

    var enquiry = SampleRecord("enquiry", generator.identifier())
    enquiry.set(
      "subject",
      draft.nameGroup.setting("dateOfBirth", child.identity.dateOfBirth))
    enquiry.set("reason", GroupValue().setting("reason", "beforeCAF"))
    enquiry.set(
      "basis", GroupValue().setting("consentReference", "Signed by the mother, form 12"))
    let person = roster.practitioner(of: asker.id, using: &generator)
    enquiry.set(
      "asked",
      GroupValue().setting(
        "on", instant: UInt64(max(District.today.daysSince1970, 0)) * 86_400_000
      ).setting("practitioner", person.id).setting("by", person.name))
    let thread = SampleCompartment(
      compartment: Compartment(
        id: generator.identifier(), child: nil, category: .desk, custodian: asker.id),
      records: [enquiry])
    return SampleStory(
      name: .indexCheck,
      summary: "A fourth agency meets the family and asks the index, with consent, before it "
        + "starts a CAF. One is under way at the school; two more agencies are involved.",
      children: [child], agencies: [school, nurses, housing, asker].map(\.id),
      deskCompartments: [thread])
  }

  private mutating func jointCAF() -> SampleStory {
    let household = Household(locality: "batley", heritage: .southAsian, using: &generator)
    let visitors = roster.first(.healthVisitors, in: "batley")
    let sureStart = roster.first(.sureStart, in: "batley")
    let (draft, start) = begin(ageDays: 3 * 365, in: household, with: [visitors, sureStart])
    var child = start
    writeCAF(
      of: &child, draft, household, author: visitors, others: [sureStart], coAuthor: sureStart,
      status: "inProgress")
    return SampleStory(
      name: .jointCAF,
      summary: "Health visitor and Sure Start write one CAF together: different boxes merge, one "
        + "box written by both waits for a person.",
      children: [child], agencies: [visitors.id, sureStart.id], deskCompartments: [])
  }

  private mutating func metWithoutLead() -> SampleStory {
    let household = Household(
      locality: "huddersfieldSouth", heritage: .british, using: &generator)
    let school = roster.first(.highSchool, in: "huddersfieldSouth")
    let yot = roster.first(.youthOffending)
    let police = roster.first(.police)
    let (draft, start) = begin(ageDays: 14 * 365 + 40, in: household, with: [school, yot, police])
    var child = start
    writeCAF(
      of: &child, draft, household, author: school, others: [yot, police], status: "complete")

    let convener = roster.practitioner(of: yot.id, using: &generator)
    var meeting = SampleRecord("tacMeeting", generator.identifier(), author: yot.id)
    meeting.set(
      "when",
      GroupValue().setting("on", ChildDraft.day(-12)).setting("time", "14:00")
        .setting("place", "Town Hall, room 3"))
    meeting.set(
      "convener",
      GroupValue().setting("agency", yot.id).setting("name", convener.name)
        .setting("contact", convener.contact))
    meeting.set("family", GroupValue().setting("invited", true).setting("present", true))
    meeting.set("decisions", "Start a reparation placement; nobody told the school.")
    child.add(meeting, to: .plan, of: school.id, using: &generator)
    for agency in [yot, police] {
      let person = roster.practitioner(of: agency.id, using: &generator)
      var invitation = SampleRecord("tacInvitation", generator.identifier(), author: yot.id)
      invitation.set(
        "invited",
        GroupValue().setting("meeting", meeting.id).setting("agency", agency.id)
          .setting("practitioner", person.id).setting("name", person.name))
      invitation.set("attended", GroupValue().setting("attended", true))
      child.add(invitation, to: .plan, of: school.id, using: &generator)
    }
    return SampleStory(
      name: .metWithoutLead,
      summary: "The Youth Offending Team convened a meeting and did not know of the lead "
        + "professional at the high school, who was not invited.",
      children: [child], agencies: [school, yot, police].map(\.id), deskCompartments: [])
  }

  private mutating func threeSiblings() -> SampleStory {
    let household = Household(locality: "dewsbury", heritage: .polish, using: &generator)
    let high = roster.first(.highSchool, in: "dewsbury")
    let primary = roster.first(.primarySchool, in: "dewsbury")
    let visitors = roster.first(.healthVisitors, in: "dewsbury")
    let places = [(high, 13 * 365), (primary, 9 * 365), (visitors, 2 * 365)]
    var drafts: [ChildDraft] = []
    for (_, ageDays) in places {
      drafts.append(
        ChildDraft(ageDays: ageDays, in: household, after: drafts, using: &generator))
    }
    var children = drafts.map { draft in
      SampleChild(
        id: generator.identifier(), family: household.id, identity: draft.identity,
        compartments: [], policies: [])
    }
    let siblings = children
    for (index, (agency, _)) in places.enumerated() {
      ChildWriter.writeIndex(
        of: &children[index], draft: drafts[index], involved: [agency], roster: roster,
        using: &generator)
      ChildWriter.writeHousehold(
        of: &children[index], household: household, siblings: siblings, custodian: agency.id,
        using: &generator)
      writeCAF(
        of: &children[index], drafts[index], household, author: agency, others: [],
        status: "complete")
    }
    return SampleStory(
      name: .threeSiblings,
      summary: "Three CAFs of one family by three agencies, linked: the household is written "
        + "once, with the eldest, and each child's consent is their own.",
      children: children, agencies: places.map(\.0.id), deskCompartments: [])
  }

  private mutating func knownToNobody() -> SampleStory {
    let household = Household(locality: "batley", heritage: .other, using: &generator)
    let finder = roster.first(.positiveActivities)
    var draft = ChildDraft(ageDays: 12 * 365, in: household, using: &generator)
    draft.family = nil
    draft.birth = .estimated(years: 12)
    var child = SampleChild(
      id: generator.identifier(), family: household.id, identity: draft.identity,
      compartments: [], policies: [])
    var record = SampleRecord("child", .child(child.id))
    record.set("name", draft.nameGroup)
    record.set("birth", draft.birthGroup)
    record.set("locality", draft.locality)
    record.set(
      "school",
      GroupValue().setting("name", "Carr Top High School").setting("rollStart", "2006-09-04")
        .setting("rollEnd", "2007-01-19").setting("rollEndReason", "excluded"))
    record.set("gp", GroupValue().setting("state", "none"))
    child.add(record, to: .index, of: finder.id, using: &generator)
    child.add(
      ChildWriter.involvement(
        finder, age: draft.age, isOfficial: false, isActive: true, roster: roster,
        using: &generator),
      to: .index, of: finder.id, using: &generator)
    return SampleStory(
      name: .knownToNobody,
      summary: "A youth worker meets a child who gives a first name only: excluded in January, on "
        + "no roll since, registered with no GP, known to no agency.",
      children: [child], agencies: [finder.id], deskCompartments: [])
  }

  private mutating func begin(
    ageDays: Int, in household: Household, with agencies: [SampleAgency]
  ) -> (ChildDraft, SampleChild) {
    let draft = ChildDraft(ageDays: ageDays, in: household, using: &generator)
    var child = SampleChild(
      id: generator.identifier(), family: household.id, identity: draft.identity,
      compartments: [], policies: [])
    ChildWriter.writeIndex(
      of: &child, draft: draft, involved: agencies, roster: roster, using: &generator)
    ChildWriter.writeHousehold(
      of: &child, household: household, siblings: [child], custodian: agencies[0].id,
      using: &generator)
    return (draft, child)
  }

  private mutating func writeCAF(
    of child: inout SampleChild, _ draft: ChildDraft, _ household: Household,
    author: SampleAgency, others: [SampleAgency], coAuthor: SampleAgency? = nil, status: String
  ) {
    CAFWriter.write(
      of: &child, draft: draft, household: household, author: author, others: others,
      coAuthor: coAuthor, roster: roster, status: status, mayRefuse: false,
      using: &generator)
  }
}
