import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

@Suite("An agency's replica that was copied, restored or cut")
struct AgencyCopyTests {
  /// A shared child whose visitor works in a folder.
  private struct Copied {
    let folder: TemporaryFolder
    let shared: SharedChild

    init() throws {
      let world = try HubWorld()
      folder = try TemporaryFolder()
      shared = try SharedChild(
        world, school: AgencyDevice(world, of: "School"),
        visitor: AgencyDevice(world, of: "Health visitor", folder: folder.path))
    }

    func reopen(_ folder: TemporaryFolder) throws -> AgencyDevice {
      try AgencyDevice(
        shared.world, reopening: AgencyDevice.makeStore(folder: folder.path))
    }
  }

  @Test("rule 5: a twin's words under the same dot are both kept, side by side")
  func clone() throws {
    let copied = try Copied()
    let shared = copied.shared
    try shared.visitor.save("before", in: shared.compartment)
    try shared.visitor.sync()
    let folder = try copied.folder.copy()
    let twin = try copied.reopen(folder)
    try shared.visitor.save("original", in: shared.compartment)
    try twin.save("twin", in: shared.compartment)
    try shared.visitor.sync()
    try twin.sync()
    #expect(twin.outcomes.contains { $0.kind == .reseeded })
    for device in [twin, shared.visitor, shared.school] { try device.sync() }
    for device in [twin, shared.visitor, shared.school] {
      #expect(try device.texts(shared.compartment.id) == ["original", "twin"])
      #expect(try device.engine.unsentCount == 0)
      #expect(try device.digestMatchesHoldings)
    }
  }

  @Test("rule 5: a copy that only asks does not take over where the original has gone on")
  func copyThatAsks() throws {
    let copied = try Copied()
    let shared = copied.shared
    let twin = try copied.reopen(copied.folder.copy())
    try shared.visitor.save("original", in: shared.compartment)
    try shared.visitor.sync()
    // The original shows the token of its last reply; only then is the copy heard.
    try shared.visitor.step()
    try twin.sync()
    #expect(twin.outcomes.contains { $0.kind == .reseeded })
    try twin.save("twin", in: shared.compartment)
    for device in [twin, shared.visitor, shared.school] { try device.sync() }
    #expect(!shared.visitor.outcomes.contains { $0.kind == .reseeded })
    for device in [twin, shared.visitor, shared.school] {
      #expect(try device.texts(shared.compartment.id) == ["twin"])
      #expect(try device.digestMatchesHoldings)
    }
  }

  @Test("rule 5: the same unsent work of two copies is committed once")
  func sameWorkTwice() throws {
    let copied = try Copied()
    let shared = copied.shared
    try shared.visitor.save("a", in: shared.compartment)
    try shared.visitor.save("b", in: shared.compartment, group: "other")
    let folder = try copied.folder.copy()
    let twin = try copied.reopen(folder)
    try shared.visitor.sync()
    try twin.sync()
    for device in [twin, shared.visitor, shared.school] { try device.sync() }
    for device in [twin, shared.visitor, shared.school] {
      #expect(try device.texts(shared.compartment.id) == ["a"])
      #expect(try device.texts(shared.compartment.id, group: "other") == ["b"])
    }
    let hub = shared.world.engine.store
    let atHub = try #require(try hub.compartment(shared.compartment.id))
    let here = try #require(try twin.engine.store.compartment(shared.compartment.id))
    #expect(here.vector == atHub.vector)
  }

  @Test("rule 4: an old copy put back gets its own lost writes again")
  func oldCopy() throws {
    let copied = try Copied()
    let shared = copied.shared
    let folder = try copied.folder.copy()
    try shared.visitor.save("lost", in: shared.compartment)
    try shared.visitor.sync()
    let old = try copied.reopen(folder)
    try old.save("unsent", in: shared.compartment, group: "other")
    try old.sync()
    #expect(try old.texts(shared.compartment.id) == ["lost"])
    #expect(try old.texts(shared.compartment.id, group: "other") == ["unsent"])
    #expect(!old.outcomes.contains { !$0.quarantined.isEmpty })
  }

  @Test("what a copy holds is still revoked, and both copies must confirm")
  func revokedCopies() throws {
    let copied = try Copied()
    let shared = copied.shared
    let folder = try copied.folder.copy()
    try shared.visitor.save("one", in: shared.compartment)
    try shared.visitor.sync()
    let twin = try copied.reopen(folder)
    try twin.save("two", in: shared.compartment)
    try twin.sync()
    try shared.school.withdraw([.development], from: .everyone, child: shared.child)
    try shared.school.sync()
    for device in [twin, shared.visitor] {
      try device.sync()
      #expect(try device.engine.store.compartmentCount() == 0)
    }
    #expect(try shared.world.engine.store.receiptCount() == 2)
  }

