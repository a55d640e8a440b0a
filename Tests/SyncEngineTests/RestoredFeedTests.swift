import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// A restored hub counts its policy feeds anew: what devices saw belongs to the hub of before.
@Suite("The policy feed of a restored hub")
struct RestoredFeedTests {
  private let world: HubWorld
  private let school: AgencyDevice
  private let visitor: AgencyDevice

  init() throws {
    world = try HubWorld()
    school = try AgencyDevice(world, of: "School")
    visitor = try AgencyDevice(world, of: "Health visitor")
    for device in [school, visitor] { try device.sync() }
  }

  @Test("is told from the start, also to who has seen further (seed 100069)")
  func isToldFromTheStart() throws {
    let child = ChildID(using: &world.random)
    let index = school.compartment(.index, child: child)
    let backup = try world.backup()
    try school.grant([.share, .index], [.index], to: [visitor.agency], child: child)
    try school.save("only here", in: index)
    try school.sync()
    world.journal.lines = []
    try world.restore(backup, isJournalComplete: false)
    // The hub hears of this first, so the grant is refused, and the record is not kept.
    try visitor.withdraw([.index], from: .everyone, child: child)
    for device in [visitor, school] { try device.sync() }
    try #require(try world.engine.store.compartment(index.id) == nil)
    #expect(
      try school.engine.status(of: index.id, now: world.now) == .heldHere(.noConsentToStore))
  }

  @Test(
    "tells also of a child whose record the hub is not given back, by all its names (seed 941280)")
  func heldBack() throws {
    let (first, second) = (ChildID(using: &world.random), ChildID(using: &world.random))
    try visitor.engine.addPolicy(visitor.entry(.alias(other: second), child: first))
    try visitor.withdraw([.index], from: .everyone, child: second)
    try visitor.sync()
    let backup = try world.backup()
    try school.withdraw([.plan], from: .everyone, child: first)
    let record = school.compartment(.index, child: second)
    try school.save("kept here", in: record)
    try school.sync()
    try #require(
      try school.engine.status(of: record.id, now: world.now) == .heldHere(.noConsentToStore))
    try world.operatorRecords(.erase(reason: "asked for"), of: first)
    try world.restore(backup, isJournalComplete: true)
    for device in [school, visitor, school] { try device.sync() }
    #expect(try school.engine.store.compartments(of: second).isEmpty)
    #expect(try world.engine.store.compartment(record.id) == nil)
  }

  @Test("is taken at the next position, and at the first of a later start")
  func follows() {
    let start: UInt64 = 1 << 32
    for (position, seen) in [
      (1, 0), (2, 1), (start + 1, 0), (start + 1, 7), (start + 2, start + 1),
      (3 * start + 1, start + 9),
    ] as [(UInt64, UInt64)] {
      #expect(delivery(at: position).follows(seen), "\(position) after \(seen)")
    }
    for (position, seen) in [
      (2, 0), (2, 2), (1, 2), (start + 2, 7), (start + 1, 3 * start + 9), (start, 0),
      (start + 1, start + 1),
    ] as [(UInt64, UInt64)] {
      #expect(!delivery(at: position).follows(seen), "\(position) after \(seen)")
    }
  }

  private func delivery(at position: UInt64) -> PolicyDelivery {
    PolicyDelivery(
      position: position, entry: school.entry(.erase(reason: ""), child: ChildID(high: 1, low: 1)))
  }
}
