import CaseRecords
import Causality
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol
import Testing

@Suite("Rule 12: the lease")
struct AgencyLeaseTests {
  private static let day: UInt64 = 86_400_000
  private static let start: UInt64 = 1_700_000_000_000

  @Test("locks after the lease, purges after two, for every clock")
  func table() throws {
    let (day, start) = (Self.day, Self.start)
    // Pairs of (wall, boot) as the device sees them, relative to the last exchange; the last
    // decides.
    let rows: [(String, [(Int64, UInt64)], LeaseState)] = [
      ("at once", [(0, 0)], .open),
      ("just before", [(0, 0), (Int64(30 * day) - 1, 30 * day - 1)], .open),
      ("at the end", [(0, 0), (Int64(30 * day), 30 * day)], .locked(.leaseOver)),
      ("before two", [(0, 0), (Int64(60 * day) - 1, 60 * day - 1)], .locked(.leaseOver)),
      ("at two", [(0, 0), (Int64(60 * day), 60 * day)], .purgeDue),
      ("after a restart", [(Int64(60 * day), 5)], .locked(.leaseOver)),
      ("years after a restart", [(Int64(9_000 * day), 5)], .locked(.leaseOver)),
      ("restarted, then used", [(Int64(61 * day), 0), (Int64(120 * day), 59 * day)], .purgeDue),
      (
        "not used for long enough", [(Int64(61 * day), 0), (Int64(120 * day), 59 * day - 1)],
        .locked(.leaseOver)
      ),
      ("wall stopped, boot goes on", [(0, 0), (0, 31 * day)], .locked(.leaseOver)),
      ("wall stopped for long", [(0, 0), (0, 61 * day)], .purgeDue),
      ("back by 5 minutes", [(0, 0), (-300_000, 1)], .open),
      ("back by more", [(0, 0), (-300_001, 1)], .locked(.clockWentBack)),
      ("back after going on", [(0, 0), (Int64(day), day), (1, day + 1)], .locked(.clockWentBack)),
      ("ahead by an hour", [(0, 0), (3_600_000, 0)], .open),
      ("ahead by more", [(0, 0), (3_600_001, 0)], .locked(.clockJumped)),
      ("ahead by years", [(0, 0), (Int64(900 * day), 10)], .locked(.clockJumped)),
      ("ahead, then right", [(0, 0), (Int64(900 * day), 10), (11, 11)], .locked(.clockJumped)),
    ]
    for (name, clocks, expected) in rows {
      let device = try AgencyDevice(HubWorld(), of: "School")
      var state = LeaseState.open
      for (wall, boot) in clocks {
        state = device.engine.leaseState(
          wall: UInt64(Int64(start) + wall), boot: 1_000_000 + boot)
      }
      #expect(state == expected, "\(name)")
    }
  }

  @Test("absence adds up over nightly restarts; a clock set ahead counts for a day")
  func restarts() throws {
    let device = try AgencyDevice(HubWorld(), of: "School")
    let hour = Self.day / 24
    var (wall, day) = (Self.start, 0)
    var states: [LeaseState] = []
    // Eight hours of work a day, then switched off.
    while states.last != .purgeDue && day < 100 {
      let engine = try restarted(device)
      for worked in 0...8 {
        try engine.noteClocks(
          wall: wall + UInt64(worked) * hour, boot: UInt64(worked) * hour)
      }
      states.append(engine.leaseState(wall: wall + 8 * hour, boot: 8 * hour))
      wall += Self.day
      day += 1
    }
    #expect(day == 61)
    #expect(states[28] == .open && states[30] == .locked(.leaseOver))

    let jumped = try AgencyDevice(HubWorld(), of: "School")
    for years in 1...5 {
      let engine = try restarted(jumped)
      let wall = Self.start + UInt64(years) * 365 * Self.day
      try engine.noteClocks(wall: wall, boot: 1)
      #expect(engine.leaseState(wall: wall, boot: 2) == .locked(.leaseOver))
    }
    #expect(try restarted(jumped).session.provenAwayMilliseconds == 5 * Self.day)

    // While it runs, a jump counts for nothing, nor is it written down as the time.
    let running = try AgencyDevice(HubWorld(), of: "School")
    _ = running.engine.leaseState(wall: Self.start, boot: 0)
    try running.engine.noteClocks(wall: Self.start + 900 * Self.day, boot: 2 * hour)
    #expect(running.engine.session.provenAwayMilliseconds == 0)
    #expect(running.engine.session.lastWallMilliseconds == Self.start)
  }

