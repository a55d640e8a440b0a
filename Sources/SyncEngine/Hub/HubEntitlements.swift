package import CaseRecords
import Causality
package import Disclosure
package import ReplicaStore
import SyncProtocol

/// Entitlement is level-triggered: what an agency may hold is computed from policy and facts, and
/// compared with what stands in the cache. Losing the cache would cost time, never data.
extension HubEngine {
  /// May this agency (or the hub) hold the compartment, and why?
  package func decision(
    for agency: AgencyID, on compartment: Compartment, facts: CaseFacts, now: UInt64
  ) throws -> Decision {
    mayHold(
      agency: agency, compartment: compartment, facts: facts,
      policy: try policySet(of: compartment.child), now: now)
  }

  /// The same with the facts as recorded: what `why` shows.
  package func why(
    _ agency: AgencyID, _ stored: StoredCompartment, now: UInt64
  ) throws -> Decision {
    try decision(
      for: agency, on: stored.compartment, facts: try caseFacts(ofCompartment: stored.compartment),
      now: now)
  }

  /// The same for everything about a child, under any of its identifiers.
  package func why(
    _ agency: AgencyID, _ child: ChildID, now: UInt64
  ) throws -> [(stored: StoredCompartment, decision: Decision)] {
    try parts(of: child).map { ($0, try why(agency, $0, now: now)) }
  }

  /// Everything about a child that is kept here, under any of its identifiers.
  package func parts(of child: ChildID) throws -> [StoredCompartment] {
    try aliases.members(child).sorted().flatMap { try store.compartments(of: $0) }
  }

  /// Every identifier under which the child is known.
  package func identifiers(of child: ChildID) -> [ChildID] { aliases.members(child).sorted() }

  /// Who has held what of a child, under any of its identifiers, from when to when, on which basis.
  package func ledger(of child: ChildID) throws -> [LedgerLine] {
    try aliases.members(child).sorted().flatMap { try store.ledger(of: $0) }
      .sorted { $0.fromMilliseconds < $1.fromMilliseconds }
  }

  /// The locks that stand against an agency: what its next signature lifts.
  package func locks(on agency: AgencyID) -> Set<PolicyID> {
    let lifted = wideEntries.reduce(into: Set<PolicyID>()) { lifted, entry in
      if case .agreementSigned(_, let lifts, _) = entry.kind { lifted.formUnion(lifts) }
    }
    return Set(
      wideEntries.filter { $0.kind == .agreementLock(agency) }.map(\.id)
    ).subtracting(lifted)
  }

  /// The entries that deny an agency a compartment, or the hub its keeping.
  func denials(
    of compartment: Compartment, for agency: HubAgency, now: UInt64, alsoHub: Bool
  ) throws -> [PolicyID] {
    guard compartment.category.isPerChild else { return [] }
    let policy = try policySet(of: compartment.child)
    let facts = try caseFacts(ofCompartment: compartment)
    var result: [PolicyID] = []
    for reader in alsoHub ? [agency.id, .hub] : [agency.id] {
      let answer = mayHold(
        agency: reader, compartment: compartment, facts: facts, policy: policy, now: now)
      if answer.isAllowed { continue }
      let objections = policy.objections(to: reader, on: compartment.category, now: now)
      result += (answer.reasons + objections).compactMap(\.policy)
    }
    return result
  }

  /// All entries that count for a child under any of its identifiers, and those about agencies.
  func policySet(of child: ChildID?) throws -> PolicySet {
    guard let child else { return PolicySet(entries: wideEntries) }
    if let known = policyCache[aliases.canonical(child)] { return known }
    let own = try aliases.members(child).sorted()
      .flatMap { try store.hubPolicy(of: $0).map(\.entry) }
    let made = PolicySet(entries: own + wideEntries)
    if policyCache.count > 10_000 { policyCache.removeAll() }
    policyCache[aliases.canonical(child)] = made
    return made
  }

