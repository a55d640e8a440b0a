import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

@Suite("The hub lets go of its copy")
struct LettingGoTests {
  @Test("at the custodian's next polls, also when nobody has news for a long time")
  func idlePolls() throws {
    let shared = try SharedChild()
    let hub = shared.world.engine.store
    let withdrawal = try shared.school.withdraw(
      [.development], from: .everyone, child: shared.child)
    // The journal has it, the database does not: the hub stopped between the two.
    shared.world.journal.append(
      .policy(withdrawal, from: shared.school.agency, atMilliseconds: shared.world.now))
    try shared.world.restart(over: hub)
    try shared.school.sync()
    try shared.visitor.sync()
    #expect(try hub.receiptCount() == 1)
    for _ in 0..<3 { try shared.school.step() }
    #expect(try hub.compartment(shared.compartment.id) == nil)
    #expect(try hub.lettingGoCount() == 0)
    #expect(try shared.school.texts(shared.compartment.id) == ["first"])
  }

  @Test(
    "not while the custodian may have lost its own, set back by an old copy (seed 55, directed)")
  func custodianSetBack() throws {
    let world = try HubWorld()
    let folder = try TemporaryFolder()
    let school = try AgencyDevice(world, of: "School", folder: folder.path)
    let visitor = try AgencyDevice(world, of: "Health visitor")
    try school.sync()
    let old = try folder.copy()
    let shared = try SharedChild(
      undelivered: "first", world, school: school, visitor: visitor)
    try school.sync()
    let hub = world.engine.store
    try visitor.withdraw([.development], from: .everyone, child: shared.child)
    try visitor.step()
    let going = try #require(try hub.compartment(shared.compartment.id))
    #expect(try world.engine.obstacles(to: going, now: world.now).map(\.kind) == [.word])
    let restored = try AgencyDevice(
      world, reopening: AgencyDevice.makeStore(folder: old.path))
    try restored.sync()
    for _ in 0..<2 { try restored.step() }
    #expect(try restored.texts(shared.compartment.id) == ["first"])
    #expect(try hub.compartment(shared.compartment.id) == nil)
  }

  @Test(
    "stays while a request that comes late says that what was given anew is gone (plain seed 1173)")
  func lateReceipt() throws {
    let shared = try SharedChild()
    let (world, visitor) = (shared.world, shared.visitor)
    let id = shared.compartment.id
    world.now += 61 * 86_400_000
    _ = try visitor.engine.selfPurge(now: world.now)
    let late = try visitor.engine.nextRequest(now: world.now)
    visitor.engine.failed()
    try visitor.step()
    try #require(try visitor.texts(id) == ["first"])
    try shared.school.withdraw([.development], from: .everyone, child: shared.child)
    try shared.school.sync()
    _ = try world.exchange(late, from: visitor.id)
    try shared.school.sync()
    #expect(try world.engine.store.compartment(id) != nil, "the visitor has it still")
    for device in [visitor, shared.school] { try device.sync() }
    #expect(try visitor.engine.store.compartment(id) == nil)
    #expect(try world.engine.store.compartment(id) == nil)
    #expect(try shared.school.texts(id) == ["first"])
  }

  @Test("stays while its custodian has heard another answer than the last (plain seed 791)")
  func otherAnswerHeard() throws {
    let shared = try SharedChild()
    let (world, school, visitor) = (shared.world, shared.school, shared.visitor)
    let nurse = try world.device(of: "Nurse")
    try school.save("c", in: shared.compartment, group: "c")
    let request = try school.engine.nextRequest(now: world.now)
    let answer = try world.exchange(request, from: school.id)
    school.engine.failed()
    try visitor.save("w", in: shared.compartment, group: "w")
    try visitor.step()
    try nurse.exchange(policy: [
      nurse.withdrawal([.development], from: .everyone, child: shared.child)
    ])
    // The same request again; the answer to it, which brings the visitor's words, is lost.
    try school.step(.replyLost)
    _ = try school.engine.received(answer, to: request, now: world.now)
    try school.step()
    try visitor.sync()
    try #require(try visitor.engine.store.compartment(shared.compartment.id) == nil)
    try school.sync()
    #expect(try school.texts(shared.compartment.id, group: "w") == ["w"])
  }

