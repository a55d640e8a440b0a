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
}
