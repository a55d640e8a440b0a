import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// Rule 10, when the policy journal is lost with the database (`Protocol/08-recovery.md`, 8.4).
@Suite("A restored hub without its journal")
struct HubRecoveryTests {
  /// The police hold the child's entry by the school's word; the database knows of no withdrawal.
  private struct Restored {
    let district: SmallDistrict
    let school: Replica
    let nurse: Replica
    let police: Replica
    let child: ChildID
    let index: Compartment

    init() throws {
      district = try SmallDistrict()
      (school, nurse, police) = try (
        district.agency("School"), district.agency("Nurse"), district.agency("Police")
      )
      child = district.identifier()
      index = try school.registers("Amira", "Hussain", born: "2003-05-01", as: child)
      for agency in [nurse, police] { try school.names(agency, involvedIn: index) }
      try district.settle(school, nurse, police)
      try #require(police.holds(index) && nurse.holds(index))
      let (engine, now) = (district.engine, district.now)
      try engine.store.transaction {
        try engine.beginRecovery(epoch: 2, isJournalComplete: false, now: now)
      }
    }

    var waiting: Int { get throws { try district.engine.store.recoveringCount() } }
  }

  @Test("lets nothing out that an agency which was not heard may have withdrawn")
  func waitsForEveryone() throws {
    let restored = try Restored()
    let (school, nurse, police) = (restored.school, restored.nurse, restored.police)
    // Its custodian is heard, but an entry begun now is under the same old consents.
    let own = try nurse.registers("Amira", "Hussain", born: "2003-05-01", as: restored.child)
    try nurse.names(school, involvedIn: own)
    try restored.district.settle(nurse, police)
    #expect(!police.holds(own))
    #expect(try restored.waiting == 2)

    school.recordsWithdrawal(ofIndexFrom: [police.id], about: restored.child)
    try restored.district.settle(school, nurse, police)
    #expect(!police.holds(own) && !police.holds(restored.index))
    #expect(school.holds(own))
    #expect(try restored.waiting == 0)
  }

  @Test("waits no longer for a device that is reported lost")
  func lostDevice() throws {
    let restored = try Restored()
    let own = try restored.nurse.registers("Amira", "Hussain", born: nil, as: restored.child)
    try restored.nurse.names(restored.police, involvedIn: own)
    try restored.district.settle(restored.nurse, restored.police)
    #expect(!restored.police.holds(own))
    let engine = restored.district.engine
    let lost = try #require(try engine.store.device(restored.school.device))
    try engine.store.transaction { try engine.revoke(lost, now: restored.district.now) }
    try restored.police.exchange()
    #expect(restored.police.holds(own))
    #expect(try restored.waiting == 0)
  }

