package import CaseRecords
import Causality
import Disclosure
import ReplicaStore

/// What a decision would take from an agency.
package struct HubLoss: Hashable, Sendable {
  /// By its number.
  package let agency: Int64
  package let compartment: Int64
  package let category: CaseRecords.Category
}

/// What a decision would do, worked out before anybody takes it.
package struct HubForecast: Sendable {
  package let losses: [HubLoss]
  /// Copies of its own that the hub might keep no longer.
  package let hubCopies: Int
}

/// Disclosure is asked as it would be after the decision, over everything that is held now. Nothing
/// is written, and nothing learnt: the entry exists in this question alone. It looks at what the
/// decision itself would have to look at, and takes no longer.
extension HubEngine {
  /// After this entry of the hub's own, about a child or, with `child` nil, about an agency.
  package func forecast(
    of kind: PolicyKind, about child: ChildID?, now: UInt64
  ) throws -> HubForecast {
    let entry = PolicyEntry(
      id: PolicyID(high: .max, low: .max), child: child, kind: kind, madeAtMilliseconds: now,
      authorAgency: .hub, author: nil)
    var policies: [ChildID: PolicySet] = [:]
    let wide = PolicySet(entries: wideEntries + [entry])
    func policy(of child: ChildID?) throws -> PolicySet {
      guard let child else { return wide }
      let canonical = aliases.canonical(child)
      if let known = policies[canonical] { return known }
      let own = try aliases.members(child).sorted()
        .flatMap { try store.hubPolicy(of: $0).map(\.entry) }
      let made = PolicySet(entries: own + wideEntries + [entry])
      policies[canonical] = made
      return made
    }
    let agencies = Dictionary(uniqueKeysWithValues: try agencies().map { ($0.number, $0) })
    var losses: [HubLoss] = []
    var hubCopies = 0
    for number in try compartments(reachedBy: kind, about: child) {
      guard let stored = try store.compartment(number: number) else { continue }
      let compartment = stored.compartment
      let facts = try caseFacts(ofCompartment: compartment)
      let subjects = compartment.category == .desk ? try store.deskSubjects(number) : []
      for held in try store.entitlements(ofCompartment: number) where held.isAllowed {
        guard let agency = agencies[held.agency], kind.isAbout(agency.id) else { continue }
        var isKept = isHeld(
          stored, by: agency.id, facts: facts, try policy(of: compartment.child), now: now)
        for subject in subjects where isKept {
          isKept = isAnswered(to: agency.id, try policy(of: subject.child), now: now)
        }
        if !isKept {
          losses.append(
            HubLoss(agency: held.agency, compartment: number, category: compartment.category))
        }
      }
      if compartment.category.isPerChild || compartment.child != nil,
        try mayKeep(compartment, now: now),
        try !isHeld(
          stored, by: .hub,
          facts: CaseFacts(isCustodianSensitive: facts.isCustodianSensitive),
          policy(of: compartment.child), now: now)
      {
        hubCopies += 1
      }
    }
    return HubForecast(losses: losses, hubCopies: hubCopies)
  }

  private func isHeld(
    _ stored: StoredCompartment, by agency: AgencyID, facts: CaseFacts, _ policy: PolicySet,
    now: UInt64
  ) -> Bool {
    mayHold(
      agency: agency, compartment: stored.compartment, facts: facts, policy: policy, now: now
    ).isAllowed
  }

  /// As in `enquiryDecision`.
  private func isAnswered(to agency: AgencyID, _ policy: PolicySet, now: UInt64) -> Bool {
    mayHold(
      agency: agency,
      compartment: Compartment(
        id: CompartmentID(high: 0, low: 0), child: nil, category: .index, custodian: .hub),
      facts: CaseFacts(involved: [agency]), policy: policy, now: now
    ).isAllowed
  }

  /// What an entry can change: of an agreement, whatever its agency may hold.
  private func compartments(reachedBy kind: PolicyKind, about child: ChildID?) throws -> [Int64] {
    if case .agreementLock(let id) = kind, let agency = try agency(id) {
      return try store.allowedCompartments(of: agency.number)
    }
    guard let child else { return [] }
    let threads = try aliases.members(child).sorted().flatMap { try store.deskThreads(about: $0) }
    return Set(try parts(of: child).map(\.number) + threads).sorted()
  }
}

extension PolicyKind {
  /// Whether it can take anything from this agency: the end of an agreement takes from nobody else.
  fileprivate func isAbout(_ agency: AgencyID) -> Bool {
    if case .agreementLock(let locked) = self { locked == agency } else { true }
  }
}
