import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// Histories that the simulator found, shrunk, each with its seed.
@Suite("What the simulator found")
struct SimulatedHistoriesTests {
  private let world: HubWorld
  private let school: AgencyDevice
  private let visitor: AgencyDevice

  init() throws {
    world = try HubWorld()
    school = try AgencyDevice(world, of: "School")
    visitor = try AgencyDevice(world, of: "Health visitor")
    for device in [school, visitor] { try device.sync() }
  }

  private func share(_ words: String = "first") throws -> SharedChild {
    try SharedChild(undelivered: words, world, school: school, visitor: visitor)
  }

  private func eraseAsOperator(_ child: ChildID) throws {
    let hub = world.engine
    try hub.store.transaction {
      let own = try #require(try hub.store.agency(AgencyID.hub))
      let entry = PolicyEntry(
        id: PolicyID(using: &world.random), child: child, kind: .erase(reason: "asked for"),
        madeAtMilliseconds: world.now, authorAgency: .hub, author: nil)
      try hub.commit(policy: entry, from: own, now: world.now)
    }
  }

  @Test("that two names are one write is said again when the first of them arrives (seed 396)")
  func aliasBeforeItsOriginal() throws {
    let shared = try share()
    try visitor.sync()
    let own = visitor.compartment(.development, child: shared.child)
    try visitor.save("once", in: own)
    try visitor.step(.replyLost)
    let backup = try world.backup()
    // Nothing is let out before the school has been heard.
    try world.restore(backup, isJournalComplete: false)
    try visitor.sync()
    try school.sync()
    try visitor.sync()
    #expect(try visitor.texts(own.id) == ["once"])
    let stored = try #require(try world.engine.store.compartment(own.id))
    #expect(try visitor.engine.store.compartment(own.id)?.vector == stored.vector)
  }

  @Test("what a restored hub is given back of an erased child is erased when all have (seed 330)")
  func erasedBeforeItWasGivenBack() throws {
    let backup = try world.backup()
    let shared = try share()
    try world.restore(backup, isJournalComplete: false)
    try eraseAsOperator(shared.child)
    let (hub, id) = (world.engine.store, shared.compartment.id)
    for _ in 0..<8 {
      try school.step()
      #expect(try !hub.isErased(id) || hub.compartment(id) == nil)
    }
    #expect(try hub.isErased(id) && school.engine.store.compartment(id) == nil)
  }

  @Test("an erasure reaches the holder whom a restored hub has forgotten (seed 422)")
  func erasedWhileForgotten() throws {
    let shared = try share()
    let backup = try world.backup()
    try visitor.sync()
    try #require(try visitor.texts(shared.compartment.id) == ["first"])
    try world.restore(backup)
    try school.engine.addPolicy(school.entry(.erase(reason: "asked for"), child: shared.child))
    try school.sync()
    try #require(try world.engine.store.isErased(shared.compartment.id))
    try visitor.sync()
    #expect(try visitor.engine.store.compartment(shared.compartment.id) == nil)
    #expect(try visitor.digestMatchesHoldings)
  }

  @Test("what comes again with other holdings than before is a copy, not a retry (seed 305)")
  func retryWithOtherHoldings() throws {
    let folder = try TemporaryFolder()
    let original = try AgencyDevice(world, of: "Youth team", folder: folder.path)
    let shared = try share()
    try school.grant([.share], [.development], to: [original.agency], child: shared.child)
    try school.sync()
    try original.sync()
    let copy = try folder.copy()
    let twin = try AgencyDevice(world, reopening: AgencyDevice.makeStore(folder: copy.path))
    for (device, words) in [(original, "second"), (twin, "third"), (original, "fourth")] {
      try school.save(words, in: shared.compartment)
      try school.sync()
      try device.step()
    }
    // Asked for its list, the original sends it; then the twin comes with the token before.
    for device in [original, twin] { try device.step() }
    #expect([original, twin].contains { $0.outcomes.contains { $0.kind == .reseeded } })
    for device in [original, twin, original, twin] { try device.sync() }
    for device in [original, twin] {
      #expect(try device.texts(shared.compartment.id) == ["fourth"])
      #expect(try device.step()?.kind == .answered)
    }
  }

  @Test("a custodian hears of what others decide when the hub has no copy left (seed 474)")
  func keptAgainByOthers() throws {
    let child = ChildID(using: &world.random)
    let index = school.compartment(.index, child: child)
    for (words, compartment) in [
      ("first", index),
      ("of another child", school.compartment(.index, child: ChildID(using: &world.random))),
    ] {
      try school.save(words, in: compartment)
      try school.sync()
    }
    try visitor.withdraw([.index], from: .everyone, child: child)
    for device in [visitor, school] { try device.sync() }
    try #require(try world.engine.store.compartment(index.id) == nil)
    try visitor.engine.addPolicy(
      visitor.entry(
        .override(
          OverrideTerms(
            categories: [.index], recipients: [visitor.agency], reason: "risk",
            decidedBy: "A. Head", untilMilliseconds: world.now + 3_600_000, significantHarm: true,
            authorisedRole: true)), child: child))
    for device in [visitor, school, visitor] { try device.sync() }
    #expect(try visitor.texts(index.id) == ["first"])
  }
}