  @Test("answers no enquiry before everyone was heard, and then every one")
  func enquiriesWait() throws {
    let restored = try Restored()
    let thread = try restored.nurse.asks("Amira", "Hussain", born: "2003-05-01").thread
    let other = try restored.police.asks("Nobody", "Known", born: "2003-05-01").thread
    try restored.district.settle(restored.nurse, restored.police)
    #expect(restored.nurse.answers(in: thread).isEmpty)
    #expect(restored.police.answers(in: other).isEmpty)
    try restored.district.settle(restored.school, restored.nurse, restored.police)
    #expect(
      restored.nurse.answers(in: thread).map { $0.text("outcome") } == ["knownNoCAF"])
    #expect(restored.police.answers(in: other).map { $0.text("outcome") } == ["noEntry"])
  }

  @Test("keeps back nothing that it publishes itself, and nothing once the operator vouches")
  func whatNeedsNoWord() throws {
    let restored = try Restored()
    let (engine, now) = (restored.district.engine, restored.district.now)
    try engine.store.transaction { try engine.endRecovery(who: "operator", now: now) }
    #expect(try restored.waiting == 0)
    try engine.store.transaction {
      try engine.publishAgencies(now: now)
      try engine.beginRecovery(epoch: 3, isJournalComplete: false, now: now)
    }
    let numbers = try engine.store.recoveringNumbers()
    let held = try numbers.map { try engine.store.compartment(number: $0)?.compartment.category }
    #expect(held == [.index])
  }

  @Test("waits also for a device that had not exchanged yet when the backup was made")
  func neverHeardBefore() throws {
    let district = try SmallDistrict()
    let (school, nurse) = (try district.agency("School"), try district.agency("Nurse"))
    let (police, surgery) = (try district.agency("Police"), try district.agency("Surgery"))
    let child: ChildID = district.identifier()
    let index = try school.registers("Amira", "Hussain", born: "2003-05-01", as: child)
    for agency in [nurse, police, surgery] { try school.names(agency, involvedIn: index) }
    try district.settle(school, nurse, police)
    try district.engine.store.transaction {
      try district.engine.beginRecovery(epoch: 2, isJournalComplete: false, now: district.now)
    }
    let own = try nurse.registers("Amira", "Hussain", born: nil, as: child)
    try nurse.names(police, involvedIn: own)
    try district.settle(school, nurse, police)
    #expect(!police.holds(own))
    try district.settle(surgery, police)
    #expect(police.holds(own))
  }

  @Test("does not judge a grant anew by what is given back before it")
  func grantAfterLaterWithdrawal() throws {
    let world = try HubWorld()
    let (school, nurse) = (try world.device(of: "School"), try world.device(of: "Nurse"))
    let police = try world.device(of: "Police")
    let child = ChildID(high: 4, low: 4)
    let backup = try world.backup()
    let scope = ConsentScope(
      purposes: [.store, .share], categories: [.development],
      recipients: .agencies([.hub, nurse.agency, police.agency]))
    let grant = school.entry(
      .grant(
        ConsentTerms(
          scope: scope, excluded: [police.agency], supersedes: [], expiresAtMilliseconds: nil,
          evidence: nil)), child: child)
    try #require(try school.exchange(policy: [grant]).policyRefused.isEmpty)
    let withdrawal = nurse.withdrawal(
      [.development], from: .agencies([nurse.agency]), child: child)
    try nurse.exchange(policy: [withdrawal])

    world.journal.lines = []
    try world.restore(backup, isJournalComplete: false)
    for (device, entry) in [(nurse, withdrawal), (school, grant)] {
      var request = device.request()
      (request.policy, request.holdings, request.isGivingBack) = ([entry], [], true)
      guard case .answer(let answer) = try world.exchange(request, from: device.id) else {
        return #expect(Bool(false), "no answer")
      }
      #expect(answer.policyRefused.isEmpty)
    }
    let known = try world.engine.store.hubPolicy(of: child).map(\.entry)
    #expect(Set(known) == [grant, withdrawal])
  }

  /// The visitor has obeyed the nurse's order, after the backup; the nurse has no device any more.
  private func ordered(
    isJournalKept: Bool, consentedAnew: Bool, alias: ChildID? = nil
  ) throws -> SharedChild {
    let shared = try SharedChild()
    let (world, visitor) = (shared.world, shared.visitor)
    let nurse = try world.device(of: "Nurse")
    if let alias {
      try shared.school.engine.addPolicy(
        shared.school.entry(.alias(other: alias), child: shared.child))
      try shared.school.sync()
    }
    let backup = try world.backup()
    // In the journal or nowhere, and older than the order.
    try shared.school.grant([.share], [.development], to: [visitor.agency], child: shared.child)
    try shared.school.sync()
    let withdrawal = nurse.withdrawal(
      [.development], from: .agencies([visitor.agency]), child: shared.child)
    try nurse.exchange(policy: [withdrawal])
    for _ in 0..<2 { try visitor.sync() }
    try #require(try visitor.engine.store.compartment(shared.compartment.id) == nil)
    if consentedAnew {
      try shared.school.grant(
        [.share], [.development], to: [visitor.agency], child: shared.child,
        supersedes: [withdrawal.id])
      try shared.school.sync()
    }
    if !isJournalKept { world.journal.lines = [] }
    try world.restore(backup, isJournalComplete: isJournalKept)
    try world.engine.store.transaction {
      let lost = try #require(try world.engine.store.device(nurse.id))
      try world.engine.revoke(lost, now: world.now)
    }
    return shared
  }

  @Test("obeys an order that it has forgotten, whoever gave it, until the family consents anew")
  func orderShown() throws {
    let shared = try ordered(isJournalKept: false, consentedAnew: false)
    let (school, visitor, id) = (shared.school, shared.visitor, shared.compartment.id)
    for device in [visitor, school, visitor] { try device.sync() }
    #expect(try visitor.texts(id).isEmpty)
    // Of something else, and to somebody else.
    try school.grant([.store, .share], [.health], to: [.hub], child: shared.child)
    for device in [school, visitor] { try device.sync() }
    #expect(try visitor.texts(id).isEmpty)
    try school.grant([.share], [.development], to: [visitor.agency], child: shared.child)
    for device in [school, visitor] { try device.sync() }
    #expect(try visitor.texts(id) == ["first"])
  }

  @Test("takes consent under the child's other name for the end of an order, too")
  func orderEndedUnderTheOtherName() throws {
    let other = ChildID(high: 8, low: 8)
    let shared = try ordered(isJournalKept: false, consentedAnew: false, alias: other)
    let (school, visitor, id) = (shared.school, shared.visitor, shared.compartment.id)
    for device in [visitor, school, visitor] { try device.sync() }
    try #require(try visitor.texts(id).isEmpty)
    try school.grant([.share], [.development], to: [visitor.agency], child: other)
    for device in [school, visitor] { try device.sync() }
    #expect(try visitor.texts(id) == ["first"])
  }

  @Test("knows with its journal that the family has consented again since an order")
  func orderOutdated() throws {
    let shared = try ordered(isJournalKept: true, consentedAnew: true)
    let (school, visitor, id) = (shared.school, shared.visitor, shared.compartment.id)
    for device in [school, visitor] { try device.sync() }
    #expect(try visitor.texts(id) == ["first"])
    // Decided anew for another reason.
    try school.withdraw([.health], from: .agencies([visitor.agency]), child: shared.child)
    for device in [school, visitor] { try device.sync() }
    #expect(try visitor.texts(id) == ["first"])
  }

  @Test("is given what one request has no room for, though its first question comes twice")
  func askedTwiceForMany() throws {
    let shared = try SharedChild()
    let (world, visitor) = (shared.world, shared.visitor)
    let backup = try world.backup()
    let most = SyncLimits.policyEntriesPerRequestMax
    let children = (0...most).map { ChildID(high: 9, low: UInt64($0)) }
    for child in children {
      try visitor.withdraw([.health], from: .agencies([visitor.agency]), child: child)
    }
    try visitor.sync()
    world.journal.lines = []
    try world.restore(backup, isJournalComplete: false)
    let request = try visitor.engine.nextRequest(now: world.now)
    let question = try world.exchange(request, from: visitor.id)
    for _ in 0..<2 { _ = try visitor.engine.received(question, to: request, now: world.now) }
    #expect(try visitor.engine.nextRequest(now: world.now).policy.count == most)
    visitor.engine.failed()
    try visitor.sync()
    let missing = try children.filter { try world.engine.store.hubPolicy(of: $0).isEmpty }
    #expect(missing.isEmpty)
  }

  @Test("is given all decisions though its first question comes twice")
  func askedTwice() throws {
    let shared = try SharedChild()
    let (world, visitor) = (shared.world, shared.visitor)
    let backup = try world.backup()
    try visitor.withdraw(
      [.health], from: .agencies([visitor.agency]), child: shared.child)
    try visitor.sync()
    world.journal.lines = []
    try world.restore(backup, isJournalComplete: false)
    let request = try visitor.engine.nextRequest(now: world.now)
    let question = try world.exchange(request, from: visitor.id)
    for _ in 0..<2 {
      let outcome = try visitor.engine.received(question, to: request, now: world.now)
      #expect(outcome.kind == .recovering)
    }
    let given = try visitor.engine.nextRequest(now: world.now)
    #expect(given.policy.map(\.authorAgency) == [visitor.agency])
    #expect(given.holdings != nil)
  }

  @Test("does not speak twice in one epoch, restored twice from one backup (plain seed 64048)")
  func restoredTwice() throws {
    let world = try HubWorld()
    let epochs = try (0..<8).map { _ in try world.engine.epochAfterRestore(witnessed: nil) }
    #expect(Set(epochs).count == epochs.count && epochs.allSatisfy { $0 > 1 && $0 <= 1 + 1 << 16 })
    #expect(try world.engine.epochAfterRestore(witnessed: 1) == 2)
    #expect(try world.engine.epochAfterRestore(witnessed: 7) == 8)
  }

  @Test("comes to rest though a device knows of an erasure that it has forgotten (seed 43886)")
  func forgottenErasure() throws {
    let shared = try SharedChild()
    let (world, school, id) = (shared.world, shared.school, shared.compartment.id)
    let backup = try world.backup()
    try world.operatorRecords(.erase(reason: "asked for"), of: shared.child)
    try school.sync()
    try #require(try school.engine.store.compartment(id) == nil)
    world.journal.lines = []
    try world.restore(backup, isJournalComplete: false)
    for _ in 0..<2 { for device in [school, shared.visitor] { try device.sync() } }
    // Recorded again, it holds for both.
    try world.operatorRecords(.erase(reason: "asked for"), of: shared.child)
    for _ in 0..<2 { for device in [school, shared.visitor] { try device.sync() } }
    for store in [world.engine.store, school.engine.store, shared.visitor.engine.store] {
      #expect(try store.compartment(id) == nil)
    }
  }

  @Test("is given anew what it refused before it heard of the consent (directed seed 322300)")
  func consentOfAnother() throws {
    let world = try HubWorld()
    let (school, nurse) = try (
      AgencyDevice(world, of: "School"), AgencyDevice(world, of: "Nurse")
    )
    let child = ChildID(using: &world.random)
    let backup = try world.backup()
    try nurse.grant([.store], [.development], to: [.hub], child: child)
    let record = school.compartment(.development, child: child)
    // By which the school has to do with the child.
    try school.grant([.store], [.plan], to: [.hub], child: child)
    try school.save("words", in: record)
    for device in [nurse, school] { try device.sync() }
    try #require(try world.engine.store.compartment(record.id) != nil)
    world.journal.lines = []
    try world.restore(backup, isJournalComplete: false)
    try school.sync()
    try #require(try world.engine.store.compartment(record.id) == nil)
    for device in [nurse, school] { try device.sync() }
    #expect(try world.engine.store.compartment(record.id) != nil)
    #expect(try school.engine.unsentCount == 0)
    #expect(try school.digestMatchesHoldings)
  }

  @Test("that refuses an erasure which it had taken is believed (plain seed 402744)")
  func erasureRefused() throws {
    let world = try HubWorld()
    let (school, nurse) = try (AgencyDevice(world, of: "School"), AgencyDevice(world, of: "Nurse"))
    let laptop = try AgencyDevice(world, of: "School")
    let child = ChildID(using: &world.random)
    let backup = try world.backup()
    let index = school.compartment(.index, child: child)
    try school.save("goes", in: index)
    for device in [school, laptop] { try device.sync() }
    let erasure = school.entry(.erase(reason: "asked for"), child: child)
    try school.engine.addPolicy(erasure)
    try school.step()
    world.journal.lines = []
    try world.restore(backup, isJournalComplete: false)
    try nurse.save("begun since", in: nurse.compartment(.index, child: child))
    for device in [nurse, school, laptop, school, nurse] { try device.sync() }
    #expect(try school.engine.store.policy(erasure.id)?.state == .refused)
    #expect(school.outcomes.contains { $0.refusedPolicy.map(\.id) == [erasure.id] })
    for device in [school, laptop] { #expect(try device.texts(index.id) == ["goes"]) }
  }

  @Test("asks once for what it may not keep, whatever goes in one request")
  func declinedOneByOne() throws {
    let world = try HubWorld()
    let (school, nurse) = try (AgencyDevice(world, of: "School"), AgencyDevice(world, of: "Nurse"))
    let child = ChildID(using: &world.random)
    let backup = try world.backup()
    let categories: [CaseRecords.Category] = [.development, .parenting]
    let records = categories.map { school.compartment($0, child: child) }
    let long = String(repeating: "many words ", count: 300)
    try school.grant([.store], Set(categories), to: [.hub], child: child)
    for record in records { try school.save(long, in: record) }
    try school.sync()
    try world.restore(backup)
    // Of which the school has not heard.
    let withdrawal = try nurse.withdraw(Set(categories), from: .everyone, child: child)
    try nurse.sync()
    // Each of them fills a request.
    school.pageBytes = 4_096
    try school.sync()
    #expect(school.outcomes.last?.kind == .answered)
    #expect(try school.engine.store.policy(withdrawal.id) != nil)
    for record in records {
      #expect(try world.engine.store.compartment(record.id) == nil)
      #expect(try school.texts(record.id) == [long])
    }
    // What it was not given it is given when the family has agreed again.
    try school.grant(
      [.store], Set(categories), to: [.hub], child: child, supersedes: [withdrawal.id])
    try school.sync()
    for record in records { #expect(try world.engine.store.compartment(record.id) != nil) }
    #expect(try school.digestMatchesHoldings)
  }
}
