import CaseRecords
import Causality
import Cryptography
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// Goal 2: nothing that a person typed is lost.
@Suite("Last words")
struct LastWordsTests {
  @Test("what is saved into a part that was purged since the form was opened is kept and named")
  func formOutlivesThePurge() throws {
    for creates in [false, true] {
      let shared = try SharedChild()
      try shared.school.withdraw(
        [.development], from: .agencies([shared.visitor.agency]), child: shared.child)
      try shared.school.sync()
      try shared.visitor.sync()
      let id = shared.compartment.id
      try #require(try shared.visitor.engine.store.compartment(id) == nil)
      let draft = ChangeDraft(
        to: creates ? .creating(shared.compartment) : .existing(id),
        writes: [shared.visitor.write("typed in an open form")])
      #expect(throws: AgencyError.notHeld(id)) {
        try shared.visitor.engine.save(
          [draft], author: AgencyDevice.author, now: shared.world.now)
      }
      let kept = try shared.visitor.engine.store.quarantinedWork()
      #expect(kept.flatMap(\.change.writes).map(\.value) == draft.writes.map(\.value))
      #expect(kept.map(\.compartment) == [id])
    }
  }

  @Test("begun about a child whose record is erased: all of it is set apart (directed seed 20497)")
  func begunAfterErasure() throws {
    let shared = try SharedChild()
    let nurse = try AgencyDevice(shared.world, of: "Nurse")
    try nurse.sync()
    try shared.school.withdraw([.development], from: .everyone, child: shared.child)
    try shared.school.sync()
    try shared.world.operatorRecords(.erase(reason: "asked for"), of: shared.child)
    let own = nurse.compartment(.development, child: shared.child)
    try nurse.grant([.store], [.development], to: [.hub], child: shared.child)
    try nurse.save("first", in: own)
    // Not in the same page; when its turn comes, the consent has been refused, and of the erasure
    // somebody who has nothing of the child is not told.
    try nurse.save(String(repeating: "more ", count: 2_000), in: own, group: "b")
    nurse.pageBytes = SyncLimits.pageBytesMin
    try nurse.sync()
    let kept = try nurse.engine.store.quarantinedWork()
    #expect(kept.map(\.change.writes[0].group) == ["text", "b"])
    #expect(kept.map(\.reason) == [.erased, .erased])
    #expect(kept.map(\.state) == [.waiting, .hereOnly])
    #expect(try nurse.engine.store.compartment(own.id) == nil && nurse.engine.unsentCount == 0)
    #expect(try shared.world.engine.store.compartment(own.id) == nil && nurse.digestMatchesHoldings)
  }

  @Test("consent to keep it at the hub, withdrawn and given again, brings everything back there")
  func storedAgain() throws {
    let shared = try SharedChild()
    let id = shared.compartment.id
    let withdrawal = try shared.school.withdraw(
      [.development], from: .everyone, child: shared.child)
    try shared.school.sync()
    try shared.visitor.sync()
    try shared.school.sync()
    try #require(try shared.world.engine.store.compartment(id) == nil)
    let status = try shared.school.engine.status(of: id, now: shared.world.now)
    #expect(status == .heldHere(.noConsentToStore))
    try shared.school.grant(
      [.store], [.development], to: [.hub], child: shared.child, supersedes: [withdrawal.id])
    try shared.school.grant(
      [.share], [.development], to: [shared.visitor.agency], child: shared.child,
      supersedes: [withdrawal.id])
    try shared.school.sync()
    try shared.visitor.sync()
    #expect(try shared.visitor.texts(id) == ["first"])
    #expect(try shared.school.digestMatchesHoldings)
  }

  @Test("rescued work that this hub cannot open is kept there, and not forgotten")
  func unreadableRescue() throws {
    let shared = try SharedChild()
    try shared.visitor.save("unsent when the lease ended", in: shared.compartment)
    shared.world.now += 70 * 86_400_000
    _ = try shared.visitor.engine.selfPurge(now: shared.world.now)
    let sealed = try #require(try shared.visitor.engine.store.rescued().first).body
    // As a hub sees it whose secrets were lost and made anew.
    let foreign = [UInt8](sealed.reversed())
    let hand = try shared.world.device(of: "Health visitor")
    for _ in 0..<2 {
      var request = hand.request()
      request.rescued = [foreign]
      guard case .answer(let answer) = try shared.world.exchange(request, from: hand.id) else {
        throw Unexpected(reply: "no answer")
      }
      hand.take(answer, for: request)
    }
    #expect(try shared.world.engine.store.unreadable() == [foreign])
    #expect(try shared.world.engine.store.unreadableCount() == 1)
  }

  @Test("consent that comes back before the hub has let go of its copy leaves nothing twice")
  func keptAgainBeforeItWasGone() throws {
    let shared = try SharedChild()
    let id = shared.compartment.id
    let withdrawal = try shared.school.withdraw(
      [.development], from: .everyone, child: shared.child)
    try shared.school.sync()
    // The visitor has not confirmed its purge, so the hub still has everything.
    try #require(try shared.world.engine.store.compartment(id) != nil)
    for (purpose, agency) in [(Purpose.store, AgencyID.hub), (.share, shared.visitor.agency)] {
      try shared.school.grant(
        [purpose], [.development], to: [agency], child: shared.child,
        supersedes: [withdrawal.id])
    }
    try shared.school.sync()
    try shared.visitor.sync()
    try shared.school.sync()
    for device in [shared.school, shared.visitor] {
      #expect(try device.texts(id) == ["first"])
      #expect(try device.digestMatchesHoldings)
    }
    #expect(
      try shared.school.engine.store.compartment(id)?.vector
        == shared.world.engine.store.compartment(id)?.vector)
    #expect(try shared.school.engine.unsentCount == 0)
  }

  @Test("two edits to one box while a withdrawal and a new consent pass: neither is lost")
  func acrossWithdrawalAndConsent() throws {
    let shared = try SharedChild()
    try shared.visitor.save("unsent", in: shared.compartment, group: "b")
    let withdrawal = try shared.school.withdraw(
      [.development], from: .agencies([shared.visitor.agency]), child: shared.child)
    try shared.school.sync()
    try shared.school.grant(
      [.share], [.development], to: [shared.visitor.agency], child: shared.child,
      supersedes: [withdrawal.id])
    try shared.school.sync()
    try shared.visitor.sync()
    try shared.school.sync()
    for device in [shared.school, shared.visitor] {
      #expect(try device.texts(shared.compartment.id, group: "b") == ["unsent"])
    }
  }

  @Test("rescued work that names a decision which the hub then refuses is not lost (seed 45)")
  func rescuedAfterARefusedConsent() throws {
    let shared = try SharedChild()
    let third = try AgencyDevice(shared.world, of: "Youth team")
    try shared.school.withdraw(
      [.development], from: .agencies([third.agency]), child: shared.child, purposes: [.share])
    try shared.school.sync()
    // Not knowing of it.
    try shared.visitor.grant([.share], [.development], to: [third.agency], child: shared.child)
    try shared.visitor.save("unsent when the lease ended", in: shared.compartment, group: "b")
    shared.world.now += 70 * 86_400_000
    _ = try shared.visitor.engine.selfPurge(now: shared.world.now)
    try shared.visitor.sync()
    try #require(shared.visitor.outcomes.contains { !$0.refusedPolicy.isEmpty })
    #expect(try shared.visitor.engine.store.rescued().isEmpty)
    try shared.school.sync()
    #expect(
      try shared.school.texts(shared.compartment.id, group: "b") == ["unsent when the lease ended"])
  }

  @Test("rescued work that names a decision which has not come yet is set apart")
  func rescuedBeforeItsDecision() throws {
    let shared = try SharedChild()
    try shared.visitor.withdraw(
      [.development], from: .agencies([shared.visitor.agency]), child: shared.child)
    try shared.visitor.save("written knowing it", in: shared.compartment, group: "b")
    shared.world.now += 70 * 86_400_000
    _ = try shared.visitor.engine.selfPurge(now: shared.world.now)
    // Without the keys the decision cannot be read; what is sealed goes all the same.
    shared.visitor.engine.lock()
    try shared.visitor.sync()
    try #require(try shared.visitor.engine.store.rescued().isEmpty)
    let apart = try shared.world.engine.store.hubQuarantine()
    #expect(apart.map(\.reason) == [.contextNotDelivered])
    #expect(apart.flatMap(\.change.writes).map(\.group) == ["b"])
  }

  @Test("rescued work under dots that a restored hub may have forgotten is set apart (seed 4915)")
  func rescuedAndRestored() throws {
    let shared = try SharedChild()
    let backup = try shared.world.backup()
    try shared.visitor.save("unsent when the lease ended", in: shared.compartment, group: "b")
    shared.world.now += 70 * 86_400_000
    _ = try shared.visitor.engine.selfPurge(now: shared.world.now)
    try shared.world.restore(backup)
    try shared.visitor.sync()
    try #require(try shared.visitor.engine.store.rescued().isEmpty)
    let apart = try shared.world.engine.store.hubQuarantine()
    #expect(apart.map(\.reason) == [.contextNotDelivered])
    #expect(apart.flatMap(\.change.writes).map(\.group) == ["b"])
  }

  @Test("rescued work of a copy that follows its own words replaces no others (seed 107518)")
  func rescuedUponOwnWords() throws {
    let world = try HubWorld()
    let folder = try TemporaryFolder()
    let visitor = try AgencyDevice(world, of: "Health visitor", folder: folder.path)
    let shared = try SharedChild(
      world, school: AgencyDevice(world, of: "School"), visitor: visitor)
    // Both go on under the actor of this.
    try visitor.save("one", in: shared.compartment)
    try visitor.sync()
    let copy = try folder.copy()
    let twin = try AgencyDevice(world, reopening: AgencyDevice.makeStore(folder: copy.path))
    try visitor.save("two", in: shared.compartment)
    try visitor.sync()
    try twin.save("of the copy", in: shared.compartment)
    try twin.save("of the copy, better put", in: shared.compartment)
    _ = try twin.engine.selfPurge(now: world.now)
    for device in [twin, visitor, shared.school] { try device.sync() }
    for device in [visitor, shared.school] {
      #expect(try device.texts(shared.compartment.id) == ["two"])
    }
    let apart = try world.engine.store.hubQuarantine().flatMap(\.change.writes)
    #expect(
      apart.compactMap { AgencyDevice.text($0.value) }.sorted()
        == ["of the copy", "of the copy, better put"])
  }

  @Test(
    """
    rescued by a copy when the hub has let go of the record and has it anew, what it had taken \
    before is set apart beside its name, which stays what it was (directed seed 941247)
    """)
  func rescuedAfterLettingGo() throws {
    let world = try HubWorld()
    let folder = try TemporaryFolder()
    let visitor = try AgencyDevice(world, of: "Health visitor", folder: folder.path)
    let shared = try SharedChild(
      world, school: AgencyDevice(world, of: "School"), visitor: visitor)
    let (school, id) = (shared.school, shared.compartment.id)
    let withdrawal = try school.withdraw(
      [.development], from: .agencies([visitor.agency]), child: shared.child)
    try school.grant(
      [.share], [.development], to: [visitor.agency], child: shared.child,
      supersedes: [withdrawal.id])
    for device in [school, visitor] { try device.sync() }
    let dot = try visitor.save(
      "of both", in: shared.compartment, group: "b", seen: VersionVector())
    let copy = try folder.copy()
    let twin = try AgencyDevice(world, reopening: AgencyDevice.makeStore(folder: copy.path))
    for device in [visitor, school] { try device.sync() }
    let everything = try school.withdraw([.development], from: .everyone, child: shared.child)
    for device in [school, visitor, school, school] { try device.sync() }
    try #require(try world.engine.store.compartment(id) == nil)
    try school.grant(
      [.store], [.development], to: [.hub], child: shared.child, supersedes: [everything.id])
    try school.sync()
    _ = try twin.engine.selfPurge(now: world.now + 70 * 86_400_000)
    try twin.sync()
    try #require(try twin.engine.store.rescued().isEmpty)
    let apart = try world.engine.store.hubQuarantine()
    #expect(apart.map(\.reason) == [.writtenKnowingWithdrawal])
    #expect(try world.engine.store.compartment(id)?.vector.contains(dot) == false)
    #expect(try school.texts(id, group: "b") == ["of both"])
  }
}
