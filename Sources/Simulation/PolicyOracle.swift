import CaseRecords

/// What the records say of a case, as the oracle reads them.
struct CaseRoles {
  var involved: Set<AgencyID> = []
  var leads: Set<AgencyID> = []
  var members: Set<AgencyID> = []
  var owners: Set<AgencyID> = []

  mutating func add(_ other: CaseRoles) {
    involved.formUnion(other.involved)
    leads.formUnion(other.leads)
    members.formUnion(other.members)
    owners.formUnion(other.owners)
  }
}

/// Who may hold what: the table of the domain and chapter 4 of the protocol once more, one question
/// at a time, without a shortcut. Knows nothing of `Disclosure`.
struct PolicyOracle {
  /// Those about the child, under any of its identifiers, and those about whole agencies.
  let entries: [PolicyEntry]
  let roles: CaseRoles
  /// Services of which nobody is to learn that they know a child.
  let sensitiveServices: Set<AgencyID>
  let now: UInt64

  /// By what is known now.
  func at(_ moment: UInt64) -> PolicyOracle {
    PolicyOracle(
      entries: entries, roles: roles, sensitiveServices: sensitiveServices, now: moment)
  }

  /// Time alone may change an answer.
  var isTimed: Bool {
    entries.contains { entry in
      switch entry.kind {
      case .grant(let terms): terms.expiresAtMilliseconds != nil
      case .override: true
      default: false
      }
    }
  }

  /// May the hub keep it?
  func hubMayKeep(_ compartment: Compartment) -> Bool {
    let category = compartment.category
    if category == .private || isErased(compartment) { return false }
    guard category.isPerChild else { return true }
    return isKeptByConsent(category) || !overrides(of: compartment).isEmpty
  }

  func mayHold(_ agency: AgencyID, _ compartment: Compartment) -> Bool {
    let category = compartment.category
    if isErased(compartment) && compartment.child != nil { return false }
    if agency == compartment.custodian { return true }
    if category == .private || category == .desk || isLocked(agency) { return false }
    guard category.isPerChild else { return true }
    if overrides(of: compartment).contains(where: { $0.recipients.contains(agency) }) {
      return true
    }
    if category == .whereabouts && isShielded(from: agency) { return false }
    guard isKeptByConsent(category) else { return false }
    let purposes: Set<Purpose> = category == .index ? [.index, .share] : [.share]
    let consents = consents(purposes, agency, category)
    let isDenied = entries.contains { denies($0, purposes, agency, category) }
    let isSensitive = isSensitive(compartment)
    if !isSensitive, hasRole(agency, category), !isDenied || !consents.isEmpty { return true }
    let mustBeNamed =
      category == .health || isSensitive
      || (category == .plan && !roles.members.contains(agency))
    if isSensitive, category != .sensitive,
      !self.consents([.share], agency, .sensitive).contains(where: \.isNaming)
    {
      return false
    }
    return consents.contains { !mustBeNamed || $0.isNaming }
  }

  /// What a sensitive service keeps, only itself or the operator erases.
  func isErased(_ compartment: Compartment) -> Bool {
    entries.contains { entry in
      guard case .erase = entry.kind else { return false }
      return !sensitiveServices.contains(compartment.custodian)
        || [compartment.custodian, .hub].contains(entry.authorAgency)
    }
  }

  /// By its category, or by whose it is.
  private func isSensitive(_ compartment: Compartment) -> Bool {
    compartment.category == .sensitive || sensitiveServices.contains(compartment.custodian)
  }

  private func hasRole(_ agency: AgencyID, _ category: Category) -> Bool {
    switch category {
    case .index: roles.involved.contains(agency)
    case .plan: roles.leads.contains(agency) || roles.owners.contains(agency)
    case .whereabouts, .household, .development, .health, .parenting:
      roles.leads.contains(agency)
    default: false
    }
  }

  private func isKeptByConsent(_ category: Category) -> Bool {
    let purposes: Set<Purpose> = category == .index ? [.index, .store] : [.store]
    if !consents(purposes, .hub, category).isEmpty { return true }
    return category == .index && !entries.contains { denies($0, purposes, .hub, category) }
  }

  private func overrides(of compartment: Compartment) -> [OverrideTerms] {
    let category = compartment.category
    return entries.compactMap { entry in
      guard case .override(let terms) = entry.kind, now < terms.untilMilliseconds,
        terms.categories.contains(category), !terms.recipients.isEmpty,
        !isSensitive(compartment) || terms.significantHarm,
        category != .whereabouts || terms.authorisedRole
      else { return nil }
      return terms
    }
  }

  private func isLocked(_ agency: AgencyID) -> Bool {
    entries.contains { lock in
      guard case .agreementLock(agency) = lock.kind else { return false }
      return !entries.contains {
        guard case .agreementSigned(agency, let lifts, _) = $0.kind else { return false }
        return lifts.contains(lock.id)
      }
    }
  }

  private func isShielded(from agency: AgencyID) -> Bool {
    entries.contains { shield in
      guard case .shield(let allowed, _) = shield.kind, !allowed.contains(agency)
      else { return false }
      return !entries.contains { $0.kind == .unshield(shield.id) }
    }
  }

  /// Does this entry stand between the agency and the compartment, whatever others do?
  func denies(_ entry: PolicyEntry, _ agency: AgencyID, _ compartment: Compartment) -> Bool {
    let isLifted = entries.contains { other in
      guard case .grant(let terms) = other.kind else { return false }
      return terms.supersedes.contains(entry.id)
    }
    return !isLifted && denies(entry, [.share, .index], agency, compartment.category)
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

  private func consents(
    _ purposes: Set<Purpose>, _ agency: AgencyID, _ category: Category
  ) -> [ConsentTerms] {
    entries.compactMap { entry in
      guard case .grant(let terms) = entry.kind,
        terms.expiresAtMilliseconds.map({ now < $0 }) ?? true,
        !terms.scope.purposes.isDisjoint(with: purposes),
        terms.scope.categories.contains(category), terms.scope.recipients.includes(agency),
        !terms.excluded.contains(agency)
      else { return nil }
      let isBeaten = entries.contains {
        denies($0, purposes, agency, category) && !terms.supersedes.contains($0.id)
      }
      return isBeaten ? nil : terms
    }
  }
}

extension ConsentTerms {
  fileprivate var isNaming: Bool { scope.recipients != .everyone }
}

/// Which identifiers are one child, by following the entries.
struct Aliases {
  private let joins: [(ChildID, ChildID)]

  init(_ entries: [PolicyEntry]) {
    joins = entries.compactMap { entry in
      guard case .alias(let other) = entry.kind, let child = entry.child,
        !entries.contains(where: { $0.kind == .unalias(entry.id) })
      else { return nil }
      return (child, other)
    }
  }

  func members(_ child: ChildID) -> [ChildID] {
    var found: Set<ChildID> = [child]
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      for (one, other) in joins where found.contains(one) != found.contains(other) {
        found.formUnion([one, other])
        isGrowing = true
      }
    }
    return found.sorted()
  }
}
