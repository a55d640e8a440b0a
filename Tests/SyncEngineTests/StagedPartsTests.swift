import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

@Suite("A large state on its way")
struct StagedPartsTests {
  /// A visitor that has the first part of a long record of the school's.
  private func begun(
    instead earlier: [String] = [], isFirstLost: Bool = false
  ) throws -> SharedChild {
    let world = try HubWorld()
    let words = earlier + [String(repeating: "many words ", count: 4_000)]
    let shared = try SharedChild(
      undelivered: words[0], world, school: AgencyDevice(world, of: "School"),
      visitor: AgencyDevice(world, of: "Health visitor"))
    if isFirstLost { try shared.visitor.step(.replyLost) }
    for later in words.dropFirst() { try shared.school.save(later, in: shared.compartment) }
    try shared.school.sync()
    shared.visitor.pageBytes = 4_096
    for _ in 0..<2 { try shared.visitor.step() }
    try #require(
      try shared.visitor.engine.store.stagedParts(limit: 10).map(\.compartment)
        == [shared.compartment.id])
    return shared
  }

  private func expectPurged(_ shared: SharedChild) throws {
    let (store, hub) = (shared.visitor.engine.store, shared.world.engine.store)
    let id = shared.compartment.id
    #expect(try store.stagedParts(limit: 10).isEmpty)
    #expect(try store.compartment(id) == nil)
    #expect(try hub.receiptCount() == 1)
    let open = try hub.ledger(of: shared.child)
      .filter { $0.compartment == id && $0.untilMilliseconds == nil && $0.basis != "own record" }
    #expect(open.isEmpty)
  }

  @Test("withdrawn between two parts: what has come is revoked, purged and receipted")
  func withdrawnBetweenParts() throws {
    let shared = try begun()
    let recipients = Recipients.agencies([shared.visitor.agency])
    try shared.school.withdraw([.development], from: recipients, child: shared.child)
    for device in [shared.school, shared.visitor] { try device.sync() }
    try expectPurged(shared)
  }

  @Test(
    "begun anew it is on the books, though the receipt of before came twice (directed seed 10030)",
    arguments: [false, true])
  func begunAnew(isWithdrawn: Bool) throws {
    let shared = try begun()
    let (world, school, visitor) = (shared.world, shared.school, shared.visitor)
    let words = String(repeating: "more words ", count: 4_000)
    let other = school.compartment(.development, child: shared.child)
    for record in [other, shared.compartment] {
      try school.save(words, in: record, group: "more")
      try school.sync()
    }
    try visitor.step()
    try #require(try visitor.engine.store.stagedParts(limit: 10).count == 2)
    let recipients = Recipients.agencies([visitor.agency])
    let first = try school.withdraw([.development], from: recipients, child: shared.child)
    try school.sync()
    try visitor.step()
    try school.grant(
      [.share], [.development], to: [visitor.agency], child: shared.child, supersedes: [first.id])
    try school.sync()
    // Asked again, the hub begins with the other one; the device hears the first answer alone.
    let request = try visitor.engine.nextRequest(now: world.now, pageBytes: visitor.pageBytes)
    try #require(request.purgeReceipts.count == 2)
    let answer = try world.exchange(request, from: visitor.id)
    _ = try world.exchange(request, from: visitor.id)
    _ = try visitor.engine.received(answer, to: request, now: world.now)
    let parts = try visitor.engine.store.stagedParts(limit: 10).map(\.compartment)
    let begun = try #require([shared.compartment, other].first { [$0.id] == parts })
    if isWithdrawn {
      try school.withdraw([.development], from: recipients, child: shared.child)
      for device in [school, visitor] { try device.sync() }
      #expect(try visitor.engine.store.compartmentCount() == 0)
      #expect(try visitor.engine.store.stagedParts(limit: 10).isEmpty)
    } else {
      try visitor.save("own", in: begun, group: "own")
      world.now += 61 * 86_400_000
      _ = try visitor.engine.selfPurge(now: world.now)
      for device in [visitor, school] { try device.sync() }
      #expect(try world.engine.store.hubQuarantine().isEmpty)
      #expect(try school.texts(begun.id, group: "own") == ["own"])
    }
  }

  @Test(
    "who writes into it is sent the state all the same, not its history (directed seed 3)",
    arguments: [false, true])
  func writtenInto(isOnTheBooks: Bool) throws {
    // By an answer that was lost, which brought it whole (directed seed 25389).
    let shared = try begun(instead: ["before"], isFirstLost: isOnTheBooks)
    let (world, visitor, id) = (shared.world, shared.visitor, shared.compartment.id)
    let own = try visitor.save("own", in: shared.compartment, group: "own")
    for _ in 0..<20 {
      let request = try visitor.engine.nextRequest(now: world.now, pageBytes: visitor.pageBytes)
      let reply = try world.exchange(request, from: visitor.id)
      guard case .answer(let answer) = reply else { throw Unexpected(reply: "\(reply)") }
      for case .change(_, let change) in answer.page.items { #expect(change.dot == own) }
      _ = try visitor.engine.received(reply, to: request, now: world.now)
    }
    try shared.school.sync()
    for device in [visitor, shared.school] {
      #expect(try device.texts(id).map { $0.prefix(4) } == ["many"])
      #expect(try device.texts(id, group: "own") == ["own"])
    }
  }

  @Test(
    "what a device has in part it lists, so that it can be revoked (seed 1040, directed)",
    arguments: [false, true])
  func listed(isLocked: Bool) throws {
    let shared = try begun()
    let hub = shared.world.engine.store
    let stored = try #require(try hub.compartment(shared.compartment.id))
    // As after a request that arrived twice: another reply brought all of it, and was lost.
    var hold = try #require(
      try hub.hubHolds(ofCompartment: stored.number).first { $0.vector.isEmpty })
    var run = try #require(try hub.incarnation(number: hold.incarnation))
    hold.vector = stored.vector
    run.digest = run.digest.adding(stored.id, hold.vector)
    try hub.transaction {
      try hub.save(hold)
      try hub.save(run)
    }
    let recipients = Recipients.agencies([shared.visitor.agency])
    try shared.school.withdraw([.development], from: recipients, child: shared.child)
    try shared.school.sync()
    if isLocked { shared.visitor.engine.lock() }
    try shared.visitor.sync()
    try expectPurged(shared)
  }
}
