import CaseRecords
import Causality
import Disclosure
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol
import Testing

@Suite("What the hub keeps, for how long, and its books")
struct HubBooksTests {
  private static let day: UInt64 = 86_400_000

  private func tidy(_ world: HubWorld) throws {
    try world.engine.store.transaction { try world.engine.tidy(now: world.now) }
  }

  @Test(
    "rule 2: a back-fill that is cut goes on, although the compartment moves with every exchange")
  func frozen() throws {
    let shared = try SharedChild()
    let long = String(repeating: "long text ", count: 2_000)
    try shared.school.save(long, in: shared.compartment, group: "g")
    try shared.school.sync()
    let late = try AgencyDevice(shared.world, of: "Health visitor")
    late.pageBytes = 4_096
    var rounds = 0
    while try late.texts(shared.compartment.id, group: "g").isEmpty, rounds < 20 {
      rounds += 1
      try late.step(rounds.isMultiple(of: 3) ? .replyLost : .none)
      try shared.school.save("round \(rounds)", in: shared.compartment)
      try shared.school.sync()
    }
    #expect(try late.texts(shared.compartment.id, group: "g") == [long])
    try late.sync()
    #expect(try late.texts(shared.compartment.id) == ["round \(rounds)"])
    #expect(try late.digestMatchesHoldings)
  }

  @Test("rule 2: a frozen state goes at the first withdrawal, and after a day")
  func frozenGoes() throws {
    for isWithdrawn in [true, false] {
      let shared = try SharedChild()
      let long = String(repeating: "long text ", count: 2_000)
      try shared.school.save(long, in: shared.compartment, group: "g")
      try shared.school.sync()
      let late = try AgencyDevice(shared.world, of: "Health visitor")
      late.pageBytes = 4_096
      try late.step()
      let hub = shared.world.engine.store
      let rows = { try hub.database.first("SELECT count(*) FROM frozen") { $0.int(0) } }
      #expect(try rows() == 1)
      if isWithdrawn {
        try shared.school.withdraw(
          [.development], from: .agencies([shared.visitor.agency]), child: shared.child)
        try shared.school.sync()
      } else {
        shared.world.now += Self.day
        try tidy(shared.world)
        #expect(try rows() == 1)
        shared.world.now += 1
        try tidy(shared.world)
      }
      #expect(try rows() == 0, "withdrawn: \(isWithdrawn)")
    }
  }

  @Test("rule 13: a device gone for a year gets the state, and keeps and sends what it wrote")
  func goneForAYear() throws {
    let shared = try SharedChild()
    let gone = shared.visitor
    try gone.save("offline", in: shared.compartment)
    for text in ["a", "b", "c"] {
      try shared.school.save(text, in: shared.compartment, group: "other")
      try shared.school.sync()
    }
    shared.world.now += 365 * Self.day
    try tidy(shared.world)
    let hub = shared.world.engine.store
    let stored = try #require(try hub.compartment(shared.compartment.id))
    #expect(try hub.changes(of: stored, beyond: VersionVector(), limit: 1_000) == nil)
    // What has been committed is still told from other words under the same dot.
    let dot = try #require(stored.vector.sortedEntries.first)
    let digest = try hub.loggedDigest(
      Dot(actor: dot.actor, counter: 1), in: stored.number)
    #expect(digest != nil)
    try gone.sync()
    try shared.school.sync()
    for device in [gone, shared.school] {
      #expect(try device.texts(shared.compartment.id) == ["offline"])
      #expect(try device.texts(shared.compartment.id, group: "other") == ["c"])
      #expect(try device.engine.unsentCount == 0)
      #expect(try device.digestMatchesHoldings)
    }
    #expect(!gone.outcomes.contains { $0.kind == .reseeded })
  }

  @Test("rule 13: what it wrote knowing of a withdrawal is kept, in quarantine")
  func goneAndWithdrawn() throws {
    let shared = try SharedChild()
    try shared.visitor.withdraw(
      [.development], from: .agencies([shared.visitor.agency]), child: shared.child)
    try shared.visitor.save("offline", in: shared.compartment)
    try shared.school.save("later", in: shared.compartment)
    try shared.school.sync()
    shared.world.now += 365 * Self.day
    try tidy(shared.world)
    try shared.visitor.sync()
    #expect(try shared.world.engine.store.hubQuarantine().count == 1)
    #expect(try shared.visitor.engine.store.quarantinedWork().count == 1)
    #expect(try shared.visitor.engine.store.compartmentCount() == 0)
  }

