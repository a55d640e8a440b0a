import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

@Suite("What a person is told of an exchange")
struct AgencyStatusTests {
  @Test("what was set apart is shown beside the record it is of, and beside no other")
  func setApart() throws {
    let world = try HubWorld()
    let school = try AgencyDevice(world, of: "School")
    let thread = school.compartment(.desk, child: nil)
    try school.save("question", in: thread)
    try school.sync()
    let other = RecordID(high: 1, low: 2)
    let forged = Write(record: other, kind: "enquiryAnswer", group: "answer", value: [0x60])
    _ = try school.engine.write(to: thread.id, writes: [forged], author: nil, now: world.now)
    try school.sync()
    let engine = school.engine
    #expect(try engine.status(of: thread.id, now: world.now) == .quarantined)
    #expect(try engine.status(of: other, in: thread.id, now: world.now) == .quarantined)
    let first = AgencyDevice.record
    #expect(try engine.status(of: first, in: thread.id, now: world.now) == .heldByHub)
    #expect(
      try engine.statuses(of: [first, other], in: thread.id, now: world.now)
        == [first: .heldByHub, other: .quarantined])
  }

  @Test("of what is not here nothing is told")
  func absent() throws {
    let school = try AgencyDevice(HubWorld(), of: "School")
    let (id, now) = (CompartmentID(high: 9, low: 9), school.world.now)
    #expect(try school.engine.status(of: id, now: now) == nil)
    #expect(try school.engine.statuses(of: [AgencyDevice.record], in: id, now: now).isEmpty)
    #expect(try !school.engine.mayShow(id, lease: .open))
  }

  @Test("how much stays on a device the hub is not told, whether its keys are open or locked")
  func heldBack() throws {
    let world = try HubWorld()
    let school = try AgencyDevice(world, of: "School")
    let thread = school.compartment(.desk, child: nil)
    try school.save("question", in: thread)
    let forbidden = school.compartment(.development, child: ChildID(using: &world.random))
    try school.save("words", in: forbidden)
    try school.sync()
    let run = school.engine.session.incarnation
    #expect(try school.engine.unsentCount == 1)
    #expect(try world.engine.store.incarnation(run)?.unsent == 0)
    try school.save("more", in: thread)
    school.engine.lock()
    try school.sync()
    #expect(try world.engine.store.incarnation(run)?.unsent == 1)
  }

  @Test("each failure, and each lock, says what to do")
  func sentences() {
    let id = CompartmentID(high: 1, low: 1)
    let failures: [(AgencyError, String)] = [
      (.notEnrolled, "cafsync join"), (.revoked(id), "lead professional"),
      (.notHeld(id), "go back to the child"), (.tooManyWrites(max: 1_000), "1000 fields"),
      (.valueTooLong(maxBytes: 128 << 10), "128 kB"), (.saveTooLong(maxBytes: 1 << 20), "1024 kB"),
      (.compartmentFull(maxBytes: 8 << 20), "8 MB"), (.decisionUnfit("Too long."), "Too long."),
    ]
    for (failure, words) in failures { #expect("\(failure)".contains(words)) }
    let locks: [(LeaseLock, String)] = [
      (.leaseOver, "has not reached the hub"), (.clockWentBack, "went back"),
      (.clockJumped, "jumped ahead"), (.copiedFolder, "copied or restored"),
    ]
    for (lock, words) in locks {
      #expect(lock.sentence.contains(words) && lock.sentence.lowercased().contains("connect"))
    }
  }
}
