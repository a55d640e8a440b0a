import CBOR
import CaseRecords
import Causality

/// Writes what agencies keep on the index and of the household.
enum ChildWriter {
  /// Each agency keeps an index compartment of its own, so that contradictory answers stand side
  /// by side. The first that is not sensitive keeps the fullest record.
  static func writeIndex(
    of child: inout SampleChild, draft: ChildDraft, involved: [SampleAgency],
    roster: AgencyRoster, using generator: inout SeededGenerator
  ) {
    var hasFull = false
    let school = involved.first { $0.role == .primarySchool || $0.role == .highSchool }
    for agency in involved {
      let involvement = involvement(
        agency, age: draft.age, roster: roster, using: &generator)
      guard !agency.isSensitive else {
        child.add(involvement, to: .sensitive, of: agency.id, using: &generator)
        continue
      }
      let record =
        hasFull
        ? draft.shortRecord(child.id, using: &generator)
        : draft.record(child.id, school: school, using: &generator)
      hasFull = true
      child.add(record, to: .index, of: agency.id, using: &generator)
      child.add(involvement, to: .index, of: agency.id, using: &generator)
    }
  }

  static func involvement(
    _ agency: SampleAgency, age: Int, isOfficial: Bool? = nil, isActive: Bool? = nil,
    roster: AgencyRoster, using generator: inout SeededGenerator
  ) -> SampleRecord {
    let person = roster.practitioner(of: agency.id, using: &generator)
    let isActive = isActive ?? generator.chance(percent: 75)
    // Dates run backwards from today: as of, last contact, (end), start; never before the birth.
    let asOf = generator.chance(percent: 80) ? generator.below(60) : generator.between(61...400)
    let last = asOf + generator.below(isActive ? 60 : 400)
    let start = min(last + generator.between(1...500), max(last, age * 365))
    var record = SampleRecord("involvement", generator.identifier())
    record.set("agency", GroupValue().setting("agency", agency.id))
    record.set(
      "practitioner",
      GroupValue().setting("practitioner", person.id).setting("name", person.name)
        .setting("role", person.role).setting("contact", person.contact))
    record.set(
      "official",
      isOfficial ?? generator.chance(percent: 80) ? "official" : "unofficial")
    record.set(
      "period",
      GroupValue().setting("status", isActive ? "active" : "past")
        .setting("start", ChildDraft.day(-start))
        .setting("end", isActive ? nil : ChildDraft.day(-last)))
    record.set(
      "contacts",
      GroupValue().setting("lastContact", ChildDraft.day(-last))
        .setting("contacts12Months", count: last - asOf > 365 ? 0 : generator.between(1...40))
        .setting("asOf", ChildDraft.day(-asOf)))
    return record
  }

  static func writeHousehold(
    of child: inout SampleChild, household: Household, siblings: [SampleChild],
    custodian: AgencyID, using generator: inout SeededGenerator
  ) {
    for record in household.whereabouts(using: &generator) {
      child.add(record, to: .whereabouts, of: custodian, using: &generator)
    }
    let records = household.records(of: child, siblings: siblings, using: &generator)
    for record in records {
      child.add(record, to: .household, of: custodian, using: &generator)
    }
  }
}