  @Test("young changes stay whole, and pruning ends at the day and one")
  func pruning() throws {
    let shared = try SharedChild()
    let hub = shared.world.engine.store
    let stored = try #require(try hub.compartment(shared.compartment.id))
    func isWhole() throws -> Bool {
      try hub.changes(of: stored, beyond: VersionVector(), limit: 1_000) != nil
    }
    shared.world.now += 90 * Self.day
    try tidy(shared.world)
    #expect(try isWhole())
    shared.world.now += 1
    try tidy(shared.world)
    #expect(try !isWhole())
    let rows = hub.database.totalChanges
    try tidy(shared.world)
    #expect(hub.database.totalChanges == rows)
  }

  @Test("the ledger names each holding's basis, and begins a line when the basis changes")
  func ledger() throws {
    let shared = try HubExchangeTests.Shared()
    try shared.visitor.exchange()
    let grants = try shared.world.engine.store.hubPolicy(of: shared.child).map(\.entry)
    let share = try #require(
      grants.first {
        if case .grant(let terms) = $0.kind { terms.scope.purposes == [.share] } else { false }
      })
    func lines() throws -> [LedgerLine] {
      let number = try shared.world.engine.store.agency(shared.visitor.agency)?.number
      return try shared.world.engine.ledger(of: shared.child).filter { $0.agency == number }
    }
    #expect(try lines().map(\.basis) == ["consent \(share.id.text)"])
    shared.world.now += 5
    let override = shared.school.entry(
      .override(
        OverrideTerms(
          categories: [.development], recipients: [shared.visitor.agency], reason: "harm",
          decidedBy: "Ann Ash", untilMilliseconds: shared.world.now + 1_000,
          significantHarm: true, authorisedRole: false)), child: shared.child)
    let withdrawal = shared.school.withdrawal(
      [.development], from: .agencies([shared.visitor.agency]), child: shared.child)
    try shared.school.exchange(policy: [override, withdrawal])
    #expect(
      try lines().map(\.basis) == [
        "consent \(share.id.text)", "override \(override.id.text)",
      ])
    #expect(try lines().map { $0.untilMilliseconds == nil } == [false, true])
    #expect(try shared.visitor.exchange().revocations.isEmpty)
    let custodian = try #require(try shared.world.engine.store.agency(shared.school.agency))
    let own = try shared.world.engine.ledger(of: shared.child)
      .filter { $0.agency == custodian.number }
    #expect(own.map(\.basis) == ["own record"])
  }

  @Test("another consent under the same holding is another line, and no news to its holder")
  func basisAlone() throws {
    let shared = try HubExchangeTests.Shared()
    try shared.visitor.exchange()
    try shared.visitor.exchange()
    let withdrawal = shared.school.withdrawal(
      [.development], from: .agencies([shared.visitor.agency]), child: shared.child)
    let knowing = shared.school.grant(
      [.share], [.development], to: [shared.visitor.agency], child: shared.child,
      supersedes: [withdrawal.id])
    try shared.school.exchange(policy: [knowing, withdrawal])
    let number = try shared.world.engine.store.agency(shared.visitor.agency)?.number
    let lines = try shared.world.engine.ledger(of: shared.child).filter { $0.agency == number }
    #expect(lines.count == 2 && lines.last?.basis == "consent \(knowing.id.text)")
    #expect(lines.map { $0.untilMilliseconds == nil } == [false, true])
    let answer = try shared.visitor.exchange()
    #expect(answer.revocations.isEmpty && answer.page.isEmpty)
  }

  @Test("the hub lets go of what it may not keep, as soon as the custodian has it for certain")
  func letsGo() throws {
    let shared = try HubExchangeTests.Shared()
    let id = shared.compartment.id
    try shared.school.exchange(policy: [
      shared.school.withdrawal([.development], from: .everyone, child: shared.child)
    ])
    // The token that came with it has shown that the school has the last reply.
    #expect(try shared.world.engine.store.compartment(id) == nil)
    #expect(try shared.world.engine.store.lettingGoCount() == 0)
    #expect(shared.school.texts(id) == ["first"])
  }
}