  /// A compartment that is new to the hub: who may hold it?
  func admit(_ stored: StoredCompartment, now: UInt64) throws {
    try register(stored)
    if try recompute([stored], now: now), let child = stored.compartment.child {
      try tellPolicy(of: child)
    }
  }

  /// The first half of `admit`, for whoever decides later about all of a child's compartments.
  func register(_ stored: StoredCompartment) throws {
    if let child = stored.compartment.child,
      let custodian = try agency(stored.compartment.custodian)
    {
      try store.noteCustodian(
        custodian.number, of: child, category: stored.compartment.category)
    }
    // New here, but the old consents of a restored hub would let it out as well.
    if try store.awaitsWithdrawals(),
      try isWordWanting(on: stored.compartment, number: stored.number)
    {
      try store.beginRecovery(of: stored.number)
    }
  }

  func recomputeEntitlements(of child: ChildID, now: UInt64) throws {
    let compartments = try aliases.members(child).sorted()
      .flatMap { try store.compartments(of: $0) }
    if try recompute(compartments, now: now) { try tellPolicy(of: child) }
    for thread in try aliases.members(child).sorted().flatMap({ try store.deskThreads(about: $0) })
    {
      try recomputeEntitlements(ofCompartment: thread, now: now)
    }
  }

  func recomputeEntitlements(ofCompartment number: Int64, now: UInt64) throws {
    guard let stored = try store.compartment(number: number) else { return }
    if try recompute([stored], now: now), let child = stored.compartment.child {
      try tellPolicy(of: child)
    }
  }

  /// Everything again: after an agency has come, been locked, or signed.
  package func recomputeAll(now: UInt64) throws {
    policyCache.removeAll()
    for number in try store.compartmentNumbers() {
      try recomputeEntitlements(ofCompartment: number, now: now)
    }
  }

  /// True when somebody may now hold what it could not: it has policy to obey.
  private func recompute(_ compartments: [StoredCompartment], now: UInt64) throws -> Bool {
    let agencies = try agencies()
    var isAnyoneNew = false
    for stored in compartments {
      let compartment = stored.compartment
      let facts = try caseFacts(ofCompartment: compartment)
      let policy = try policySet(of: compartment.child)
      let subjects = compartment.category == .desk ? try store.deskSubjects(stored.number) : []
      // What is open to all agencies would tell them that a sensitive service exists.
      let isOfSensitiveService =
        try !compartment.category.isPerChild
        && agency(compartment.custodian)?.isSensitive == true
      let existing = Dictionary(
        uniqueKeysWithValues: try store.entitlements(ofCompartment: stored.number)
          .map { ($0.agency, $0) })
      for agency in agencies where agency.id != .hub {
        var answer = mayHold(
          agency: agency.id, compartment: compartment, facts: facts, policy: policy, now: now)
        var expires = answer.expiresAtMilliseconds
        var isAllowed = answer.isAllowed
        var isByOrder = false
        if agency.id == compartment.custodian {
          // It keeps its record. But when the hub may not any more, somebody has to look at the
          // hub's copy, and often no one else has a line in these books.
          expires = try keepingDecision(of: compartment, now: now).expiresAtMilliseconds
        }
        for subject in subjects where isAllowed {
          // An answer about a child is held no longer than an enquiry about it would be answered.
          answer = try enquiryDecision(of: agency.id, about: subject.child, now: now)
          isAllowed = answer.isAllowed && subject.expires > now
          expires = [expires, answer.expiresAtMilliseconds, subject.expires].compactMap(\.self)
            .min()
        }
        if isAllowed, agency.id != compartment.custodian, isOfSensitiveService {
          isAllowed = false
        }
        if isAllowed, agency.id != compartment.custodian,
          let isOverConsent = try store.certifiedRevocation(
            agency: agency.number, compartment: stored.id)
        {
          isAllowed =
            try !isOverConsent
            && decisionWithoutRoles(for: agency.id, on: compartment, now: now).isAllowed
          isByOrder = !isAllowed
        }
        isAnyoneNew = isAnyoneNew || (isAllowed && existing[agency.number]?.isAllowed != true)
        try settle(
          stored, for: agency, isAllowed: isAllowed, expires: isAllowed ? expires : nil,
          basis: answer.basis?.ledgerText ?? "", before: existing[agency.number],
          isByOrder: isByOrder, now: now)
      }
      try purgeHubCopyIfDue(stored, now: now)
    }
    return isAnyoneNew
  }

