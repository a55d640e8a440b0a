import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// Histories that the simulator found, shrunk: an older hub meets devices that know more than it.
@Suite("A restored hub among copies of devices")
struct RestoredWithCopiesTests {
  /// A shared child whose visitor works in a folder that can be copied.
  private struct District {
    let folder: TemporaryFolder
    let shared: SharedChild
    var world: HubWorld { shared.world }
    var id: CompartmentID { shared.compartment.id }

    init() throws {
      let world = try HubWorld()
      folder = try TemporaryFolder()
      shared = try SharedChild(
        world, school: AgencyDevice(world, of: "School"),
        visitor: AgencyDevice(world, of: "Health visitor", folder: folder.path))
    }

    func reopen(_ folder: TemporaryFolder) throws -> AgencyDevice {
      try AgencyDevice(world, reopening: AgencyDevice.makeStore(folder: folder.path))
    }

    func settle(_ devices: AgencyDevice...) throws {
      for _ in 0..<3 { for device in devices { try device.sync() } }
    }

    func expect(
      _ texts: [String], on devices: AgencyDevice...,
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let hub = world.engine.store
      let stored = try #require(try hub.compartment(id), sourceLocation: sourceLocation)
      let atHub = AgencyDevice.texts(of: try hub.content(of: stored), group: "text")
      #expect(atHub == texts, sourceLocation: sourceLocation)
      for device in devices {
        #expect(try device.texts(id) == texts, sourceLocation: sourceLocation)
        #expect(try device.engine.unsentCount == 0, sourceLocation: sourceLocation)
      }
    }
  }

  @Test("what a twin wrote under the same dots, and the hub forgot, is not overwritten")
  func twinAndOlderHub() throws {
    let district = try District()
    let shared = district.shared
    try shared.visitor.save("before", in: shared.compartment)
    try shared.visitor.sync()
    let backup = try district.world.backup()
    let folder = try district.folder.copy()
    let twin = try district.reopen(folder)
    try shared.visitor.save("original", in: shared.compartment)
    try shared.visitor.sync()
    try shared.school.sync()
    try district.world.restore(backup)
    // The twin's next dot is the one that the hub has forgotten.
    try twin.save("twin", in: shared.compartment)
    try twin.sync()
    try district.settle(shared.visitor, shared.school, twin)
    try district.expect(["original", "twin"], on: shared.visitor, shared.school, twin)
  }

  @Test("a device restored together with the hub does not use its lost dots again")
  func deviceAndHubRestored() throws {
    let district = try District()
    let shared = district.shared
    try shared.visitor.save("before", in: shared.compartment)
    try shared.visitor.sync()
    let backup = try district.world.backup()
    let folder = try district.folder.copy()
    try shared.visitor.save("lost twice", in: shared.compartment)
    try shared.visitor.sync()
    try shared.school.sync()
    let restored = try district.reopen(folder)
    try district.world.restore(backup)
    try restored.sync()
    try restored.save("after", in: shared.compartment)
    try restored.sync()
    try district.settle(shared.school, restored)
    try district.expect(["after", "lost twice"], on: shared.school, restored)
  }

  @Test("unsent work that goes along with a state given back is one write, whatever is lost then")
  func unsentWorkGivenBack() throws {
    let district = try District()
    let shared = district.shared
    let backup = try district.world.backup()
    try shared.visitor.save("committed", in: shared.compartment)
    try shared.visitor.sync()
    try shared.school.sync()
    try district.world.restore(backup)
    try shared.visitor.save("unsent", in: shared.compartment)
    // Told that the hub recovers, and asked for the state; then the answer is lost.
    try shared.visitor.step()
    try shared.visitor.step()
    try shared.visitor.step(.replyLost)
    try district.settle(shared.visitor, shared.school)
    try district.expect(["unsent"], on: shared.visitor, shared.school)
  }