  private func restarted(_ device: AgencyDevice) throws -> AgencyEngine {
    try AgencyEngine(store: device.engine.store, random: Seeded(state: 1))
  }

  @Test("an exchange forgets the absence")
  func exchangeForgets() throws {
    let device = try AgencyDevice(HubWorld(), of: "School")
    device.world.now += 50 * Self.day
    _ = device.engine.leaseState(wall: Self.start, boot: 0)
    try device.engine.noteClocks(wall: device.world.now, boot: 50 * Self.day)
    #expect(device.engine.session.provenAwayMilliseconds == 50 * Self.day)
    try device.sync()
    #expect(device.engine.session.provenAwayMilliseconds == 0)
    let later = device.world.now + 20 * Self.day
    #expect(device.engine.leaseState(wall: later, boot: 70 * Self.day) != .purgeDue)
  }

  @Test("an exchange ends every lock")
  func exchangeOpens() throws {
    let device = try AgencyDevice(HubWorld(), of: "School")
    _ = device.engine.leaseState(wall: Self.start, boot: 0)
    #expect(
      device.engine.leaseState(wall: Self.start + Self.day, boot: 1) == .locked(.clockJumped))
    device.world.now += Self.day
    try device.sync()
    #expect(device.engine.leaseState(wall: device.world.now, boot: 2) == .open)
  }

  @Test("the own record stays readable when what others shared is locked")
  func ownRecord() throws {
    let shared = try SharedChild()
    let lock = LeaseState.locked(.leaseOver)
    #expect(try shared.school.engine.mayShow(shared.compartment.id, lease: lock))
    #expect(try !shared.visitor.engine.mayShow(shared.compartment.id, lease: lock))
  }

  @Test("a self-purge destroys what others shared; unsent work goes out sealed, and is not lost")
  func selfPurge() throws {
    let shared = try SharedChild()
    let own = shared.visitor.compartment(.private, child: shared.child)
    try shared.visitor.save("note", in: own)
    try shared.visitor.save("unsent", in: shared.compartment)
    shared.world.now += 61 * Self.day
    #expect(try shared.visitor.engine.selfPurge(now: shared.world.now) == 1)
    #expect(try shared.visitor.engine.store.compartment(shared.compartment.id) == nil)
    #expect(try shared.visitor.texts(own.id) == ["note"])
    #expect(try shared.visitor.engine.unsentCount == 0)
    #expect(try shared.visitor.engine.store.rescued().count == 1)
    try shared.visitor.sync()
    #expect(try shared.visitor.engine.store.rescued().isEmpty)
    #expect(try shared.world.engine.store.receiptCount() == 1)
    #expect(try shared.visitor.digestMatchesHoldings)
    try shared.school.sync()
    #expect(try shared.world.engine.store.hubQuarantine().isEmpty)
    #expect(try shared.school.texts(shared.compartment.id) == ["unsent"])
    // Still consented: it comes back.
    try shared.visitor.sync()
    #expect(try !shared.visitor.texts(shared.compartment.id).isEmpty)
  }

  @Test("cut off after the work has been sealed, it is finished at the start (seed 113487)")
  func selfPurgeCutOff() throws {
    let world = try HubWorld()
    let folder = try TemporaryFolder()
    let visitor = try AgencyDevice(world, of: "Health visitor", folder: folder.path)
    let shared = try SharedChild(
      world, school: AgencyDevice(world, of: "School"), visitor: visitor)
    try visitor.save("unsent", in: shared.compartment)
    let keys = try Database(path: folder.path + "/keys.sqlite")
    _ = try keys.run(
      "CREATE TRIGGER full BEFORE DELETE ON keys BEGIN SELECT RAISE(ABORT, 'no room'); END")
    #expect(throws: (any Error).self) {
      try visitor.engine.selfPurge(now: world.now + 61 * Self.day)
    }
    _ = try keys.run("DROP TRIGGER full")
    let restarted = try AgencyDevice(
      world, reopening: AgencyDevice.makeStore(folder: folder.path))
    let store = restarted.engine.store
    try #require(try store.rescued().count == 1)
    _ = try restarted.engine.purgeDrained(now: world.now)
    #expect(try store.compartment(shared.compartment.id) == nil)
    try restarted.sync()
    #expect(try world.engine.store.receiptCount() == 1)
    try shared.school.sync()
    #expect(try shared.school.texts(shared.compartment.id) == ["unsent"])
  }

  /// Of which two do not go into one page.
  private static let long = String(repeating: "w", count: 120_000)

  /// What is still shared comes anew beside the first page, and needs no receipt.
  @Test(
    "unsent work of several pages is rescued, and its receipt goes after the last",
    arguments: [true, false])
  func rescuedPages(isWithdrawn: Bool) throws {
    let shared = try SharedChild()
    for group in ["a", "b", "c"] {
      try shared.visitor.save(Self.long, in: shared.compartment, group: group)
    }
    shared.world.now += 61 * Self.day
    _ = try shared.visitor.engine.selfPurge(now: shared.world.now)
    if isWithdrawn {
      try shared.school.withdraw(
        [.development], from: .agencies([shared.visitor.agency]), child: shared.child)
      try shared.school.sync()
    }
    let store = shared.visitor.engine.store
    #expect(try store.rescued().count == 2)
    try shared.visitor.step()
    #expect(try store.rescued().count == 1 && shared.world.engine.store.receiptCount() == 0)
    #expect(try store.compartment(shared.compartment.id) == nil || !isWithdrawn)
    for device in [shared.visitor, shared.school, shared.visitor] { try device.sync() }
    #expect(!shared.visitor.outcomes.contains { $0.kind == .reseeded }, "directed seed 117")
    #expect(try store.rescued().isEmpty)
    #expect(try shared.world.engine.store.receiptCount() == (isWithdrawn ? 1 : 0))
    #expect(try shared.visitor.digestMatchesHoldings)
    for group in ["a", "b", "c"] {
      #expect(try shared.school.texts(shared.compartment.id, group: group) == [Self.long])
    }
  }

  @Test("what a restored hub gives anew is not confirmed as purged by a receipt of before")
  func givenAnewBeforeTheReceipt() throws {
    let shared = try SharedChild()
    let (world, visitor) = (shared.world, shared.visitor)
    let other = shared.school.compartment(.development, child: shared.child)
    try shared.school.save("theirs", in: other)
    try shared.school.sync()
    let backup = try world.backup()
    try shared.school.save("later", in: other, group: "later")
    for device in [shared.school, visitor] { try device.sync() }
    for group in ["a", "b", "c"] {
      try visitor.save(Self.long, in: shared.compartment, group: group)
    }
    world.now += 61 * Self.day
    _ = try visitor.engine.selfPurge(now: world.now)
    // The hub asks for what is gone here, and then gives what it has; the receipt still waits.
    try world.restore(backup)
    for _ in 0..<3 { try visitor.step() }
    try #require(try visitor.texts(other.id) == ["theirs"])
    let waiting = try visitor.engine.store.unacknowledgedPurges(limit: 9).map(\.compartment)
    #expect(!waiting.contains(other.id))
    for device in [visitor, shared.school, visitor] { try device.sync() }
    #expect(try visitor.texts(other.id, group: "later") == ["later"])
    #expect(try visitor.digestMatchesHoldings)
  }
}
