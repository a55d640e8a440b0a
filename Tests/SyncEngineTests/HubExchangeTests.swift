import CaseRecords
import Causality
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol
import Testing

@Suite("The hub's exchange")
struct HubExchangeTests {
  /// A school that shares a child's development with a health visitor.
  struct Shared {
    let world: HubWorld
    let school: HandDevice
    let visitor: HandDevice
    let child: ChildID
    let compartment: Compartment
    let actor = Actor(rawValue: 100)

    init() throws {
      world = try HubWorld()
      school = try world.device(of: "School")
      visitor = try world.device(of: "Health visitor")
      child = ChildID(using: &world.random)
      compartment = school.compartment(.development, child: child)
      try school.exchange(
        policy: [
          school.grant([.store], [.development], to: [.hub], child: child),
          school.grant([.share], [.development], to: [visitor.agency], child: child),
        ],
        changes: [(compartment, school.change(Dot(actor: actor, counter: 1), "first"))])
    }
  }

  @Test("without consent to store, content is set apart and no compartment is made")
  func noConsentToStore() throws {
    let world = try HubWorld()
    let school = try world.device(of: "School")
    let compartment = school.compartment(.development, child: ChildID(using: &world.random))
    let answer = try school.exchange(changes: [
      (compartment, school.change(Dot(actor: Actor(rawValue: 1), counter: 1), "words"))
    ])
    #expect(answer.quarantined.map(\.reason) == [.notHeld])
    #expect(try world.engine.store.compartment(compartment.id) == nil)
    #expect(try world.engine.store.hubQuarantine().count == 1)
  }

  @Test("a record begun in a retry is no copy's: the keys were locked before (plain seed 2721)")
  func begunInRetry() throws {
    let world = try HubWorld()
    let school = try world.device(of: "School")
    let child = ChildID(using: &world.random)
    try school.exchange(policy: [
      school.grant([.store], [.development], to: [.hub], child: child)
    ])
    var lost = school.request()
    lost.policy = [school.grant([.store], [.health], to: [.hub], child: child)]
    _ = try world.exchange(lost, from: school.id)
    let change = school.change(Dot(actor: Actor(rawValue: 1), counter: 1), "words")
    let begun = school.compartment(.development, child: child)
    let retried = try school.exchange(policy: lost.policy, changes: [(begun, change)])
    #expect(retried.deferred.map(\.dot) == [change.dot])
    let answer = try school.exchange(changes: [(begun, change)])
    #expect(answer.deferred.isEmpty && answer.quarantined.isEmpty)
    #expect(try world.engine.store.compartment(begun.id)?.vector.contains(change.dot) == true)
  }

  @Test("what is begun of a child whose record is erased is set apart as such")
  func begunAfterErasure() throws {
    let world = try HubWorld()
    let school = try world.device(of: "School")
    let child = ChildID(using: &world.random)
    let erasure = school.entry(.erase(reason: "asked for"), child: child)
    try #require(try school.exchange(policy: [erasure]).policyRefused.isEmpty)
    let index = school.compartment(.index, child: child)
    let answer = try school.exchange(changes: [
      (index, school.change(Dot(actor: Actor(rawValue: 1), counter: 1), "words"))
    ])
    #expect(answer.quarantined.map(\.reason) == [.erased])
    #expect(try world.engine.store.compartment(index.id) == nil)
  }

  @Test("with consent it is committed, and back-filled as a snapshot to whoever may hold it")
  func backFill() throws {
    let shared = try Shared()
    try shared.visitor.exchange()
    #expect(shared.visitor.texts(shared.compartment.id) == ["first"])
    let other = try shared.world.device(of: "Stranger")
    let answer = try other.exchange()
    #expect(answer.page.items.isEmpty && answer.isCaughtUp)
  }

