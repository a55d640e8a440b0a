import CaseRecords
import Causality
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol
import Testing

/// Histories that the simulator found, shrunk: the hub has nothing any more of what a device holds.
@Suite("What the hub does not have, or may not")
struct ForgottenByTheHubTests {
  /// Keeping and sharing, withdrawn by the school from everyone, and purged everywhere but there.
  private func withdrawn(_ shared: SharedChild) throws -> PolicyID {
    let withdrawal = try shared.school.withdraw(
      [.development], from: .everyone, child: shared.child)
    for _ in 0..<3 { for device in [shared.school, shared.visitor] { try device.sync() } }
    #expect(try shared.world.engine.store.compartment(shared.compartment.id) == nil)
    return withdrawal.id
  }

  @Test("the custodian's device is told that the hub destroyed its copy, and says so")
  func custodianIsTold() throws {
    let shared = try SharedChild()
    _ = try withdrawn(shared)
    #expect(
      try shared.school.engine.status(of: shared.compartment.id, now: shared.world.now)
        == .heldHere(.noConsentToStore))
    #expect(try shared.school.texts(shared.compartment.id) == ["first"])
  }

  @Test("a copy of a device that comes when all have purged it is told to purge it too")
  func copyOfTheDevice() throws {
    let world = try HubWorld()
    let folder = try TemporaryFolder()
    let shared = try SharedChild(
      world, school: AgencyDevice(world, of: "School"),
      visitor: AgencyDevice(world, of: "Health visitor", folder: folder.path))
    let copied = try folder.copy()
    _ = try withdrawn(shared)
    let copy = try AgencyDevice(
      world, reopening: AgencyDevice.makeStore(folder: copied.path))
    #expect(try copy.texts(shared.compartment.id) == ["first"])
    for _ in 0..<3 { for device in [copy, shared.school, shared.visitor] { try device.sync() } }
    #expect(try copy.engine.store.compartment(shared.compartment.id) == nil)
    #expect(try copy.engine.store.unacknowledgedPurges(limit: 1).isEmpty)
    #expect(try copy.digestMatchesHoldings)
    #expect(try shared.school.texts(shared.compartment.id) == ["first"])
  }

  @Test("with new consent the custodian's record goes again from the start")
  func goesAgain() throws {
    let shared = try SharedChild()
    let withdrawal = try withdrawn(shared)
    try shared.school.grant(
      [.store, .share], [.development], to: [.hub, shared.visitor.agency], child: shared.child,
      supersedes: [withdrawal])
    for _ in 0..<3 { for device in [shared.school, shared.visitor] { try device.sync() } }
    #expect(try shared.visitor.texts(shared.compartment.id) == ["first"])
    #expect(
      try shared.school.engine.status(of: shared.compartment.id, now: shared.world.now)
        == .heldByHub)
  }

  @Test("after an erasure nothing is begun at the hub, and what a device still has goes")
  func erased() throws {
    let shared = try SharedChild()
    let late = shared.school.compartment(.index, child: shared.child)
    try shared.school.save("not sent yet", in: late)
    let hub = shared.world.engine
    try hub.store.transaction {
      let own = try #require(try hub.store.agency(AgencyID.hub))
      let entry = PolicyEntry(
        id: PolicyID(using: &shared.world.random), child: shared.child,
        kind: .erase(reason: "asked for"), madeAtMilliseconds: shared.world.now,
        authorAgency: .hub, author: nil)
      try hub.commit(policy: entry, from: own, now: shared.world.now)
    }
    for _ in 0..<3 { for device in [shared.school, shared.visitor] { try device.sync() } }
    for device in [shared.school, shared.visitor] {
      #expect(try device.engine.store.compartments(of: shared.child).isEmpty)
    }
    #expect(try hub.store.compartments(of: shared.child).isEmpty)
    #expect(throws: AgencyError.self) {
      try shared.school.save("again", in: shared.school.compartment(.plan, child: shared.child))
    }
  }

  @Test("a purge cut off after the key is finished at the next start, with its receipt")
  func purgeCutOff() throws {
    let shared = try SharedChild()
    let store = shared.visitor.engine.store
    let number = try #require(try store.compartment(shared.compartment.id)).number
    try store.vault.destroy([number])
    let again = try AgencyDevice(shared.world, reopening: store)
    _ = try again.engine.purgeDrained(now: shared.world.now)
    #expect(try store.compartment(shared.compartment.id) == nil)
    #expect(try store.unacknowledgedPurges(limit: 9).map(\.compartment) == [shared.compartment.id])
    try again.sync()
    try again.sync()
    #expect(try again.texts(shared.compartment.id) == ["first"], "it may still be held")
  }

  @Test("the hub's own actor is another one when it begins a compartment anew")
  func hubActors() throws {
    let shared = try SharedChild()
    let index = shared.school.compartment(.index, child: shared.child)
    func hubDots() throws -> Set<Dot> {
      let hub = shared.world.engine.store
      let stored = try #require(try hub.compartment(index.id))
      let owned = Set(try hub.actors(in: stored.number).map(\.actor))
      return Set(
        stored.vector.sortedEntries.filter { !owned.contains($0.actor) }
          .map { Dot(actor: $0.actor, counter: $0.counter) })
    }
    func begin() throws {
      _ = try shared.school.engine.write(
        creating: shared.compartment,
        writes: [
          Write(
            record: RecordID(high: 4, low: 4), kind: "assessment", group: "state",
            value: GroupValue.one("state", "draft").encoded())
        ], author: AgencyDevice.author, now: shared.world.now)
      _ = try shared.school.engine.write(
        creating: index,
        writes: [
          Write(
            record: RecordID(high: 5, low: 5), kind: "child", group: "name",
            value: GroupValue.one("given", "Amira").encoded())
        ], author: AgencyDevice.author, now: shared.world.now)
      try shared.school.sync()
    }
    try begin()
    let before = try hubDots()
    #expect(!before.isEmpty)
    let withdrawal = try shared.school.withdraw([.index], from: .everyone, child: shared.child)
    try shared.school.sync()
    // Decided anew once the custodian's device has confirmed the flag.
    try shared.school.withdraw([.plan], from: .everyone, child: shared.child)
    for _ in 0..<2 { try shared.school.sync() }
    #expect(try shared.world.engine.store.compartment(index.id) == nil)
    try shared.school.grant(
      [.store, .index], [.index], to: [.hub], child: shared.child, supersedes: [withdrawal.id])
    for _ in 0..<2 { try shared.school.sync() }
    #expect(try hubDots().isDisjoint(with: before))
  }

  @Test("what was purged everywhere and is here in part is purged too, but at its custodian's")
  func inPart() throws {
    let shared = try HubExchangeTests.Shared()
    let id = shared.compartment.id
    try shared.school.exchange(policy: [
      shared.school.withdrawal([.development], from: .everyone, child: shared.child)
    ])
    try #require(try shared.world.engine.store.compartment(id) == nil)
    for (device, revoked) in [(shared.visitor, [id]), (shared.school, [])] {
      var request = device.request()
      request.holdings = []
      request.staged = [
        StagedPart(
          compartment: id, digest: [UInt8](repeating: 1, count: 32), receivedBytes: 9)
      ]
      request.digest = HoldingsDigest()
      guard case .answer(let answer) = try shared.world.exchange(request, from: device.id) else {
        throw Unexpected(reply: "no answer")
      }
      #expect(answer.revocations.map(\.compartment) == revoked)
    }
  }

  @Test("erasure waits until a restored hub knows who has records (directed seed 908526)")
  func erasedBeforeAllAreHeard() throws {
    let world = try HubWorld()
    let school = try AgencyDevice(world, of: "School")
    let visitor = try AgencyDevice(world, of: "Health visitor")
    for device in [school, visitor] { try device.sync() }
    let child = ChildID(using: &world.random)
    let backup = try world.backup()
    let own = visitor.compartment(.development, child: child)
    try visitor.grant([.store], [.development], to: [.hub], child: child)
    try visitor.save("only here", in: own)
    try visitor.sync()
    world.journal.lines = []
    try world.restore(backup, isJournalComplete: false)
    let early = school.entry(.erase(reason: "asked for"), child: child)
    try school.engine.addPolicy(early)
    for device in [school, visitor, school] { try device.sync() }
    #expect(school.outcomes.flatMap(\.refusedPolicy).map(\.id) == [early.id])
    #expect(try visitor.texts(own.id) == ["only here"])
    // Now all have been heard, and a child that nobody has records of is erased.
    try school.engine.addPolicy(
      school.entry(.erase(reason: "asked for"), child: ChildID(using: &world.random)))
    try school.sync()
    #expect(school.outcomes.flatMap(\.refusedPolicy).count == 1)
  }
}
