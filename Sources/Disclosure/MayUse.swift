package import CaseRecords

/// "May I share this with them? May we discuss the child?" Is there consent for this purpose, this
/// category and this agency, whether or not anything is kept at the hub?
///
/// Defaults do not count here (for what an agency holds already, ask `mayHold`). A lawful override
/// counts for keeping, indexing and sharing; it opens nothing to a discussion or a transfer, which
/// reach more people than it names.
package func mayUse(
  purpose: Purpose, agency: AgencyID, category: Category, policy: PolicySet, now: UInt64
) -> Decision {
  guard category.isPerChild else {
    if let lock = policy.locks[agency] { return .denied([.agreementLocked(lock)]) }
    return category == .desk
      ? .denied([.deskOfAnother]) : .allowed([.openToAgencies], on: .openToAgencies)
  }
  if let erasure = policy.erasure { return .denied([.erased(erasure)]) }
  if let lock = policy.locks[agency] { return .denied([.agreementLocked(lock)]) }
  if category == .private { return .denied([.privateNeverLeaves]) }

  var grounds = Grounds()
  var objections: [Reason] = []
  switch purpose {
  case .store, .index, .share:
    let isSensitive = category == .sensitive
    if let override = policy.override(
      for: agency, category: category, isSensitive: isSensitive, now: now)
    {
      grounds.add(.override(override.id), on: .override(override.id), until: override.end)
    } else {
      objections = policy.flaws(
        ofOverridesFor: agency, category: category, isSensitive: isSensitive, now: now)
    }
  case .discussAtECM, .transfer: break
  }
  if category == .whereabouts, agency != .hub,
    !policy.shields.allSatisfy({ $0.contains(agency) })
  {
    return grounds.decision ?? .denied(objections + [.shielded])
  }
  let point = Point(agency: agency, category: category, purposes: CodeSet([purpose]))
  let consent = policy.consent(at: point, now: now)
  let needsName = category.needsExplicitAgency && agency != .hub
  if let grant = needsName ? consent.named : consent.general {
    grounds.add(.grant(grant.id), on: .grant(grant.id), until: grant.end)
  }
  if let decision = grounds.decision { return decision }
  objections += policy.objections(at: point, now: now)
  if needsName {
    objections.append(category == .health ? .healthNeedsExplicit : .sensitiveNeedsExplicit)
  }
  return .denied(objections)
}
