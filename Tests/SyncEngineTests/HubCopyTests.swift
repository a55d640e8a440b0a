import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// The hub's own copy goes when the consent to keep it has, whatever happens between the decision
/// and the deed.
@Suite("The hub's own copy")
struct HubCopyTests {
  private let world: HubWorld
  private let school: HandDevice
  private let child: ChildID
  private let index: Compartment
  private let withdrawal: PolicyEntry

  /// An index entry at the hub and, confirmed, at its custodian; and a withdrawal not sent yet.
  init() throws {
    world = try HubWorld()
    school = try world.device(of: "School")
    child = ChildID(using: &world.random)
    index = school.compartment(.index, child: child)
    try school.exchange(changes: [
      (index, school.change(Dot(actor: Actor(rawValue: 1), counter: 1), "words"))
    ])
    let other = school.compartment(.index, child: ChildID(using: &world.random))
    try school.exchange(changes: [
      (other, school.change(Dot(actor: Actor(rawValue: 2), counter: 1), "of another child"))
    ])
    withdrawal = school.withdrawal([.index], from: .everyone, child: child)
  }

  /// One exchange, and what follows a commit left out: as if the hub were killed there.
  private func exchangeAlone(_ policy: [PolicyEntry]) throws {
    var request = school.request()
    request.policy = policy
    try world.engine.store.transaction {
      let row = try #require(try world.engine.store.device(school.id))
      _ = try world.engine.exchange(request, from: row, now: world.now)
    }
  }

  private func restarted() throws -> HubEngine {
    try HubEngine(
      store: world.engine.store, secrets: world.secrets, journal: world.journal, leaseDays: 30,
      random: Seeded(state: 5))
  }

  @Test("a hub that was killed before it destroyed its copy does so at the custodian's next poll")
  func killedBefore() throws {
    try exchangeAlone([withdrawal])
    try #require(try world.engine.store.compartment(index.id) != nil)
    try world.restart(over: world.engine.store)
    #expect(try world.engine.store.compartment(index.id) != nil)
    try school.exchange()
    #expect(try world.engine.store.compartment(index.id) == nil)
    #expect(try world.engine.store.auditLines().last?.action == "store purged")
  }

  @Test("a hub that was killed between the key and the rows starts again")
  func killedBetween() throws {
    try exchangeAlone([withdrawal])
    let number = try #require(try world.engine.store.compartment(index.id)).number
    try world.engine.store.vault.destroy([number])
    let again = try restarted()
    #expect(try again.store.compartment(index.id) == nil)
  }

  @Test("consent that comes back in the same transaction keeps the copy")
  func allowedAgain() throws {
    let grant = school.grant(
      [.index, .store], [.index], to: [.hub], child: child, supersedes: [withdrawal.id])
    try exchangeAlone([withdrawal, grant])
    try world.engine.purgeHubCopies()
    #expect(try world.engine.store.compartment(index.id) != nil)
    #expect(try world.engine.store.scheduledHubPurges().isEmpty)
  }
}
