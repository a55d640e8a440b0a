import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

@Suite("An agency is back-filled, and gives back")
struct AgencyBackfillTests {
  @Test("a state larger than the page comes in parts, over a line that fails every other time")
  func parts() throws {
    let shared = try SharedChild()
    let long = String(repeating: "long text ", count: 2_000)
    for group in 0..<3 { try shared.school.save(long, in: shared.compartment, group: "g\(group)") }
    try shared.school.sync()
    let late = try AgencyDevice(shared.world, of: "Health visitor")
    late.pageBytes = 4_096
    for step in 0..<80 {
      try late.step(AgencyDevice.Fault.allCases[step % 3])
    }
    try late.sync()
    for group in 0..<3 {
      #expect(try late.texts(shared.compartment.id, group: "g\(group)") == [long])
    }
    #expect(try late.engine.store.stagedParts(limit: 9).isEmpty)
    #expect(try late.digestMatchesHoldings)
  }

  @Test("a back-fill that another's write interrupts starts again and ends")
  func interrupted() throws {
    let shared = try SharedChild()
    let long = String(repeating: "long text ", count: 2_000)
    try shared.school.save(long, in: shared.compartment, group: "g")
    try shared.school.sync()
    let late = try AgencyDevice(shared.world, of: "Health visitor")
    late.pageBytes = 4_096
    try late.step()
    try late.step()
    try shared.school.save("meanwhile", in: shared.compartment)
    try shared.school.sync()
    try late.sync()
    #expect(try late.texts(shared.compartment.id) == ["meanwhile"])
    #expect(try late.texts(shared.compartment.id, group: "g") == [long])
  }

