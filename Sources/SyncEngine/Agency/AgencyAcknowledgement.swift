import CaseRecords
import Causality
import ReplicaStore
import SyncProtocol

/// What became of the changes that were sent. Mirrors, step for step, what the hub does to its own
/// record of this device (`HubCommit`), so that the two digests stay equal.
extension AgencyExchange {
  mutating func settlePushed() throws {
    let quarantined = Dictionary(
      answer.quarantined.map { (DotNotice(compartment: $0.compartment, dot: $0.dot), $0.reason) },
      uniquingKeysWith: { first, _ in first })
    let deferred = Set(answer.deferred)
    var erased: [StoredCompartment] = []
    for item in request.page.items {
      guard case .change(let id, let change) = item else { continue }
      let name = DotNotice(compartment: id, dot: change.dot)
      if deferred.contains(name) { continue }
      // What is in it does not matter here, so it is not opened.
      let stored = try workspace.isOpen(id) ? workspace.stored(id) : store.compartment(id)
      guard let stored, try holds.hasHold(of: stored) else { continue }
      if let reason = quarantined[name] {
        try setApart(change, of: stored, reason: reason)
        if reason == .erased { erased.append(stored) }
      } else {
        try confirm(change.dot, of: stored)
      }
      outcome.madeProgress = true
    }
    for stored in erased where stored.compartment.custodian == engine.identity.agency {
      try setRestApart(of: stored)
    }
  }

  /// What there is besides in an agency's own record that is erased. The hub takes none of it, and
  /// the consent without which it must not be sent may have been refused: so it stays here only.
  private func setRestApart(of stored: StoredCompartment) throws {
    for waiting in try store.outbox(of: stored.number) {
      try store.saveQuarantine(
        waiting.change, in: stored.id, reason: .erased, state: .hereOnly, atMilliseconds: now)
    }
    try store.dequeueAll(of: stored.number)
  }

  /// Committed, or committed already.
  mutating func confirm(_ dot: Dot, of stored: StoredCompartment) throws {
    let actor = try holds.advance(stored, to: dot)
    if actor == dot.actor { engine.received.noteAcknowledged(stored.number) }
    let waiting = try compartmentsWaiting ?? Set(store.outboxCompartments())
    compartmentsWaiting = waiting
    if waiting.contains(stored.number) { try store.dequeue(dot: dot, in: stored.number) }
  }

  private mutating func setApart(
    _ change: Change, of stored: StoredCompartment, reason: QuarantineReason
  ) throws {
    try holds.release(stored.number)
    guard var hold = try store.hold(stored.number) else { return }
    let isOwn = stored.compartment.custodian == engine.identity.agency
    switch reason {
    case .notHeld where isOwn && hold.state != .revoked:
      // The hub may not store it, or does not any more. It is our record: it stays in place here,
      // and goes again from the start when policy has moved.
      if engine.declined.insert(stored.number).inserted {
        _ = try workspace.update(stored.id) { try engine.resubmit(in: &$0) }
        compartmentsWaiting = nil
      }
      return
    case .erased:
      // No order will come for what the hub has no account of.
      try engine.giveUp(&hold)
      outcome.revoked.append(stored.id)
    case .notHeld:
      // The hub keeps no account of it: nothing to reset.
      break
    default:
      // The dot is void at the hub now, and we get its state from the start.
      engine.acknowledge(&hold, of: stored.id, to: VersionVector())
    }
    try store.saveQuarantine(
      change, in: stored.id, reason: reason, state: .waiting, atMilliseconds: now)
    try store.dequeue(dot: change.dot, in: stored.number)
    if hold.state == .held {
      hold.state = .rebasing
      hold.actor = nil
    }
    try store.save(hold)
    outcome.quarantined.append(
      QuarantineNotice(compartment: stored.id, dot: change.dot, reason: reason))
  }

  /// What the hub's operator has decided about work that was set apart here. A decision may come
  /// before the work is (a copy of this device sent it first), so all are read whenever there is
  /// either.
  func takeQuarantineDecisions() throws {
    guard try store.hasQuarantineAtHub() else { return }
    let isDeskNews = try outcome.changed.contains { id in
      try workspace.stored(id)?.compartment.category == .desk
    }
    guard isDeskNews || !outcome.quarantined.isEmpty else { return }
    for stored in try store.compartments(in: .desk) {
      guard let content = try workspace.entry(stored.id)?.content else { continue }
      for (_, notice) in content.records(of: "notice") {
        for decision in notice.values("notice").compactMap(QuarantineDecision.init(notice:)) {
          if decision.isReleased {
            try store.noteReleased(decision.dot, in: decision.compartment)
          } else {
            try store.noteReturned(decision.dot, in: decision.compartment)
          }
        }
      }
    }
  }

  /// The hub knew an operation under another dot: both are one write.
  func takeAliases() throws {
    for alias in answer.aliases {
      guard let entry = try workspace.entry(alias.compartment),
        entry.stored.vector.contains(alias.aliasOf)
      else { continue }
      _ = try workspace.update(alias.compartment) { $0.alias(alias.dot, of: alias.aliasOf) }
    }
  }

  /// How far others have received what this agency wrote.
  func noteReceived() throws {
    for known in answer.received {
      guard let stored = try store.compartment(known.compartment),
        var hold = try store.hold(stored.number),
        !hold.receivedByOthers.covers(known.vector)
      else { continue }
      hold.receivedByOthers.merge(known.vector)
      try store.save(hold)
    }
  }
}