  @Test("a copy that has to start over still gives back what only it has")
  func copyGivesBack() throws {
    let district = try District()
    let shared = district.shared
    try shared.visitor.save("before", in: shared.compartment)
    try shared.visitor.sync()
    let backup = try district.world.backup()
    let folder = try district.folder.copy()
    let twin = try district.reopen(folder)
    try shared.visitor.save("only here", in: shared.compartment)
    try shared.visitor.sync()
    try district.world.restore(backup)
    // The twin stands where the hub does, and gives back nothing for both of them.
    try twin.sync()
    try district.settle(shared.visitor, shared.school, twin)
    try district.expect(["only here"], on: shared.visitor, shared.school, twin)
  }

  @Test("who writes on between starting over and the order to purge loses nothing")
  func writesAfterStartingOver() throws {
    let district = try District()
    let shared = district.shared
    let backup = try district.world.backup()
    try shared.school.withdraw(
      [.development], from: .agencies([shared.visitor.agency]), child: shared.child)
    try district.world.restore(backup)
    try shared.school.sync()
    try shared.visitor.step()
    try shared.visitor.save("unsent", in: shared.compartment, seen: VersionVector())
    try shared.visitor.step(.replyLost)
    try shared.visitor.step()
    #expect(shared.visitor.outcomes.last?.kind == .reseeded)
    try shared.visitor.save("meanwhile", in: shared.compartment, seen: VersionVector())
    try district.settle(shared.visitor, shared.school)
    #expect(try shared.visitor.texts(district.id).isEmpty)
    let hub = district.world.engine.store
    let stored = try #require(try hub.compartment(district.id))
    var found = Set(AgencyDevice.texts(of: try hub.content(of: stored), group: "text"))
    for work in try hub.hubQuarantine() {
      found.formUnion(work.change.writes.compactMap { AgencyDevice.text($0.value) })
    }
    #expect(found.isSuperset(of: ["unsent", "meanwhile"]))
  }

  @Test("what a copy superseded under one name is superseded under the other")
  func supersededUnderOneName() throws {
    let district = try District()
    let shared = district.shared
    try shared.visitor.save("first", in: shared.compartment)
    let folder = try district.folder.copy()
    try shared.visitor.sync()
    let twin = try district.reopen(folder)
    try twin.save("second", in: shared.compartment)
    try district.settle(twin, shared.visitor, shared.school)
    try district.expect(["second"], on: twin, shared.visitor, shared.school)
  }

  @Test("a device whose keys are locked starts over, and renames its work once they are given")
  func startsOverLocked() throws {
    let district = try District()
    let shared = district.shared
    try shared.visitor.save("unsent", in: shared.compartment)
    let folder = try district.folder.copy()
    try shared.visitor.sync()
    try shared.visitor.save("sent", in: shared.compartment, group: "other")
    try shared.visitor.sync()
    let locked = try AgencyDevice(
      district.world, reopening: AgencyDevice.makeStore(folder: folder.path, locked: true))
    for _ in 0..<3 { try locked.step() }
    #expect(locked.outcomes.contains { $0.kind == .reseeded })
    let twin = try district.reopen(folder)
    try district.settle(twin, shared.visitor, shared.school)
    try district.expect(["unsent"], on: twin, shared.visitor, shared.school)
  }

  @Test("a purge at the end of the lease is no receipt for what a restored hub gives anew")
  func receiptOfBefore() throws {
    let district = try District()
    let shared = district.shared
    let backup = try district.world.backup()
    try shared.visitor.save("lost with the hub's disk", in: shared.compartment)
    try shared.visitor.sync()
    _ = try shared.visitor.engine.selfPurge(now: district.world.now)
    try district.world.restore(backup)
    for _ in 0..<8 {
      let request = try shared.visitor.engine.nextRequest(now: district.world.now)
      for receipt in request.purgeReceipts {
        #expect(try shared.visitor.engine.store.compartment(receipt.compartment) == nil)
      }
      try shared.visitor.step()
    }
    try district.settle(shared.visitor, shared.school)
    try district.expect(["first"], on: shared.visitor, shared.school)
  }

  /// What a person wrote at the hub: in the record, or set apart.
  private func found(_ district: District) throws -> Set<String> {
    let hub = district.world.engine.store
    let stored = try #require(try hub.compartment(district.id))
    var found = Set(AgencyDevice.texts(of: try hub.content(of: stored), group: "text"))
    for work in try hub.hubQuarantine() {
      found.formUnion(work.change.writes.compactMap { AgencyDevice.text($0.value) })
    }
    return found
  }

