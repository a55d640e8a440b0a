import CaseRecords
import Causality
import ReplicaStore
package import SyncProtocol

extension AgencyEngine {
  /// The next request. What it carries is marked in flight before it is returned; an idle poll
  /// writes nothing.
  ///
  /// - Parameters:
  ///   - waitMilliseconds: How long the hub may wait for news, if there is nothing to send.
  ///   - pageBytes: The size of pages in both directions, adapted to the line by the caller.
  package func nextRequest(
    now: UInt64, waitMilliseconds: UInt64 = 0, pageBytes: Int = SyncLimits.pageBytesDefault
  ) throws -> ExchangeRequest {
    let pageBytes = min(max(pageBytes, SyncLimits.pageBytesMin), SyncLimits.pageBytesMax)
    return try transaction {
      var request = ExchangeRequest(
        epoch: session.epoch, incarnation: session.incarnation, forkOf: session.forkOf,
        token: session.token, digest: session.digest, policySeen: session.policySeen,
        pageBytes: UInt64(pageBytes), wallMilliseconds: now)
      request.isLocked = isLocked
      if session.isRenamingDue && !isLocked { try renameUnsent(isHubRestored: true) }
      // Policy first: what narrows goes before everything else.
      if !isLocked {
        request.policy = try unsentPolicy()
      }
      // Sealed to the hub, so it can go while the keys are locked. Receipts wait for all of it:
      // what comes after its receipt was written to something that is not held.
      request.rescued = try rescuedWork(bytesMax: pageBytes)
      if try request.rescued.count == store.rescued().count {
        request.purgeReceipts = try store.unacknowledgedPurges(
          limit: SyncLimits.purgeReceiptsPerRequestMax)
      }
      // With the receipts: without them what was purged would pass for held.
      if let recovery, !isLocked {
        try giveBack(recovery, in: &request)
        return request
      }
      if sendsHoldings || (session.forkOf != nil && session.token == nil) {
        try listHoldings(in: &request)
      }
      if !isLocked {
        request.staged = try store.stagedParts(limit: SyncLimits.stagedPerRequestMax)
        request.askReceived = watched
        if !session.isReseeding {
          request.page = try fillPage(pageBytes: pageBytes, now: now)
        }
      }
      request.unsentCount = UInt64(max(try leavingCount(now: now) - request.page.items.count, 0))
      if !isOutcomeUnknown && request.carriesNothing {
        request.waitMilliseconds = min(waitMilliseconds, SyncLimits.waitMillisecondsMax)
      }
      return request
    }
  }

  /// Unsent changes that are to leave. How many stay here, since the family has not agreed or they
  /// are private, is not for the hub; while the keys are locked nothing tells which those are, but
  /// for records of which it has had something.
  private func leavingCount(now: UInt64) throws -> Int {
    try store.outboxCounts().reduce(0) { count, waiting in
      guard let stored = try store.compartment(number: waiting.compartment) else { return count }
      let isLeaving =
        try isLocked
        ? store.hold(waiting.compartment)?.acknowledged.isEmpty == false
        : reasonToHold(stored.compartment, number: waiting.compartment, now: now) == nil
      return isLeaving ? count + waiting.count : count
    }
  }

  /// Everything held, in part too, and the digest computed anew from what is held whole.
  func listHoldings(in request: inout ExchangeRequest) throws {
    let holdings = try store.holdings()
    session.digest = holdings.reduce(HoldingsDigest()) {
      $0.adding($1.compartment, $1.vector)
    }
    request.holdings = holdings
    request.staged = try store.stagedParts(limit: SyncLimits.stagedPerRequestMax)
    request.digest = session.digest
  }

  /// As many as fit; always at least one.
  private func unsentPolicy() throws -> [PolicyEntry] {
    var bytes = 0
    let waiting = try store.unsentPolicy(limit: SyncLimits.policyEntriesPerRequestMax)
    let fitting = waiting.prefix { entry in
      bytes += entry.encoded().count
      return bytes <= SyncLimits.policyBytesPerRequestMax
    }
    return fitting.isEmpty ? Array(waiting.prefix(1)) : Array(fitting)
  }

