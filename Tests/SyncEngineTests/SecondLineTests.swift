import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// Rules that a simulated district seldom needs, since another before them nearly always holds:
/// each is asked for by what only a lying device, or one reply in thousands, would bring about.
@Suite("Rules behind the rules")
struct SecondLineTests {
  private func holdings(_ device: HandDevice) -> [Holding] {
    device.vectors.map { Holding(compartment: $0.key, vector: $0.value) }
  }

  /// The device says what it holds, and takes the answer in.
  @discardableResult
  private func report(
    _ device: HandDevice, isGivingBack: Bool = false
  ) throws -> ExchangeReply {
    var request = device.request()
    request.isGivingBack = isGivingBack
    request.holdings = holdings(device)
    let reply = try device.world.exchange(request, from: device.id)
    if case .answer(let answer) = reply { device.take(answer, for: request) }
    return reply
  }

  /// The school writes its record anew, twice.
  private func rewrite(_ shared: HubExchangeTests.Shared) throws {
    for (counter, text) in [(2, "second"), (3, "third")] as [(UInt64, String)] {
      try shared.school.exchange(changes: [
        (
          shared.compartment,
          shared.school.change(
            Dot(actor: shared.actor, counter: counter),
            context: VersionVector([shared.actor: counter - 1]), text)
        )
      ])
    }
  }

  @Test("rule 2: a state that was lost on the way comes again as a state, not as its history")
  func lostState() throws {
    let shared = try HubExchangeTests.Shared()
    let (school, visitor, id) = (shared.school, shared.visitor, shared.compartment.id)
    try visitor.exchange()
    // What goes before it, and leaves no room in the smaller page of the next attempts.
    for actor in [200, 201] as [UInt64] {
      let long = school.change(
        Dot(actor: Actor(rawValue: actor), counter: 1), String(repeating: "long ", count: 600))
      try school.exchange(changes: [(school.compartment(.development, child: shared.child), long)])
    }
    try rewrite(shared)
    try visitor.exchange()
    // Set back to where it had the first words only: what lies between, the state tells.
    visitor.vectors = [id: VersionVector([shared.actor: 1])]
    var request = visitor.request()
    request.holdings = holdings(visitor)
    guard case .answer(let lost) = try shared.world.exchange(request, from: visitor.id) else {
      return #expect(Bool(false), "no answer")
    }
    try #require(lost.page.items.contains { $0.compartment == id })
    var items: [PageItem] = []
    for isRetry in [true, false] {
      items += try visitor.exchange(pageBytes: 4_096).page.items
      try #require(items.contains { $0.compartment == id } != isRetry)
    }
    for item in items {
      guard case .snapshot = item else {
        return #expect(Bool(false), "not a state: \(item)")
      }
    }
    #expect(visitor.texts(id) == ["third"])
  }