  @Test("an idle exchange moves nothing and costs few bytes")
  func idle() throws {
    let shared = try Shared()
    try shared.visitor.exchange()
    try shared.visitor.exchange()
    let before = shared.world.engine.store.database.totalChanges
    let request = shared.visitor.request()
    let reply = try shared.world.exchange(request, from: shared.visitor.id)
    guard case .answer(let answer) = reply else {
      Issue.record("\(reply)")
      return
    }
    #expect(answer.token == nil && answer.isCaughtUp)
    #expect(shared.world.engine.store.database.totalChanges == before)
    #expect(request.encoded().count + reply.encoded().count < 300)
  }

  @Test("rule 1: a change beyond a gap waits, one of unseen context is set apart")
  func causalOrder() throws {
    let shared = try Shared()
    var answer = try shared.school.exchange(changes: [
      (shared.compartment, shared.school.change(Dot(actor: shared.actor, counter: 3), "third"))
    ])
    #expect(answer.deferred.map(\.dot.counter) == [3])
    // The visitor claims to have seen what was never delivered to it.
    answer = try shared.visitor.exchange(
      changes: [
        (
          shared.compartment,
          shared.visitor.change(
            Dot(actor: Actor(rawValue: 200), counter: 1),
            context: VersionVector([shared.actor: 1]), "blind")
        )
      ])
    #expect(answer.quarantined.map(\.reason) == [.notHeld])
  }

  @Test("concurrent writes to one group are both kept, and a choice covers both")
  func conflict() throws {
    let shared = try Shared()
    try shared.visitor.exchange()
    let base = VersionVector([shared.actor: 1])
    let theirs = Actor(rawValue: 200)
    try shared.school.exchange(changes: [
      (
        shared.compartment,
        shared.school.change(Dot(actor: shared.actor, counter: 2), context: base, "school")
      )
    ])
    try shared.visitor.exchange(changes: [
      (
        shared.compartment,
        shared.visitor.change(Dot(actor: theirs, counter: 1), context: base, "visitor")
      )
    ])
    try shared.school.exchange()
    try shared.visitor.exchange()
    #expect(shared.school.texts(shared.compartment.id) == ["school", "visitor"])
    #expect(shared.visitor.texts(shared.compartment.id) == ["school", "visitor"])
    try shared.school.exchange(changes: [
      (
        shared.compartment,
        shared.school.change(
          Dot(actor: shared.actor, counter: 3),
          context: VersionVector([shared.actor: 2, theirs: 1]), "agreed")
      )
    ])
    try shared.visitor.exchange()
    #expect(shared.visitor.texts(shared.compartment.id) == ["agreed"])
  }

  @Test("rule 5: the same request again is answered alike, and commits nothing twice")
  func retry() throws {
    let shared = try Shared()
    var request = shared.visitor.request()
    request.pageBytes = 256 << 10
    let first = try shared.world.exchange(request, from: shared.visitor.id)
    let second = try shared.world.exchange(request, from: shared.visitor.id)
    guard case .answer(let one) = first, case .answer(let two) = second else {
      Issue.record("\(first) \(second)")
      return
    }
    #expect(one.token == two.token)
    #expect(one.page == two.page)
    shared.visitor.take(two, for: request)
    try shared.visitor.exchange()
    #expect(shared.visitor.texts(shared.compartment.id) == ["first"])
  }

