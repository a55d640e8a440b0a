import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

@Suite("The books say why each copy was to go, and whether it has gone")
struct WithdrawalBooksTests {
  private static let day: UInt64 = 86_400_000

  @Test("a withdrawal stands with its entry, open until the receipt; given and taken again, anew")
  func withdrawn() throws {
    let shared = try SharedChild()
    var decided: [PolicyID] = []
    for round in 1...2 {
      let entry = try shared.school.withdraw(
        [.development], from: .agencies([shared.visitor.agency]), child: shared.child)
      try shared.school.sync()
      decided.append(entry.id)
      let open = try books(shared.world, openOnly: true)
      #expect(open.map(\.cause.policy) == [entry.id], "round \(round)")
      #expect(open.first?.cause.kind == "withdrawal" && open.first?.compartments == 1)
      #expect(open.first?.cause.child == shared.child)
      #expect(open.first?.categories == [.development])
      #expect(try progress(shared.world, open[0]) == [Progress(waiting: 1, confirmed: 0)])
      try shared.visitor.sync()
      #expect(try books(shared.world, openOnly: true).isEmpty)
      #expect(try progress(shared.world, open[0]) == [Progress(waiting: 0, confirmed: 1)])
      try shared.school.grant(
        [.share], [.development], to: [shared.visitor.agency], child: shared.child,
        supersedes: Set(decided))
      try shared.school.sync()
      try shared.visitor.sync()
    }
    #expect(try books(shared.world).map(\.cause.policy) == decided.reversed())
  }

  @Test("what ran out names what ran out; a lock and an erasure name themselves")
  func otherCauses() throws {
    let shared = try SharedChild()
    let world = shared.world
    let other = try AgencyDevice(world, of: "Housing")
    let grant = try shared.school.grant(
      [.share], [.development], to: [other.agency], child: shared.child,
      until: world.now + Self.day)
    try shared.school.sync()
    try other.sync()
    world.now += Self.day
    try world.engine.store.transaction { try world.engine.expire(now: world.now) }
    let expiry = try books(world, openOnly: true)
    #expect(expiry.map(\.cause.kind) == ["expiry"])
    #expect(expiry.first?.cause.policy == grant.id && expiry.first?.cause.child == shared.child)

    let lock = try world.operatorRecords(.agreementLock(shared.visitor.agency))
    let erasure = try world.operatorRecords(.erase(reason: "asked"), of: shared.child)
    let all = try books(world, openOnly: true)
    #expect(all.map(\.cause.kind) == ["erase", "agreement lock", "expiry"])
    #expect(all.map(\.cause.policy) == [erasure.id, lock.id, grant.id])
    #expect(all.map(\.cause.child) == [shared.child, nil, shared.child])
    // An erasure reaches the custodian too; the others have been ordered already.
    #expect(try progress(world, all[0]) == [Progress(waiting: 1, confirmed: 0)])
    for device in [shared.school, shared.visitor, other] { try device.sync() }
    #expect(try books(world, openOnly: true).isEmpty)
    #expect(try books(world).count == 3)
  }

  @Test("who says that it holds what its agency was to destroy is put to the same withdrawal")
  func reported() throws {
    let world = try HubWorld()
    let folder = try TemporaryFolder()
    let visitor = try AgencyDevice(world, of: "Health visitor", folder: folder.path)
    let shared = try SharedChild(
      world, school: AgencyDevice(world, of: "School"), visitor: visitor)
    let copy = try folder.copy()
    try shared.school.withdraw(
      [.development], from: .agencies([shared.visitor.agency]), child: shared.child)
    try shared.school.sync()
    try shared.visitor.sync()
    #expect(try books(shared.world, openOnly: true).isEmpty)
    // An old state of its disk comes back, and starts over as a run of its own.
    let old = try AgencyDevice(world, reopening: AgencyDevice.makeStore(folder: copy.path))
    try old.step()
    try old.step()
    let open = try books(shared.world, openOnly: true)
    #expect(open.map(\.cause.kind) == ["withdrawal"])
    try old.sync()
    #expect(try books(shared.world, openOnly: true).isEmpty)
    #expect(try books(shared.world).count == 1)
  }

  private struct Progress: Equatable {
    let waiting: Int
    let confirmed: Int
  }

  private func progress(_ world: HubWorld, _ withdrawal: HubWithdrawal) throws -> [Progress] {
    try world.engine.store.devices(ofWithdrawal: withdrawal.number).map {
      Progress(waiting: $0.waiting, confirmed: $0.confirmed)
    }
  }

  private func books(_ world: HubWorld, openOnly: Bool = false) throws -> [HubWithdrawal] {
    try world.engine.store.withdrawals(openOnly: openOnly, before: .max, limit: 100)
  }
}
