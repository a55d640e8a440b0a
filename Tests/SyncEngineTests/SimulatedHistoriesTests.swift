import CaseRecords
import Causality
import Cryptography
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// Histories that the simulator found, shrunk, each with its seed.
@Suite("What the simulator found")
struct SimulatedHistoriesTests {
  private let world: HubWorld
  private let school: AgencyDevice
  private let visitor: AgencyDevice

  init() throws {
    world = try HubWorld()
    school = try AgencyDevice(world, of: "School")
    visitor = try AgencyDevice(world, of: "Health visitor")
    for device in [school, visitor] { try device.sync() }
  }

  @discardableResult
  private func share() throws -> SharedChild {
    try SharedChild(undelivered: "first", world, school: school, visitor: visitor)
  }

  @Test("that two names are one write is said again when the first of them arrives (seed 396)")
  func aliasBeforeItsOriginal() throws {
    let shared = try share()
    try visitor.sync()
    let own = visitor.compartment(.development, child: shared.child)
    try visitor.save("once", in: own)
    try visitor.step(.replyLost)
    let backup = try world.backup()
    // Nothing is let out before the school has been heard.
    try world.restore(backup, isJournalComplete: false)
    try visitor.sync()
    try school.sync()
    try visitor.sync()
    #expect(try visitor.texts(own.id) == ["once"])
    let stored = try #require(try world.engine.store.compartment(own.id))
    #expect(try visitor.engine.store.compartment(own.id)?.vector == stored.vector)
  }

  @Test("what a restored hub is given back of an erased child is erased when all have (seed 330)")
  func erasedBeforeItWasGivenBack() throws {
    let backup = try world.backup()
    let shared = try share()
    try visitor.sync()
    try world.restore(backup, isJournalComplete: false)
    try world.operatorRecords(.erase(reason: "asked for"), of: shared.child)
    let (hub, id) = (world.engine.store, shared.compartment.id)
    for _ in 0..<8 {
      for device in [visitor, school] {
        try device.step()
        #expect(try !hub.isErased(id) || hub.compartment(id) == nil)
      }
    }
    for store in [hub, visitor.engine.store, school.engine.store] {
      #expect(try store.compartment(id) == nil)
    }
  }

  @Test("an erasure reaches the holder whom a restored hub has forgotten (seed 422)")
  func erasedWhileForgotten() throws {
    let shared = try share()
    let backup = try world.backup()
    try visitor.sync()
    try #require(try visitor.texts(shared.compartment.id) == ["first"])
    try world.restore(backup)
    try school.engine.addPolicy(school.entry(.erase(reason: "asked for"), child: shared.child))
    try school.sync()
    try #require(try world.engine.store.isErased(shared.compartment.id))
    try visitor.sync()
    #expect(try visitor.engine.store.compartment(shared.compartment.id) == nil)
    #expect(try visitor.digestMatchesHoldings)
  }

  @Test("what comes again with other holdings than before is a copy, not a retry (seed 305)")
  func retryWithOtherHoldings() throws {
    let folder = try TemporaryFolder()
    let original = try AgencyDevice(world, of: "Youth team", folder: folder.path)
    let shared = try share()
    try school.grant([.share], [.development], to: [original.agency], child: shared.child)
    try school.sync()
    try original.sync()
    let copy = try folder.copy()
    let twin = try AgencyDevice(world, reopening: AgencyDevice.makeStore(folder: copy.path))
    for (device, words) in [(original, "second"), (twin, "third"), (original, "fourth")] {
      try school.save(words, in: shared.compartment)
      try school.sync()
      try device.step()
    }
    // Asked for its list, the original sends it; then the twin comes with the token before.
    for device in [original, twin] { try device.step() }
    #expect([original, twin].contains { $0.outcomes.contains { $0.kind == .reseeded } })
    for device in [original, twin, original, twin] { try device.sync() }
    for device in [original, twin] {
      #expect(try device.texts(shared.compartment.id) == ["fourth"])
      #expect(try device.step()?.kind == .answered)
    }
  }

  @Test("a custodian hears of what others decide when the hub has no copy left (seed 474)")
  func keptAgainByOthers() throws {
    let index = try letGo()
    try visitor.engine.addPolicy(
      visitor.entry(
        .override(
          OverrideTerms(
            categories: [.index], recipients: [visitor.agency], reason: "risk",
            decidedBy: "A. Head", untilMilliseconds: world.now + 3_600_000, significantHarm: true,
            authorisedRole: true)), child: index.child))
    for device in [visitor, school, visitor] { try device.sync() }
    #expect(try visitor.texts(index.id) == ["first"])
  }

  /// Of another agency, in a folder that can be copied; the school shares the child with it.
  private func copyable(_ shared: SharedChild) throws -> (AgencyDevice, TemporaryFolder) {
    let folder = try TemporaryFolder()
    let device = try AgencyDevice(world, of: "Youth team", folder: folder.path)
    try school.grant([.share], [.development], to: [device.agency], child: shared.child)
    try school.sync()
    try device.sync()
    return (device, folder)
  }

