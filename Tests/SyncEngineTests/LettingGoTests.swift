import CaseRecords
import ReplicaStore
import SyncEngine
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
    #expect(try hub.compartment(shared.compartment.id) != nil)
    let restored = try AgencyDevice(
      world, reopening: AgencyDevice.makeStore(folder: old.path))
    try restored.sync()
    for _ in 0..<2 { try restored.step() }
    #expect(try restored.texts(shared.compartment.id) == ["first"])
    #expect(try hub.compartment(shared.compartment.id) == nil)
  }
}
