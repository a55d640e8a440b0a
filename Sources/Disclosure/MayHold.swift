package import CaseRecords

/// May this agency hold this compartment, and why? For `AgencyID.hub`: may the hub store it?
///
/// The facts and the policy are those of the compartment's child; for what is not about a child
/// only the entries about agencies count. `now` is in milliseconds since 1970; at exactly the
/// moment of expiry a consent or an override has run out.
package func mayHold(
  agency: AgencyID, compartment: Compartment, facts: CaseFacts, policy: PolicySet, now: UInt64
) -> Decision {
  let category = compartment.category
  if category.isPerChild || compartment.child != nil,
    let erasure = policy.erasure(
      of: compartment, isCustodianSensitive: facts.isCustodianSensitive)
  {
    return .denied([.erased(erasure)])
  }
  if agency == .hub { return hubMayStore(category, facts: facts, policy: policy, now: now) }
  // The custodian keeps its own professional record, whatever is withdrawn from others.
  if agency == compartment.custodian { return .allowed([.custodian], on: .custodian) }
  if let lock = policy.locks[agency] { return .denied([.agreementLocked(lock)]) }
  switch category {
  case .agreement, .directory, .glossary, .issues, .practitioners:
    return .allowed([.openToAgencies], on: .openToAgencies)
  case .private: return .denied([.privateNeverLeaves])
  case .desk: return .denied([.deskOfAnother])
  case .index, .whereabouts, .household, .development, .health, .parenting, .plan, .sensitive:
    return mayReceive(category, agency: agency, facts: facts, policy: policy, now: now)
  }
}

private func hubMayStore(
  _ category: Category, facts: CaseFacts, policy: PolicySet, now: UInt64
) -> Decision {
  switch category {
  case .agreement, .directory, .glossary, .issues, .practitioners:
    return .allowed([.openToAgencies], on: .openToAgencies)
  case .private: return .denied([.privateNeverLeaves])
  case .desk: return .allowed([.ownDesk], on: .openToAgencies)
  case .index, .whereabouts, .household, .development, .health, .parenting, .plan, .sensitive:
    break
  }
  let consent = policy.consent(at: .keeping(category), now: now)
  let isSensitive = category == .sensitive || facts.isCustodianSensitive
  var grounds = Grounds()
  if category == .index, let end = consent.defaultEnd {
    grounds.add(.indexByDefault, on: .indexByDefault, until: end)
  }
  if let grant = consent.general {
    grounds.add(.grant(grant.id), on: .grant(grant.id), until: grant.end)
  }
  let override = policy.override(
    for: .hub, category: category, isSensitive: isSensitive, now: now)
  if let override {
    grounds.add(.override(override.id), on: .override(override.id), until: override.end)
  }
  return grounds.decision
    ?? .denied(
      [.noConsentToStore] + policy.objections(at: .keeping(category), now: now)
        + policy.flaws(
          ofOverridesFor: .hub, category: category, isSensitive: isSensitive, now: now))
}