  @Test("rescued work that builds on what a restored hub has forgotten is set apart, not dropped")
  func rescuedWithoutItsGround() throws {
    let district = try District()
    let shared = district.shared
    let backup = try district.world.backup()
    try shared.visitor.save("lost with the hub's disk", in: shared.compartment)
    try shared.visitor.sync()
    try shared.visitor.save("rescued", in: shared.compartment)
    _ = try shared.visitor.engine.selfPurge(now: district.world.now)
    try district.world.restore(backup)
    try district.settle(shared.visitor, shared.school)
    #expect(try found(district).contains("rescued"))
    #expect(try shared.visitor.engine.store.rescued().isEmpty)
  }

  @Test(
    "rescued work of a copy that has to start over is taken once, and does not go round",
    arguments: [false, true])
  func rescuedByACopy(isHubRestored: Bool) throws {
    let district = try District()
    let shared = district.shared
    let backup = try district.world.backup()
    try shared.visitor.save("one", in: shared.compartment)
    let folder = try district.folder.copy()
    let twin = try district.reopen(folder)
    try shared.visitor.sync()
    try shared.visitor.save("two", in: shared.compartment, seen: VersionVector())
    try shared.visitor.sync()
    try twin.save("of the copy", in: shared.compartment, seen: VersionVector())
    _ = try twin.engine.selfPurge(now: district.world.now)
    if isHubRestored {
      // It is given back a state that has other words under the same name (directed seed 1640).
      try district.world.restore(backup)
      try shared.visitor.sync()
    }
    try district.settle(twin, shared.visitor, shared.school)
    #expect(try found(district).isSuperset(of: ["one", "two", "of the copy"]))
    #expect(try twin.engine.store.rescued().isEmpty)
  }

  @Test("a copy that has to start over gives back what it has recorded too (plain seed 108378)")
  func decisionOfACopy() throws {
    let district = try District()
    let (world, shared) = (district.world, district.shared)
    let twin = try district.reopen(try district.folder.copy())
    let backup = try world.backup()
    try shared.visitor.sync()
    let withdrawal = try twin.withdraw(
      [.development], from: .agencies([twin.agency]), child: shared.child)
    try twin.sync()
    try #require(try world.engine.store.hubPolicy(withdrawal.id) != nil)
    world.journal.lines = []
    try world.restore(backup)
    // The original's old token is taken once, and the copy's no more.
    try shared.visitor.sync()
    try twin.sync()
    #expect(twin.outcomes.contains { $0.kind == .reseeded })
    #expect(try world.engine.store.hubPolicy(withdrawal.id) != nil)
  }

  @Test("an answer of the hub before its restore is too late once the restored hub has spoken")
  func answerOfBefore() throws {
    let district = try District()
    let shared = district.shared
    let backup = try district.world.backup()
    try shared.visitor.save("word", in: shared.compartment)
    let visitor = shared.visitor.engine
    let request = try visitor.nextRequest(now: district.world.now)
    #expect(!request.page.isEmpty)
    let late = try district.world.exchange(request, from: shared.visitor.id)
    try district.world.restore(backup)
    visitor.failed()
    try shared.visitor.step()
    #expect(shared.visitor.outcomes.last?.kind == .recovering)
    #expect(try visitor.received(late, to: request, now: district.world.now).kind == .stale)
    try district.settle(shared.visitor, shared.school)
    try district.expect(["word"], on: shared.visitor, shared.school)
  }

