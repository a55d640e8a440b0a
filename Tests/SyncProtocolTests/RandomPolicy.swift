import CaseRecords
import Causality
import SyncProtocol

extension SeededGenerator {
  mutating func policyEntry() -> PolicyEntry {
    PolicyEntry(
      id: identifier(), child: oneIn(6) ? nil : identifier(), kind: policyKind(),
      madeAtMilliseconds: integer(), authorAgency: identifier(),
      author: oneIn(3) ? nil : identifier())
  }

  mutating func policyKind() -> PolicyKind {
    switch below(11) {
    case 0: .grant(consentTerms())
    case 1: .refusal(consentScope())
    case 2: .withdrawal(consentScope())
    case 3: .override(overrideTerms())
    case 4: .shield(allowed: identifierSet(), reviewOnMilliseconds: integer())
    case 5: .unshield(identifier())
    case 6: .erase(reason: text())
    case 7: .alias(other: identifier())
    case 8: .unalias(identifier())
    case 9: .agreementLock(identifier())
    default: .agreementSigned(identifier(), lifts: identifierSet(), version: text())
    }
  }

  private mutating func identifierSet<Tag>() -> Set<Identifier<Tag>> {
    Set(list(upTo: 4) { $0.identifier() })
  }

  private mutating func categories() -> Set<Category> {
    Set(Category.allCases.filter { _ in oneIn(3) })
  }

  private mutating func consentScope() -> ConsentScope {
    ConsentScope(
      purposes: Set(Purpose.allCases.filter { _ in oneIn(2) }), categories: categories(),
      recipients: oneIn(2) ? .everyone : .agencies(identifierSet()))
  }

  private mutating func consentTerms() -> ConsentTerms {
    ConsentTerms(
      scope: consentScope(), excluded: identifierSet(), supersedes: identifierSet(),
      expiresAtMilliseconds: oneIn(2) ? nil : integer(),
      evidence: oneIn(3)
        ? nil
        : ConsentEvidence(
          givenBy: text(), relationship: text(), capacityBasis: text(),
          capacityAssessedBy: oneIn(2) ? nil : text(), agreementVersion: text(), note: text()))
  }

  private mutating func overrideTerms() -> OverrideTerms {
    OverrideTerms(
      categories: categories(), recipients: identifierSet(), reason: text(), decidedBy: text(),
      untilMilliseconds: integer(), significantHarm: oneIn(2), authorisedRole: oneIn(2))
  }
}