/// An agency other than the custodian, a category about a child that can be shared at all.
private func mayReceive(
  _ category: Category, agency: AgencyID, facts: CaseFacts, policy: PolicySet, now: UInt64
) -> Decision {
  var grounds = Grounds()
  var objections: [Reason] = []
  let isSensitive = category == .sensitive || facts.isCustodianSensitive
  let override = policy.override(
    for: agency, category: category, isSensitive: isSensitive, now: now)
  if let override {
    grounds.add(.override(override.id), on: .override(override.id), until: override.end)
  } else {
    objections = policy.flaws(
      ofOverridesFor: agency, category: category, isSensitive: isSensitive, now: now)
  }
  if category == .whereabouts, !policy.shields.allSatisfy({ $0.contains(agency) }) {
    return grounds.decision ?? .denied(objections + [.shielded])
  }
  // What the hub may not keep by consent, it passes on only to those whom an override names.
  let keeping = policy.consent(at: .keeping(category), now: now)
  guard let keptUntil = category == .index ? keeping.defaultEnd : keeping.general?.end else {
    return grounds.decision
      ?? .denied(
        objections + [.noConsentToStore] + policy.objections(at: .keeping(category), now: now))
  }
  let point = Point.receiving(category, agency: agency)
  let consent = policy.consent(at: point, now: now)
  if !isSensitive, let end = consent.defaultEnd {
    for role in facts.roles(of: agency, for: category) where now < role.end {
      grounds.add(role.reason, on: role.basis, until: min(keptUntil, end, role.end))
    }
  }
  let isTeamMember = category == .plan && facts.planMembers.contains(agency)
  let needsName =
    isSensitive || category.needsExplicitAgency || (category == .plan && !isTeamMember)
  var grant = needsName ? consent.named : consent.general
  // Consent to share the index was not given in the knowledge that such a service is in it: what a
  // sensitive service keeps needs the word that names `sensitive` too.
  if facts.isCustodianSensitive, category != .sensitive {
    let toSensitive = policy.consent(at: .receiving(.sensitive, agency: agency), now: now)
    grant = toSensitive.named.flatMap { named in grant.map { named.end < $0.end ? named : $0 } }
    objections += policy.objections(at: .receiving(.sensitive, agency: agency), now: now)
  }
  if let grant {
    grounds.add(.grant(grant.id), on: .grant(grant.id), until: min(keptUntil, grant.end))
    if isTeamMember { grounds.explain(.teamMember) }
  }
  if let kept = keeping.general, category != .index { grounds.explain(.consentToStore(kept.id)) }
  if let decision = grounds.decision { return decision }
  objections += policy.objections(at: point, now: now)
  if consent.general != nil {
    switch category {
    case .health: objections.append(.healthNeedsExplicit)
    case .plan: objections.append(.planNeedsTeam)
    default: break
    }
  }
  if isSensitive { objections.append(.sensitiveNeedsExplicit) }
  return .denied(objections)
}

extension Point {
  static func keeping(_ category: Category) -> Point {
    Point(
      agency: .hub, category: category,
      purposes: category == .index ? .keepingIndex : .keepingContent)
  }

  static func receiving(_ category: Category, agency: AgencyID) -> Point {
    Point(
      agency: agency, category: category,
      purposes: category == .index ? .receivingIndex : .receivingContent)
  }
}

extension CaseFacts {
  /// The roles by which an agency holds a category without consent that names it.
  fileprivate func roles(
    of agency: AgencyID, for category: Category
  ) -> [(reason: Reason, basis: Basis, end: UInt64)] {
    let lead: [(reason: Reason, basis: Basis, end: UInt64)] =
      leads.contains(agency)
      ? [(.leadProfessional, .leadProfessional, leadEnds[agency] ?? .max)] : []
    return switch category {
    case .index: involved.contains(agency) ? [(.involved, .involved, .max)] : []
    case .whereabouts, .household, .development, .health, .parenting: lead
    case .plan: lead + (actionOwners.contains(agency) ? [(.actionOwner, .actionOwner, .max)] : [])
    case .sensitive, .private, .desk, .agreement, .directory, .glossary, .issues, .practitioners: []
    }
  }
}

/// The grounds found so far on which something may be held. The holding lasts as long as the last
/// of them: it ends only when no basis is left.
struct Grounds {
  private var reasons: [Reason] = []
  private var basis: Basis?
  private var end: UInt64 = 0

  /// An override gives way to any other basis: it is the exception, and is to be seen as such.
  mutating func add(_ reason: Reason, on basis: Basis, until end: UInt64) {
    reasons.append(reason)
    if case .override? = self.basis { self.basis = basis }
    self.basis = self.basis ?? basis
    self.end = max(self.end, end)
  }

  /// A reason that supports the others and is no ground of its own.
  mutating func explain(_ reason: Reason) { reasons.append(reason) }

  var decision: Decision? { basis.map { .allowed(reasons, on: $0, until: end) } }
}
