import CBOR
import CaseRecords
import Causality

/// Draws one family: one to four children, who is involved with them, and for some a CAF.
enum FamilyGenerator {
  static func draw(
    roster: AgencyRoster, using generator: inout SeededGenerator
  ) -> [SampleChild] {
    let household = Household(using: &generator)
    let size = [1, 1, 1, 2, 2, 2, 3, 3, 4][generator.below(9)]
    // Eldest first, at least 300 days apart; the youngest may not be born yet.
    var age = generator.between(-150...18 * 365)
    var drafts: [ChildDraft] = []
    while drafts.count < size, age >= -180 {
      drafts.append(
        ChildDraft(ageDays: age, in: household, after: drafts, using: &generator))
      age -= generator.between(300...1_400)
    }
    let cafs = generator.chance(percent: 12)
    var children = drafts.map { draft in
      SampleChild(
        id: generator.identifier(), family: household.id, identity: draft.identity,
        compartments: [], policies: [])
    }
    let siblings = children
    for (index, draft) in drafts.enumerated() {
      let involved = involvedAgencies(draft, roster: roster, using: &generator)
      ChildWriter.writeIndex(
        of: &children[index], draft: draft, involved: involved, roster: roster, using: &generator)
      let first = involved.first { !$0.isSensitive } ?? roster.first(.voluntary)
      ChildWriter.writeHousehold(
        of: &children[index], household: household, siblings: siblings, custodian: first.id,
        using: &generator)
      if cafs, draft.age > 0 || generator.chance(percent: 40) {
        CAFWriter.write(
          of: &children[index], draft: draft, household: household, author: first,
          others: involved.filter { $0.id != first.id && !$0.isSensitive }, roster: roster,
          status: generator.pick(["inProgress", "complete", "complete", "closed"]),
          using: &generator)
      }
    }
    return children
  }

  /// Most children have a school or a health visitor and one or two more.
  private static func involvedAgencies(
    _ draft: ChildDraft, roster: AgencyRoster, using generator: inout SeededGenerator
  ) -> [SampleAgency] {
    let fitting = (roster.byLocality[draft.locality] ?? []).filter { $0.ages.contains(draft.age) }
    if case .expected = draft.birth {
      return [roster.first(.midwives)]
    }
    let universal = fitting.filter {
      [.primarySchool, .highSchool, .healthVisitors].contains($0.role)
    }
    let others = fitting.filter {
      ![.primarySchool, .highSchool, .healthVisitors].contains($0.role)
    }
    let main = universal.isEmpty ? others : universal
    return [generator.pick(main)]
      + generator.pick([0, 1, 1, 2, 2, 3][generator.below(6)], of: others)
  }
}
