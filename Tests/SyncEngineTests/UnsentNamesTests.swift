import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// By what names unsent work goes, when the hub may have had it under others: what the simulator
/// found, each with its seed.
@Suite("The names of unsent work")
struct UnsentNamesTests {
  @Test("that two names are one write is also learnt from the change itself (seed 3907)")
  func aliasFromTheChange() throws {
    let shared = try SharedChild()
    let (world, visitor) = (shared.world, shared.visitor)
    let desk = visitor.compartment(.desk, child: nil)
    try visitor.save("once", in: desk)
    let request = try visitor.engine.nextRequest(now: world.now)
    guard case .answer(let lost) = try world.exchange(request, from: visitor.id)
    else {
      Issue.record("no answer")
      return
    }
    // A copy hears the reply in its place, and goes on with its token.
    var copy = request
    copy.token = lost.token
    copy.page = Page()
    _ = try world.exchange(copy, from: visitor.id)
    try #require(try visitor.step()?.kind == .reseeded)
    try visitor.step()
    // That the new name is the old one's is lost as well, and asked for without the keys.
    try visitor.step(.replyLost)
    visitor.engine.lock()
    try visitor.step()
    try visitor.engine.unlock(#require(AgencyDevice.master))
    try visitor.sync()
    #expect(try visitor.texts(desk.id) == ["once"])
  }

  @Test("submitted anew, unsent work still says by what name the hub may know it (seed 1944)")
  func resubmittedUnsentWork() throws {
    let shared = try SharedChild()
    let (world, school) = (shared.world, shared.school)
    let second = try AgencyDevice(world, of: "School")
    try second.sync()
    try second.save("second", in: shared.compartment)
    let request = try second.engine.nextRequest(now: world.now)
    guard case .answer(let lost) = try world.exchange(request, from: second.id) else {
      Issue.record("no answer")
      return
    }
    let withdrawal = try school.withdraw([.development], from: .everyone, child: shared.child)
    try school.grant(
      [.store], [.development], to: [.hub], child: shared.child, supersedes: [withdrawal.id])
    try school.sync()
    try school.save("third", in: shared.compartment)
    try school.sync()
    // A copy of the second device hears the reply in its place, and goes on with its token.
    var copy = request
    copy.token = lost.token
    copy.page = Page()
    _ = try world.exchange(copy, from: second.id)
    for device in [second, school, second] { try device.sync() }
    try #require(second.outcomes.contains { $0.kind == .reseeded })
    for device in [school, second] {
      #expect(try device.texts(shared.compartment.id) == ["third"])
    }
  }

  @Test("submitted anew, what two copies have named goes once (directed seed 1389)")
  func resubmittedBesideACopysName() throws {
    let world = try HubWorld()
    let folder = try TemporaryFolder()
    let school = try AgencyDevice(world, of: "School", folder: folder.path)
    let nurse = try AgencyDevice(world, of: "Nurse")
    let child = ChildID(using: &world.random)
    let record = school.compartment(.development, child: child)
    try school.grant([.store], [.development], to: [.hub], child: child)
    try school.sync()
    try school.save("first", in: record)
    let old = try folder.copy()
    // Both start over before they have sent it, so each gives it a name of its own.
    let copy = try AgencyDevice(world, reopening: AgencyDevice.makeStore(folder: old.path))
    try copy.engine.startOver()
    try copy.sync()
    let withdrawal = try nurse.withdraw([.development], from: .everyone, child: child)
    try nurse.sync()
    try school.engine.startOver()
    try school.sync()
    try #require(try school.texts(record.id) == ["first", "first"])
    try school.grant(
      [.store], [.development], to: [.hub], child: child, supersedes: [withdrawal.id])
    try school.step()
    let number = try #require(try school.engine.store.compartment(record.id)).number
    #expect(try school.engine.store.outboxCount(of: number) == 1)
    for device in [school, copy, school] { try device.sync() }
    for device in [school, copy] { #expect(try device.texts(record.id) == ["first"]) }
  }
}
