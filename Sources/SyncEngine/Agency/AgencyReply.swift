package import CaseRecords
import Causality
import ReplicaStore
package import SyncProtocol

/// What a reply meant, for the service and its log.
package struct AgencyOutcome: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case answered
    /// A reply to a request whose token is spent: it changes nothing.
    case stale
    /// The hub took this for a copy. Started over; nothing that was written is lost.
    case reseeded
    case holdingsWanted
    /// The hub has been restored and takes back what it lost.
    case recovering
    case refused(RefusalCode, sentence: String, whatToDo: String)
  }

  package var kind: Kind
  /// Something was sent, received or purged.
  package var madeProgress = false
  /// All that the hub has for this device is here.
  package var isCaughtUp = false
  /// There is more to fetch or to send: ask again without waiting.
  package var needsAnotherNow = false
  /// Compartments whose content has changed.
  package var changed: Set<CompartmentID> = []
  /// Compartments in which a person has to choose between values, that they had not before.
  package var newConflicts: Set<CompartmentID> = []
  /// Compartments to be locked, drained and purged from now on.
  package var revoked: [CompartmentID] = []
  /// Own work that the hub has set apart.
  package var quarantined: [QuarantineNotice] = []
  package var refusedPolicy: [PolicyRefusal] = []

  package init(kind: Kind) { self.kind = kind }
}

extension AgencyEngine {
  /// Takes in the reply to `request`, whole or not at all. A reply that is late or comes twice
  /// changes nothing.
  ///
  /// - Throws: `StoreError` and `SQLiteError`; nothing is changed then, and the same request may be
  ///   sent again.
  package func received(
    _ reply: ExchangeReply, to request: ExchangeRequest, now: UInt64
  ) throws -> AgencyOutcome {
    guard request.token == session.token, request.incarnation == session.incarnation,
      request.epoch == session.epoch
    else { return AgencyOutcome(kind: .stale) }
    // Locked or unlocked since it was asked: what the reply brings could not all be taken in, and
    // its token must not count for more than was. A retry brings it again.
    guard request.isLocked == isLocked else {
      isOutcomeUnknown = true
      return AgencyOutcome(kind: .stale)
    }
    switch reply {
    case .answer(let answer):
      if try isOvertaken(request) { return AgencyOutcome(kind: .stale) }
      return try take(answer, to: request, now: now)
    case .reseed(let epoch): return try startOver(epoch: epoch)
    case .needHoldings:
      sendsHoldings = true
      var outcome = AgencyOutcome(kind: .holdingsWanted)
      // Asked a second time for what was sent, it would go on for ever.
      outcome.needsAnotherNow = request.holdings == nil
      return outcome
    case .recovering(let epoch, let wanted):
      if recovery == nil { try transaction { try renameUnsent(isHubRestored: true) } }
      let isFurther = try noteRecovering(epoch: epoch, wanted: wanted, request: request)
      var outcome = AgencyOutcome(kind: .recovering)
      outcome.madeProgress = isFurther
      outcome.needsAnotherNow = isFurther && !isLocked
      return outcome
    case .refused(let code, let sentence, let whatToDo):
      return AgencyOutcome(kind: .refused(code, sentence: sentence, whatToDo: whatToDo))
    }
  }

  /// What was in it has been given other names since: a restored hub has spoken in between, and the
  /// hub that took it is no more.
  private func isOvertaken(_ request: ExchangeRequest) throws -> Bool {
    if isLocked { return false }
    return try request.page.items.contains { item in
      guard case .change(let id, let change) = item, let stored = try store.compartment(id),
        let hold = try store.hold(stored.number)
      else { return false }
      return try !hold.acknowledged.contains(change.dot)
        && !store.isQueued(change.dot, in: stored.number)
    }
  }

  private func startOver(epoch: UInt64) throws -> AgencyOutcome {
    try transaction { try reseed(epoch: epoch) }
    isOutcomeUnknown = false
    sendsHoldings = false
    recovery = nil
    var outcome = AgencyOutcome(kind: .reseeded)
    outcome.needsAnotherNow = true
    return outcome
  }