  /// As many as fit; always at least one.
  private func rescuedWork(bytesMax: Int) throws -> [[UInt8]] {
    var bytes = 0
    var result: [[UInt8]] = []
    for sealed in try store.rescued().prefix(SyncLimits.rescuedPerRequestMax) {
      bytes += sealed.body.count
      if bytes > bytesMax && !result.isEmpty { break }
      result.append(sealed.body)
    }
    return result
  }

  /// Unsent changes in the order they were saved. While the outcome of the last request is unknown,
  /// exactly those that were in it, as far as they fit: the token may be spent.
  private func fillPage(pageBytes: Int, now: UInt64) throws -> Page {
    var filling = PageFilling(pageBytes: pageBytes)
    if isOutcomeUnknown {
      for entry in try store.inFlight() {
        guard let stored = try store.compartment(number: entry.compartment),
          let hold = try store.hold(entry.compartment)
        else { continue }
        // What the family has forbidden since stays here, though it may have arrived already.
        guard
          try reasonToHold(stored.compartment, number: stored.number, now: now) == nil,
          filling.append(entry, of: stored, hold: hold)
        else { break }
      }
      return filling.page
    }
    try forEachSendable(now: now) { position, stored, hold in
      guard let entry = try store.outboxEntry(position) else { return true }
      return filling.append(entry, of: stored, hold: hold)
    }
    try store.markInFlight(filling.newPositions)
    return filling.page
  }

  /// Calls `body` for each unsent change that may leave, in the order they were saved, until it
  /// returns false.
  func forEachSendable(
    now: UInt64, _ body: (Int64, StoredCompartment, AgencyHold) throws -> Bool
  ) throws {
    var sendable: [Int64: (StoredCompartment, AgencyHold)?] = [:]
    var places = try store.outboxPlaces(after: 0, limit: 500)
    while let last = places.last {
      for place in places {
        let known: (StoredCompartment, AgencyHold)?
        if let decided = sendable[place.compartment] {
          known = decided
        } else {
          known = try sendableCompartment(place.compartment, now: now)
          sendable[place.compartment] = .some(known)
        }
        guard let (stored, hold) = known else { continue }
        guard try body(place.position, stored, hold) else { return }
      }
      places = try store.outboxPlaces(after: last.position, limit: 500)
    }
  }

  private func sendableCompartment(
    _ number: Int64, now: UInt64
  ) throws -> (StoredCompartment, AgencyHold)? {
    guard let stored = try store.compartment(number: number), let hold = try store.hold(number),
      hold.state != .rebasing, hold.state != .toSubmit,
      try reasonToHold(stored.compartment, number: number, now: now) == nil
    else { return nil }
    return (stored, hold)
  }
}

extension ExchangeRequest {
  /// Nothing that the hub should answer at once. A question about what others have received waits
  /// for its answer.
  var carriesNothing: Bool {
    policy.isEmpty && purgeReceipts.isEmpty && certificates.isEmpty && page.isEmpty
      && holdings == nil && rescued.isEmpty && staged.isEmpty
  }
}

/// A page being filled with entries of the outbox.
private struct PageFilling {
  private var builder: PageBuilder
  private var described: Set<CompartmentID> = []
  private(set) var page = Page()
  /// Of the entries that were not in flight before.
  private(set) var newPositions: [Int64] = []

  init(pageBytes: Int) { builder = PageBuilder(pageBytes: pageBytes) }

  /// False when the page is full.
  mutating func append(
    _ entry: OutboxEntry, of stored: StoredCompartment, hold: AgencyHold
  ) -> Bool {
    let item = PageItem.change(stored.id, entry.change)
    // The hub may not have met a compartment of which it knows us to have nothing.
    let description = hold.acknowledged.isEmpty ? stored.compartment : nil
    guard builder.append(item, describing: description) else { return false }
    if let description, described.insert(stored.id).inserted {
      page.compartments.append(description)
    }
    page.items.append(item)
    if !entry.isInFlight { newPositions.append(entry.position) }
    return true
  }
}