  private func reopen(_ folder: TemporaryFolder) throws -> AgencyDevice {
    try AgencyDevice(world, reopening: AgencyDevice.makeStore(folder: folder.path))
  }

  @Test("a copy that purged nothing is not taken for one that did (seed 33)")
  func receiptOfTheOriginal() throws {
    let shared = try share()
    let (original, folder) = try copyable(shared)
    let copy = try folder.copy()
    let twin = try reopen(copy)
    try school.withdraw(
      [.development], from: .agencies([original.agency]), child: shared.child)
    for device in [school, original, twin, twin] { try device.sync() }
    for device in [original, twin] {
      #expect(try device.engine.store.compartment(shared.compartment.id) == nil)
    }
  }

  @Test("a holder whom nobody knew of lets go when the hub has destroyed its copy (seed 1120)")
  func unknownHolderOfADestroyedCopy() throws {
    let shared = try share()
    let (original, folder) = try copyable(shared)
    let copy = try folder.copy()
    try original.save("moved on", in: shared.compartment, group: "b")
    for device in [original, school] { try device.sync() }
    try school.withdraw([.development], from: .everyone, child: shared.child)
    for _ in 0..<3 { for device in [school, original] { try device.sync() } }
    try #require(try world.engine.store.compartment(shared.compartment.id) == nil)
    let twin = try reopen(copy)
    try twin.save("unsent", in: shared.compartment, group: "c")
    for _ in 0..<2 { try twin.sync() }
    #expect(try twin.engine.store.compartment(shared.compartment.id) == nil)
    #expect(try world.engine.store.hubQuarantine().map(\.reason) == [.notHeld])
    #expect(try school.texts(shared.compartment.id) == ["first"])
  }

  @Test("a copy that starts over at a restored hub uses no dot that the hub forgot (seed 698)")
  func startsOverAtARestoredHub() throws {
    let shared = try share()
    let (original, folder) = try copyable(shared)
    let copy = try folder.copy()
    let twin = try reopen(copy)
    for words in ["original", "and more"] {
      try original.save(words, in: shared.compartment, group: "a")
      try original.sync()
    }
    try twin.save("one", in: shared.compartment, group: "a")
    try twin.step()
    try #require(twin.outcomes.last?.kind == .reseeded)
    let (older, backup) = (try copy.copy(), try world.backup())
    try twin.save("two", in: shared.compartment, group: "b")
    for device in [twin, school] { try device.sync() }
    let restored = try reopen(older)
    try world.restore(backup)
    try restored.save("other", in: shared.compartment, group: "b")
    for _ in 0..<2 { for device in [restored, school] { try device.sync() } }
    for device in [restored, school] {
      #expect(try device.texts(shared.compartment.id, group: "b") == ["other", "two"])
    }
  }