  private func take(
    _ answer: ExchangeAnswer, to request: ExchangeRequest, now: UInt64
  ) throws -> AgencyOutcome {
    let outcome: AgencyOutcome
    do {
      outcome = try transaction {
        var exchange = AgencyExchange(engine: self, request: request, answer: answer, now: now)
        let outcome = try exchange.run()
        // Restored, and what was listed was all that it wanted to know: so it never said so.
        if answer.epoch != request.epoch && recovery == nil {
          try renameUnsent(isHubRestored: true)
        }
        return outcome
      }
    } catch is TwinMet {
      return try startOver(epoch: answer.epoch)
    } catch is PageMisfit {
      // What came does not continue what is here: let the hub see what that is.
      isOutcomeUnknown = true
      sendsHoldings = true
      var outcome = AgencyOutcome(kind: .holdingsWanted)
      outcome.needsAnotherNow = request.holdings == nil
      return outcome
    }
    isOutcomeUnknown = false
    recovery = nil
    if request.holdings != nil { sendsHoldings = false }
    return outcome
  }
}

/// A change that is not the next of its actor, or of a compartment nobody has described.
struct PageMisfit: Error {}

/// The hub has other words under a dot that this device has not sent: a copy of it is at work. An
/// empty request with a spent token is answered as a retry, so the hub may not have noticed.
struct TwinMet: Error {}

/// One answer being taken in, inside one transaction.
struct AgencyExchange {
  let engine: AgencyEngine
  let request: ExchangeRequest
  let answer: ExchangeAnswer
  let now: UInt64
  let workspace: Workspace
  let holds: HoldKeeper
  /// Described by the page, and not looked at yet.
  var unmet: [CompartmentID: Compartment] = [:]
  /// Receipts that the hub has not confirmed, as the page begins.
  var openPurges: [CompartmentID: [OpenPurge]] = [:]
  /// Compartments with entries in the outbox, by number; nil until asked for.
  var compartmentsWaiting: Set<Int64>?
  var outcome = AgencyOutcome(kind: .answered)
  /// The answer brings, or confirms, what was decided.
  private var hasPolicyMoved = false

  var store: ReplicaStore { engine.store }

  init(engine: AgencyEngine, request: ExchangeRequest, answer: ExchangeAnswer, now: UInt64) {
    self.engine = engine
    self.request = request
    self.answer = answer
    self.now = now
    workspace = Workspace(store: engine.store)
    holds = HoldKeeper(engine: engine)
  }

  mutating func run() throws -> AgencyOutcome {
    if answer.epoch != engine.session.epoch { engine.policyView = nil }
    engine.session.epoch = answer.epoch
    if !engine.isLocked { try takePolicy() }
    // Receipts first: an order that comes all the same, for what is gone, is answered anew.
    try confirmReceipts()
    try takeRevocations()
    if !engine.isLocked {
      try settlePushed()
      // A retry is answered as the request was: what was declined then may be kept by what has been
      // decided since and comes only now.
      if hasPolicyMoved { engine.declined = [] }
      try takeAliases()
      try takePage()
      try takeAliases()
      try holds.releaseAll()
      try takeQuarantineDecisions()
      try noteReceived()
    }
    try workspace.flush()
    if try store.hasInFlight() { try store.clearInFlight() }
    try engine.takeTerms(of: answer, now: now)
    if answer.isCaughtUp && engine.session.isReseeding && !engine.isLocked {
      engine.session.isReseeding = false
    }
    if !engine.isLocked && !engine.session.isReseeding { try engine.submitAgain() }
    outcome.isCaughtUp = answer.isCaughtUp
    outcome.madeProgress = outcome.madeProgress || answer.token != nil
    outcome.needsAnotherNow = try !answer.isCaughtUp || hasMoreToSend()
    return outcome
  }

  // MARK: Policy

