import CBOR
import CaseRecords
import Causality
import Disclosure
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol
import Testing

// The fourteen rules that keep the exchange correct, and the tests that are named after them. Those
// that are not in this file are where the machinery is that they need.
//
//  1  what the hub commits            HubExchangeTests.causalOrder
//  2  back-fill is a state            here; frozen: HubBooksTests.frozen, frozenGoes;
//                                     counts when confirmed: HubExchangeTests.retry
//  3  an actor is never reused        here
//  4  selected by vector              AgencyCopyTests.oldCopy
//  5  tokens, copies, aliases         HubExchangeTests.retry, spentToken, alias;
//                                     AgencyCopyTests.clone, sameWorkTwice, revokedCopies
//  6  level-triggered                 here
//  7  policy first                    here; HubExchangeTests.withdrawal
//  8  lock, drain, purge, receipt     AgencyWithdrawalTests.drainsBeforePurge
//  9  withdrawal beats grant          HubExchangeTests.staleGrant; DisclosureTests
// 10  journal and restore             here; AgencyBackfillTests.restoredHub; HubServiceTests
// 11  side channels                   here; EnquiryTests.unknownSensitiveAndDenied…
// 12  lease                           AgencyLeaseTests
// 13  gone for a year                 HubBooksTests.goneForAYear, goneAndWithdrawn
// 14  the end of an agreement         here
@Suite("The rules of the exchange")
struct RulesTests {
  private typealias Shared = HubExchangeTests.Shared

  @Test("rule 2: whoever is newly allowed gets what stands, and nothing that stood before")
  func backFillIsAState() throws {
    let shared = try Shared()
    try shared.school.exchange(changes: [
      (
        shared.compartment,
        shared.school.change(
          Dot(actor: shared.actor, counter: 2), context: VersionVector([shared.actor: 1]), "now")
      )
    ])
    let reply = try shared.world.exchange(shared.visitor.request(), from: shared.visitor.id)
    guard case .answer(let answer) = reply, case .snapshot? = answer.page.items.first else {
      Issue.record("\(reply)")
      return
    }
    #expect(answer.page.items.count == 1)
    let bytes = String(decoding: reply.encoded(), as: UTF8.self)
    #expect(bytes.contains("now") && !bytes.contains("first"))
  }

  @Test("rule 3: consent that comes back makes a new actor")
  func newActor() throws {
    let shared = try SharedChild()
    let before = try shared.visitor.save("a", in: shared.compartment, group: "mine").actor
    try shared.visitor.sync()
    let withdrawal = try shared.school.withdraw(
      [.development], from: .agencies([shared.visitor.agency]), child: shared.child)
    try shared.school.sync()
    try shared.visitor.sync()
    try shared.school.grant(
      [.share], [.development], to: [shared.visitor.agency], child: shared.child,
      supersedes: [withdrawal.id])
    try shared.school.sync()
    try shared.visitor.sync()
    let after = try shared.visitor.save("b", in: shared.compartment, group: "mine")
    #expect(after.actor != before && after.counter == 1)
    try shared.visitor.sync()
    try shared.school.sync()
    #expect(try shared.school.texts(shared.compartment.id, group: "mine") == ["b"])
  }

  @Test("rule 6: a cursor that is lost or points nowhere costs no data")
  func cursors() throws {
    for cursor in [0, 1, 1 << 40] as [UInt64] {
      let shared = try Shared()
      try shared.visitor.exchange()
      try shared.school.exchange(changes: [
        (
          shared.compartment,
          shared.school.change(
            Dot(actor: shared.actor, counter: 2), context: VersionVector([shared.actor: 1]), "two"
          )
        )
      ])
      let store = shared.world.engine.store
      try store.transaction {
        var run = try #require(try store.incarnation(shared.visitor.incarnation))
        run.cursor = cursor
        try store.save(run)
      }
      try shared.visitor.exchange()
      #expect(shared.visitor.texts(shared.compartment.id) == ["two"], "\(cursor)")
    }
  }

  @Test("rule 7: what narrows is sent first, and a change waits for the policy it names")
  func policyFirst() throws {
    let shared = try Shared()
    let grant = shared.school.grant(
      [.share], [.development], to: [shared.visitor.agency], child: shared.child)
    let change = shared.school.change(
      Dot(actor: shared.actor, counter: 2), context: VersionVector([shared.actor: 1]), "after",
      dependencies: [grant.id])
    var answer = try shared.school.exchange(changes: [(shared.compartment, change)])
    #expect(answer.deferred.map(\.dot.counter) == [2] && answer.quarantined.isEmpty)
    answer = try shared.school.exchange(policy: [grant], changes: [(shared.compartment, change)])
    #expect(answer.deferred.isEmpty)
    let device = try SharedChild().school
    try device.grant([.share], [.health], to: [device.agency], child: shared.child)
    let withdrawal = try device.withdraw([.plan], from: .everyone, child: shared.child)
    let request = try device.engine.nextRequest(now: device.world.now)
    #expect(request.policy.first?.id == withdrawal.id && request.policy.count == 2)
  }

