import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// After work was set apart a device waits for a state, and replays on it what is unsent.
@Suite("Waiting for a state")
struct WaitingForAStateTests {
  /// What only the hub may write; the state that replaces it is too long for one page.
  private func writeWhatIsSetApart(by device: AgencyDevice, in id: CompartmentID) throws {
    let forged = Write(
      record: AgencyDevice.record, kind: "enquiryAnswer", group: "forged", value: [0x60])
    _ = try device.engine.write(to: id, writes: [forged], author: nil, now: device.world.now)
    device.pageBytes = 512
    try device.step()
    try #require(device.engine.unsentCount == 0)
  }

  @Test("what a lost hub had taken is kept while its state replaces what it set apart")
  func takenBesideSetApart() throws {
    let world = try HubWorld()
    let school = try AgencyDevice(world, of: "School")
    let thread = school.compartment(.desk, child: nil)
    try school.save("question", in: thread)
    let long = String(repeating: "q", count: 2_000)
    try school.save(long, in: thread, group: "long")
    try school.sync()
    let backup = try world.backup()
    try school.save("taken", in: thread, group: "later")
    // The hub is gone before the last part of the state.
    try writeWhatIsSetApart(by: school, in: thread.id)
    try world.restore(backup)
    try school.sync()
    #expect(try school.texts(thread.id, group: "later") == ["taken"])
    let stored = try #require(try world.engine.store.compartment(thread.id))
    let atHub = try world.engine.store.content(of: stored)
    #expect(AgencyDevice.texts(of: atHub, group: "later") == ["taken"])
    #expect(try school.texts(thread.id) == ["question"])
    #expect(try school.texts(thread.id, group: "forged").isEmpty)
    #expect(try school.engine.unsentCount == 0)
    #expect(try school.digestMatchesHoldings)
  }

  @Test("what the hub itself wrote beside it is not sent (directed seed 905070)")
  func hubsOwnBesideSetApart() throws {
    let shared = try SharedChild()
    let (world, school, visitor) = (shared.world, shared.school, shared.visitor)
    // The hub tells the custodian, in a thread of its own.
    try visitor.grant([.share], [.development], to: [visitor.agency], child: shared.child)
    for device in [visitor, school] { try device.sync() }
    let thread = try #require(try school.engine.store.compartments(in: .desk).first)
    try school.save(String(repeating: "q", count: 2_000), in: thread.compartment)
    try school.sync()
    let backup = try world.backup()
    try writeWhatIsSetApart(by: school, in: thread.id)
    try world.restore(backup)
    try school.sync()
    #expect(try world.engine.store.hubQuarantine().isEmpty)
    #expect(try school.texts(thread.id).count == 1)
    #expect(try school.engine.unsentCount == 0)
  }

  /// Directed seeds 204050 and 300301.
  @Test(
    "and also when an order to purge, or the end of the lease, comes before its state",
    arguments: [true, false])
  func takenBesideSetApartAndPurged(isOrdered: Bool) throws {
    let shared = try SharedChild()
    let (world, school, visitor, id) = (
      shared.world, shared.school, shared.visitor, shared.compartment.id
    )
    try visitor.save(String(repeating: "q", count: 2_000), in: shared.compartment, group: "long")
    try visitor.sync()
    let backup = try world.backup()
    try visitor.save("taken", in: shared.compartment, group: "later")
    try writeWhatIsSetApart(by: visitor, in: id)
    try world.restore(backup)
    if isOrdered {
      try school.withdraw(
        [.development], from: .agencies([visitor.agency]), child: shared.child)
      try school.sync()
    } else {
      for _ in 0..<2 { try visitor.step() }
      _ = try visitor.engine.selfPurge(now: world.now)
    }
    for device in [visitor, school] { try device.sync() }
    // After the end of a lease it comes back: the family still consents.
    #expect(try (visitor.engine.store.compartment(id) == nil) == isOrdered)
    #expect(try visitor.engine.store.rescued().isEmpty)
    #expect(!visitor.outcomes.contains { $0.kind == .reseeded })
    // What was sealed is set apart by a hub that may have forgotten a copy's words.
    let apart = try world.engine.store.hubQuarantine().flatMap(\.change.writes).map(\.group)
    #expect(try apart.contains("later") || school.texts(id, group: "later") == ["taken"])
    #expect(!apart.contains("forged"))
    #expect(try school.texts(id, group: "forged").isEmpty)
    #expect(try school.texts(id) == ["first"])
  }

  @Test("a copy of what waits for a state is purged too (directed seed 206320)")
  func copyWaitingForAState() throws {
    let world = try HubWorld()
    let folder = try TemporaryFolder()
    let visitor = try AgencyDevice(world, of: "Health visitor", folder: folder.path)
    let shared = try SharedChild(
      world, school: AgencyDevice(world, of: "School"), visitor: visitor)
    let id = shared.compartment.id
    try visitor.save(String(repeating: "q", count: 2_000), in: shared.compartment, group: "long")
    try visitor.sync()
    try writeWhatIsSetApart(by: visitor, in: id)
    let copy = try folder.copy()
    let twin = try AgencyDevice(world, reopening: AgencyDevice.makeStore(folder: copy.path))
    // As if nothing of the state had come yet.
    try twin.engine.store.unstage(
      try #require(try twin.engine.store.compartment(id)).number)
    try shared.school.withdraw(
      [.development], from: .agencies([visitor.agency]), child: shared.child)
    for device in [shared.school, visitor, twin] { try device.sync() }
    try #require(twin.outcomes.contains { $0.kind == .reseeded })
    for device in [visitor, twin] {
      #expect(try device.engine.store.compartment(id) == nil)
    }
  }
}