  /// May this agency be answered about the child? Nobody who is denied the index.
  func enquiryDecision(of agency: AgencyID, about child: ChildID, now: UInt64) throws -> Decision {
    // Involved by supposition: an enquiry needs no involvement, only that nothing stands against
    // it.
    mayHold(
      agency: agency,
      compartment: Compartment(
        id: CompartmentID(high: 0, low: 0), child: child, category: .index, custodian: .hub),
      facts: CaseFacts(involved: [agency]), policy: try policySet(of: child), now: now)
  }

  private func settle(
    _ stored: StoredCompartment, for agency: HubAgency, isAllowed: Bool, expires: UInt64?,
    basis: String, before: HubEntitlement?, isByOrder: Bool, now: UInt64
  ) throws {
    if before == nil && !isAllowed { return }
    if let before, before.isAllowed == isAllowed, before.expiresMilliseconds == expires {
      if isAllowed && before.basis != basis {
        // It is held on, on other grounds: nothing moves but the books.
        try store.saveBasis(basis, agency: agency.number, compartment: stored.number)
        try store.continueDisclosure(
          agency: agency.number, compartment: stored.id, basis: basis, atMilliseconds: now)
      }
      return
    }
    try store.saveEntitlement(
      agency: agency.number, compartment: stored.number, isAllowed: isAllowed, basis: basis,
      expiresMilliseconds: expires)
    touched.insert(agency.number)
    guard !isAllowed else {
      return try store.continueDisclosure(
        agency: agency.number, compartment: stored.id, basis: basis, atMilliseconds: now)
    }
    try store.dropFrozen(of: stored.number)
    let cause = cause(
      ofEnding: before, about: stored.compartment.child, isByOrder: isByOrder, now: now)
    for var hold in try holders(of: stored.number, agency: agency.number)
    where hold.revokedMilliseconds == nil {
      hold.revokedMilliseconds = now
      try store.save(hold)
      try store.noteOrder(
        cause, to: hold.incarnation, on: stored.compartment, atMilliseconds: now)
    }
  }

  /// The decision that is being taken; else time, or what the records say of the case.
  private func cause(
    ofEnding before: HubEntitlement?, about child: ChildID?, isByOrder: Bool, now: UInt64
  ) -> HubWithdrawalCause {
    if let deciding {
      return HubWithdrawalCause(
        kind: deciding.kind.auditName, policy: deciding.id, child: deciding.child)
    }
    if isByOrder { return HubWithdrawalCause(kind: "order from before a restore", child: child) }
    guard let before, let end = before.expiresMilliseconds, end <= now else {
      return HubWithdrawalCause(kind: "part ended", child: child)
    }
    // "consent" or "override", and its identifier (`Basis.ledgerText`).
    let named = before.basis.split(separator: " ").last.flatMap { PolicyID(text: String($0)) }
    return HubWithdrawalCause(kind: "expiry", policy: named, child: child)
  }

  /// The holds of one agency's devices.
  func holders(of compartment: Int64, agency: Int64) throws -> [HubHold] {
    try store.hubHolds(ofCompartment: compartment).filter { hold in
      guard let incarnation = try store.incarnation(number: hold.incarnation),
        let device = try store.device(number: incarnation.device)
      else { return false }
      return device.agency == agency
    }
  }
}

extension Reason {
  /// The entry that a denial rests on.
  var policy: PolicyID? {
    switch self {
    case .deniedByWithdrawal(let id), .refusal(let id), .excluded(let id), .erased(let id),
      .agreementLocked(let id), .expired(let id):
      id
    default: nil
    }
  }
}