  @Test("withdrawn while a copy was away with unsent work: drained, then purged")
  func withdrawnMeanwhile() throws {
    let copied = try Copied()
    let shared = copied.shared
    let folder = try copied.folder.copy()
    try shared.visitor.save("one", in: shared.compartment)
    try shared.visitor.sync()
    let twin = try copied.reopen(folder)
    try twin.save("two", in: shared.compartment, group: "other")
    try shared.school.withdraw(
      [.development], from: .agencies([shared.visitor.agency]), child: shared.child)
    try shared.school.sync()
    try twin.sync()
    #expect(try twin.engine.store.compartmentCount() == 0)
    try shared.school.sync()
    let atSchool = try shared.school.texts(shared.compartment.id, group: "other")
    let apart = try shared.world.engine.store.hubQuarantine().count
    #expect(atSchool == ["two"] || apart == 1)
  }

  @Test("a copied folder shows nothing of others until its first exchange")
  func copiedFolder() throws {
    let copied = try Copied()
    let folder = try copied.folder.copy()
    let copy = try copied.reopen(folder)
    let now = copied.shared.world.now
    let lease = copy.engine.leaseState(wall: now, boot: 5)
    #expect(lease == .locked(.copiedFolder))
    #expect(try !copy.engine.mayShow(copied.shared.compartment.id, lease: lease))
    try copy.sync()
    #expect(copy.engine.leaseState(wall: now, boot: 5) == .open)
    let again = try copied.reopen(folder)
    #expect(again.engine.leaseState(wall: now, boot: 5) == .open)
  }

  @Test("a restart between request and reply repeats exactly what was in flight")
  func restart() throws {
    let copied = try Copied()
    let shared = copied.shared
    try shared.visitor.sync()
    try shared.visitor.save("sent", in: shared.compartment)
    let first = try shared.visitor.engine.nextRequest(now: shared.world.now)
    #expect(first.page.items.count == 1)
    _ = try shared.world.exchange(first, from: shared.visitor.id)
    try shared.visitor.save("new", in: shared.compartment)
    let restarted = try copied.reopen(copied.folder)
    let again = try restarted.engine.nextRequest(now: shared.world.now, waitMilliseconds: 1_000)
    #expect(again.page == first.page && again.waitMilliseconds == 0)
    try restarted.sync()
    #expect(!restarted.outcomes.contains { $0.kind == .reseeded })
    try shared.school.sync()
    #expect(try shared.school.texts(shared.compartment.id) == ["new"])
  }

  @Test("a reply that is late or comes twice changes nothing")
  func staleReply() throws {
    let shared = try SharedChild()
    try shared.school.sync()
    try shared.school.save("x", in: shared.compartment)
    let engine = shared.school.engine
    let request = try engine.nextRequest(now: shared.world.now)
    let reply = try shared.world.exchange(request, from: shared.school.id)
    _ = try engine.received(reply, to: request, now: shared.world.now)
    let session = engine.session
    #expect(try engine.received(reply, to: request, now: shared.world.now).kind == .stale)
    #expect(engine.session == session)
  }

  @Test("the answer that named an alias was lost and the retry carries less: the page names it")
  func aliasInThePage() throws {
    let copied = try Copied()
    let shared = copied.shared
    let words = ["a", "b"].map { String(repeating: $0, count: 600) }
    try shared.visitor.save(words[0], in: shared.compartment)
    try shared.visitor.save(words[1], in: shared.compartment, group: "other")
    let twin = try copied.reopen(copied.folder.copy())
    try shared.visitor.sync()
    // The original shows the token of its last reply, so the copy has to start over.
    try shared.visitor.step()
    while try twin.engine.nextRequest(now: shared.world.now).page.items.count < 2 {
      try #require(twin.outcomes.count < 9)
      try twin.step()
    }
    try twin.step(.replyLost)
    twin.pageBytes = 1_024
    try #require(
      try twin.engine.nextRequest(now: shared.world.now, pageBytes: 1_024).page.items.count == 1)
    for device in [twin, shared.visitor, shared.school] { try device.sync() }
    for device in [twin, shared.visitor, shared.school] {
      #expect(try device.texts(shared.compartment.id) == [words[0]])
      #expect(try device.texts(shared.compartment.id, group: "other") == [words[1]])
      #expect(try device.engine.unsentCount == 0 && device.digestMatchesHoldings)
    }
  }
}
