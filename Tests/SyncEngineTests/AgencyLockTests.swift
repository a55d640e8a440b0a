import CaseRecords
import Causality
import Cryptography
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

@Suite("An agency whose keys are locked")
struct AgencyLockTests {
  /// Locked or opened between a request and its reply, in either direction, with work both ways.
  @Test("locking in mid-exchange loses nothing, repeats nothing, and is no copy")
  func lockedInFlight() throws {
    for isLockedFirst in [false, true] {
      let shared = try SharedChild()
      let visitor = shared.visitor
      let master = try #require(AgencyDevice.master)
      let id = shared.compartment.id
      try shared.school.save("from the school", in: shared.compartment, group: "school")
      try shared.school.sync()
      try visitor.save("from the visitor", in: shared.compartment, group: "visitor")
      if isLockedFirst { visitor.engine.lock() }
      let request = try visitor.engine.nextRequest(now: shared.world.now)
      #expect(request.isLocked == isLockedFirst && request.page.isEmpty == isLockedFirst)
      let reply = try shared.world.exchange(request, from: visitor.id)
      if isLockedFirst { try visitor.engine.unlock(master) } else { visitor.engine.lock() }
      let outcome = try visitor.engine.received(reply, to: request, now: shared.world.now)
      #expect(outcome.kind == .stale && outcome.changed.isEmpty)
      if !isLockedFirst {
        try visitor.sync()
        #expect(try visitor.engine.unsentCount == 1)
        try visitor.engine.unlock(master)
      }
      try visitor.sync()
      try shared.school.sync()
      for device in [visitor, shared.school] {
        #expect(try device.texts(id, group: "school") == ["from the school"])
        #expect(try device.texts(id, group: "visitor") == ["from the visitor"])
        #expect(try device.engine.unsentCount == 0 && device.digestMatchesHoldings)
      }
      #expect(!visitor.outcomes.contains { $0.kind == .reseeded || $0.kind == .holdingsWanted })
    }
  }

  @Test("locked, it is not told again and again what it cannot keep")
  func idleWhileLocked() throws {
    let shared = try SharedChild()
    let visitor = shared.visitor
    try visitor.sync()
    visitor.engine.lock()
    try visitor.sync()
    // News of every kind: a page, policy.
    try shared.school.save("more", in: shared.compartment)
    try shared.school.grant(
      [.store], [.plan], to: [.hub], child: shared.child)
    try shared.school.grant([.share], [.plan], to: [visitor.agency], child: shared.child)
    try shared.school.sync()
    let request = try visitor.engine.nextRequest(now: shared.world.now, waitMilliseconds: 1_000)
    #expect(request.waitMilliseconds == 1_000)
    guard case .answer(let answer) = try shared.world.exchange(request, from: visitor.id) else {
      Issue.record("no answer")
      return
    }
    #expect(answer.token == nil && answer.policy.isEmpty && answer.page.isEmpty)
    try visitor.engine.unlock(#require(AgencyDevice.master))
    let policy = try visitor.engine.store.allPolicy().count
    try visitor.sync()
    #expect(try visitor.texts(shared.compartment.id) == ["more"])
    #expect(try visitor.engine.store.allPolicy().count > policy)
  }

  @Test("opened again after a withdrawal it finds nothing to open, and every receipt is there")
  func purgedWhileLocked() throws {
    let world = try HubWorld()
    let folder = try TemporaryFolder()
    let visitor = try AgencyDevice(
      world, of: "Health visitor", store: AgencyDevice.makeStore(folder: folder.path))
    let shared = try SharedChild(
      world, school: AgencyDevice(world, of: "School"), visitor: visitor)
    let number = try #require(try visitor.engine.store.compartment(shared.compartment.id)).number
    let wrapped = try #require(try visitor.engine.store.vault.wrapped(number))
    let key = try visitor.engine.store.vault.key(number).bytes
    #expect(try !folder.files(containing: wrapped).isEmpty)
    visitor.engine.lock()
    try shared.school.withdraw([.development], from: .everyone, child: shared.child)
    try shared.school.sync()
    try visitor.sync()
    #expect(try visitor.engine.store.vault.wrapped(number) == nil)
    // Neither the key nor its wrapping is in any file: nothing opens what a backup may still hold.
    #expect(try folder.files(containing: wrapped).isEmpty)
    #expect(try folder.files(containing: key).isEmpty)
    try visitor.engine.unlock(#require(AgencyDevice.master))
    try visitor.sync()
    #expect(try visitor.engine.store.compartment(shared.compartment.id) == nil)
    #expect(try shared.world.engine.store.receiptCount() == 1)
    #expect(try visitor.digestMatchesHoldings)
  }

  @Test("unsent work in what is withdrawn waits for the passphrase, and is then drained")
  func drainedAfterUnlocking() throws {
    let shared = try SharedChild()
    let visitor = shared.visitor
    try visitor.save("unsent", in: shared.compartment)
    visitor.engine.lock()
    try shared.school.withdraw(
      [.development], from: .agencies([visitor.agency]), child: shared.child)
    try shared.school.sync()
    try visitor.sync()
    #expect(try visitor.engine.store.compartment(shared.compartment.id) != nil)
    #expect(try !visitor.engine.mayShow(shared.compartment.id, lease: .open))
    #expect(try shared.world.engine.store.receiptCount() == 0)
    try visitor.engine.unlock(#require(AgencyDevice.master))
    try visitor.sync()
    #expect(try visitor.engine.store.compartment(shared.compartment.id) == nil)
    #expect(try shared.world.engine.store.receiptCount() == 1)
    try shared.school.sync()
    #expect(try shared.school.texts(shared.compartment.id).contains("unsent"))
  }

  @Test("another key does not open it, and it stays locked")
  func wrongKey() throws {
    let shared = try SharedChild()
    let stored = try #require(
      try shared.visitor.engine.store.compartment(shared.compartment.id))
    shared.visitor.engine.lock()
    #expect(throws: StoreError.locked) { try shared.visitor.engine.store.content(of: stored) }
    #expect(throws: StoreError.wrongKey) { try shared.visitor.engine.unlock(.random()) }
    #expect(shared.visitor.engine.isLocked)
    #expect(throws: StoreError.locked) { try shared.visitor.engine.store.content(of: stored) }
    try shared.visitor.engine.unlock(#require(AgencyDevice.master))
    #expect(try shared.visitor.texts(shared.compartment.id) == ["first"])
  }
}