  @Test("a device gives its own record back also when a late message spoke for it (seed 724)")
  func spokenForByALateMessage() throws {
    let backup = try world.backup()
    try share()
    try visitor.sync()
    try world.restore(backup)
    try visitor.step()
    try #require(visitor.outcomes.last?.kind == .recovering)
    let late = try visitor.engine.nextRequest(now: world.now)
    try visitor.sync()
    let own = visitor.compartment(.index, child: ChildID(using: &world.random))
    try visitor.save("own", in: own)
    try visitor.sync()
    try world.restore(backup, epoch: 3)
    for _ in 0..<2 { _ = try world.exchange(late, from: visitor.id) }
    try visitor.sync()
    let stored = try #require(try world.engine.store.compartment(own.id))
    #expect(
      AgencyDevice.texts(of: try world.engine.store.content(of: stored), group: "text") == ["own"])
  }

  /// An index entry of the school's, of which the hub has let go.
  private func letGo() throws -> Compartment {
    let index = school.compartment(.index, child: ChildID(using: &world.random))
    let other = school.compartment(.index, child: ChildID(using: &world.random))
    for (words, compartment) in [("first", index), ("of another child", other)] {
      try school.save(words, in: compartment)
      try school.sync()
    }
    let child = try #require(index.child)
    try visitor.withdraw([.index], from: .everyone, child: child)
    for device in [visitor, school] { try device.sync() }
    try #require(try world.engine.store.compartment(index.id) == nil)
    return index
  }

  @Test("an erasure reaches the record of which the hub has let go (seed 968)")
  func erasedAfterTheHubLetGo() throws {
    let index = try letGo()
    try world.operatorRecords(.erase(reason: "asked for"), of: index.child)
    try school.sync()
    #expect(try school.engine.store.compartment(index.id) == nil)
    #expect(try school.digestMatchesHoldings)
  }

  @Test("an erasure that the hub refuses destroys nothing here")
  func refusedErasure() throws {
    let shared = try share()
    let notes = visitor.compartment(.private, child: shared.child)
    try visitor.save("notes", in: notes)
    try visitor.engine.addPolicy(visitor.entry(.erase(reason: "a slip"), child: shared.child))
    _ = try visitor.engine.purgeDrained(now: world.now)
    try visitor.sync()
    try #require(visitor.outcomes.contains { !$0.refusedPolicy.isEmpty })
    #expect(try visitor.texts(notes.id) == ["notes"])
  }

  @Test("a record begun anew from an older device takes nothing from a newer one (seed 78)")
  func begunAnewFromLess() throws {
    let folder = try TemporaryFolder()
    let second = try AgencyDevice(world, of: "School", folder: folder.path)
    let index = school.compartment(.index, child: ChildID(using: &world.random))
    let other = school.compartment(.index, child: ChildID(using: &world.random))
    try school.save("first", in: index)
    for device in [school, second] { try device.sync() }
    let older = try folder.copy()
    for (words, compartment) in [("later", index), ("of another child", other)] {
      try school.save(words, in: compartment, group: "b")
      for device in [school, second] { try device.sync() }
    }
    let child = try #require(index.child)
    let withdrawal = try visitor.withdraw([.index], from: .everyone, child: child)
    for device in [visitor, school, second] { try device.sync() }
    try #require(try world.engine.store.compartment(index.id) == nil)
    try visitor.grant(
      [.store, .index], [.index], to: [.hub], child: child, supersedes: [withdrawal.id])
    try visitor.sync()
    let restored = try reopen(older)
    for _ in 0..<2 { for device in [restored, school, second] { try device.sync() } }
    for device in [restored, school, second] {
      #expect(try device.texts(index.id) == ["first"])
      #expect(try device.texts(index.id, group: "b") == ["later"])
    }
  }

  @Test("nobody leads by a record of which the hub has let go (seed 1284)")
  func factsOfADestroyedRecord() throws {
    let child = ChildID(using: &world.random)
    let index = school.compartment(.index, child: child)
    let plan = school.compartment(.plan, child: child)
    let lead = RecordID(using: &world.random)
    try school.grant([.store], [.plan], to: [.hub], child: child)
    let groups = [
      ("acceptance", GroupValue.one("accepted", "accepted")),
      ("lead", GroupValue.one("name", "A. Lead").setting("agency", visitor.agency)),
    ]
    _ = try school.engine.write(
      creating: index,
      writes: groups.map {
        Write(record: lead, kind: "leadProfessional", group: $0.0, value: $0.1.encoded())
      }, author: AgencyDevice.author, now: world.now)
    try school.save("the plan", in: plan)
    for device in [school, visitor] { try device.sync() }
    try #require(try visitor.texts(plan.id) == ["the plan"])
    try school.withdraw([.index], from: .everyone, child: child)
    for _ in 0..<3 { for device in [school, visitor] { try device.sync() } }
    try #require(try world.engine.store.compartment(index.id) == nil)
    for device in [visitor, school] { try device.sync() }
    #expect(try visitor.engine.store.compartment(plan.id) == nil)
  }

  @Test("a form from before a renaming supersedes no words of a copy's (seeds 3253, 4091)")
  func formFromBeforeARenaming() throws {
    let shared = try share()
    let folder = try TemporaryFolder()
    let original = try AgencyDevice(world, of: "Health visitor", folder: folder.path)
    try original.sync()
    try original.save("before", in: shared.compartment, group: "a")
    try original.sync()
    let copy = try folder.copy()
    let twin = try reopen(copy)
    for words in ["original", "more"] {
      try original.save(words, in: shared.compartment, group: words)
      try original.sync()
    }
    // Under the same dot as "original", then a form that has seen it.
    let dot = try twin.save("twin", in: shared.compartment, group: "original")
    let seen = try #require(try twin.engine.store.compartment(shared.compartment.id)).vector
    #expect(seen.contains(dot))
    for _ in 0..<3 { try twin.sync() }
    try #require(twin.outcomes.contains { $0.kind == .reseeded })
    try twin.save("from the form", in: shared.compartment, group: "original", seen: seen)
    for _ in 0..<2 { for device in [twin, original, school] { try device.sync() } }
    for device in [twin, original, school] {
      #expect(
        try device.texts(shared.compartment.id, group: "original") == ["from the form", "original"])
    }
  }

  @Test("a sensitive service knows that an override without harm keeps nothing (seed 7055)")
  func overrideOfASensitiveService() throws {
    let hand = try world.device(of: "Clinic", sensitive: true)
    let store = try AgencyDevice.makeStore()
    try AgencyEngine.enrol(
      store,
      as: AgencyIdentity(
        device: hand.id, secret: [UInt8](repeating: 3, count: 32), agency: hand.agency,
        agencyName: "Clinic", hubPublicKey: world.secrets.sealing.publicKey, isSensitive: true),
      epoch: 1, leaseDays: 30, now: world.now, random: &world.random)
    let clinic = try AgencyDevice(world, reopening: store)
    let plan = clinic.compartment(.plan, child: ChildID(using: &world.random))
    try clinic.engine.addPolicy(
      clinic.entry(
        .override(
          OverrideTerms(
            categories: [.plan], recipients: [visitor.agency], reason: "risk",
            decidedBy: "A. Head", untilMilliseconds: world.now + 3_600_000, significantHarm: false,
            authorisedRole: true)), child: plan.child))
    try clinic.save("kept here", in: plan)
    #expect(
      try clinic.engine.status(of: plan.id, now: world.now) == .heldHere(.noConsentToStore))
  }
}
