import CaseRecords
import Causality
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol
import Testing

@Suite("What the hub writes down for the operator's board")
struct BoardBooksTests {
  private static let day: UInt64 = 86_400_000

  @Test("conflicts are counted when they are written, by age, and not any more once chosen")
  func conflicts() throws {
    let shared = try SharedChild()
    let world = shared.world
    let store = world.engine.store
    try shared.school.save("a", in: shared.compartment)
    try shared.visitor.save("b", in: shared.compartment)
    for device in [shared.school, shared.visitor, shared.school] { try device.sync() }
    #expect(try shared.school.texts(shared.compartment.id) == ["a", "b"])
    let opened = world.now
    for (days, bands) in [
      (0, [1, 0, 0, 0]), (1, [0, 1, 0, 0]), (6, [0, 0, 1, 0]), (23, [0, 0, 0, 1]),
    ]
      as [(UInt64, [Int])]
    {
      world.now += days * Self.day
      let counts = try store.conflictCounts(now: world.now)
      #expect(counts.map(\.bands) == [bands], "after \(days) days more")
      #expect(counts.first?.category == .development)
      #expect(counts.first?.custodian == shared.school.agency)
      #expect(
        counts.first.map { abs(Int64($0.oldestMilliseconds) - Int64(opened)) < 1_000 } == true)
    }
    // From before the books: counted from the registers themselves, some at a time.
    try store.transaction {
      _ = try store.database.run("DELETE FROM open_conflicts")
      _ = try store.database.run("INSERT INTO uncounted SELECT number FROM compartments")
    }
    #expect(try store.conflictCounts(now: world.now).isEmpty && store.uncountedCount() > 0)
    try store.transaction { while try store.countConflicts(limit: 1) {} }
    #expect(try store.conflictCounts(now: world.now).map(\.bands) == [[0, 0, 0, 1]])
    #expect(try store.uncountedCount() == 0)
    // Somebody who has seen both chooses.
    try shared.school.save("c", in: shared.compartment)
    try shared.school.sync()
    #expect(try store.conflictCounts(now: world.now).isEmpty)
  }

  @Test("a conflict leaves the books with the hub's copy")
  func purgedConflict() throws {
    let shared = try SharedChild()
    let store = shared.world.engine.store
    try shared.school.save("a", in: shared.compartment)
    try shared.visitor.save("b", in: shared.compartment)
    for device in [shared.school, shared.visitor, shared.school] { try device.sync() }
    #expect(try store.conflictCounts(now: shared.world.now).count == 1)
    try shared.world.operatorRecords(.erase(reason: "asked"), of: shared.child)
    for device in [shared.school, shared.visitor, shared.school] { try device.sync() }
    #expect(try store.compartment(shared.compartment.id) == nil)
    #expect(try store.conflictCounts(now: shared.world.now).isEmpty)
    #expect(try store.database.first("SELECT count(*) FROM open_conflicts") { $0.int(0) } == 0)
  }

  @Test("what is deferred stands with what it waits for, until it has come")
  func deferrals() throws {
    let world = try HubWorld()
    let school = try world.device(of: "School")
    let child = ChildID(using: &world.random)
    let compartment = school.compartment(.index, child: child)
    let actor = Actor(rawValue: 77)
    try school.exchange(changes: [
      (compartment, school.change(Dot(actor: actor, counter: 1), "one"))
    ])
    #expect(try world.engine.store.deferrals().isEmpty)
    let (second, third) = (
      school.change(Dot(actor: actor, counter: 2), "two"),
      school.change(Dot(actor: actor, counter: 3), "three")
    )
    let missing = PolicyID(high: 1, low: 1)
    let resting = school.change(
      Dot(actor: actor, counter: 2), "two", dependencies: [missing])
    for (change, cause) in [
      (third, HubDeferralCause.earlierChange), (resting, .policy),
    ] {
      world.now += 1_000
      try school.exchange(changes: [(compartment, change)])
      let deferred = try world.engine.store.deferrals()
      #expect(deferred.map(\.cause).contains(cause), "\(cause)")
    }
    let before = try world.engine.store.deferrals()
    // Asked again it stands there still, since when it did first.
    world.now += 1_000
    try school.exchange(changes: [(compartment, third)])
    #expect(try world.engine.store.deferrals() == before)
    try school.exchange(changes: [(compartment, second), (compartment, third)])
    #expect(try world.engine.store.deferrals().isEmpty)
  }

  @Test("an old copy is written down once an hour, with why it was told to start over")
  func identity() throws {
    let world = try HubWorld()
    let folder = try TemporaryFolder()
    let visitor = try AgencyDevice(world, of: "Health visitor", folder: folder.path)
    let shared = try SharedChild(
      world, school: AgencyDevice(world, of: "School"), visitor: visitor)
    let store = world.engine.store
    #expect(try store.identityEvents(before: .max, limit: 9).isEmpty)
    let copy = try folder.copy()
    for text in ["a", "b", "c"] {
      try shared.visitor.save(text, in: shared.compartment)
      try shared.visitor.sync()
    }
    let old = try AgencyDevice(world, reopening: AgencyDevice.makeStore(folder: copy.path))
    try old.sync()
    let events = try store.identityEvents(before: .max, limit: 9)
    try #require(events.map(\.kind) == [.startedOver, .spentToken])
    #expect(events.allSatisfy { $0.device == events[0].device && $0.device != nil })
    #expect(events[0].earlier == events[1].incarnation && events[0].earlier != nil)
    #expect(try store.identityEvents(before: events[0].number, limit: 9) == [events[1]])
    #expect(try store.newRuns(since: 0).map(\.count) == [1])
    // The same again within the hour is no line of its own.
    let request = try shared.visitor.engine.nextRequest(now: world.now)
    var forged = request
    forged.token = ExchangeToken(count: 9, mac: [UInt8](repeating: 0, count: 16))
    for _ in 1...3 { _ = try world.exchange(forged, from: visitor.id) }
    let forgeries = try store.identityEvents(before: .max, limit: 9)
      .filter { $0.kind == .foreignToken }
    #expect(forgeries.map(\.times) == [3])
  }
}