  @Test("when consent to keep it ends by time, and no other agency has it (plain seed 501529)")
  func keepingEnds() throws {
    let world = try HubWorld()
    let school = try AgencyDevice(world, of: "School")
    let child = ChildID(using: &world.random)
    let record = school.compartment(.development, child: child)
    let end = world.now + 66 * 3_600_000
    try school.grant([.store], [.development], to: [.hub], child: child, until: end)
    try school.save("first", in: record)
    try school.sync()
    world.now = end - 1
    for _ in 0..<2 { try school.step() }
    #expect(try world.engine.store.compartment(record.id) != nil)
    world.now = end
    for _ in 0..<2 { try school.step() }
    #expect(try world.engine.store.compartment(record.id) == nil)
    #expect(try world.engine.store.lettingGoCount() == 0)
    #expect(try school.texts(record.id) == ["first"])
    // The family consents again.
    try school.grant(
      [.store], [.development], to: [.hub], child: child, until: world.now + 3_600_000)
    try school.sync()
    #expect(try world.engine.store.compartment(record.id) != nil)
  }

  @Test(
    "and is given it again by a decision that its going overtook (directed seed 109556)",
    arguments: [true, false])
  func keptAgainMeanwhile(isWithdrawn: Bool) throws {
    let world = try HubWorld()
    let (school, nurse) = try (AgencyDevice(world, of: "School"), world.device(of: "Nurse"))
    let child = ChildID(using: &world.random)
    let record = school.compartment(.development, child: child)
    let end = world.now + 1_000
    try school.grant(
      [.store], [.development], to: [.hub], child: child, until: isWithdrawn ? nil : end)
    try school.save("first", in: record)
    try school.sync()
    let override = school.entry(
      .override(
        OverrideTerms(
          categories: [.development], recipients: [.hub], reason: "harm", decidedBy: "a manager",
          untilMilliseconds: end + 86_400_000, significantHarm: true, authorisedRole: false)),
      child: child)
    // Two polls are under way: the first that the hub hears, and one to be sure of it.
    try nurse.exchange(
      policy: isWithdrawn ? [nurse.withdrawal([.development], from: .everyone, child: child)] : [])
    if !isWithdrawn { world.now = end }
    let polls = try (0..<2).map { _ in
      let request = try school.engine.nextRequest(now: world.now)
      let answer = try world.exchange(request, from: school.id)
      school.engine.failed()
      return (request, answer)
    }
    try #require(try world.engine.store.compartment(record.id) == nil)
    try school.engine.addPolicy(override)
    _ = try school.engine.received(polls[0].1, to: polls[0].0, now: world.now)
    try school.sync()
    let held = try #require(try world.engine.store.compartment(record.id))
    #expect(
      AgencyDevice.texts(of: try world.engine.store.content(of: held), group: "text") == ["first"])
    #expect(try school.engine.status(of: record.id, now: world.now) == .heldByHub)
    #expect(try school.digestMatchesHoldings)
  }

  @Test(
    """
    erased, it stays until each device of the custodian has been told, if the hub has let go of it \
    before (directed seed 700376)
    """)
  func erasedAfterBeingGivenAnew() throws {
    let shared = try SharedChild()
    let (world, school, id) = (shared.world, shared.school, shared.compartment.id)
    let hub = world.engine.store
    let laptop = try AgencyDevice(world, of: "School")
    for device in [laptop, school] { try device.sync() }
    let withdrawal = try school.withdraw([.development], from: .everyone, child: shared.child)
    for device in [school, shared.visitor, school, laptop, school] { try device.sync() }
    try #require(try hub.compartment(id) == nil && laptop.texts(id) == ["first"])
    // The hub is given it anew, and hears nothing of the laptop.
    try school.grant(
      [.store], [.development], to: [.hub], child: shared.child, supersedes: [withdrawal.id])
    try school.sync()
    let anew = try #require(try hub.compartment(id))
    #expect(try world.engine.obstacles(to: anew, now: world.now).isEmpty, "it may be kept")
    try world.operatorRecords(.erase(reason: "asked for"), of: shared.child)
    for _ in 0..<2 { try school.sync() }
    #expect(try school.engine.store.compartment(id) == nil)
    let left = try #require(try hub.compartment(id), "the laptop has it still")
    let number = try #require(try hub.device(laptop.id)?.number)
    let obstacles = try world.engine.obstacles(to: left, now: world.now)
    #expect(obstacles.map(\.kind) == [.untold] && obstacles.map(\.device) == [number])
    try laptop.sync()
    #expect(try laptop.engine.store.compartment(id) == nil)
    for device in [laptop, school] { try device.sync() }
    #expect(try hub.compartment(id) == nil && hub.isErased(id))
  }

  @Test(
    """
    what may be kept again for a time is given to the hub also by a device whose clock is ahead \
    (directed seed 700696)
    """)
  func clockAhead() throws {
    let world = try HubWorld()
    let school = try AgencyDevice(world, of: "School")
    let visitor = try AgencyDevice(world, of: "Health visitor")
    let child = ChildID(using: &world.random)
    let record = school.compartment(.development, child: child)
    try school.grant([.store], [.development], to: [.hub], child: child)
    try school.save("first", in: record)
    try school.sync()
    let withdrawal = try school.withdraw([.development], from: .everyone, child: child)
    for _ in 0..<2 { try school.sync() }
    try #require(try world.engine.store.compartment(record.id) == nil)
    let hour: UInt64 = 3_600_000
    try visitor.grant(
      [.store], [.development], to: [.hub], child: child, supersedes: [withdrawal.id],
      until: world.now + 9 * hour)
    try visitor.sync()
    let request = try school.engine.nextRequest(now: world.now)
    let reply = try world.exchange(request, from: school.id)
    _ = try school.engine.received(reply, to: request, now: world.now + 24 * hour)
    // Its clock is set right.
    try school.sync()
    #expect(try world.engine.store.compartment(record.id) != nil)
    #expect(try school.engine.status(of: record.id, now: world.now) == .heldByHub)
  }

  @Test(
    """
    a join with an erased child that the hub refuses hides no consent that the same answer brings \
    (directed seed 23137)
    """)
  func refusedJoin() throws {
    let shared = try SharedChild()
    let (world, school, id) = (shared.world, shared.school, shared.compartment.id)
    let gone = ChildID(using: &world.random)
    try world.operatorRecords(.erase(reason: "asked for"), of: gone)
    // Whoever has decided something about a child is told what holds for it.
    try school.withdraw([.plan], from: .everyone, child: gone)
    let withdrawal = try school.withdraw([.development], from: .everyone, child: shared.child)
    for device in [school, shared.visitor, school] { try device.sync() }
    try #require(try world.engine.store.compartment(id) == nil && school.texts(id) == ["first"])
    try shared.visitor.grant(
      [.store], [.development], to: [.hub], child: shared.child, supersedes: [withdrawal.id])
    try shared.visitor.sync()
    try school.engine.addPolicy(school.entry(.alias(other: gone), child: shared.child))
    // Looked at meanwhile.
    #expect(
      try school.engine.status(of: id, now: world.now) == .heldHere(.noConsentToStore))
    try school.sync()
    #expect(school.outcomes.flatMap(\.refusedPolicy).count == 1)
    #expect(try school.engine.status(of: id, now: world.now) == .heldByHub)
    #expect(try world.engine.store.compartment(id) != nil)
  }

  @Test("an override on its way hides no gap between others' entries (directed seed 36363)")
  func gapBeforeAnOverride() throws {
    let shared = try SharedChild()
    let (world, school, id) = (shared.world, shared.school, shared.compartment.id)
    let withdrawal = try shared.visitor.withdraw(
      [.development], from: .everyone, child: shared.child)
    try shared.visitor.sync()
    // At its custodian's request the hub lets go of its copy; the custodian hears nothing of it.
    try school.step(.replyLost)
    try #require(try world.engine.store.compartment(id) == nil)
    try shared.visitor.grant(
      [.store], [.development], to: [.hub], child: shared.child, supersedes: [withdrawal.id])
    try shared.visitor.sync()
    try school.engine.addPolicy(
      school.entry(
        .override(
          OverrideTerms(
            categories: [.development], recipients: [.hub], reason: "harm",
            decidedBy: "a manager", untilMilliseconds: world.now + 3_600_000,
            significantHarm: true, authorisedRole: false)),
        child: shared.child))
    try school.sync()
    #expect(try world.engine.store.compartment(id) != nil)
    #expect(try school.engine.status(of: id, now: world.now) == .heldByHub)
  }

  @Test("given anew by one device, it is taken from another of the custodian's as one record")
  func givenAnewByTwo() throws {
    let shared = try SharedChild()
    let (world, school, id) = (shared.world, shared.school, shared.compartment.id)
    let laptop = try AgencyDevice(world, of: "School")
    for device in [laptop, school] { try device.sync() }
    let withdrawal = try school.withdraw([.development], from: .everyone, child: shared.child)
    for device in [school, shared.visitor, school, laptop, school] { try device.sync() }
    try #require(try world.engine.store.compartment(id) == nil && laptop.texts(id) == ["first"])
    // So long that what is told of next does not fit beside it.
    let long = school.compartment(.index, child: shared.child)
    try school.save(String(repeating: "long ", count: 2_000), in: long)
    try school.grant(
      [.store], [.development], to: [.hub], child: shared.child, supersedes: [withdrawal.id])
    try school.sync()
    let anew = try #require(try world.engine.store.compartment(id))
    let run = try #require(
      try world.engine.store.incarnation(laptop.engine.session.incarnation)
    ).number
    laptop.pageBytes = SyncLimits.pageBytesMin
    for _ in 0..<2 {
      #expect(try world.engine.store.hubHold(run, anew.number) == nil)
      try laptop.step()
    }
    #expect(try laptop.texts(id) == ["first"])
    try laptop.sync()
    #expect(try world.engine.store.hubHold(run, anew.number) != nil)
    for device in [school, laptop] {
      try device.sync()
      #expect(try device.texts(id) == ["first"])
      #expect(try device.engine.unsentCount == 0 && device.digestMatchesHoldings)
    }
  }

  @Test("what stands under two names is submitted anew as one write (directed seed 43716)")
  func submittedOnce() throws {
    let shared = try SharedChild()
    let (school, visitor, id) = (shared.school, shared.visitor, shared.compartment.id)
    var denials: Set<PolicyID> = []
    func withdraw(_ device: AgencyDevice) throws {
      denials.insert(
        try device.withdraw([.development], from: .everyone, child: shared.child).id)
    }
    func keepAgain(_ device: AgencyDevice) throws {
      try device.grant(
        [.store], [.development], to: [.hub], child: shared.child, supersedes: denials)
    }
    try withdraw(visitor)
    try keepAgain(visitor)
    try visitor.step()
    try school.step()
    // To be submitted anew, it is held back, and the hub's own copy comes beside it.
    try withdraw(school)
    for _ in 0..<2 { try school.step() }
    try #require(try school.texts(id) == ["first", "first"])
    try keepAgain(school)
    try school.step()
    let number = try #require(try school.engine.store.compartment(id)).number
    #expect(try school.engine.store.outboxCount(of: number) == 1)
    for device in [school, visitor] { try device.sync() }
    #expect(try school.texts(id) == ["first"])
  }

  @Test("and is given anew what people wrote, not what it wrote there itself (seed 341572)")
  func hubsOwnWords() throws {
    let world = try HubWorld()
    let school = try AgencyDevice(world, of: "School")
    let child = ChildID(using: &world.random)
    let (index, record) = (
      school.compartment(.index, child: child), school.compartment(.development, child: child)
    )
    try school.grant([.store, .index], [.index, .development], to: [.hub], child: child)
    try school.save("index", in: index)
    try school.sync()
    let assessment = RecordID(using: &world.random)
    let groups: [(String, GroupValue)] = [
      ("started", GroupValue.one("on", "2025-11-20").setting("agency", school.agency)),
      ("state", .one("state", "draft")),
    ]
    _ = try school.engine.write(
      creating: record,
      writes: groups.map {
        Write(record: assessment, kind: "assessment", group: $0.0, value: $0.1.encoded())
      }, author: AgencyDevice.author, now: world.now)
    try school.sync()
    let withdrawal = try school.withdraw([.index], from: .everyone, child: child)
    for _ in 0..<3 { try school.step() }
    try #require(try world.engine.store.compartment(index.id) == nil)
    let flags = try #require(try school.engine.store.compartment(index.id)).vector
    try #require(flags.count > 1, "the hub has written there")
    try school.grant(
      [.store, .index], [.index], to: [.hub], child: child, supersedes: [withdrawal.id])
    try school.sync()
    #expect(try school.texts(index.id) == ["index"])
    #expect(try world.engine.store.hubQuarantine().isEmpty)
  }
}