  @Test("rule 5: what was deferred makes no copy of a retry, and is deferred in it once more")
  func retryOfDeferred() throws {
    let shared = try Shared()
    let index = shared.school.compartment(.index, child: shared.child)
    let grant = shared.school.grant(
      [.share], [.health], to: [shared.visitor.agency], child: shared.child)
    let early = shared.school.change(
      Dot(actor: shared.actor, counter: 2), "early", dependencies: [grant.id])
    var request = shared.school.request()
    request.page.compartments = [shared.compartment, index]
    request.page.items = [
      .change(shared.compartment.id, early),
      .change(
        index.id, shared.school.change(Dot(actor: Actor(rawValue: 101), counter: 1), "moves")),
    ]
    let replies = try (0..<2).map { number in
      // What it waited for is there the second time.
      if number == 1 { request.policy = [grant] }
      return try shared.world.exchange(request, from: shared.school.id)
    }
    guard case .answer(let one) = replies[0], case .answer(let two) = replies[1] else {
      Issue.record("\(replies)")
      return
    }
    #expect(one.token != nil && one.token == two.token)
    #expect([one, two].allSatisfy { $0.deferred.map(\.dot) == [early.dot] })
    shared.school.take(two, for: request)
    #expect(try shared.school.exchange(changes: [(shared.compartment, early)]).deferred.isEmpty)
    // The same dot with other words, and a token that has been shown: a copy.
    var copy = request
    copy.page.items[0] = .change(
      shared.compartment.id, shared.school.change(early.dot, "another's"))
    guard case .reseed = try shared.world.exchange(copy, from: shared.school.id) else {
      Issue.record("a copy passed")
      return
    }
  }

  @Test("rule 5: new work with a spent token is a copy: RESEED")
  func spentToken() throws {
    let shared = try Shared()
    let old = shared.school.token
    let vectors = shared.school.vectors
    try shared.school.exchange(changes: [
      (shared.compartment, shared.school.change(Dot(actor: shared.actor, counter: 2), "second"))
    ])
    shared.school.token = old
    shared.school.vectors = vectors
    var request = shared.school.request()
    request.page.compartments = [shared.compartment]
    request.page.items = [
      .change(
        shared.compartment.id,
        shared.school.change(Dot(actor: shared.actor, counter: 2), "another second"))
    ]
    let reply = try shared.world.exchange(request, from: shared.school.id)
    guard case .reseed = reply else {
      Issue.record("\(reply)")
      return
    }
    #expect(try shared.world.engine.store.hubQuarantine().isEmpty)
  }

