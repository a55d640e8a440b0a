import CaseRecords
import Causality
import Cryptography
import ReplicaStore
import SyncProtocol

/// What to send is selected by vector: everything the agency may hold and this device lacks.
extension HubExchange {
  mutating func deliverPage() throws {
    let pageBytes = Int(
      min(max(request.pageBytes, UInt64(SyncLimits.pageBytesMin)), UInt64(SyncLimits.pageBytesMax)))
    var builder = PageBuilder(pageBytes: pageBytes)
    // A cursor only saves time: one that points nowhere is begun again.
    if try incarnation.cursor > store.feedEnd(of: agency.number) { incarnation.cursor = 0 }
    feed: while true {
      let entries = try store.feed(
        of: agency.number, to: incarnation.number, after: incarnation.cursor, limit: 500)
      if entries.isEmpty { break }
      for entry in entries {
        guard try deliver(entry, into: &builder) else {
          answer.isCaughtUp = false
          break feed
        }
        incarnation.cursor = entry.feed
      }
    }
    page = builder.finish()
  }

  /// False when the page is full before the device has all of this compartment.
  private mutating func deliver(_ entry: FeedEntry, into builder: inout PageBuilder) throws -> Bool
  {
    guard entry.isAllowed, !entry.isRecovering, entry.hold?.revokedMilliseconds == nil else {
      return true
    }
    let stored = entry.stored
    let hold =
      entry.hold
      ?? HubHold(
        incarnation: incarnation.number, compartment: stored.number, vector: VersionVector(),
        before: VersionVector(), exchange: 0)
    if hold.vector.covers(stored.vector) { return true }
    if entry.hold == nil {
      try store.openDisclosure(
        agency: agency.number, compartment: stored.compartment, basis: entry.basis,
        atMilliseconds: now)
    }
    if !hold.vector.isEmpty, !isStateDue(hold),
      let changes = try store.changes(
        of: stored, beyond: hold.vector, limit: SyncLimits.changesPerPageMax)
    {
      return try deliver(changes, of: stored, hold: hold, into: &builder)
    }
    return try deliverSnapshot(of: stored, hold: hold, into: &builder)
  }

  private func isStateDue(_ hold: HubHold) -> Bool {
    switch hold.stateDue {
    case .no: false
    case .yes: true
    // In an exchange after that one, it has been confirmed.
    case .sent: hold.exchange == exchangeNumber
    }
  }

  /// Any prefix is causally closed, so a page may end between two changes of one compartment.
  private mutating func deliver(
    _ changes: [Change], of stored: StoredCompartment, hold: HubHold,
    into builder: inout PageBuilder
  ) throws -> Bool {
    var vector = hold.vector
    var isWhole = true
    for change in changes {
      // How much policy its author's agency had been told is between that agency and the hub.
      var change = change
      change.policySeen = 0
      change.policyDependencies = []
      guard
        builder.append(
          .change(stored.id, change), describing: stored.compartment)
      else {
        isWhole = false
        break
      }
      try repeatAliases(of: change, in: stored, for: hold.vector)
      _ = vector.advance(to: change.dot)
    }
    if vector != hold.vector { try moveHold(hold, to: vector, of: stored.id) }
    return isWhole
  }

  /// Whoever has the same write under another name was told that the two are one when it could not
  /// yet take that in.
  private mutating func repeatAliases(
    of change: Change, in stored: StoredCompartment, for known: VersionVector
  ) throws {
    for origin in Set([change.origin, change.dot]).sorted() {
      for dot in try store.remintedDots(of: origin, in: stored.number)
      where known.contains(dot) && dot != change.dot {
        guard try store.committed(dot, in: stored)?.aliasOf == change.dot else { continue }
        answer.aliases.append(
          AliasNotice(compartment: stored.id, dot: dot, aliasOf: change.dot))
      }
    }
  }

  /// The current registers, not the history: older values are not theirs to see.
  private mutating func deliverSnapshot(
    of stored: StoredCompartment, hold: HubHold, into builder: inout PageBuilder
  ) throws -> Bool {
    let encoded = try store.encodedContent(of: stored)
    let budget = builder.pageBytes
    if encoded.count <= budget {
      guard
        builder.append(
          snapshotOf: stored.id, vector: stored.vector, contentBytes: encoded,
          describing: stored.compartment)
      else { return false }
      try noteState(stored.vector, of: stored, sentTo: hold)
      return true
    }
    return try deliverPart(of: stored, hold: hold, encoded: encoded, into: &builder)
  }

  /// A state larger than the page travels in parts. The device says how far it has it, so a cut
  /// back-fill resumes: with the state as it was when the first part was sent, however the
  /// compartment has moved since. The changes beyond it follow.
  private mutating func deliverPart(
    of stored: StoredCompartment, hold: HubHold, encoded: [UInt8], into builder: inout PageBuilder
  ) throws -> Bool {
    guard builder.isEmpty else { return false }
    let state = try stateInParts(of: stored, encoded: encoded)
    let whole = state.bytes
    let staged = request.staged.first { $0.compartment == stored.id && $0.digest == state.digest }
    let offset = min(Int(clamping: staged?.receivedBytes ?? 0), whole.count)
    let bytes = Array(whole[offset..<min(whole.count, offset + builder.pageBytes)])
    let part = PageItem.snapshotPart(
      stored.id, digest: state.digest, offset: UInt64(offset), totalBytes: UInt64(whole.count),
      bytes: bytes)
    guard builder.append(part, describing: stored.compartment) else { return false }
    guard offset + bytes.count == whole.count else {
      // From the first part on there is something to revoke, and to write into: what comes is the
      // state all the same. It may be on the books by an answer that was lost.
      if hold.vector.isEmpty, hold.stateDue == .no {
        var begun = hold
        begun.stateDue = .yes
        // A receipt that comes again with the same request was for what had been there before.
        begun.exchange = exchangeNumber
        try store.save(begun)
      }
      return false
    }
    try noteState(state.vector, of: stored, sentTo: hold)
    return state.vector.covers(stored.vector)
  }

  /// The frozen state if the device has begun it, else what stands now, frozen.
  private func stateInParts(
    of stored: StoredCompartment, encoded: [UInt8]
  ) throws -> FrozenState {
    let since = now - min(now, HubEngine.frozenMilliseconds)
    let frozen = try store.frozen(of: stored.number, for: incarnation.number, since: since)
    let isBegun = request.staged.contains {
      $0.compartment == stored.id && $0.digest == frozen?.digest
    }
    if let frozen, isBegun { return frozen }
    let whole = EncodedSnapshot(vector: stored.vector, contentBytes: encoded).bytes
    let state = FrozenState(digest: sha256(whole), vector: stored.vector, bytes: whole)
    if state.digest != frozen?.digest {
      try store.freeze(
        state, of: stored.number, for: incarnation.number, atMilliseconds: now)
    }
    return state
  }

  private mutating func noteState(
    _ vector: VersionVector, of stored: StoredCompartment, sentTo hold: HubHold
  ) throws {
    try moveHold(
      hold, to: vector, of: stored.id, stateDue: isStateDue(hold) ? .sent : .no)
  }
}