  @Test("rule 5: who lacks its own committed writes is a copy")
  func lacksItsOwn() throws {
    let shared = try HubExchangeTests.Shared()
    try rewrite(shared)
    let (school, world) = (shared.school, shared.world)
    school.vectors[shared.compartment.id] = VersionVector([shared.actor: 1])
    let reply = try report(school)
    guard case .reseed = reply else { return #expect(Bool(false), "\(reply)") }
    #expect(try world.engine.store.compartment(shared.compartment.id) != nil)
  }

  @Test("nobody has more than there is: what comes later still reaches who claims to have it")
  func claimsTooMuch() throws {
    let shared = try HubExchangeTests.Shared()
    let visitor = shared.visitor
    try visitor.exchange()
    visitor.vectors[shared.compartment.id] = VersionVector([shared.actor: 5])
    try report(visitor)
    try shared.school.exchange(changes: [
      (
        shared.compartment,
        shared.school.change(
          Dot(actor: shared.actor, counter: 2), context: VersionVector([shared.actor: 1]), "later")
      )
    ])
    let answer = try visitor.exchange()
    #expect(!answer.page.items.isEmpty)
    #expect(visitor.texts(shared.compartment.id) == ["later"])
  }

  @Test("what came in part before a device started over is revoked in its new run")
  func begunBefore() throws {
    let world = try HubWorld()
    let school = try world.device(of: "School")
    let visitor = try world.device(of: "Health visitor")
    let child = ChildID(using: &world.random)
    let compartment = school.compartment(.development, child: child)
    let long = String(repeating: "many words ", count: 4_000)
    try school.exchange(
      policy: [
        school.grant([.store], [.development], to: [.hub], child: child),
        school.grant([.share], [.development], to: [visitor.agency], child: child),
      ],
      changes: [(compartment, school.change(Dot(actor: Actor(rawValue: 1), counter: 1), long))])
    let answer = try visitor.exchange(pageBytes: 4_096)
    guard case .snapshotPart? = answer.page.items.first else {
      return #expect(Bool(false), "no part: \(answer.page.items)")
    }
    try school.exchange(policy: [
      school.withdrawal([.development], from: .agencies([visitor.agency]), child: child)
    ])
    let again = HandDevice(
      world: world, agency: visitor.agency, id: visitor.id,
      incarnation: IncarnationID(using: &world.random))
    again.forkOf = visitor.incarnation
    try report(again)
    #expect(again.last?.revocations.map(\.compartment) == [compartment.id])
  }

  @Test("what is added to a record that has been erased is set apart as such")
  func addedAfterErasure() throws {
    let shared = try HubExchangeTests.Shared()
    let school = shared.school
    try school.exchange(policy: [school.entry(.erase(reason: "asked for"), child: shared.child)])
    for revocation in school.last?.revocations ?? [] {
      try school.exchange(receipts: [school.receipt(for: revocation)])
    }
    try #require(try shared.world.engine.store.isErased(shared.compartment.id))
    let answer = try school.exchange(changes: [
      (
        shared.compartment,
        school.change(
          Dot(actor: shared.actor, counter: 2), context: VersionVector([shared.actor: 1]), "more")
      )
    ])
    #expect(answer.quarantined.map(\.reason) == [.erased])
    #expect(try shared.world.engine.store.compartment(shared.compartment.id) == nil)
  }

  @Test("what two copies give back to a restored hub under two names is one write")
  func givenBackTwice() throws {
    let shared = try HubExchangeTests.Shared()
    let (world, school) = (shared.world, shared.school)
    let second = try world.device(of: "School")
    try second.exchange()
    try world.restore(world.backup())
    for (device, actor) in [(school, 300), (second, 301)] as [(HandDevice, UInt64)] {
      let dot = Dot(actor: Actor(rawValue: actor), counter: 1)
      var content = CompartmentContent()
      content.apply(device.change(Dot(actor: shared.actor, counter: 1), "first"))
      content.apply(device.change(dot, "once", policySeen: 0, group: "other"))
      let vector = VersionVector([shared.actor: 1, dot.actor: 1])
      var request = device.request()
      request.isGivingBack = true
      request.holdings = [Holding(compartment: shared.compartment.id, vector: vector)]
      request.digest = HoldingsDigest().adding(shared.compartment.id, vector)
      request.page.compartments = [shared.compartment]
      request.page.items = [
        .snapshot(
          shared.compartment.id, vector: vector,
          content: try CheckedContent(encoded: content.encoded()))
      ]
      let reply = try world.exchange(request, from: device.id)
      guard case .answer = reply else { return #expect(Bool(false), "\(reply)") }
    }
    let stored = try #require(try world.engine.store.compartment(shared.compartment.id))
    try #require(stored.vector.contains(Dot(actor: Actor(rawValue: 301), counter: 1)))
    let atHub = try world.engine.store.content(of: stored)
    #expect(AgencyDevice.texts(of: atHub, group: "other") == ["once"])
  }

  @Test("a receipt is not heard where the same reply orders the purge once more")
  func orderedAgain() throws {
    let shared = try SharedChild()
    let (world, visitor) = (shared.world, shared.visitor)
    try shared.school.withdraw([.development], from: .everyone, child: shared.child)
    try shared.school.sync()
    try visitor.step()
    let order = try #require(
      try visitor.engine.store.unacknowledgedPurges(limit: 1).first)
    let request = try visitor.engine.nextRequest(now: world.now)
    try #require(request.purgeReceipts == [order])
    guard case .answer(var answer) = try world.exchange(request, from: visitor.id) else {
      return #expect(Bool(false), "no answer")
    }
    answer.revocations = [
      Revocation(compartment: order.compartment, certificate: order.certificate)
    ]
    _ = try visitor.engine.received(.answer(answer), to: request, now: world.now)
    #expect(try visitor.engine.store.unacknowledgedPurges(limit: 2) == [order])
  }

  /// The hub has begun the record anew, from this, and takes nothing yet of what comes.
  private func hear(
    _ content: CompartmentContent, under vector: VersionVector, _ shared: SharedChild
  ) throws {
    let (world, visitor) = (shared.world, shared.visitor)
    let request = try visitor.engine.nextRequest(now: world.now)
    guard case .answer(var answer) = try world.exchange(request, from: visitor.id) else {
      throw Unexpected(reply: "no answer")
    }
    answer.deferred = request.page.items.compactMap {
      guard case .change(let id, let change) = $0 else { return nil }
      return DotNotice(compartment: id, dot: change.dot)
    }
    answer.page = Page()
    answer.page.compartments = [shared.compartment]
    answer.page.items = [
      .snapshot(
        shared.compartment.id, vector: vector,
        content: try CheckedContent(encoded: content.encoded()))
    ]
    _ = try visitor.engine.received(.answer(answer), to: request, now: world.now)
    let stored = try visitor.engine.store.compartment(shared.compartment.id)
    try #require(stored?.vector.covers(vector) == true)
  }

  @Test("a state that lacks what the hub once had takes the place of what is here")
  func startedAnew() throws {
    let shared = try SharedChild()
    try shared.visitor.save("unsent", in: shared.compartment, group: "other")
    let hand = HandDevice(
      world: shared.world, agency: shared.school.agency, id: shared.school.id,
      incarnation: IncarnationID(using: &shared.world.random))
    let dot = Dot(actor: Actor(rawValue: 900), counter: 1)
    var content = CompartmentContent()
    content.apply(hand.change(dot, "begun anew"))
    try hear(content, under: VersionVector([dot.actor: 1]), shared)
    #expect(try shared.visitor.texts(shared.compartment.id) == ["begun anew"])
    #expect(try shared.visitor.texts(shared.compartment.id, group: "other") == ["unsent"])
  }

  @Test("an actor that a hub which has begun anew knows nothing of does not write on")
  func actorOfBefore() throws {
    let shared = try SharedChild()
    let before = try shared.visitor.save("own", in: shared.compartment, group: "other")
    try shared.visitor.sync()
    try hear(CompartmentContent(), under: VersionVector([Actor(rawValue: 900): 1]), shared)
    let after = try shared.visitor.save("next", in: shared.compartment, group: "other")
    #expect(after.actor != before.actor)
  }

  @Test("unsent work that a restored hub was given with a state is known when the state returns")
  func unsentGivenBack() throws {
    let shared = try SharedChild()
    let (world, school, visitor) = (shared.world, shared.school, shared.visitor)
    let backup = try world.backup()
    try visitor.save("own", in: shared.compartment, group: "own")
    try visitor.sync()
    try school.save("second", in: shared.compartment)
    try school.sync()
    try visitor.save("unsent", in: shared.compartment, group: "other")
    try world.restore(backup)
    // First the one whose state the hub lacks, so that its own comes back to it.
    for device in [visitor, school] { try device.sync() }
    #expect(!visitor.outcomes.contains { $0.kind == .reseeded })
    for device in [school, visitor] { try device.sync() }
    for device in [school, visitor] {
      #expect(try device.texts(shared.compartment.id) == ["second"])
      #expect(try device.texts(shared.compartment.id, group: "other") == ["unsent"])
    }
  }

  @Test("an order of before a restore holds against a part in the case that had ended since")
  func roleEndedSinceBackup() throws {
    let world = try HubWorld()
    let school = try AgencyDevice(world, of: "School")
    let visitor = try AgencyDevice(world, of: "Health visitor")
    let index = school.compartment(.index, child: ChildID(using: &world.random))
    let record = RecordID(using: &world.random)
    func write(_ group: String, _ value: GroupValue) throws {
      _ = try school.engine.write(
        creating: index,
        writes: [
          Write(record: record, kind: "involvement", group: group, value: value.encoded())
        ], author: AgencyDevice.author, now: world.now)
      for device in [school, visitor] { try device.sync() }
    }
    try write("agency", GroupValue().setting("agency", visitor.agency))
    try #require(try visitor.engine.store.compartment(index.id) != nil)
    let backup = try world.backup()
    try write("life", .life(isPresent: false))
    try #require(try visitor.engine.store.compartment(index.id) == nil)
    try world.restore(backup)
    // It comes before anybody says that the involvement had ended.
    for device in [visitor, school, visitor] {
      try device.sync()
      #expect(try visitor.engine.store.compartment(index.id) == nil)
    }
  }

  @Test(
    "what a device does not list may wait for a state: it stays to be revoked (directed seed 770)")
  func unlistedIsRevoked() throws {
    let shared = try HubExchangeTests.Shared()
    let (world, school, visitor, id) = (
      shared.world, shared.school, shared.visitor, shared.compartment.id
    )
    try visitor.exchange()
    try world.restore(try world.backup(), isJournalComplete: false)
    // As after work of its was set apart. Nothing is let out before the school has been heard.
    visitor.vectors = [:]
    try report(visitor, isGivingBack: true)
    try #require(visitor.vectors[id] == nil)
    try report(school, isGivingBack: true)
    try school.exchange(policy: [
      school.withdrawal(
        [.development], from: .agencies([visitor.agency]), child: shared.child)
    ])
    #expect(try visitor.exchange().revocations.map(\.compartment) == [id])
  }

  @Test("a save that stands is known though the hub has let go of its names (directed seed 44972)")
  func nameLetGoOf() throws {
    let world = try HubWorld()
    let school = try world.device(of: "School")
    let child = ChildID(using: &world.random)
    let record = school.compartment(.development, child: child)
    let (first, second) = (
      Dot(actor: Actor(rawValue: 1), counter: 1), Dot(actor: Actor(rawValue: 2), counter: 1)
    )
    try school.exchange(
      policy: [school.grant([.store], [.development], to: [.hub], child: child)],
      changes: [(record, school.change(first, "once"))])
    let denial = school.withdrawal([.development], from: .everyone, child: child)
    for policy in [[denial], []] { try school.exchange(policy: policy) }
    try #require(try world.engine.store.compartment(record.id) == nil)
    // A copy of it, which had said the same by another name, submits it anew.
    school.vectors[record.id] = nil
    try report(school)
    let other = Dot(actor: Actor(rawValue: 9), counter: 1)
    try school.exchange(
      policy: [
        school.grant(
          [.store], [.development], to: [.hub], child: child, supersedes: [denial.id])
      ], changes: [(record, school.change(second, "once", origin: other))])
    let answer = try school.exchange(changes: [(record, school.change(first, "once"))])
    #expect(answer.aliases == [AliasNotice(compartment: record.id, dot: first, aliasOf: second)])
  }
}
