import CBOR
import CaseRecords
import Causality

// What every agency may read: directory, practitioners, glossary, agreement.
extension AgencyRoster {
  func directory(
    _ agency: SampleAgency, using generator: inout SeededGenerator
  ) -> SampleCompartment {
    var record = SampleRecord("agency", generator.identifier())
    record.set("name", agency.name)
    record.set("sector", agency.sector)
    record.set("localities", GroupValue().setting("localities", agency.localities))
    record.set("contact", GroupValue().setting("phone", generator.phone(mobile: false)))

    var service = SampleRecord("service", generator.identifier())
    service.set("name", "\(agency.name): help for families")
    service.set("agency", GroupValue().setting("agency", agency.id))
    service.set("status", generator.chance(percent: 92) ? "active" : "temporarilyClosed")
    service.set(
      "ages",
      GroupValue().setting("minimumAge", count: agency.ages.lowerBound)
        .setting("maximumAge", count: agency.ages.upperBound))
    service.set("serviceAreas", GroupValue().setting("serviceAreas", agency.localities))
    service.set(
      "contact",
      GroupValue().setting("phone", generator.phone(mobile: false))
        .setting("contactHours", "Monday to Friday, 9 to 5"))
    service.set("needs", GroupValue().setting("needs", Self.needs(of: agency.role)))
    service.set("weCanHelpWhen", "the family asks, or agrees to be asked.")
    service.set(
      "assuredDate",
      GroupValue().setting(
        "assuredDate", District.today.adding(days: -generator.below(500))))
    return Self.open([record, service], .directory, agency.id, using: &generator)
  }

  func people(
    _ staff: [SamplePractitioner], of agency: SampleAgency, using generator: inout SeededGenerator
  ) -> SampleCompartment {
    var records: [SampleRecord] = []
    for person in staff {
      var record = SampleRecord(
        "practitioner", RecordID(high: person.id.high, low: person.id.low))
      record.set("name", person.name)
      record.set("agency", GroupValue().setting("agency", agency.id))
      record.set("role", person.role)
      record.set("contact", person.contact)
      record.set("authority", GroupValue().setting("authority", ["practitioner"]))
      record.set("localities", GroupValue().setting("localities", agency.localities))
      if generator.chance(percent: 70) {
        let trained = District.today.adding(days: -generator.between(30...700))
        record.set(
          "training",
          GroupValue().setting("cafTrainedOn", trained)
            .setting("refresherDue", trained?.adding(days: 730)))
      }
      records.append(record)
    }
    return Self.open(records, .practitioners, agency.id, using: &generator)
  }

  static func agreement(using generator: inout SeededGenerator) -> SampleCompartment {
    var record = SampleRecord("agreementText", generator.identifier())
    record.set(
      "summary",
      GroupValue().setting("version", District.agreementVersion)
        .setting("title", "Sharing what helps")
        .setting(
          "text",
          "We share what you agree to, with whom you agree to, to help your child. You may change "
            + "your mind at any time. Only if a child may be badly hurt do we share without asking."
        )
        .setting("validFrom", "2006-09-01").setting("language", "English"))
    return Self.open([record], .agreement, .hub, using: &generator)
  }

  static func glossary(
    of agency: AgencyID, using generator: inout SeededGenerator
  ) -> SampleCompartment {
    let terms = [
      "SIPS": "Schools in partnership: a group of schools that share a budget.",
      "TAC": "Team Around the Child: the meeting that agrees the plan.",
    ]
    let records = terms.sorted { $0.key < $1.key }.map { term, meaning in
      var record = SampleRecord("glossaryTerm", generator.identifier())
      record.set("term", GroupValue().setting("term", term).setting("meaning", meaning))
      record.set("agency", GroupValue().setting("agency", agency))
      return record
    }
    return Self.open(records, .glossary, agency, using: &generator)
  }

  private static func open(
    _ records: [SampleRecord], _ category: CaseRecords.Category, _ custodian: AgencyID,
    using generator: inout SeededGenerator
  ) -> SampleCompartment {
    SampleCompartment(
      compartment: Compartment(
        id: generator.identifier(), child: nil, category: category, custodian: custodian),
      records: records)
  }

  private static func needs(of role: AgencyRole) -> [String] {
    switch role {
    case .safeguarding: ["violence", "parentSupport"]
    case .learningService: ["behaviour", "excluded"]
    case .educationSocialWork: ["attendance", "excluded"]
    case .healthVisitors: ["feeding", "slowDevelopment", "noDoctor"]
    case .schoolNurses: ["noDoctor", "emotional"]
    case .midwives: ["youngParents", "feeding"]
    case .camhs: ["emotional", "behaviour"]
    case .connexions: ["excluded", "youngParents"]
    case .youthOffending: ["behaviour"]
    case .positiveActivities: ["holidays", "isolation"]
    case .sureStart: ["parentSupport", "feeding", "isolation"]
    case .portage: ["slowDevelopment", "behaviour"]
    case .housing: ["home", "money"]
    case .police: ["violence", "isolation"]
    case .citizensAdvice: ["money", "home"]
    case .voluntary: ["parentSupport", "goods", "grandparents"]
    case .refuge: ["violence"]
    case .primarySchool, .highSchool: ["attendance", "behaviour"]
    }
  }
}
