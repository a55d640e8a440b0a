import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

@Suite("A large state on its way")
struct StagedPartsTests {
  @Test("withdrawn between two parts: what has come is revoked, purged and receipted")
  func withdrawnBetweenParts() throws {
    let world = try HubWorld()
    let shared = try SharedChild(
      undelivered: String(repeating: "many words ", count: 4_000), world,
      school: AgencyDevice(world, of: "School"),
      visitor: AgencyDevice(world, of: "Health visitor"))
    let (school, visitor) = (shared.school, shared.visitor)
    visitor.pageBytes = 4_096
    try visitor.step()
    try visitor.step()
    let id = shared.compartment.id
    let parts = try visitor.engine.store.stagedParts(limit: 10)
    try #require(parts.map(\.compartment) == [id])
    try school.withdraw([.development], from: .agencies([visitor.agency]), child: shared.child)
    try school.sync()
    try visitor.sync()
    #expect(try visitor.engine.store.stagedParts(limit: 10).isEmpty)
    #expect(try visitor.engine.store.compartment(id) == nil)
    #expect(try shared.world.engine.store.receiptCount() == 1)
    let open = try shared.world.engine.store.ledger(of: shared.child)
      .filter { $0.compartment == id && $0.untilMilliseconds == nil && $0.basis != "own record" }
    #expect(open.isEmpty)
  }
}
