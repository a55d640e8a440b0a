import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// A hub restored twice from one backup has forgotten twice, and not the same.
@Suite("A hub restored twice from one backup")
struct RestoredTwiceTests {
  @Test("what it no longer knows for one write stands everywhere or nowhere (directed seed 508247)")
  func twoNames() throws {
    let world = try HubWorld()
    let school = try AgencyDevice(world, of: "School")
    let visitor = try AgencyDevice(world, of: "Health visitor")
    let child = ChildID(using: &world.random)
    let compartment = school.compartment(.development, child: child)
    try school.grant([.store], [.development], to: [.hub], child: child)
    try school.grant([.share], [.development], to: [visitor.agency], child: child)
    try school.sync()
    try school.save("first", in: compartment)
    // Taken under the first name, which is in the backup; the answer is lost.
    try school.step(.replyLost)
    let backups = [try world.backup(), try world.backup()]
    try world.restore(backups[0], isJournalComplete: false)
    // Renamed by the restore: the hub knows it under two names now, the school under the second.
    while try school.engine.unsentCount > 0 { try school.step() }
    try visitor.sync()
    try #require(try visitor.texts(compartment.id) == ["first"])
    try world.restore(backups[1], epoch: 3, isJournalComplete: false)
    try school.save("second", in: compartment)
    for device in [school, visitor, school, visitor] { try device.sync() }
    let stored = try #require(try world.engine.store.compartment(compartment.id))
    let atHub = AgencyDevice.texts(of: try world.engine.store.content(of: stored), group: "text")
    #expect(atHub.contains("second"))
    for device in [school, visitor] {
      #expect(try device.texts(compartment.id) == atHub)
      #expect(try device.engine.unsentCount == 0 && device.digestMatchesHoldings)
    }
  }
}
