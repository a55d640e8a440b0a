import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import Testing

/// What an agency wrote while it had the right to, and the hub forgot, comes back when the right is
/// gone: it may be nowhere else.
@Suite("A former holder and a restored hub")
struct FormerHolderTests {
  enum Loss: CaseIterable { case withdrawal, expiry, agreementLock }

  @Test("get together what was written before (seeds 6389, 6441, 7181)", arguments: Loss.allCases)
  func givesBack(_ loss: Loss) throws {
    let world = try HubWorld()
    let school = try AgencyDevice(world, of: "School")
    let visitor = try AgencyDevice(world, of: "Health visitor")
    let child = ChildID(using: &world.random)
    let record = school.compartment(.development, child: child)
    try school.grant([.store], [.development], to: [.hub], child: child)
    try school.grant(
      [.share], [.development], to: [visitor.agency], child: child,
      until: loss == .expiry ? world.now + 3_600_000 : nil)
    try school.save("first", in: record)
    for device in [school, visitor] { try device.step() }
    let backup = try world.backup()
    for device in [school, visitor] { try device.sync() }
    try visitor.save("seen in the kitchen", in: record, group: "b")
    try visitor.sync()
    try world.restore(backup)
    switch loss {
    case .withdrawal:
      try school.withdraw([.development], from: .everyone, child: child, purposes: [.share])
    case .expiry: world.now += 3_600_000
    case .agreementLock: try world.operatorRecords(.agreementLock(visitor.agency))
    }
    for _ in 0..<2 { for device in [school, visitor] { try device.sync() } }
    #expect(try visitor.engine.store.compartment(record.id) == nil)
    #expect(try school.texts(record.id, group: "b") == ["seen in the kitchen"])
  }
}
