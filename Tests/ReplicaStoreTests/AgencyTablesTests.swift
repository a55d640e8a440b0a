import CaseRecords
import Causality
import ReplicaStore
import SQLite
import SyncProtocol
import Testing

@Suite("An agency's tables")
struct AgencyTablesTests {
  @Test("the outbox keeps the order of saving, and tells what was never sent")
  func outbox() throws {
    let store = try StoreFolder().open()
    let one = try store.fill(StoreFolder.compartment(1), []).number
    let two = try store.fill(StoreFolder.compartment(2), []).number
    let changes = (1...3).map { StoreFolder.change("\($0)", counter: $0) }
    try store.enqueue(changes[0], in: one)
    try store.enqueue(changes[0], in: two)
    try store.enqueue(changes[1], in: one)
    let places = try store.outboxPlaces(after: 0, limit: 9)
    #expect(places.map(\.compartment) == [one, two, one])
    #expect(try store.outboxPlaces(after: places[0].position, limit: 1).count == 1)
    try store.markInFlight([places[0].position])
    #expect(try store.inFlight().map(\.change) == [changes[0]])
    #expect(try store.hasInFlight())
    try store.clearInFlight()
    #expect(try !store.hasInFlight() && store.inFlight().isEmpty)
    #expect(try store.outbox(of: one).map(\.wasSent) == [true, false])
    var rewritten = changes[1]
    rewritten.policyDependencies = [PolicyID(high: 1, low: 1)]
    let second = try #require(try store.outboxEntry(dot: changes[1].dot, in: one))
    try store.rewrite(second, as: rewritten)
    #expect(try store.outboxEntry(second.position)?.change == rewritten)
    try store.dequeue(dot: changes[0].dot, in: one)
    #expect(try store.outboxCount(of: one) == 1 && store.outboxCount() == 2)
    #expect(try store.outboxCompartments() == [one, two])
    try store.dequeueAll(of: two)
    #expect(try store.outboxCompartments() == [one])
  }

  @Test("holds: only what is revoked, ordered and drained is ready to purge")
  func drained() throws {
    let store = try StoreFolder().open()
    let certificate = [UInt8](repeating: 2, count: 16)
    var numbers: [Int64] = []
    for (index, state) in [HoldState.held, .revoked, .revoked, .revoked, .rebasing].enumerated() {
      let stored = try store.fill(StoreFolder.compartment(UInt64(index)), [])
      numbers.append(stored.number)
      try store.save(
        AgencyHold(
          number: stored.number, acknowledged: VersionVector([Actor(rawValue: 1): 1]),
          actor: Actor(rawValue: .max), state: state, certificate: index == 2 ? nil : certificate))
    }
    try store.enqueue(StoreFolder.change("unsent"), in: numbers[3])
    #expect(try store.drainedHolds(limit: 9).map(\.number) == [numbers[1]])
    #expect(try store.holds(in: .rebasing).map(\.number) == [numbers[4]])
    #expect(try store.holdings().count == 5)
    #expect(try store.hold(numbers[0])?.actor == Actor(rawValue: .max))
    try store.forgetActors()
    #expect(try store.allHolds().allSatisfy { $0.actor == nil })
    try store.vault.destroy([numbers[1]])
    try store.deleteRows([numbers[1]])
    #expect(try store.hold(numbers[1]) == nil)
  }

