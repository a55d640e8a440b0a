import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// Clause 5.5.6: what does not continue what is here is not taken in, and nothing of it.
@Suite("An answer that does not fit")
struct UnfitAnswerTests {
  /// One exchange whose answer is changed on its way.
  private func step(
    _ shared: SharedChild, _ change: (inout ExchangeAnswer) throws -> Void
  ) throws -> AgencyOutcome {
    let visitor = shared.visitor
    let request = try visitor.engine.nextRequest(
      now: shared.world.now, pageBytes: visitor.pageBytes)
    guard case .answer(var answer) = try shared.world.exchange(request, from: visitor.id) else {
      throw Unexpected(reply: "no answer")
    }
    try change(&answer)
    return try visitor.engine.received(.answer(answer), to: request, now: shared.world.now)
  }

  private func expectMended(_ shared: SharedChild, _ text: String) throws {
    for _ in 0..<2 { try shared.visitor.sync(max: 100) }
    #expect(try shared.visitor.texts(shared.compartment.id) == [text])
    #expect(try shared.visitor.digestMatchesHoldings)
    #expect(!shared.visitor.outcomes.contains { $0.kind == .reseeded })
  }

  @Test("a list of holdings that is not of its sum is not believed (directed seed 204797)")
  func listAndSumDiffer() throws {
    let shared = try SharedChild()
    let (world, visitor, id) = (shared.world, shared.visitor, shared.compartment.id)
    try shared.school.save("second", in: shared.compartment)
    try shared.school.sync()
    var request = try visitor.engine.nextRequest(now: world.now)
    let atHub = try #require(try world.engine.store.compartment(id)).vector
    request.holdings = [Holding(compartment: id, vector: atHub)]
    #expect(try world.exchange(request, from: visitor.id) == .needHoldings(epoch: 1))
    try visitor.sync()
    #expect(try visitor.texts(id) == ["second"])
  }

  @Test("a change is missing before another: the list of holdings brings both")
  func gap() throws {
    let shared = try SharedChild()
    try shared.visitor.sync()
    for text in ["second", "third"] { try shared.school.save(text, in: shared.compartment) }
    try shared.school.sync()
    let outcome = try step(shared) { answer in
      try #require(answer.page.items.count == 2)
      answer.page.items.removeFirst()
    }
    #expect(outcome.kind == .holdingsWanted && outcome.needsAnotherNow)
    #expect(outcome.changed.isEmpty)
    #expect(try shared.visitor.texts(shared.compartment.id) == ["first"])
    try expectMended(shared, "third")
  }

  @Test("a compartment is neither here nor described")
  func undescribed() throws {
    let world = try HubWorld()
    let shared = try SharedChild(
      undelivered: "first", world, school: AgencyDevice(world, of: "School"),
      visitor: AgencyDevice(world, of: "Health visitor"))
    let outcome = try step(shared) { answer in
      try #require(!answer.page.compartments.isEmpty)
      answer.page.compartments = []
    }
    #expect(outcome.kind == .holdingsWanted)
    #expect(try shared.visitor.engine.store.compartmentCount() == 0)
    try expectMended(shared, "first")
  }

  @Test("a part of a state came damaged: none of the parts is kept, and all are sent again")
  func damagedPart() throws {
    let world = try HubWorld()
    let long = String(repeating: "many words ", count: 2_000)
    let shared = try SharedChild(
      undelivered: long, world, school: AgencyDevice(world, of: "School"),
      visitor: AgencyDevice(world, of: "Health visitor"))
    shared.visitor.pageBytes = 4_096
    try shared.visitor.step()
    _ = try step(shared) { answer in
      guard
        case .snapshotPart(let id, let digest, let offset, let total, var bytes)? =
          answer.page.items.first
      else { throw Unexpected(reply: "no part") }
      bytes[0] ^= 1
      answer.page.items = [
        .snapshotPart(id, digest: digest, offset: offset, totalBytes: total, bytes: bytes)
      ]
    }
    try expectMended(shared, long)
    #expect(try shared.visitor.engine.store.stagedParts(limit: 1).isEmpty)
  }
}