  @Test("rule 5: a known operation under a new dot commits as an alias")
  func alias() throws {
    let shared = try Shared()
    let copy = HandDevice(
      world: shared.world, agency: shared.school.agency, id: shared.school.id,
      incarnation: IncarnationID(using: &shared.world.random))
    copy.forkOf = shared.school.incarnation
    try copy.exchange()
    let again = Dot(actor: Actor(rawValue: 300), counter: 1)
    let answer = try copy.exchange(changes: [
      (
        shared.compartment,
        copy.change(again, "first", origin: Dot(actor: shared.actor, counter: 1))
      )
    ])
    #expect(
      answer.aliases.map(\.aliasOf) == [Dot(actor: shared.actor, counter: 1)])
    // Renamed once more it is an alias of the first name: of several, that comes first.
    let thrice = Dot(actor: Actor(rawValue: 301), counter: 1)
    let next = try copy.exchange(changes: [
      (shared.compartment, copy.change(thrice, "first", origin: again))
    ])
    #expect(next.aliases.map(\.aliasOf) == [Dot(actor: shared.actor, counter: 1)])
    try shared.visitor.exchange()
    #expect(shared.visitor.texts(shared.compartment.id) == ["first"])
  }

  @Test(
    "rules 7 and 8: withdrawal revokes, drains what was written unknowing, and ends in a receipt")
  func withdrawal() throws {
    let shared = try Shared()
    try shared.visitor.exchange()
    let theirs = Actor(rawValue: 200)
    let unknowing = shared.visitor.change(
      Dot(actor: theirs, counter: 1), context: VersionVector([shared.actor: 1]), "unknowing")
    try shared.school.exchange(policy: [
      shared.school.withdrawal(
        [.development], from: .agencies([shared.visitor.agency]), child: shared.child)
    ])
    var answer = try shared.visitor.exchange(changes: [(shared.compartment, unknowing)])
    #expect(answer.quarantined.isEmpty && answer.page.items.isEmpty)
    #expect(answer.revocations.map(\.compartment) == [shared.compartment.id])
    #expect(answer.policy.count >= 1)
    // Written knowing of it: set apart, and its dot is used up.
    answer = try shared.visitor.exchange(changes: [
      (
        shared.compartment,
        shared.visitor.change(
          Dot(actor: theirs, counter: 2),
          context: VersionVector([shared.actor: 1, theirs: 1]), "knowing")
      )
    ])
    #expect(answer.quarantined.map(\.reason) == [.writtenKnowingWithdrawal])
    answer = try shared.visitor.exchange(receipts: [
      shared.visitor.receipt(for: answer.revocations[0])
    ])
    #expect(answer.revocations.isEmpty)
    try shared.school.exchange()
    #expect(shared.school.texts(shared.compartment.id) == ["unknowing"])
    let ledger = try shared.world.engine.store.ledger(of: shared.child)
    #expect(ledger.filter { $0.untilMilliseconds != nil }.count == 1)
    answer = try shared.visitor.exchange()
    #expect(answer.page.items.isEmpty && answer.isCaughtUp)
  }

  @Test("rule 9: a grant that does not know of a withdrawal goes back to a person")
  func staleGrant() throws {
    let shared = try Shared()
    let withdrawal = shared.school.withdrawal(
      [.development], from: .agencies([shared.visitor.agency]), child: shared.child)
    try shared.school.exchange(policy: [withdrawal])
    let stale = shared.school.grant(
      [.share], [.development], to: [shared.visitor.agency], child: shared.child)
    var answer = try shared.school.exchange(policy: [stale])
    #expect(answer.policyRefused.map(\.conflictsWith) == [[withdrawal.id]])
    let knowing = shared.school.grant(
      [.share], [.development], to: [shared.visitor.agency], child: shared.child,
      supersedes: [withdrawal.id])
    answer = try shared.school.exchange(policy: [knowing])
    #expect(answer.policyRefused.isEmpty)
    try shared.visitor.exchange()
    #expect(shared.visitor.texts(shared.compartment.id) == ["first"])
  }

  @Test("consent that expires is withdrawn by time alone")
  func expiry() throws {
    let world = try HubWorld()
    let school = try world.device(of: "School")
    let visitor = try world.device(of: "Health visitor")
    let child = ChildID(using: &world.random)
    let compartment = school.compartment(.development, child: child)
    try school.exchange(
      policy: [
        school.grant([.store], [.development], to: [.hub], child: child),
        school.grant(
          [.share], [.development], to: [visitor.agency], child: child,
          expires: world.now + 1_000),
      ],
      changes: [(compartment, school.change(Dot(actor: Actor(rawValue: 1), counter: 1), "x"))])
    try visitor.exchange()
    #expect(visitor.texts(compartment.id) == ["x"])
    world.now += 1_000
    #expect(try visitor.exchange().revocations.count == 1)
  }

  @Test("policy reaches others without who gave it, and names no other agency")
  func projection() throws {
    let shared = try Shared()
    try shared.visitor.exchange()
    #expect(!shared.visitor.policy.isEmpty)
    for entry in shared.visitor.policy {
      #expect(entry.authorAgency == .hub)
      guard case .grant(let terms) = entry.kind else { continue }
      #expect(terms.evidence == nil)
    }
  }

  @Test("a device that lost a page is found by its digest and filled again")
  func digestMismatch() throws {
    let shared = try Shared()
    try shared.visitor.exchange()
    shared.visitor.vectors = [:]
    shared.visitor.contents = [:]
    let reply = try shared.world.exchange(shared.visitor.request(), from: shared.visitor.id)
    guard case .needHoldings = reply else {
      Issue.record("\(reply)")
      return
    }
    var request = shared.visitor.request()
    request.holdings = []
    guard case .answer(let answer) = try shared.world.exchange(request, from: shared.visitor.id)
    else {
      Issue.record("no answer")
      return
    }
    shared.visitor.take(answer, for: request)
    #expect(shared.visitor.texts(shared.compartment.id) == ["first"])
    try shared.visitor.exchange()
  }
}
