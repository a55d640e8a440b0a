import CaseRecords
import Disclosure
import ReplicaStore
import SyncProtocol

/// The policy known here, arranged for deciding. Thrown away whenever an entry is added.
final class AgencyPolicyView {
  private let store: ReplicaStore
  private let aliases: AliasMap
  private let wide: [PolicyEntry]
  /// Whose record is erased, under all its identifiers.
  let erasedChildren: [ChildID]
  /// The same by what the hub has taken: it may yet refuse an erasure, or that two are one child. A
  /// restored hub has to say again what others erased: what it has forgotten it would give anew,
  /// and this device purge again, without end.
  let erasedForGood: [ChildID]
  private var forKeeping: [ChildID: PolicySet] = [:]
  private let agency: AgencyID
  private let epoch: UInt64

  init(store: ReplicaStore, agency: AgencyID, epoch: UInt64) throws {
    self.store = store
    self.agency = agency
    self.epoch = epoch
    let known = try store.allPolicy()
    let entries = known.filter { $0.state != .refused }.map(\.entry)
    let aliases = AliasMap(entries: entries)
    self.aliases = aliases
    wide = entries.filter { $0.child == nil }
    erasedChildren = Self.erased(by: entries)
    let standing = known.filter {
      $0.state == .committed && $0.isKnown(toHubOf: epoch, from: agency)
    }
    erasedForGood = Self.erased(by: standing.map(\.entry))
  }

  private static func erased(by entries: [PolicyEntry]) -> [ChildID] {
    let aliases = AliasMap(entries: entries)
    return Set(
      entries.flatMap { entry -> Set<ChildID> in
        guard case .erase = entry.kind, let child = entry.child else { return [] }
        return aliases.members(child)
      }
    ).sorted()
  }

  /// Every identifier of the same child.
  func members(_ child: ChildID) -> Set<ChildID> { aliases.members(child) }

  /// By what the hub decides whether it may keep a record of this agency's: what counts for a child
  /// under any of its identifiers, and for agencies as a whole. Not what the hub has refused; and
  /// consent that only a hub before its restore has told of may be unknown to it, until it is told
  /// of again.
  func policyForKeeping(of child: ChildID?) throws -> PolicySet {
    guard let child else { return PolicySet(entries: wide) }
    let name = aliases.canonical(child)
    if let known = forKeeping[name] { return known }
    let made = try currentPolicyForKeeping(of: child)
    forKeeping[name] = made
    return made
  }

  /// The same, read anew; if wanted, only what the hub had told before it told `entry` for the
  /// first time.
  func currentPolicyForKeeping(
    of child: ChildID, toldBefore entry: PolicyEntry? = nil
  ) throws -> PolicySet {
    try policy(of: child) { known in
      if let entry, known.position == nil || known.entry.id == entry.id { return false }
      return known.state != .refused
        && (!known.entry.kind.mayLetTheHubKeepMore || known.isKnown(toHubOf: epoch, from: agency))
    }
  }

  private func policy(
    of child: ChildID, where counts: (KnownPolicy) -> Bool
  ) throws -> PolicySet {
    let own = try aliases.members(child).sorted().flatMap {
      try store.policy(of: $0).filter(counts).map(\.entry)
    }
    return PolicySet(entries: own + wide)
  }
}

extension KnownPolicy {
  /// Told of by the hub since its last restore, or given to it by the agency's own devices.
  func isKnown(toHubOf epoch: UInt64, from agency: AgencyID) -> Bool {
    entry.authorAgency == agency || position.map(PolicyDelivery.epoch) == epoch
  }
}

extension AgencyEngine {
  func currentPolicyView() throws -> AgencyPolicyView {
    let view =
      try policyView
      ?? AgencyPolicyView(store: store, agency: identity.agency, epoch: session.epoch)
    policyView = view
    return view
  }

  /// What counts for the agency's own records without looking into them.
  var ownFacts: CaseFacts { CaseFacts(isCustodianSensitive: identity.isSensitive) }

  /// Why unsent changes of a compartment stay here for now; nil when they may leave.
  ///
  /// What others have custody of the hub holds already: unsent work in it always leaves, so that
  /// nothing is lost when it is withdrawn. The agency's own record leaves only as far as the family
  /// lets the hub keep it.
  func reasonToHold(_ compartment: Compartment, number: Int64, now: UInt64) throws -> HeldReason? {
    if compartment.category == .private { return .privateNeverLeaves }
    guard compartment.custodian == identity.agency else { return nil }
    if declined.contains(number) { return .declinedByHub }
    let answer = mayHold(
      agency: .hub, compartment: compartment, facts: ownFacts,
      policy: try currentPolicyView().policyForKeeping(of: compartment.child), now: now)
    return answer.isAllowed ? nil : .noConsentToStore
  }
}

/// Why work stays on this device although there is a line.
package enum HeldReason: Hashable, Sendable {
  case privateNeverLeaves
  case noConsentToStore
  /// The hub answered that it may not store it, by policy that is not known here yet.
  case declinedByHub
}
