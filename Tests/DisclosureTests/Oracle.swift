import CaseRecords
import Causality
import Disclosure

/// The rules once more, written from the table of the domain and from nothing else: slow, without
/// indexes, one question at a time.
struct Oracle {
  let entries: [PolicyEntry]
  let facts: CaseFacts
  let custodian: AgencyID
  let now: UInt64

  func allows(_ agency: AgencyID, _ category: Category) -> Bool {
    let erasers = Set(entries.filter(\.isErasure).map(\.authorAgency))
    let isErased =
      facts.isCustodianSensitive
      ? !erasers.isDisjoint(with: [custodian, .hub]) : !erasers.isEmpty
    if category.isPerChild && isErased { return false }
    if !category.isPerChild && category != .desk {
      return agency == .hub || agency == custodian || !locked(agency)
    }
    if category == .desk { return agency == .hub || agency == custodian }
    if category == .private { return agency == custodian && agency != .hub }
    if agency == .hub { return hubKeepsByConsent(category) || overridden(.hub, category) }
    if agency == custodian { return true }
    if locked(agency) { return false }
    if overridden(agency, category) { return true }
    if category == .whereabouts && shielded(from: agency) { return false }
    guard hubKeepsByConsent(category) else { return false }
    let purposes: Set<Purpose> = category == .index ? [.index, .share] : [.share]
    let isSensitive = category == .sensitive || facts.isCustodianSensitive
    let hasRole =
      switch category {
      case _ where isSensitive: false
      case .index: facts.involved.contains(agency)
      case .plan: isLead(agency) || facts.actionOwners.contains(agency)
      default: isLead(agency)
      }
    let consents = living(purposes, agency, category)
    if hasRole && (!denied(purposes, agency, category) || !consents.isEmpty) { return true }
    let isNamed = consents.contains { $0.terms.scope.recipients != .everyone }
    switch category {
    case .sensitive: return isNamed
    case _ where isSensitive: return isNamed && isNamedForSensitive(agency)
    case .health: return isNamed
    case .plan where !facts.planMembers.contains(agency): return isNamed
    default: return !consents.isEmpty
    }
  }

  private func isNamedForSensitive(_ agency: AgencyID) -> Bool {
    living([.share], agency, .sensitive).contains { $0.terms.scope.recipients != .everyone }
  }

  private func isLead(_ agency: AgencyID) -> Bool {
    facts.leads.contains(agency) && facts.leadEnds[agency].map { now < $0 } ?? true
  }

  private func hubKeepsByConsent(_ category: Category) -> Bool {
    let purposes: Set<Purpose> = category == .index ? [.index, .store] : [.store]
    return !living(purposes, .hub, category).isEmpty
      || (category == .index && !denied(purposes, .hub, category))
  }

  private func overridden(_ agency: AgencyID, _ category: Category) -> Bool {
    entries.contains {
      guard case .override(let terms) = $0.kind, terms.untilMilliseconds > now,
        terms.categories.contains(category),
        !(category == .sensitive || facts.isCustodianSensitive) || terms.significantHarm,
        category != .whereabouts || terms.authorisedRole
      else { return false }
      return terms.recipients.contains(agency) || (agency == .hub && !terms.recipients.isEmpty)
    }
  }

  private func locked(_ agency: AgencyID) -> Bool {
    entries.contains { lock in
      lock.kind == .agreementLock(agency)
        && !entries.contains {
          guard case .agreementSigned(agency, let lifts, _) = $0.kind else { return false }
          return lifts.contains(lock.id)
        }
    }
  }

  private func shielded(from agency: AgencyID) -> Bool {
    entries.contains { shield in
      guard case .shield(let allowed, _) = shield.kind else { return false }
      return !allowed.contains(agency)
        && !entries.contains { $0.kind == .unshield(shield.id) }
    }
  }

  private func denies(
    _ entry: PolicyEntry, _ purposes: Set<Purpose>, _ agency: AgencyID, _ category: Category
  ) -> Bool {
    switch entry.kind {
    case .withdrawal(let scope), .refusal(let scope):
      !scope.purposes.isDisjoint(with: purposes) && scope.categories.contains(category)
        && scope.recipients.includes(agency)
    case .grant(let terms):
      terms.excluded.contains(agency) && terms.scope.categories.contains(category)
    default: false
    }
  }

  private func denied(
    _ purposes: Set<Purpose>, _ agency: AgencyID, _ category: Category
  ) -> Bool { entries.contains { denies($0, purposes, agency, category) } }

  private func living(
    _ purposes: Set<Purpose>, _ agency: AgencyID, _ category: Category
  ) -> [(id: PolicyID, terms: ConsentTerms)] {
    entries.compactMap { entry in
      guard case .grant(let terms) = entry.kind,
        terms.expiresAtMilliseconds.map({ $0 > now }) ?? true,
        !terms.scope.purposes.isDisjoint(with: purposes),
        terms.scope.categories.contains(category), terms.scope.recipients.includes(agency),
        !terms.excluded.contains(agency)
      else { return nil }
      let isBeaten = entries.contains {
        denies($0, purposes, agency, category) && !terms.supersedes.contains($0.id)
      }
      return isBeaten ? nil : (entry.id, terms)
    }
  }
}

extension PolicyEntry {
  fileprivate var isErasure: Bool {
    if case .erase = kind { true } else { false }
  }
}
