import CaseRecords
import Causality
import ReplicaStore
import SyncProtocol

/// What a restored hub wants back, and how far this device has come with giving it.
struct AgencyRecovery: Hashable {
  let epoch: UInt64
  let wanted: [CompartmentID]
  /// Policy and certificates may need several requests; the holdings go with the last of them,
  /// since the hub takes them for the end of what this agency knows.
  var round = 0
}

extension AgencyEngine {
  /// Policy of this agency's own making, the orders it has obeyed, what it holds, and the states
  /// that the hub lacks. The epoch stays that of the token until the hub has answered.
  func giveBack(_ recovery: AgencyRecovery, in request: inout ExchangeRequest) throws {
    let part = try part(ofRound: recovery.round)
    request.isGivingBack = true
    request.policy = part.policy
    request.certificates = part.certificates
    guard part.isLast else { return }
    try giveBackStates(recovery.wanted, in: &request)
    try listHoldings(in: &request)
  }

  /// Decisions and orders that go in one request.
  private func part(
    ofRound round: Int
  ) throws -> (policy: [PolicyEntry], certificates: [Revocation], isLast: Bool) {
    let policy = try store.allPolicy()
      .filter { known in
        // What no hub has judged yet is judged like any other, later. What denies can wait for
        // nobody.
        known.entry.authorAgency == identity.agency
          && (known.state == .committed || (known.state == .unsent && known.entry.kind.denies))
      }
      .map(\.entry)
      .sorted { ($0.urgency, $0.id) < ($1.urgency, $1.id) }
    let certificates = try store.certificates()
    let policyMax = SyncLimits.policyEntriesPerRequestMax
    let certificatesMax = SyncLimits.revocationsPerReplyMax
    return (
      Array(policy.dropFirst(round * policyMax).prefix(policyMax)),
      Array(certificates.dropFirst(round * certificatesMax).prefix(certificatesMax)),
      policy.count <= (round + 1) * policyMax && certificates.count <= (round + 1) * certificatesMax
    )
  }

  private func giveBackStates(
    _ wanted: [CompartmentID], in request: inout ExchangeRequest
  ) throws {
    var builder = PageBuilder(pageBytes: Int(request.pageBytes))
    var isFull = false
    for id in wanted {
      guard let stored = try store.compartment(id), try store.hold(stored.number) != nil else {
        // Purged here, and the receipt is on its way: nothing to give.
        try store.forgetHeld(of: id)
        continue
      }
      let hasUnsent = try store.outboxCount(of: stored.number) > 0
      // What the family does not let the hub keep; and what, with unsent work, is more than the hub
      // would take.
      let isHeldBack =
        try reasonToHold(stored.compartment, number: stored.number, now: request.wallMilliseconds)
        != nil
        || (hasUnsent
          && store.encodedContent(of: stored).count > SyncLimits.compartmentBytesMax)
      if isFull { continue }
      if isHeldBack {
        // Named all the same, for the hub to tell what is decided of the child.
        isFull = !builder.append(describing: stored.compartment)
        guard !isFull else { continue }
        request.page.compartments.append(stored.compartment)
        try resubmit(id)
      } else {
        let item = PageItem.snapshot(
          id, vector: stored.vector,
          content: try CheckedContent(encoded: store.encodedContent(of: stored)))
        isFull = !builder.append(item, describing: stored.compartment)
        guard !isFull else { continue }
        request.page.compartments.append(stored.compartment)
        request.page.items.append(item)
        // Unsent work goes along, under the names that it will be sent by.
        try store.markInFlight(store.outbox(of: stored.number).map(\.position))
      }
    }
  }

  /// The hub asks (again). A reply that is late, or comes twice, was to another request than the
  /// one that brought the part of this round: it must not pass for its receipt.
  func noteRecovering(
    epoch: UInt64, wanted: [CompartmentID], request: ExchangeRequest
  ) throws -> Bool {
    guard let before = recovery else {
      recovery = AgencyRecovery(epoch: epoch, wanted: wanted)
      return true
    }
    // Without the keys nothing of it could be sent.
    if isLocked { return false }
    let part = try part(ofRound: before.round)
    guard request.isGivingBack, request.policy == part.policy,
      request.certificates == part.certificates, part.isLast == (request.holdings != nil)
    else { return true }
    recovery = AgencyRecovery(
      epoch: epoch, wanted: wanted, round: part.isLast ? before.round : before.round + 1)
    return !part.isLast || wanted != before.wanted
  }
}

extension PolicyKind {
  /// Whatever the hub would say to it.
  fileprivate var denies: Bool {
    switch self {
    case .withdrawal, .refusal, .shield: true
    case .grant, .override, .alias, .unalias, .unshield, .erase, .agreementLock, .agreementSigned:
      false
    }
  }
}