  private mutating func takePolicy() throws {
    for refusal in answer.policyRefused {
      // A restored hub may refuse what the one before had taken.
      guard let known = try store.policy(refusal.id),
        known.state == .unsent || request.isGivingBack
      else { continue }
      try store.savePolicy(
        known.entry, position: nil, state: .refused, note: refusal.sentence)
      try engine.releaseFromDependency(on: known.entry)
      // What the answer brings besides is judged without it.
      engine.policyView = nil
      outcome.refusedPolicy.append(refusal)
      hasPolicyMoved = true
    }
    let refused = Set(answer.policyRefused.map(\.id))
    for entry in request.policy where !refused.contains(entry.id) {
      guard let known = try store.policy(entry.id), known.state == .unsent else { continue }
      try store.savePolicy(entry, position: known.position, state: .committed)
      hasPolicyMoved = true
    }
    for delivery in answer.policy.sorted(by: { $0.position < $1.position })
    where delivery.follows(engine.session.policySeen) {
      let known = try store.policy(delivery.entry.id)
      // By the hub's clock: by one that is ahead, its consent would seem to have run out already.
      try engine.noteKeptAgain(by: delivery.entry, now: answer.hubMilliseconds) {
        try store.savePolicy(delivery.entry, position: delivery.position, state: .committed)
      }
      if known?.position == nil {
        try engine.noteLetGo(before: delivery.entry, now: answer.hubMilliseconds)
      }
      engine.session.policySeen = delivery.position
      hasPolicyMoved = true
    }
    if hasPolicyMoved {
      engine.policyMoved()
      outcome.madeProgress = true
    }
  }

  // MARK: Purges

  private mutating func takeRevocations() throws {
    for revocation in answer.revocations {
      if let stored = try store.compartment(revocation.compartment),
        var hold = try store.hold(stored.number)
      {
        if hold.state == .revoked && hold.certificate == revocation.certificate { continue }
        if hold.state == .rebasing { try engine.remintRevoked(&hold) }
        hold.state = .revoked
        hold.certificate = revocation.certificate
        try store.save(hold)
        outcome.revoked.append(stored.id)
        outcome.madeProgress = true
      } else {
        // Already gone, or never here: the hub wants to hear it (again).
        let receipt = engine.receipt(of: revocation.compartment, revocation.certificate)
        if try store.openPurge(receipt) == nil {
          try store.savePurge(
            receipt, held: VersionVector(), isProven: true, atMilliseconds: now)
        }
      }
    }
  }

  private mutating func confirmReceipts() throws {
    for receipt in request.purgeReceipts {
      guard let purge = try store.openPurge(receipt) else { continue }
      engine.session.digest = engine.session.digest.removing(receipt.compartment, purge.held)
      try store.acknowledgePurge(receipt)
      outcome.madeProgress = true
    }
    for sealed in request.rescued { try store.deleteRescued(body: sealed) }
  }

  private func hasMoreToSend() throws -> Bool {
    if try !store.unacknowledgedPurges(limit: 1).isEmpty { return outcome.madeProgress }
    if engine.isLocked { return false }
    if try !store.unsentPolicy(limit: 1).isEmpty { return true }
    if engine.session.isReseeding { return false }
    if try !store.rescued().isEmpty { return true }
    // What waited for a refused entry waits no longer.
    let deferred = Set(
      outcome.refusedPolicy.isEmpty ? answer.deferred.map(\.compartment) : [])
    var found = false
    try engine.forEachSendable(now: now) { _, stored, _ in
      found = !deferred.contains(stored.id)
      return !found
    }
    return found
  }
}

extension AgencyEngine {
  /// Token, epoch, lease: and the time of contact, hourly, so that idle exchanges write nothing.
  func takeTerms(of answer: ExchangeAnswer, now: UInt64) throws {
    if let token = answer.token {
      session.token = token
      session.forkOf = nil
    }
    session.leaseDays = answer.leaseDays
    noteExchange(now: now)
  }

  /// A grant that the hub has refused will never be committed: changes must not wait for it.
  func releaseFromDependency(on entry: PolicyEntry) throws {
    guard let child = entry.child else { return }
    for stored in try store.compartments(of: child) {
      for waiting in try store.outbox(of: stored.number)
      where waiting.change.policyDependencies.contains(entry.id) {
        var change = waiting.change
        change.policyDependencies.removeAll { $0 == entry.id }
        try store.rewrite(waiting, as: change)
      }
    }
  }
}
