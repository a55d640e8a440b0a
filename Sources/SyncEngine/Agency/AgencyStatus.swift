package import CaseRecords
import Causality
import ReplicaStore
import SyncProtocol

/// How far a part of a record has come: what a person is shown beside it.
package enum ExchangeStatus: Hashable, Sendable {
  /// On this device only, for this reason.
  case heldHere(HeldReason)
  /// To be sent with the next exchange.
  case queued
  case heldByHub
  /// Everything that this agency wrote has been confirmed by some other agency.
  case receivedByOthers
  /// Some work in it has been set apart, with the author's text.
  case quarantined
  /// Withdrawn: not to be shown, and purged when it is drained.
  case locked
}

extension AgencyEngine {
  /// Nil when the compartment is not here.
  package func status(of id: CompartmentID, now: UInt64) throws -> ExchangeStatus? {
    try status(of: id, now: now) { _ in true }
  }

  /// The same for one record of it.
  package func status(
    of record: RecordID, in id: CompartmentID, now: UInt64
  ) throws -> ExchangeStatus? {
    try status(of: id, now: now) { $0 == record }
  }

  /// The same for several records of it. Where nothing waits and nothing is set apart, all stand as
  /// the whole does.
  package func statuses(
    of records: some Sequence<RecordID>, in id: CompartmentID, now: UInt64
  ) throws -> [RecordID: ExchangeStatus] {
    guard let whole = try status(of: id, now: now) else { return [:] }
    return try records.reduce(into: [:]) { statuses, record in
      switch whole {
      case .heldByHub, .receivedByOthers, .locked: statuses[record] = whole
      case .heldHere, .queued, .quarantined:
        statuses[record] = try status(of: record, in: id, now: now) ?? whole
      }
    }
  }

  private func status(
    of id: CompartmentID, now: UInt64, matches: (RecordID) -> Bool
  ) throws -> ExchangeStatus? {
    guard let stored = try store.compartment(id), let hold = try store.hold(stored.number) else {
      return nil
    }
    if hold.state == .revoked { return .locked }
    if let reason = try reasonToHold(stored.compartment, number: stored.number, now: now) {
      return .heldHere(reason)
    }
    if hold.state == .toSubmit { return .queued }
    let isUnsent = try store.outbox(of: stored.number).contains { entry in
      entry.change.writes.contains { matches($0.record) }
    }
    if isUnsent { return .queued }
    let isSetApart = try store.quarantinedWork().contains { work in
      work.compartment == id && work.change.writes.contains { matches($0.record) }
    }
    if isSetApart { return .quarantined }
    guard let actor = hold.actor, hold.acknowledged[actor] > 0 else {
      return hold.receivedByOthers.isEmpty ? .heldByHub : .receivedByOthers
    }
    // What is unsent is in other records: it does not make these any less received.
    let isReceived = hold.receivedByOthers[actor] >= hold.acknowledged[actor]
    return isReceived ? .receivedByOthers : .heldByHub
  }

  /// May what is in the compartment be shown? By the hold and by the lease; whoever has custody may
  /// always read its own.
  package func mayShow(_ id: CompartmentID, lease: LeaseState) throws -> Bool {
    guard let stored = try store.compartment(id), let hold = try store.hold(stored.number),
      hold.state != .revoked
    else { return false }
    return lease == .open || stored.compartment.custodian == identity.agency
  }

  /// Changes that the hub has not acknowledged.
  package var unsentCount: Int { get throws { try store.outboxCount() } }
}