  @Test("policy: what narrows leaves first, and the state follows the hub")
  func policy() throws {
    let store = try StoreFolder().open()
    let child = ChildID(high: 1, low: 2)
    let scope = ConsentScope(purposes: [.share], categories: [.health], recipients: .everyone)
    func entry(_ number: UInt64, _ kind: PolicyKind) -> PolicyEntry {
      PolicyEntry(
        id: PolicyID(high: 0, low: number), child: child, kind: kind, madeAtMilliseconds: 1,
        authorAgency: AgencyID(high: 9, low: 1), author: nil)
    }
    let grant = entry(
      1,
      .grant(
        ConsentTerms(
          scope: scope, excluded: [], supersedes: [], expiresAtMilliseconds: nil, evidence: nil)))
    let withdrawal = entry(2, .withdrawal(scope))
    let erasure = entry(3, .erase(reason: "wish"))
    for entry in [grant, withdrawal, erasure] {
      try store.savePolicy(entry, position: nil, state: .unsent)
    }
    #expect(try store.unsentPolicy(limit: 2) == [erasure, withdrawal])
    #expect(try store.unsentPolicy(of: child).count == 3)
    try store.savePolicy(grant, position: 4, state: .committed)
    try store.savePolicy(withdrawal, position: nil, state: .refused, note: "why")
    #expect(try store.unsentPolicy(limit: 9) == [erasure])
    #expect(try store.policy(grant.id)?.position == 4)
    #expect(try store.policy(withdrawal.id)?.note == "why")
    #expect(try store.policy(of: child).count == 3)
    #expect(try store.agencyWidePolicy().isEmpty)
  }

  @Test("an entry that was read is read no more once its bytes change, or the keys are locked")
  func openedPolicy() throws {
    let store = try StoreFolder().open()
    let entry = PolicyEntry(
      id: PolicyID(high: 0, low: 1), child: ChildID(high: 0, low: 2), kind: .erase(reason: "wish"),
      madeAtMilliseconds: 1, authorAgency: AgencyID(high: 9, low: 1), author: nil)
    try store.savePolicy(entry, position: nil, state: .unsent)
    let sealed = try #require(try store.database.first("SELECT body FROM policy") { $0.blob(0) })
    for _ in 0..<2 { #expect(try store.policy(entry.id)?.entry == entry) }
    for index in [0, sealed.count - 1] {
      var changed = sealed
      changed[index] ^= 1
      try store.database.run("UPDATE policy SET body = ?", .blob(changed))
      #expect(throws: StoreError.self) { try store.policy(entry.id) }
    }
    try store.database.run("UPDATE policy SET body = ?", .blob(sealed))
    #expect(try store.policy(entry.id)?.entry == entry)
    store.lock()
    #expect(throws: StoreError.locked) { try store.policy(entry.id) }
  }

  @Test("parts of a state are kept in order and forgotten together")
  func staging() throws {
    let store = try StoreFolder().open()
    let stored = try store.fill(StoreFolder.compartment(1), [])
    let digest = [UInt8](repeating: 3, count: 32)
    #expect(try store.stagedBytes(stored.number, digest: digest) == nil)
    try store.stage(stored.number, digest: digest, offset: 0, bytes: [1, 2])
    try store.stage(stored.number, digest: digest, offset: 2, bytes: [3])
    #expect(try store.stagedBytes(stored.number, digest: digest) == [1, 2, 3])
    #expect(try store.stagedByteCount(stored.number, digest: digest) == 3)
    #expect(try store.stagedByteCount(stored.number, digest: [9]) == 0)
    #expect(
      try store.stagedParts(limit: 9)
        == [StagedPart(compartment: stored.id, digest: digest, receivedBytes: 3)])
    try store.unstage(stored.number)
    #expect(try store.stagedParts(limit: 9).isEmpty)
  }

  @Test("work set apart and work rescued stay until somebody takes them")
  func setApart() throws {
    let store = try StoreFolder().open()
    let id = CompartmentID(high: 1, low: 1)
    let change = StoreFolder.change("text")
    try store.saveQuarantine(change, in: id, reason: .notHeld, state: .waiting, atMilliseconds: 5)
    let work = try #require(try store.quarantinedWork().first)
    #expect(work.change == change && work.reason == .notHeld && work.atMilliseconds == 5)
    #expect(try store.isQuarantined(id))
    try store.deleteQuarantine(work.number)
    #expect(try !store.isQuarantined(id))
    try store.saveRescued([1, 2])
    try store.saveRescued([3])
    #expect(try store.rescued().map(\.body) == [[1, 2], [3]])
    try store.deleteRescued(body: [1, 2])
    #expect(try store.rescued().map(\.body) == [[3]])
  }
}
