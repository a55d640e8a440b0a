import CaseRecords
import Causality

/// Writes the consents that a CAF rests on, as the policy journal takes them.
enum ConsentWriter {
  static let content: Set<CaseRecords.Category> = [
    .whereabouts, .household, .development, .parenting, .plan,
  ]

  static func write(
    of child: inout SampleChild, draft: ChildDraft, household: Household, author: SampleAgency,
    person: SamplePractitioner, recipients: [SampleAgency], startedOn: CalendarDate,
    mayRefuse: Bool,
    using generator: inout SeededGenerator
  ) {
    let decidesAlone = draft.age >= 16
    let evidence = ConsentEvidence(
      givenBy: decidesAlone
        ? (draft.given ?? household.parents[0].given) : household.parents[0].given,
      relationship: decidesAlone ? "self" : household.parents[0].relationship,
      capacityBasis: decidesAlone ? "sixteenOrOver" : "parentalResponsibility",
      capacityAssessedBy: decidesAlone ? nil : person.name,
      agreementVersion: District.agreementVersion, note: "Signed form seen.")
    var milliseconds = UInt64(max(startedOn.daysSince1970, 0)) * 86_400_000
    func add(_ kind: PolicyKind, using generator: inout SeededGenerator) {
      milliseconds += 60_000
      child.policies.append(
        PolicyEntry(
          id: generator.identifier(), child: child.id, kind: kind,
          madeAtMilliseconds: milliseconds, authorAgency: author.id, author: person.id))
    }

    // Some families say no: the flag stands on the index, and no content leaves the author.
    if mayRefuse, generator.chance(percent: 5) {
      add(
        .refusal(
          ConsentScope(purposes: [.store, .share], categories: content, recipients: .everyone)),
        using: &generator)
      return
    }
    add(
      grant(
        ConsentScope(
          purposes: [.store], categories: content.union([.health]), recipients: .agencies([.hub])),
        evidence),
      using: &generator)
    let named = Set(recipients.map(\.id))
    if !named.isEmpty {
      add(
        grant(
          ConsentScope(purposes: [.share], categories: content, recipients: .agencies(named)),
          evidence),
        using: &generator)
    }
    // Health is agreed agency by agency.
    if let nurse = recipients.first(where: { $0.sector == "health" || $0.sector == "school" }) {
      add(
        grant(
          ConsentScope(
            purposes: [.share], categories: [.health], recipients: .agencies([nurse.id])),
          evidence),
        using: &generator)
    }
  }

  private static func grant(_ scope: ConsentScope, _ evidence: ConsentEvidence) -> PolicyKind {
    .grant(
      ConsentTerms(
        scope: scope, excluded: [], supersedes: [], expiresAtMilliseconds: nil,
        evidence: evidence))
  }
}
