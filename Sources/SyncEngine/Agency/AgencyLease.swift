import CaseRecords
import Causality
import Cryptography
import ReplicaStore
import SyncProtocol

// A lock can be undone, a purge cannot. So every clock locks, and only proven time purges: after a
// restart, a laptop that lay in a drawer and one whose clock is set ahead look the same.

/// Whether what others shared may be read here. Rule 12: a device that has not reached the hub for
/// `leaseDays` locks what it received; at twice that, by proven time, it purges it by itself.
package enum LeaseState: Hashable, Sendable {
  case open
  case locked(LeaseLock)
  /// `selfPurge` is to be called.
  case purgeDue
}

package enum LeaseLock: Hashable, Sendable {
  /// No exchange for `leaseDays`.
  case leaseOver
  /// The clock shows less than it has shown.
  case clockWentBack
  /// The clock ran ahead of the time since boot: it may be set wrong, so nothing is purged.
  case clockJumped
  /// The folder is a copy, or was restored.
  case copiedFolder

  package var sentence: String {
    switch self {
    case .leaseOver:
      "This computer has not reached the hub for too long. Connect it to read what others shared."
    case .clockWentBack:
      "The clock of this computer went back. Set it right and connect to the hub."
    case .clockJumped:
      "The clock of this computer jumped ahead. Set it right and connect to the hub."
    case .copiedFolder:
      "The data folder was copied or restored. Connect to the hub to read what others shared."
    }
  }
}

/// What is remembered of the clocks in memory: boot time means nothing after a restart.
struct LeaseClock {
  /// Taken at one moment. `provenAway`: how long since the last answer, as far as that was proven.
  struct Anchor {
    let wall: UInt64
    let boot: UInt64
    let provenAway: UInt64
  }

  var anchor: Anchor?
  var latestWall: UInt64 = 0
  var hasJumped = false
  var isCopy = false
}

extension AgencyEngine {
  static let wallBackMillisecondsMax: UInt64 = 5 * 60 * 1_000
  static let wallJumpMillisecondsMax: UInt64 = 60 * 60 * 1_000
  private static let dayMilliseconds: UInt64 = 24 * 60 * 60 * 1_000
  private static let hourMilliseconds: UInt64 = 60 * 60 * 1_000

  /// - Parameters:
  ///   - wall: Milliseconds since 1970 by this device's clock.
  ///   - boot: Milliseconds since boot, time asleep included.
  package func leaseState(wall: UInt64, boot: UInt64) -> LeaseState {
    let anchor = anchor(wall: wall, boot: boot)
    let sinceAnchor = boot >= anchor.boot ? boot - anchor.boot : 0
    let (expected, isOverflow) = anchor.wall.addingReportingOverflow(sinceAnchor)
    if !isOverflow, wall > expected, wall - expected > Self.wallJumpMillisecondsMax {
      clock.hasJumped = true
    }
    let seen = max(clock.latestWall, session.lastWallMilliseconds)
    if clock.isCopy { return .locked(.copiedFolder) }
    if wall < seen, seen - wall > Self.wallBackMillisecondsMax { return .locked(.clockWentBack) }
    if clock.hasJumped { return .locked(.clockJumped) }
    clock.latestWall = max(clock.latestWall, wall)
    let latest = max(seen, wall, isOverflow ? 0 : expected)
    let shown =
      latest > session.lastExchangeMilliseconds ? latest - session.lastExchangeMilliseconds : 0
    let proven = anchor.provenAway.addingReportingOverflow(sinceAnchor).partialValue
    let (lease, isEndless) = session.leaseDays.multipliedReportingOverflow(by: Self.dayMilliseconds)
    if isEndless || max(shown, proven) < lease { return .open }
    return proven >= lease && proven - lease >= lease ? .purgeDue : .locked(.leaseOver)
  }

  /// The first look at the clocks since the start or since the last answer. How long the gap before
  /// it was only the wall clock says, so no more than a day of it counts as proven.
  private func anchor(wall: UInt64, boot: UInt64) -> LeaseClock.Anchor {
    if let anchor = clock.anchor { return anchor }
    let last = session.lastWallMilliseconds
    let gap = wall > last ? min(wall - last, Self.dayMilliseconds) : 0
    let anchor = LeaseClock.Anchor(
      wall: wall, boot: boot,
      provenAway: session.provenAwayMilliseconds.addingReportingOverflow(gap).partialValue)
    clock.anchor = anchor
    return anchor
  }

