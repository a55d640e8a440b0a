import CaseRecords
import Causality
import Disclosure
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol
import Testing

@Suite("What the operator decides about work that was set apart")
struct QuarantineDecisionTests {
  /// A visitor who knew of the withdrawal and wrote all the same, then lost the compartment.
  private struct Apart {
    let shared: SharedChild
    let withdrawal: PolicyEntry
    var hub: HubEngine { shared.world.engine }
    var id: CompartmentID { shared.compartment.id }

    init(texts: [String] = ["too late"]) throws {
      shared = try SharedChild()
      withdrawal = try shared.visitor.withdraw(
        [.development], from: .agencies([shared.visitor.agency]), child: shared.child)
      for text in texts { try shared.visitor.save(text, in: shared.compartment) }
      try shared.visitor.sync()
    }

    func decide(_ number: Int64, releasing: Bool = true) throws -> Bool {
      try hub.store.transaction {
        try releasing
          ? hub.releaseQuarantine(number, now: shared.world.now)
          : hub.returnQuarantine(number, now: shared.world.now)
      }
    }

    func objection(_ number: Int64, releasing: Bool = true) throws -> QuarantineObjection? {
      do {
        _ = try decide(number, releasing: releasing)
        return nil
      } catch let objection as QuarantineObjection {
        return objection
      }
    }

    /// Once more, with consent that knows of the withdrawal.
    func shareAgain() throws {
      try shared.school.grant(
        [.share], [.development], to: [shared.visitor.agency], child: shared.child,
        supersedes: [withdrawal.id])
      try shared.school.sync()
      try shared.visitor.sync()
    }
  }

  @Test("released, it stands with author and time, and its author's copy goes from quarantine")
  func release() throws {
    let apart = try Apart()
    let number = try #require(try apart.hub.store.hubQuarantine().first).number
    let written = try #require(try apart.shared.visitor.engine.store.quarantinedWork().first)
    #expect(try apart.decide(number))
    #expect(try apart.hub.store.hubQuarantine().isEmpty)
    try apart.shared.school.sync()
    #expect(try apart.shared.school.texts(apart.id) == ["too late"])
    let stored = try #require(try apart.shared.school.engine.store.compartment(apart.id))
    let sibling = try apart.shared.school.engine.store.content(of: stored)
      .records[AgencyDevice.record]?.groups["text"]?.siblings.first?.value
    #expect(sibling?.author == AgencyDevice.author)
    #expect(sibling?.time == written.change.time)
    // The author may not hold it any more, and is told all the same.
    #expect(try apart.shared.visitor.engine.store.quarantinedWork().count == 1)
    try apart.shared.visitor.sync()
    #expect(try apart.shared.visitor.engine.store.quarantinedWork().isEmpty)
    #expect(try apart.shared.visitor.engine.store.compartment(apart.id) == nil)
    for device in [apart.shared.school, apart.shared.visitor] {
      #expect(try device.digestMatchesHoldings)
      #expect(!device.outcomes.contains { $0.kind == .holdingsWanted || $0.kind == .reseeded })
    }
  }

  @Test("asked for twice it happens once, and the audit log has one line for each decision")
  func idempotent() throws {
    let apart = try Apart()
    #expect(try apart.decide(1))
    let rows = apart.hub.store.database.totalChanges
    #expect(try !apart.decide(1))
    #expect(apart.hub.store.database.totalChanges == rows)
    #expect(try apart.objection(1, releasing: false) == .decidedOtherwise(.released))
    #expect(try apart.objection(7) == .unknown(7))
    let lines = try apart.hub.store.auditLines().filter { $0.action.hasPrefix("quarantine") }
    #expect(lines.map(\.action) == ["quarantine released"])
    #expect(lines.allSatisfy { !$0.subject.contains("too late") })
    try apart.shared.school.sync()
    #expect(try apart.shared.school.texts(apart.id) == ["too late"])
  }

