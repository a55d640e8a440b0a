import CaseRecords
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

// What surrounds an exchange: what time alone demands before it, and what follows from its reply.
extension Replica {
  /// Before each request: what the passing of time alone demands.
  func prepareExchange(asksReceived: Bool, log: Log) throws {
    try engine.noteClocks(wall: now, boot: bootMilliseconds)
    if lease == .purgeDue {
      let others = try store.compartmentNumbers().compactMap { try store.compartment(number: $0) }
        .filter { $0.compartment.custodian != agency }
      let count = try engine.selfPurge(now: now)
      try invalidate(changed: Set(others.map(\.id)))
      withdrawals += 1
      log.warning("lease over: removed what others shared", ["compartments": .count(count)])
    }
    let deleted = try deleteOldPreCAFs()
    if deleted > 0 { log.info("old pre-CAFs deleted", ["count": .count(deleted)]) }
    if asksReceived {
      try engine.watchAll()
    } else {
      try engine.watchSome()
    }
  }

  func take(_ reply: ExchangeReply, to request: ExchangeRequest, log: Log) throws -> AgencyOutcome {
    let outcome = try engine.received(reply, to: request, now: now)
    let purged = try engine.purgeDrained(now: now)
    if outcome.madeProgress || purged > 0 {
      try invalidate(changed: outcome.changed.union(outcome.revoked))
      if !outcome.revoked.isEmpty { withdrawals += 1 }
      log.info(
        "exchange",
        [
          "sent": .count(request.page.items.count), "decisions": .count(request.policy.count),
          "changed": .count(outcome.changed.count), "revoked": .count(outcome.revoked.count),
          "purged": .count(purged), "quarantined": .count(outcome.quarantined.count),
        ])
    }
    return outcome
  }
}
