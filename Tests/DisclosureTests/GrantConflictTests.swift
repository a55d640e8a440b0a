import CaseRecords
import Causality
import Disclosure
import Testing

@Suite("Compare-and-set on consent")
struct GrantConflictTests {
  private func conflict(
    _ kind: PolicyKind, by author: AgencyID = school, _ entries: [PolicyEntry]
  ) -> [PolicyID] {
    grantConflict(entry(90, kind, by: author), against: PolicySet(entries: entries))
  }

  private let forClinic = entry(
    1, .withdrawal(scope([.share], [.household], .agencies([clinic]))), by: police)
  private let forAll = entry(2, .refusal(scope([.share, .store], [.household], .everyone)))
  private let excluding = entry(
    3, grant([.share], [.household], .everyone, excluded: [clinic]), by: police)

  @Test("a grant that names every denial in its scope goes through")
  func named() {
    let all = [forClinic, forAll, excluding]
    let recipients = Recipients.agencies([.hub, clinic])
    #expect(conflict(grant([.share], [.household], recipients), all) == [id(1), id(2), id(3)])
    #expect(
      conflict(grant([.share], [.household], recipients, knowing: [id(1), id(3)]), all) == [id(2)])
    #expect(
      conflict(grant([.share], [.household], recipients, knowing: [id(1), id(2), id(3)]), all)
        == [])
  }

  @Test("another category, purpose or agency is no conflict")
  func disjoint() {
    let all = [forClinic, entry(4, .refusal(scope([.share], [.household], .agencies([housing]))))]
    #expect(conflict(grant([.share], [.parenting], .agencies([clinic])), all) == [])
    #expect(conflict(grant([.discussAtECM], [.household], .agencies([clinic])), all) == [])
    #expect(conflict(grant([.share], [.household], .agencies([police])), all) == [])
    #expect(
      conflict(grant([.share], [.household], .agencies([clinic]), excluded: [clinic]), all) == [])
  }

  @Test("a grant to everyone does not tell its author who else is denied")
  func discreet() {
    let toAll = grant([.share], [.household], .everyone)
    #expect(conflict(toAll, [forClinic, excluding]) == [])
    #expect(conflict(toAll, [forAll]) == [id(2)])
    #expect(conflict(toAll, by: clinic, [forClinic, excluding]) == [id(1), id(3)])
    #expect(conflict(toAll, by: police, [forClinic]) == [id(1)])
    let noStore = entry(5, .withdrawal(scope([.store], [.household], .agencies([.hub]))))
    #expect(conflict(grant([.store], [.household], .everyone), by: clinic, [noStore]) == [id(5)])
    #expect(conflict(toAll, by: clinic, [noStore]) == [])
  }

  @Test("whatever else is recorded conflicts with nothing")
  func otherKinds() {
    #expect(conflict(.withdrawal(scope([.share], [.household], .everyone)), [forAll]) == [])
    #expect(conflict(override([.household], [clinic]), [forAll]) == [])
  }

  @Test("a grant to named agencies without conflict has effect wherever it reaches")
  func effective() {
    var random = SplitMix(state: 23)
    var passed = 0
    for _ in 0..<400 {
      let entries = random.entries()
      let named = random.some(of: everybody)
      let given = entry(
        90,
        grant(
          [.share], random.some(of: content.sorted()), .agencies(named),
          knowing: Set(entries.map(\.id))))
      guard case .grant(let terms) = given.kind else { continue }
      #expect(grantConflict(given, against: PolicySet(entries: entries)) == [])
      for category in terms.scope.categories {
        for agency in named where category != .whereabouts {
          let answer = mayUse(
            purpose: .share, agency: agency, category: category,
            policy: PolicySet(entries: entries + [given]), now: noon)
          let isBarred = answer.reasons.contains {
            switch $0 {
            case .erased, .agreementLocked: true
            default: false
            }
          }
          #expect(answer.isAllowed || isBarred)
          if answer.isAllowed { passed += 1 }
        }
      }
    }
    #expect(passed > 100)
  }
}
