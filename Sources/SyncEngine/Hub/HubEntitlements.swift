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
        }
        isAnyoneNew = isAnyoneNew || (isAllowed && existing[agency.number]?.isAllowed != true)
        try settle(
          stored, for: agency, isAllowed: isAllowed, expires: isAllowed ? expires : nil,
          basis: answer.basis?.ledgerText ?? "", before: existing[agency.number], now: now)
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
    basis: String, before: HubEntitlement?, now: UInt64
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
    for var hold in try holders(of: stored.number, agency: agency.number)
    where hold.revokedMilliseconds == nil {
      hold.revokedMilliseconds = now
      try store.save(hold)
    }
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

  /// The hub keeps nothing it may not: once consent to store is gone and every other holder has
  /// confirmed its purge, the hub's own copy goes too. The custodian keeps its record. An erased
  /// compartment goes when all have confirmed, and never comes back.
  func purgeHubCopyIfDue(_ stored: StoredCompartment, now: UInt64) throws {
    guard try !mayKeep(stored, now: now) else { return try store.keepAgain(stored.number) }
    // What a device was known to have may be gone since: an old copy may be in its place.
    if try store.letGo(of: stored.number) { try listenAgain(to: stored.compartment.custodian) }
    if try keeping(of: stored, now: now).isDestroyed {
      try store.scheduleHubPurge(stored.number, atMilliseconds: now)
    }
  }

  /// Before a copy goes that only this agency is to have from now on.
  private func listenAgain(to custodian: AgencyID) throws {
    guard let custodian = try agency(custodian) else { return }
    for device in try store.devices(of: custodian.number) {
      heard.subtract(try store.incarnations(of: device.number).map(\.number))
    }
    if let speaking { heard.insert(speaking.incarnation) }
  }

  private func mayKeep(_ stored: StoredCompartment, now: UInt64) throws -> Bool {
    let isOfNoChild = !stored.compartment.category.isPerChild && stored.compartment.child == nil
    return try isOfNoChild || mayKeep(stored.compartment, now: now)
  }

  /// May the hub have a copy?
  func mayKeep(_ compartment: Compartment, now: UInt64) throws -> Bool {
    // One whose key is gone could not be read.
    try keepingDecision(of: compartment, now: now).isAllowed
  }

  private func keepingDecision(of compartment: Compartment, now: UInt64) throws -> Decision {
    try decisionWithoutRoles(for: .hub, on: compartment, now: now)
  }

  /// By which entry it is erased, if it is.
  func erasure(of compartment: Compartment) throws -> PolicyID? {
    guard compartment.child != nil else { return nil }
    return try policySet(of: compartment.child)
      .erasure(of: compartment, isCustodianSensitive: isSensitive(compartment.custodian))
  }

  private func isSensitive(_ custodian: AgencyID) throws -> Bool {
    try agency(custodian)?.isSensitive == true
  }

  /// No record is read for it: who leads or is involved does not count.
  private func decisionWithoutRoles(
    for agency: AgencyID, on compartment: Compartment, now: UInt64
  ) throws -> Decision {
    try decision(
      for: agency, on: compartment,
      facts: CaseFacts(isCustodianSensitive: isSensitive(compartment.custodian)), now: now)
  }

  /// What becomes of the hub's own copy.
  func keeping(of stored: StoredCompartment, now: UInt64) throws -> HubKeeping {
    if try mayKeep(stored, now: now) { return .kept }
    guard let erasure = try erasure(of: stored.compartment) else {
      return try isCopyUnneeded(stored, isErased: false) ? .destroyed(isErased: false) : .awaited
    }
    let isDone = try isCopyUnneeded(stored, isErased: true) && isCustodianTold(of: erasure, stored)
    return isDone ? .destroyed(isErased: true) : .awaited
  }

  /// Where the hub has begun a record anew it has no account any more of which of the custodian's
  /// devices have it: each purges it when it is told of the erasure.
  private func isCustodianTold(of erasure: PolicyID, _ stored: StoredCompartment) throws -> Bool {
    guard try store.destroyedCopies(of: stored.id) > 0,
      let custodian = try agency(stored.compartment.custodian)
    else { return true }
    // Not told at all yet, each device lacks it.
    let position = try store.feedPosition(of: erasure, for: custodian.number) ?? .max
    return try store.devices(of: custodian.number).allSatisfy { device in
      guard device.revokedMilliseconds == nil,
        let latest = try store.incarnations(of: device.number).last
      else { return true }
      let isSpeaking = speaking?.incarnation == latest.number
      return max(latest.policySeen, isSpeaking ? speaking?.policySeen ?? 0 : 0) >= position
    }
  }

  /// Every other holder has purged its copy, and the custodian has all that others wrote, on each
  /// device that has any of it, and was heard since that was decided; or, erased, nobody has
  /// anything. A run that a device has left behind does not count for the custodian: it is no
  /// longer sent anything.
  private func isCopyUnneeded(_ stored: StoredCompartment, isErased: Bool) throws -> Bool {
    let custodian = try agency(stored.compartment.custodian)
    var isWithCustodian = false
    for hold in try store.hubHolds(ofCompartment: stored.number) {
      guard let incarnation = try store.incarnation(number: hold.incarnation),
        let device = try store.device(number: incarnation.device)
      else { continue }
      if device.agency != custodian?.number || isErased { return false }
      let latest = try store.incarnations(of: device.number).last?.number
      if device.revokedMilliseconds != nil || latest != incarnation.number { continue }
      // The device has the reply to its last exchange once its token has come back: with an idle
      // poll too, so that a copy does not wait for news that may be long in coming.
      let isConfirmed =
        hold.exchange != incarnation.exchange
        || confirmed[incarnation.number] == incarnation.exchange
      let certain = isConfirmed ? hold.vector : hold.before
      if !heard.contains(incarnation.number) { return false }
      if !certain.covers(stored.vector) { return false }
      isWithCustodian = true
    }
    return isWithCustodian || isErased
  }
}

/// What becomes of the hub's own copy of a compartment.
enum HubKeeping: Hashable {
  case kept
  /// It may not be kept, but somebody still needs it, or has not purged its own.
  case awaited
  case destroyed(isErased: Bool)

  var isDestroyed: Bool {
    if case .destroyed = self { true } else { false }
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
