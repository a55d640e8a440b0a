import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// The devices at the hub's exchange: lost ones, those of sensitive services, those on thin lines.
extension HubExchangeTests {
  @Test("a revoked device is told to purge everything and gets nothing more")
  func revokedDevice() throws {
    let shared = try Shared()
    try shared.visitor.exchange()
    let row = try #require(try shared.world.engine.store.device(shared.visitor.id))
    try shared.world.engine.store.transaction {
      try shared.world.engine.revoke(row, now: shared.world.now)
    }
    try shared.school.exchange(changes: [
      (shared.compartment, shared.school.change(Dot(actor: shared.actor, counter: 2), "later"))
    ])
    try shared.school.exchange(policy: [
      shared.school.withdrawal(
        [.development], from: .agencies([shared.visitor.agency]), child: shared.child)
    ])
    var request = shared.visitor.request()
    request.askReceived = [shared.compartment.id]
    let reply = try shared.world.exchange(request, from: shared.visitor.id)
    guard case .answer(let answer) = reply else { throw Unexpected(reply: "\(reply)") }
    #expect(answer.page.items.isEmpty && answer.policy.isEmpty && answer.received.isEmpty)
    #expect(answer.revocations.map(\.compartment) == [shared.compartment.id])
  }

  @Test("rule 5: an operation re-minted twice commits once, though a twin used its first dot")
  func remintedTwice() throws {
    let shared = try Shared()
    let (school, world) = (shared.school, shared.world)
    let first = Dot(actor: shared.actor, counter: 2)
    try school.exchange(changes: [
      (
        shared.compartment,
        school.change(first, context: VersionVector([shared.actor: 1]), "the twin's")
      )
    ])
    var answers: [ExchangeAnswer] = []
    for actor in [300, 301] as [UInt64] {
      let copy = HandDevice(
        world: world, agency: school.agency, id: school.id,
        incarnation: IncarnationID(using: &world.random))
      copy.forkOf = school.incarnation
      try copy.exchange()
      let again = copy.change(
        Dot(actor: Actor(rawValue: actor), counter: 1), "the copy's", policySeen: 0, origin: first)
      answers.append(try copy.exchange(changes: [(shared.compartment, again)]))
    }
    #expect(answers[0].aliases.isEmpty)
    #expect(
      answers[1].aliases.map(\.aliasOf) == [Dot(actor: Actor(rawValue: 300), counter: 1)])
    try shared.visitor.exchange()
    #expect(shared.visitor.texts(shared.compartment.id) == ["the copy's", "the twin's"])
  }

  @Test("what is open to all agencies does not tell of a sensitive service")
  func sensitiveService() throws {
    let world = try HubWorld()
    let clinic = try world.device(of: "Clinic", sensitive: true)
    let school = try world.device(of: "School")
    let people = clinic.compartment(.practitioners, child: nil)
    let open = school.compartment(.practitioners, child: nil)
    try clinic.exchange(changes: [
      (people, clinic.change(Dot(actor: Actor(rawValue: 1), counter: 1), "a name"))
    ])
    try school.exchange(changes: [
      (open, school.change(Dot(actor: Actor(rawValue: 2), counter: 1), "another"))
    ])
    try school.exchange()
    try clinic.exchange()
    #expect(school.texts(people.id).isEmpty)
    #expect(clinic.texts(open.id) == ["another"])
  }

  @Test("work from a device that was reported lost is set apart, a withdrawal from it stands")
  func lostDeviceWrites() throws {
    let shared = try Shared()
    try shared.visitor.exchange()
    let row = try #require(try shared.world.engine.store.device(shared.visitor.id))
    try shared.world.engine.store.transaction {
      try shared.world.engine.revoke(row, now: shared.world.now)
    }
    let answer = try shared.visitor.exchange(
      policy: [
        shared.visitor.withdrawal([.development], from: .everyone, child: shared.child),
        shared.visitor.grant(
          [.share], [.development], to: [shared.visitor.agency], child: shared.child),
      ],
      changes: [
        (
          shared.compartment,
          shared.visitor.change(
            Dot(actor: Actor(rawValue: 200), counter: 1),
            context: VersionVector([shared.actor: 1]), "thief")
        )
      ])
    #expect(answer.quarantined.map(\.reason) == [.authorNotAllowed])
    #expect(answer.policyRefused.count == 1)
  }

  @Test("a token that the hub has yet to give proves a restored hub; an epoch alone proves nothing")
  func tokenOfTheFuture() throws {
    let shared = try Shared()
    let (world, school, visitor) = (shared.world, shared.school, shared.visitor)
    try visitor.exchange()
    let backup = try world.backup()
    try school.exchange(changes: [
      (
        shared.compartment,
        school.change(
          Dot(actor: shared.actor, counter: 2), context: VersionVector([shared.actor: 1]), "later")
      )
    ])
    // The files were put back, and nobody told the hub.
    try world.putBack(backup)
    let epoch = try world.engine.epoch
    var claim = visitor.request()
    claim.epoch = epoch + 7
    let token: ExchangeToken = try #require(claim.token)
    for token in [nil, token] {
      claim.token = token
      guard case .reseed(epoch) = try world.exchange(claim, from: visitor.id) else {
        Issue.record("a device with an epoch of its own choosing is not told to start over")
        return
      }
      #expect(try world.engine.epoch == epoch)
    }
    guard case .recovering(let next, _) = try world.exchange(school.request(), from: school.id)
    else {
      Issue.record("a token from the hub's future is not noticed")
      return
    }
    #expect(try next > epoch && world.engine.epoch == next)
  }

  @Test("a device starts over as often as the limit says, and no more; others go on")
  func incarnations() throws {
    let shared = try Shared()
    let visitor = shared.visitor
    try visitor.exchange()
    func startsOver() throws -> ExchangeReply {
      visitor.incarnation = IncarnationID(using: &shared.world.random)
      visitor.token = nil
      visitor.vectors = [:]
      return try shared.world.exchange(visitor.request(), from: visitor.id)
    }
    for _ in 1..<SyncLimits.incarnationsPerDeviceMax {
      guard case .answer = try startsOver() else {
        Issue.record("refused within the limit")
        return
      }
    }
    for _ in 0..<2 {
      guard case .refused(let code, let sentence, let whatToDo) = try startsOver() else {
        Issue.record("taken beyond the limit")
        return
      }
      #expect(code == .tooManyIncarnations)
      #expect(sentence == "This device has started over 64 times.")
      #expect(whatToDo.contains("hub operator"))
    }
    try shared.school.exchange()
  }

  @Test("a large state travels in parts that resume")
  func parts() throws {
    let shared = try Shared()
    let words = String(repeating: "word ", count: 4_000)
    try shared.school.exchange(changes: [
      (
        shared.compartment,
        shared.school.change(
          Dot(actor: shared.actor, counter: 2), context: VersionVector([shared.actor: 1]), words)
      )
    ])
    var bytes: [UInt8] = []
    var isWhole = false
    for _ in 0..<100 where !isWhole {
      var request = shared.visitor.request()
      request.pageBytes = 4_096
      if let part = shared.visitor.last?.page.items.first,
        case .snapshotPart(let id, let digest, _, _, _) = part
      {
        request.staged = [
          StagedPart(compartment: id, digest: digest, receivedBytes: UInt64(bytes.count))
        ]
      }
      guard case .answer(let answer) = try shared.world.exchange(request, from: shared.visitor.id),
        case .snapshotPart(_, _, let offset, let total, let slice)? = answer.page.items.first
      else {
        Issue.record("no part")
        return
      }
      #expect(offset == UInt64(bytes.count))
      bytes += slice
      isWhole = bytes.count == Int(total)
      if isWhole {
        shared.visitor.vectors[shared.compartment.id] = VersionVector([shared.actor: 2])
      }
      shared.visitor.take(answer, for: request)
    }
    let state = try EncodedSnapshot(bytes: bytes).decoded()
    #expect(state.vector == VersionVector([shared.actor: 2]))
    try shared.visitor.exchange()
  }

  @Test("a write renamed twice is found by each of its earlier names (seed 119, directed)")
  func renamedTwice() throws {
    let shared = try HubExchangeTests.Shared()
    let store = shared.world.engine.store
    let number = try #require(try store.compartment(shared.compartment.id)).number
    let names = (300...302 as ClosedRange<UInt64>).map {
      Dot(actor: Actor(rawValue: $0), counter: 1)
    }
    var change = shared.school.change(names[2], "words", origin: names[0])
    change.aliasOf = names[1]
    try store.transaction {
      try store.log(
        change, encoded: change.encoded(), digest: [], in: number, atMilliseconds: 1)
    }
    for name in names[..<2] {
      #expect(try store.remintedDots(of: name, in: number) == [names[2]])
    }
  }
}