  /// Writes down, hourly, how late the clock has been and how much time is proven: so that setting
  /// it back is noticed after a restart too, and absence adds up. Call from time to time.
  package func noteClocks(wall: UInt64, boot: UInt64) throws {
    // A clock that has just jumped is not to be believed: looked at first.
    _ = leaseState(wall: wall, boot: boot)
    let anchor = anchor(wall: wall, boot: boot)
    let proven = anchor.provenAway + (boot >= anchor.boot ? boot - anchor.boot : 0)
    let isDue =
      wall >= session.lastWallMilliseconds + Self.hourMilliseconds
      || proven >= session.provenAwayMilliseconds + Self.hourMilliseconds
    guard !clock.hasJumped, isDue else { return }
    try transaction {
      session.lastWallMilliseconds = max(session.lastWallMilliseconds, wall)
      session.provenAwayMilliseconds = proven
    }
  }

  /// The hub has answered: its time is known, and every doubt about ours is over.
  func noteExchange(now: UInt64) {
    clock = LeaseClock()
    let isFirst = session.instanceMarker != store.vault.instanceMarker
    if isFirst { session.instanceMarker = store.vault.instanceMarker }
    let isDue =
      now >= session.lastExchangeMilliseconds + Self.hourMilliseconds
      || now < session.lastWallMilliseconds
    guard isDue || isFirst || session.provenAwayMilliseconds > 0 else { return }
    session.lastExchangeMilliseconds = now
    session.lastWallMilliseconds = now
    session.provenAwayMilliseconds = 0
  }

  /// At twice the lease: keys of everything that others have custody of are destroyed. Unsent work
  /// in it is first sealed to the hub's public key, unreadable here, and goes out at the next
  /// contact. The number purged.
  package func selfPurge(now: UInt64) throws -> Int {
    let received = try store.allHolds().filter { hold in
      guard let stored = try store.compartment(number: hold.number) else { return false }
      return stored.compartment.custodian != identity.agency
    }
    // Locked, the outbox cannot be read: what is unsent waits for the passphrase.
    let waiting = Set(try store.outboxCompartments())
    let purgeable = isLocked ? received.filter { !waiting.contains($0.number) } : received
    if !isLocked { try rescue(purgeable.filter { waiting.contains($0.number) }) }
    var rest = purgeable[...]
    while !rest.isEmpty {
      let batch = rest.prefix(Self.purgesPerTransactionMax).map { hold in
        var hold = hold
        hold.certificate = hold.certificate ?? PurgeReceipt.withoutOrder
        return hold
      }
      try purge(batch, now: now)
      rest = rest.dropFirst(batch.count)
    }
    try prove()
    return purgeable.count
  }

  /// Moves the unsent work of these compartments from the outbox into sealed pages.
  private func rescue(_ holds: [AgencyHold]) throws {
    guard !holds.isEmpty else { return }
    try transaction {
      var builder = PageBuilder(pageBytes: SyncLimits.pageBytesDefault)
      for hold in holds {
        guard let stored = try store.compartment(number: hold.number) else { continue }
        for entry in try store.outbox(of: hold.number) {
          let item = PageItem.change(stored.id, entry.change)
          if !builder.append(item, describing: stored.compartment) {
            try saveRescued(builder)
            builder = PageBuilder(pageBytes: SyncLimits.pageBytesDefault)
            _ = builder.append(item, describing: stored.compartment)
          }
        }
        try store.dequeueAll(of: hold.number)
        // Cut off here, the purge is finished at the next start: what is shown until then would
        // have words that are neither unsent nor committed.
        var hold = hold
        try giveUp(&hold)
      }
      try saveRescued(builder)
    }
  }

  private func saveRescued(_ builder: PageBuilder) throws {
    guard !builder.isEmpty else { return }
    try store.saveRescued(
      SealingKeyPair.seal(builder.finish().bytes, to: identity.hubPublicKey))
  }
}