  @Test("what a person saw is the context: two forms on one device conflict honestly")
  func twoForms() throws {
    let shared = try SharedChild()
    let seen = try #require(try shared.school.engine.store.compartment(shared.compartment.id))
      .vector
    try shared.school.save("one", in: shared.compartment, seen: seen)
    try shared.school.save("two", in: shared.compartment, seen: seen)
    try shared.school.sync()
    let outcome = try #require(
      try {
        try shared.visitor.step(); return try shared.visitor.step()
      }())
    #expect(try shared.visitor.texts(shared.compartment.id) == ["one", "two"])
    let conflicts = shared.visitor.outcomes.map(\.newConflicts).reduce(Set()) { $0.union($1) }
    #expect(conflicts == [shared.compartment.id] && outcome.newConflicts.isEmpty)
  }

  @Test("several compartments are saved together or not at all")
  func batch() throws {
    let shared = try SharedChild()
    let device = shared.school
    let good = ChangeDraft(
      to: .existing(shared.compartment.id), writes: [device.write("good")])
    let bad = ChangeDraft(
      to: .existing(CompartmentID(high: 0, low: 9)), writes: [device.write("bad")])
    #expect(throws: AgencyError.notHeld(CompartmentID(high: 0, low: 9))) {
      try device.engine.save([good, bad], author: nil, now: shared.world.now)
    }
    let theirs = Compartment(
      id: CompartmentID(high: 0, low: 9), child: shared.child, category: .household,
      custodian: shared.visitor.agency)
    #expect(throws: AgencyError.notHeld(theirs.id)) { try device.save("bad", in: theirs) }
    #expect(try device.texts(shared.compartment.id) == ["first"])
    #expect(try device.engine.unsentCount == 0)
    let kept = try device.engine.store.quarantinedWork().flatMap(\.change.writes)
    #expect(kept.map(\.value) == ["good", "bad", "bad"].map { device.write($0).value })
    let other = device.compartment(.household, child: shared.child)
    let dots = try device.engine.save(
      [good, ChangeDraft(to: .creating(other), writes: [device.write("new")])], author: nil,
      now: shared.world.now)
    #expect(dots.count == 2)
    #expect(try device.texts(other.id) == ["new"])
  }

  @Test("a long outbox is sent whole, in the order it was written")
  func longOutbox() throws {
    let shared = try SharedChild()
    for number in 0..<501 { try shared.visitor.save("\(number)", in: shared.compartment) }
    #expect(try shared.visitor.engine.unsentCount == 501)
    for device in [shared.visitor, shared.school] { try device.sync() }
    #expect(try shared.visitor.engine.unsentCount == 0)
    #expect(try shared.school.texts(shared.compartment.id) == ["500"])
  }

  @Test("what is too long is refused at the limit and one, before anything is saved")
  func limits() throws {
    let shared = try SharedChild()
    func save(bytes: Int, writes: Int) throws {
      let write = Write(
        record: AgencyDevice.record, kind: "comment", group: "text",
        value: [UInt8](repeating: 0, count: bytes))
      _ = try shared.school.engine.write(
        to: shared.compartment.id, writes: Array(repeating: write, count: writes), author: nil,
        now: shared.world.now)
    }
    #expect(throws: AgencyError.valueTooLong(maxBytes: SyncLimits.valueBytesMax)) {
      try save(bytes: SyncLimits.valueBytesMax + 1, writes: 1)
    }
    #expect(throws: AgencyError.tooManyWrites(max: SyncLimits.writesPerChangeMax)) {
      try save(bytes: 1, writes: SyncLimits.writesPerChangeMax + 1)
    }
    #expect(try shared.school.engine.unsentCount == 0)
  }

  @Test("how far others have come is known when it is asked")
  func receivedByOthers() throws {
    let shared = try SharedChild()
    let id = shared.compartment.id
    func ask() throws {
      try shared.school.engine.watchAll()
      try shared.school.step()
    }
    // Certain is what was before an exchange that the other device went on from.
    try shared.visitor.save("seen", in: shared.compartment, group: "other")
    try shared.visitor.step()
    try ask()
    #expect(try shared.school.engine.status(of: id, now: shared.world.now) == .receivedByOthers)
    try shared.school.save("newer", in: shared.compartment)
    try ask()
    #expect(try shared.school.engine.status(of: id, now: shared.world.now) == .heldByHub)
    try shared.visitor.step()
    try shared.visitor.save("seen too", in: shared.compartment, group: "other")
    try shared.visitor.step()
    try ask()
    #expect(try shared.school.engine.status(of: id, now: shared.world.now) == .receivedByOthers)
  }

  @Test("rule 10: a hub that was restored empty gets everything back, and nobody loses a word")
  func restoredHub() throws {
    let shared = try SharedChild()
    try shared.visitor.save("by the visitor", in: shared.compartment, group: "other")
    try shared.visitor.sync()
    try shared.school.sync()
    let hub = shared.world.engine
    // The hub's database is what it was before it knew the compartment.
    try hub.store.transaction {
      let stored = try #require(try hub.store.compartment(shared.compartment.id))
      try hub.store.deleteLog(of: stored.number)
      try hub.store.deleteRows([stored.number])
      try hub.beginRecovery(epoch: 2, isJournalComplete: true, now: shared.world.now)
    }
    try shared.school.save("unsent", in: shared.compartment)
    try shared.school.sync()
    try shared.visitor.sync()
    try shared.school.sync()
    #expect(shared.school.outcomes.contains { $0.kind == .recovering })
    for device in [shared.school, shared.visitor] {
      #expect(try device.texts(shared.compartment.id) == ["unsent"])
      #expect(try device.texts(shared.compartment.id, group: "other") == ["by the visitor"])
      #expect(device.engine.session.epoch == 2)
      #expect(try device.digestMatchesHoldings)
    }
    #expect(try hub.store.compartment(shared.compartment.id) != nil)
  }

  @Test(
    "what a restored hub is given back in several rounds reaches the others (seed 373, directed)")
  func givenBackInRounds() throws {
    let world = try HubWorld()
    let school = try AgencyDevice(world, of: "School")
    let visitor = try AgencyDevice(world, of: "Health visitor")
    let families = try (0..<3).map { _ in
      try SharedChild(undelivered: "first", world, school: school, visitor: visitor)
    }
    for device in [visitor, school] { try device.sync() }
    visitor.pageBytes = 512
    let backup = try world.backup()
    let long = String(repeating: "w", count: 600)
    for family in families { try visitor.save(long, in: family.compartment, group: "other") }
    try visitor.sync()
    try world.restore(backup, isJournalComplete: true)
    for device in [school, visitor, school] { try device.sync() }
    try #require(visitor.outcomes.count { $0.kind == .recovering } > 2)
    for family in families {
      #expect(try school.texts(family.compartment.id, group: "other") == [long])
    }
  }
}