  @Test("rule 7: a withdrawal in a request closes what the same request asks for")
  func withdrawalBeforePage() throws {
    let shared = try Shared()
    let answer = try shared.visitor.exchange(policy: [
      shared.visitor.withdrawal(
        [.development], from: .agencies([shared.visitor.agency]), child: shared.child)
    ])
    #expect(answer.page.items.isEmpty)
    #expect(try shared.world.engine.ledger(of: shared.child).count == 1)
  }

  @Test("rule 10: the journal alone gives agencies, devices, revocations and policy back")
  func journal() throws {
    let shared = try Shared()
    let hub = shared.world.engine
    let row = try #require(try hub.store.device(shared.visitor.id))
    try hub.store.transaction { try hub.revoke(row, now: shared.world.now) }
    let blank = try HubWorld.makeEngine(secrets: shared.world.secrets, journal: MemoryJournal())
    for _ in 0..<2 {
      try blank.store.transaction {
        for line in shared.world.journal.lines { try blank.replay(line, now: shared.world.now) }
      }
    }
    #expect(try blank.store.agencies().map(\.id) == hub.store.agencies().map(\.id))
    #expect(try blank.store.devices().map(\.id) == hub.store.devices().map(\.id))
    #expect(try blank.store.device(row.id)?.revokedMilliseconds == shared.world.now)
    #expect(
      try blank.store.hubPolicy(of: shared.child).map(\.entry)
        == hub.store.hubPolicy(of: shared.child).map(\.entry))
  }

  @Test("rule 11: what is not yours and what is not there are answered alike")
  func notYoursIsNotThere() throws {
    let shared = try Shared()
    let stranger = try shared.world.device(of: "Stranger")
    func answer(to id: CompartmentID) throws -> [QuarantineReason] {
      let claimed = Compartment(
        id: id, child: shared.child, category: .development, custodian: shared.school.agency)
      let change = stranger.change(
        Dot(actor: Actor(rawValue: shared.world.random.next()), counter: 1), "guess")
      let answer = try stranger.exchange(changes: [(claimed, change)])
      #expect(answer.deferred.isEmpty && answer.aliases.isEmpty && answer.page.isEmpty)
      return answer.quarantined.map(\.reason)
    }
    let theirs = try answer(to: shared.compartment.id)
    let nobodys = try answer(to: CompartmentID(using: &shared.world.random))
    #expect(theirs == nobodys && theirs == [.notHeld])
  }

  @Test("rule 11: what goes on elsewhere changes no byte that an agency is sent")
  func twoWorlds() throws {
    var replies: [[UInt8]] = []
    for isBusy in [false, true] {
      let shared = try Shared()
      let other = try shared.world.device(of: "Stranger")
      try shared.visitor.exchange()
      if isBusy {
        for number in 1...5 as ClosedRange<UInt64> {
          let child = ChildID(high: 7, low: number)
          let compartment = Compartment(
            id: CompartmentID(high: 7, low: number), child: child, category: .index,
            custodian: other.agency)
          try other.exchange(
            policy: [other.withdrawal([.health], from: .everyone, child: child)],
            changes: [
              (compartment, other.change(Dot(actor: Actor(rawValue: number), counter: 1), "x"))
            ])
        }
      }
      try shared.school.exchange(changes: [
        (
          shared.compartment,
          shared.school.change(
            Dot(actor: shared.actor, counter: 2), context: VersionVector([shared.actor: 1]), "two"
          )
        )
      ])
      let reply = try shared.world.exchange(shared.visitor.request(), from: shared.visitor.id)
      replies.append(reply.encoded())
    }
    #expect(replies[0] == replies[1] && !replies[0].isEmpty)
  }

  @Test("rule 14: the end of an agreement is one entry; all that the agency had of others goes")
  func agreementEnds() throws {
    let shared = try SharedChild()
    let hub = shared.world.engine
    let own = shared.visitor.compartment(.index, child: shared.child)
    try shared.visitor.save("own record", in: own)
    try shared.visitor.sync()
    let entries = try hub.store.policyCount()
    try shared.world.operatorRecords(.agreementLock(shared.visitor.agency))
    #expect(try hub.store.policyCount() == entries + 1)
    try shared.visitor.sync()
    #expect(try shared.visitor.engine.store.compartment(shared.compartment.id) == nil)
    #expect(try shared.visitor.texts(own.id) == ["own record"])
    #expect(try shared.school.texts(shared.compartment.id) == ["first"])
    try shared.world.operatorRecords(
      .agreementSigned(
        shared.visitor.agency, lifts: hub.locks(on: shared.visitor.agency), version: "2"))
    try shared.visitor.sync()
    #expect(try shared.visitor.texts(shared.compartment.id) == ["first"])
  }
}