  @Test(
    """
    a copy that had to start over lets go of what the hub has no account of, and of which it takes \
    none (directed seed 2371)
    """, arguments: [true, false])
  func copyLetsGo(isCustodianFirst: Bool) throws {
    let world = try HubWorld()
    let folder = try TemporaryFolder()
    let school = try AgencyDevice(world, of: "School")
    let visitor = try AgencyDevice(world, of: "Health visitor", folder: folder.path)
    let early = try folder.copy()
    let backup = try world.backup()
    let shared = try SharedChild(world, school: school, visitor: visitor)
    let id = shared.compartment.id
    try #require(try visitor.texts(id) == ["first"])
    try world.restore(backup)
    try school.withdraw([.development], from: .everyone, child: shared.child)
    if isCustodianFirst { try school.sync() }
    // The same replica before it was given anything: it is heard in the other's place.
    let twin = try AgencyDevice(world, reopening: AgencyDevice.makeStore(folder: early.path))
    for device in [twin, visitor, school, visitor, school] { try device.sync() }
    #expect(visitor.outcomes.contains { $0.kind == .reseeded })
    #expect(try visitor.engine.store.compartment(id) == nil)
    #expect(try world.engine.store.compartment(id) == nil)
    #expect(try school.texts(id) == ["first"])
  }

  @Test("a copy whose keys are locked has not given back its decisions (directed seed 42277)")
  func lockedCopy() throws {
    let district = try District()
    let (world, shared) = (district.world, district.shared)
    let visitor = shared.visitor
    let twin = try district.reopen(try district.folder.copy())
    let backup = try world.backup()
    try visitor.withdraw([.development], from: .agencies([visitor.agency]), child: shared.child)
    try visitor.sync()
    try world.restore(backup, isJournalComplete: false)
    // Without the journal; the copy is heard first, in the other's place.
    try twin.sync()
    let locked = try AgencyDevice(
      world, reopening: AgencyDevice.makeStore(folder: district.folder.path, locked: true))
    for _ in 0..<4 { try locked.step() }
    #expect(locked.outcomes.last?.kind == .recovering)
    let opened = try AgencyDevice(
      world, reopening: AgencyDevice.makeStore(folder: district.folder.path))
    try opened.sync()
    #expect(try world.engine.store.allHubPolicy().contains { $0.entry.kind.isWithdrawal })
  }

  @Test("a copy that names another custodian takes nobody's own record from him")
  func wrongCustodian() throws {
    let world = try HubWorld()
    let school = try AgencyDevice(world, of: "School")
    let nurse = try world.device(of: "Nurse")
    let clinic = try world.device(of: "Clinic")
    let child = ChildID(using: &world.random)
    try nurse.exchange(policy: [
      nurse.grant([.share], [.health], to: [clinic.agency], child: child)
    ])
    try #require(nurse.token != nil)
    let backup = try world.backup()
    let record = school.compartment(.development, child: child)
    try school.grant([.store], [.development], to: [.hub], child: child)
    try school.grant([.share], [.development], to: [nurse.agency], child: child)
    try school.save("first", in: record)
    try school.sync()
    try nurse.exchange()
    let (vector, content) = (
      try #require(nurse.vectors[record.id]), try #require(nurse.contents[record.id])
    )
    // Of which the school has not heard: it gives its record back, and the hub may not take it.
    try clinic.exchange(policy: [
      clinic.withdrawal([.development], from: .everyone, child: child)
    ])
    try world.restore(backup)
    let fork = HandDevice(
      world: world, agency: nurse.agency, id: nurse.id,
      incarnation: IncarnationID(using: &world.random))
    (fork.forkOf, fork.epoch, fork.vectors) = (nurse.incarnation, 2, [record.id: vector])
    var request = fork.request()
    request.isGivingBack = true
    request.holdings = [Holding(compartment: record.id, vector: vector)]
    request.page.compartments = [
      Compartment(
        id: record.id, child: child, category: .development, custodian: clinic.agency)
    ]
    request.page.items = [
      .snapshot(record.id, vector: vector, content: CheckedContent(content))
    ]
    _ = try world.exchange(request, from: nurse.id)
    let number = try #require(try world.engine.store.agency(nurse.agency)).number
    try #require(try world.engine.store.isForeignCopy(record.id, at: number))
    for _ in 0..<2 {
      try school.sync()
      _ = try world.exchange(request, from: nurse.id)
    }
    #expect(try school.texts(record.id) == ["first"])
  }
}

extension PolicyKind {
  fileprivate var isWithdrawal: Bool {
    if case .withdrawal = self { true } else { false }
  }
}
