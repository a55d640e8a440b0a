import CaseRecords
import Causality
import Cryptography
import Disclosure
import ReplicaStore
import SyncProtocol

/// Carrying out revocations: lock, drain, purge, prove.
///
/// Never before the unsent work has been taken by the hub; and no receipt before the bytes are
/// gone: keys first (their file rebuilt), then the rows, then the log of the main file emptied.
/// Each step can be cut off and taken again.
extension AgencyEngine {
  /// How many compartments one transaction purges.
  static let purgesPerTransactionMax = 1_000

  /// Purges what is revoked and drained. Call after each exchange and at every start: what was cut
  /// off is finished. The number purged.
  ///
  /// - Throws: `StoreError.checkpointBusy` while another connection reads: the receipts then wait
  ///   for the next call.
  package func purgeDrained(now: UInt64) throws -> Int {
    if !hasFinishedPurges {
      let cutOff = Set(try store.compartmentsWithoutKey())
      try purge(store.allHolds().filter { cutOff.contains($0.number) }, now: now)
      hasFinishedPurges = true
    }
    if !isLocked { try dropErased() }
    var purged = 0
    while true {
      let batch = try store.drainedHolds(limit: Self.purgesPerTransactionMax)
      try purge(batch, now: now)
      purged += batch.count
      if batch.count < Self.purgesPerTransactionMax { break }
    }
    try prove()
    return purged
  }

  /// Destroys the holds' keys, then their rows, and records the receipts.
  func purge(_ holds: [AgencyHold], now: UInt64) throws {
    guard !holds.isEmpty else { return }
    let numbers = holds.map(\.number)
    try store.vault.destroy(numbers)
    try transaction {
      for hold in holds {
        guard let stored = try store.compartment(number: hold.number) else { continue }
        try store.savePurge(
          receipt(of: stored.id, hold.certificate ?? PurgeReceipt.withoutOrder),
          held: hold.acknowledged,
          isProven: false, atMilliseconds: now)
        try store.dequeueAll(of: hold.number)
        if stored.compartment.category == .private { privateNews.removals += 1 }
      }
      try store.deleteRows(numbers)
    }
  }

  /// What has been deleted is off the disk from here on, so the receipts may be sent.
  func prove() throws {
    guard try store.hasUnprovenPurges() else { return }
    try store.checkpoint()
    try transaction { try store.markPurgesProven() }
  }

  func receipt(of compartment: CompartmentID, _ certificate: [UInt8]) -> PurgeReceipt {
    PurgeReceipt(
      compartment: compartment, certificate: certificate,
      proof: hmacSHA256(key: identity.secret, compartment.bytes + certificate))
  }

  /// To be drained and purged, though no order of the hub's came or will come.
  func giveUp(_ hold: inout AgencyHold) throws {
    if hold.state == .rebasing { try remintInPlace(&hold) }
    hold.state = .revoked
    hold.certificate = hold.certificate ?? PurgeReceipt.withoutOrder
    try store.save(hold)
  }

  /// What is kept of a child whose record is erased. Of the agency's own all of it: erasure is the
  /// family's wish, and the hub may take the work no more, nor know of it. Whether an erasure
  /// reaches another's record only the hub can say, since what a sensitive service keeps it may not
  /// reach: that goes by the hub's order, and its unsent work is drained as ever. What the hub may
  /// have no account of is given up, but drained too.
  private func dropErased() throws {
    for child in try currentPolicyView().erasedForGood {
      for stored in try store.compartments(of: child) {
        let isOwn = stored.compartment.custodian == identity.agency
        guard var hold = try store.hold(stored.number),
          try isOwn
            ? hold.state != .revoked || store.outboxCount(of: stored.number) > 0
            : hold.state != .revoked && hold.acknowledged.isEmpty
              && !store.hasStaged(stored.number)
        else { continue }
        try transaction {
          if isOwn { try store.dequeueAll(of: stored.number) }
          try giveUp(&hold)
        }
      }
    }
  }
}