  @Test("a decision that is rolled back leaves nothing of itself")
  func rolledBack() throws {
    struct Crash: Error {}
    let apart = try Apart()
    #expect(throws: Crash.self) {
      try apart.hub.store.transaction {
        _ = try apart.hub.releaseQuarantine(1, now: apart.shared.world.now)
        throw Crash()
      }
    }
    try apart.hub.forgetTransaction()
    #expect(try apart.hub.store.hubQuarantine().count == 1)
    try apart.shared.school.sync()
    #expect(try apart.shared.school.texts(apart.id) == ["first"])
    #expect(try apart.decide(1))
    try apart.shared.school.sync()
    #expect(try apart.shared.school.texts(apart.id) == ["too late"])
  }

  @Test("what one author wrote in order is decided in order, and stays in order")
  func inOrder() throws {
    let apart = try Apart(texts: ["one", "two", "three"])
    #expect(try apart.objection(2) == .decideFirst(1))
    #expect(try apart.decide(1))
    #expect(try apart.decide(2))
    #expect(try apart.decide(3))
    try apart.shared.school.sync()
    #expect(try apart.shared.school.texts(apart.id) == ["three"])
  }

  @Test("what others have written since stands beside it")
  func besideOthers() throws {
    let apart = try Apart()
    try apart.shared.school.sync()
    try apart.shared.school.save("meanwhile", in: apart.shared.compartment)
    try apart.shared.school.sync()
    #expect(try apart.decide(1))
    try apart.shared.school.sync()
    #expect(try apart.shared.school.texts(apart.id) == ["meanwhile", "too late"])
  }

  @Test("returned, its author's agency is told and keeps the text; it can still be released")
  func giveBack() throws {
    let apart = try Apart()
    #expect(try apart.decide(1, releasing: false))
    #expect(try !apart.decide(1, releasing: false))
    try apart.shared.visitor.sync()
    let work = try apart.shared.visitor.engine.store.quarantinedWork()
    #expect(work.map(\.state) == [.returned])
    #expect(work.first?.change.writes.first.map { AgencyDevice.text($0.value) } == "too late")
    try apart.shared.school.sync()
    #expect(try apart.shared.school.texts(apart.id) == ["first"])
    #expect(try apart.decide(1))
    try apart.shared.visitor.sync()
    #expect(try apart.shared.visitor.engine.store.quarantinedWork().isEmpty)
  }

  @Test("a copy of the device that sends it after the decision learns of the decision")
  func decidedBeforeACopySends() throws {
    let apart = try Apart()
    let change = try #require(try apart.hub.store.hubQuarantine().first).change
    #expect(try apart.decide(1))
    try apart.shared.visitor.sync()
    // As a replica that was copied before its first exchange holds it.
    let engine = apart.shared.visitor.engine
    try apart.shareAgain()
    let number = try #require(try engine.store.compartment(apart.id)).number
    try engine.store.transaction { try engine.store.enqueue(change, in: number) }
    try apart.shared.visitor.sync()
    #expect(try engine.store.quarantinedWork().isEmpty)
    #expect(try apart.shared.visitor.texts(apart.id) == ["too late"])
    #expect(try engine.unsentCount == 0)
  }

  @Test("policy decides as it is now: what the hub may not keep is refused with the reason")
  func policy() throws {
    let world = try HubWorld()
    let school = try world.device(of: "School")
    let child = ChildID(using: &world.random)
    let compartment = school.compartment(.development, child: child)
    let first = school.change(Dot(actor: Actor(rawValue: 1), counter: 1), "words")
    try school.exchange(changes: [(compartment, first)])
    let hub = world.engine
    func release() throws {
      _ = try hub.store.transaction { try hub.releaseQuarantine(1, now: world.now) }
    }
    let refused = #expect(throws: QuarantineObjection.self) { try release() }
    #expect(refused?.sentence.contains("no consent to keep this at the hub") == true)
    try school.exchange(policy: [
      school.grant([.store], [.development], to: [.hub], child: child)
    ])
    try release()
    try school.exchange()
    #expect(school.texts(compartment.id) == ["words"])
    // The description that came with it was enough; nobody has it who may not.
    let stranger = try world.device(of: "Stranger")
    #expect(try stranger.exchange().page.items.isEmpty)
  }

  @Test("what claims to be the hub's, and what is erased, can only be returned")
  func neverReleased() throws {
    let shared = try HubExchangeTests.Shared()
    let forged = Change(
      dot: Dot(actor: shared.actor, counter: 2), context: VersionVector([shared.actor: 1]),
      writes: [
        Write(
          record: RecordID(high: 1, low: 2), kind: "cafFlag", group: "derived",
          value: GroupValue.one("status", "complete").encoded())
      ],
      time: HybridTime(milliseconds: shared.world.now, logical: 0),
      claimedMilliseconds: shared.world.now, author: nil)
    let answer = try shared.school.exchange(changes: [(shared.compartment, forged)])
    #expect(answer.quarantined.map(\.reason) == [.authorNotAllowed])
    let hub = shared.world.engine
    #expect(throws: QuarantineObjection.mayNotStand("It claims what only the hub writes.")) {
      try hub.store.transaction { try hub.releaseQuarantine(1, now: shared.world.now) }
    }
    #expect(try hub.store.transaction { try hub.returnQuarantine(1, now: shared.world.now) })
  }

  @Test("a released change opens no door that its author could not have opened")
  func noDoor() throws {
    let shared = try HubExchangeTests.Shared()
    let index = shared.school.compartment(.index, child: shared.child)
    try shared.school.exchange(
      policy: [
        shared.school.grant([.index], [.index], to: [shared.visitor.agency], child: shared.child)
      ],
      changes: [(index, shared.school.change(Dot(actor: Actor(rawValue: 2), counter: 1), "x"))])
    try shared.visitor.exchange()
    let withdrawal = shared.visitor.withdrawal(
      [.index], from: .agencies([shared.visitor.agency]), child: shared.child)
    let mine = Change(
      dot: Dot(actor: Actor(rawValue: 200), counter: 1),
      context: VersionVector([Actor(rawValue: 2): 1]), policyDependencies: [withdrawal.id],
      writes: [
        Write(
          record: RecordID(high: 1, low: 3), kind: "leadProfessional", group: "lead",
          value: GroupValue.one("name", "Ann Ash").setting("agency", shared.visitor.agency)
            .encoded()),
        Write(
          record: RecordID(high: 1, low: 3), kind: "leadProfessional", group: "acceptance",
          value: GroupValue.one("accepted", "accepted").encoded()),
      ],
      time: HybridTime(milliseconds: shared.world.now, logical: 0),
      claimedMilliseconds: shared.world.now, author: PractitionerID(high: 5, low: 5))
    let answer = try shared.visitor.exchange(policy: [withdrawal], changes: [(index, mine)])
    #expect(answer.quarantined.map(\.reason) == [.writtenKnowingWithdrawal])
    let hub = shared.world.engine
    #expect(try hub.store.transaction { try hub.releaseQuarantine(1, now: shared.world.now) })
    let stored = try #require(try hub.store.compartment(index.id))
    #expect(try hub.caseFacts(ofCompartment: stored.compartment).leads.isEmpty)
  }

  /// Work of the school's that is set apart as number 1, and why it can only be returned.
  private enum Hopeless: CaseIterable {
    case erased, tooLarge, nowhere, nameless

    var reason: QuarantineReason {
      switch self {
      case .erased: .erased
      case .tooLarge: .tooLarge
      case .nowhere: .notHeld
      case .nameless: .authorNotAllowed
      }
    }

    var words: String {
      switch self {
      case .erased: "erased"
      case .tooLarge: "larger than the limit"
      case .nowhere: "that it names is not known"
      case .nameless: "not its author's to say"
      }
    }

    func send(_ shared: HubExchangeTests.Shared) throws -> ExchangeAnswer {
      let (world, school) = (shared.world, shared.school)
      let context = VersionVector([shared.actor: 1])
      var change = school.change(Dot(actor: Actor(rawValue: 7), counter: 1), "words")
      switch self {
      case .erased:
        try school.exchange(policy: [school.entry(.erase(reason: "asked"), child: shared.child)])
        let index = school.compartment(.index, child: shared.child)
        return try school.exchange(changes: [(index, change)])
      case .tooLarge:
        let stored = try #require(try world.engine.store.compartment(shared.compartment.id))
        let crowd = (1...4_080).map { (Actor(rawValue: 1_000 + $0), UInt64(1)) }
        try world.engine.store.save(
          stored.number, vector: VersionVector(Dictionary(uniqueKeysWithValues: crowd)),
          content: CompartmentContent())
      case .nowhere:
        var request = school.request()
        request.page.items = [.change(CompartmentID(high: 9, low: 9), change)]
        guard case .answer(let answer) = try world.exchange(request, from: school.id) else {
          throw Unexpected(reply: "no answer")
        }
        return answer
      case .nameless:
        change = Change(
          dot: Dot(actor: shared.actor, counter: 2), context: context, writes: change.writes,
          time: change.time, claimedMilliseconds: change.claimedMilliseconds, author: nil)
      }
      return try school.exchange(changes: [(shared.compartment, change)])
    }
  }

  @Test("what may never stand is refused with the reason", arguments: Hopeless.allCases)
  private func hopeless(_ work: Hopeless) throws {
    let shared = try HubExchangeTests.Shared()
    #expect(try work.send(shared).quarantined.map(\.reason) == [work.reason])
    let hub = shared.world.engine
    let refused = #expect(throws: QuarantineObjection.self) {
      try hub.store.transaction { try hub.releaseQuarantine(1, now: shared.world.now) }
    }
    let sentence = try #require(refused).sentence
    #expect(sentence.contains(work.words) && sentence.hasSuffix("It can only be returned."))
    #expect(try hub.store.transaction { try hub.returnQuarantine(1, now: shared.world.now) })
  }

  @Test("each objection says what stands against it")
  func sentences() {
    let cases: [(QuarantineObjection, String)] = [
      (.unknown(7), "number 7"), (.decidedOtherwise(.released), "released"),
      (.decidedOtherwise(.returned), "returned"), (.decideFirst(3), "number 3"),
      (.mayNotStand("Why."), "Why. It can only be returned."),
    ]
    for (objection, words) in cases { #expect(objection.sentence.contains(words)) }
  }
}
