import CaseRecords
import Causality
import Cryptography
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// Clause 5.5.2 i: nobody writes on as somebody else.
@Suite("Another's actor")
struct ForeignActorTests {
  private let shared: HubExchangeTests.Shared

  init() throws { shared = try HubExchangeTests.Shared() }

  private func isToldToStartOver(
    _ device: HandDevice, sending change: Change, in compartment: Compartment
  ) throws -> Bool {
    var request = device.request()
    request.page = Page(
      compartments: [compartment], items: [.change(compartment.id, change)])
    guard case .reseed = try shared.world.exchange(request, from: device.id) else { return false }
    return true
  }

  /// A second run of the school's device, that has everything.
  private func nextRun() throws -> HandDevice {
    let next = HandDevice(
      world: shared.world, agency: shared.school.agency, id: shared.school.id,
      incarnation: IncarnationID(using: &shared.world.random))
    next.forkOf = shared.school.incarnation
    try next.exchange()
    return next
  }

  private func second(_ words: String) -> Change {
    shared.school.change(
      Dot(actor: shared.actor, counter: 2), context: VersionVector([shared.actor: 1]), words)
  }

  @Test("the hub's own, which everyone sees in what it writes, is no device's")
  func hubs() throws {
    let (school, visitor) = (shared.school, shared.visitor)
    try visitor.exchange(policy: [
      visitor.grant([.share], [.development], to: [visitor.agency], child: shared.child)
    ])
    try school.exchange()
    let thread = try #require(school.descriptions.values.first { $0.category == .desk })
    let vector = try #require(school.vectors[thread.id])
    let hub = try #require(vector.sortedEntries.first)
    let forged = school.change(
      Dot(actor: hub.actor, counter: hub.counter + 1), context: vector, "as the hub")
    #expect(try isToldToStartOver(school, sending: forged, in: thread))
    let own = school.change(
      Dot(actor: Actor(rawValue: 300), counter: 1), context: vector, "as itself")
    #expect(try school.exchange(changes: [(thread, own)]).quarantined.isEmpty)
  }

  @Test("one that has written elsewhere does not begin a second compartment")
  func elsewhere() throws {
    let index = shared.school.compartment(.index, child: shared.child)
    let change = shared.school.change(Dot(actor: shared.actor, counter: 1), "again")
    #expect(try isToldToStartOver(shared.school, sending: change, in: index))
    #expect(try shared.world.engine.store.compartment(index.id) == nil)
  }

  @Test("that of the run before is at its end, but for what was rescued under it")
  func ofTheRunBefore() throws {
    let next = try nextRun()
    #expect(
      try isToldToStartOver(next, sending: second("of a copy"), in: shared.compartment))
    #expect(try rescues(second("rescued"), next) == nil)
    try shared.visitor.exchange()
    #expect(shared.visitor.texts(shared.compartment.id) == ["rescued"])
  }

  @Test("nor does rescued work stand under the actor of another agency")
  func rescuedOfAnother() throws {
    try shared.visitor.exchange()
    #expect(try rescues(second("of another"), shared.visitor) == .reseed(epoch: 1))
    try shared.visitor.exchange()
    #expect(shared.visitor.texts(shared.compartment.id) == ["first"])
  }

  /// Nil when it was answered, and taken.
  private func rescues(_ change: Change, _ device: HandDevice) throws -> ExchangeReply? {
    let page = Page(
      compartments: [shared.compartment], items: [.change(shared.compartment.id, change)])
    var request = device.request()
    request.rescued = [
      try SealingKeyPair.seal(
        page.encoded().bytes, to: shared.world.secrets.sealing.publicKey)
    ]
    let reply = try shared.world.exchange(request, from: device.id)
    guard case .answer(let answer) = reply else { return reply }
    #expect(answer.quarantined.isEmpty)
    return nil
  }
}
