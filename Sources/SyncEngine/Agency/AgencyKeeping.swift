import CaseRecords
import Causality
import Disclosure
import ReplicaStore
import SyncProtocol

/// The agency's own record, and whether the hub may keep it.
///
/// When the family takes back its consent to that, the hub destroys its copy and tells nobody of
/// when. So the custodian cannot know what the hub still has; it knows only when the hub *may* keep
/// the record again. Then it submits all of it from the start. What the hub still has it recognises
/// by the first dots, and nothing stands twice.
extension AgencyEngine {
  /// Does `body`, which records an entry, and notes what the hub may keep again because of it.
  func noteKeptAgain(
    by entry: PolicyEntry, now: UInt64, _ body: () throws -> Void
  ) throws {
    let known = try store.policy(entry.id)
    let earlier = known?.entry
    // Another form of a known entry may forbid less; the same may be new to a restored hub.
    let isNewToHub = known?.isKnown(toHubOf: session.epoch, from: identity.agency) != true
    let mayOpen =
      earlier.map { $0 != entry } == true || (isNewToHub && entry.kind.mayLetTheHubKeepMore)
    guard !isLocked, mayOpen, entry.child != nil else { return try body() }
    let named = Set(entry.children + (earlier?.children ?? []))
    // Joining and parting let what was decided of one identifier count for others, or no more.
    let children = try named.reduce(into: Set()) {
      $0.formUnion(try currentPolicyView().members($1))
    }
    let before = try children.sorted().flatMap { try notKept(of: $0, now: now) }
    try body()
    if entry.kind.joinsOrParts || earlier?.kind.joinsOrParts == true { policyView = nil }
    if before.isEmpty { return }
    let after = Set(try children.flatMap { try notKept(of: $0, now: now) }.map(\.number))
    for var hold in before where !after.contains(hold.number) {
      hold.state = .toSubmit
      try store.save(hold)
    }
  }

  /// Notes what the hub may have let go of before `entry` reached it: a withdrawal that was not
  /// known here yet, or the end of the consent before, came first. As seen from here, where what
  /// was recorded here has counted all along, be it `entry` or another that was still on its way,
  /// the hub might keep the record without a break.
  ///
  /// Called when the hub tells the entry for the first time: all that it took in before has been
  /// told, and is what it decided by then. When two are told to be apart, what had counted for both
  /// need not have been told: all that the hub may keep is submitted.
  func noteLetGo(before entry: PolicyEntry, now: UInt64) throws {
    guard !isLocked, entry.kind.mayLetTheHubKeepMore else { return }
    var (named, parts) = (entry.children, false)
    if case .unalias(let id) = entry.kind {
      named += try store.policy(id)?.entry.children ?? []
      parts = true
    }
    let children = try named.reduce(into: Set()) {
      $0.formUnion(try currentPolicyView().members($1))
    }
    for child in children.sorted() {
      let notKept = try Set(notKept(of: child, now: now).map(\.number))
      let before =
        try parts ? sent(of: child).map(\.1) : self.notKept(of: child, toldBefore: entry, now: now)
      for var hold in before where !notKept.contains(hold.number) {
        hold.state = .toSubmit
        try store.save(hold)
      }
    }
  }

  /// Own compartments of the child of which something is not waiting to be sent anyway.
  private func sent(of child: ChildID) throws -> [(StoredCompartment, AgencyHold)] {
    let own = try store.compartments(of: child).filter {
      $0.compartment.custodian == identity.agency && $0.compartment.category != .private
    }
    return try own.compactMap { stored in
      try store.hold(stored.number).map { (stored, $0) }
    }.filter { stored, hold in
      try hold.state == .held
        && !(hold.acknowledged.isEmpty && store.outboxCount(of: stored.number) > 0)
    }
  }

  /// Those of them that the hub may not keep. From the entries as they stand in the store at this
  /// moment; or those alone that the hub has told before `entry`.
  private func notKept(
    of child: ChildID, toldBefore entry: PolicyEntry? = nil, now: UInt64
  ) throws -> [AgencyHold] {
    let held = try sent(of: child)
    if held.isEmpty { return [] }
    let policy = try currentPolicyView().currentPolicyForKeeping(
      of: child, toldBefore: entry)
    return held.filter { stored, _ in
      !mayHold(
        agency: .hub, compartment: stored.compartment, facts: ownFacts, policy: policy, now: now
      ).isAllowed
    }.map(\.1)
  }

  /// After an exchange: what the hub may keep again goes to it from the start.
  func submitAgain() throws {
    let waiting = try store.holds(in: .toSubmit)
    if waiting.isEmpty { return }
    let workspace = Workspace(store: store)
    for hold in waiting {
      guard let stored = try store.compartment(number: hold.number) else { continue }
      _ = try workspace.entry(stored.id)
      _ = try workspace.update(stored.id) { try resubmit(in: &$0) }
    }
    try workspace.flush()
  }
}

extension PolicyKind {
  fileprivate var joinsOrParts: Bool {
    switch self {
    case .alias, .unalias: true
    default: false
    }
  }

  var mayLetTheHubKeepMore: Bool {
    switch self {
    case .grant, .override, .alias, .unalias: true
    case .refusal, .withdrawal, .shield, .unshield, .erase, .agreementLock, .agreementSigned: false
    }
  }
}
