import CaseRecords
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// Rule 10, when the policy journal is lost with the database (`Protocol/08-recovery.md`, 8.4).
@Suite("A restored hub without its journal")
struct HubRecoveryTests {
  /// The police hold the child's entry by the school's word; the database knows of no withdrawal.
  private struct Restored {
    let district: SmallDistrict
    let school: Replica
    let nurse: Replica
    let police: Replica
    let child: ChildID
    let index: Compartment

    init() throws {
      district = try SmallDistrict()
      (school, nurse, police) = try (
        district.agency("School"), district.agency("Nurse"), district.agency("Police")
      )
      child = district.identifier()
      index = try school.registers("Amira", "Hussain", born: "2003-05-01", as: child)
      for agency in [nurse, police] { try school.names(agency, involvedIn: index) }
      try district.settle(school, nurse, police)
      try #require(police.holds(index) && nurse.holds(index))
      let (engine, now) = (district.engine, district.now)
      try engine.store.transaction {
        try engine.beginRecovery(epoch: 2, isJournalComplete: false, now: now)
      }
    }

    var waiting: Int { get throws { try district.engine.store.recoveringCount() } }
  }

  @Test("lets nothing out that an agency which was not heard may have withdrawn")
  func waitsForEveryone() throws {
    let restored = try Restored()
    let (school, nurse, police) = (restored.school, restored.nurse, restored.police)
    // Its custodian is heard, but an entry begun now is under the same old consents.
    let own = try nurse.registers("Amira", "Hussain", born: "2003-05-01", as: restored.child)
    try nurse.names(school, involvedIn: own)
    try restored.district.settle(nurse, police)
    #expect(!police.holds(own))
    #expect(try restored.waiting == 2)

    school.recordsWithdrawal(ofIndexFrom: [police.id], about: restored.child)
    try restored.district.settle(school, nurse, police)
    #expect(!police.holds(own) && !police.holds(restored.index))
    #expect(school.holds(own))
    #expect(try restored.waiting == 0)
  }

  @Test("waits no longer for a device that is reported lost")
  func lostDevice() throws {
    let restored = try Restored()
    let own = try restored.nurse.registers("Amira", "Hussain", born: nil, as: restored.child)
    try restored.nurse.names(restored.police, involvedIn: own)
    try restored.district.settle(restored.nurse, restored.police)
    #expect(!restored.police.holds(own))
    let engine = restored.district.engine
    let lost = try #require(try engine.store.device(restored.school.device))
    try engine.store.transaction { try engine.revoke(lost, now: restored.district.now) }
    try restored.police.exchange()
    #expect(restored.police.holds(own))
    #expect(try restored.waiting == 0)
  }

  @Test("answers no enquiry before everyone was heard, and then every one")
  func enquiriesWait() throws {
    let restored = try Restored()
    let thread = try restored.nurse.asks("Amira", "Hussain", born: "2003-05-01").thread
    let other = try restored.police.asks("Nobody", "Known", born: "2003-05-01").thread
    try restored.district.settle(restored.nurse, restored.police)
    #expect(restored.nurse.answers(in: thread).isEmpty)
    #expect(restored.police.answers(in: other).isEmpty)
    try restored.district.settle(restored.school, restored.nurse, restored.police)
    #expect(
      restored.nurse.answers(in: thread).map { $0.text("outcome") } == ["knownNoCAF"])
    #expect(restored.police.answers(in: other).map { $0.text("outcome") } == ["noEntry"])
  }

  @Test("keeps back nothing that it publishes itself, and nothing once the operator vouches")
  func whatNeedsNoWord() throws {
    let restored = try Restored()
    let (engine, now) = (restored.district.engine, restored.district.now)
    try engine.store.transaction { try engine.endRecovery(who: "operator", now: now) }
    #expect(try restored.waiting == 0)
    try engine.store.transaction {
      try engine.publishAgencies(now: now)
      try engine.beginRecovery(epoch: 3, isJournalComplete: false, now: now)
    }
    let numbers = try engine.store.recoveringNumbers()
    let held = try numbers.map { try engine.store.compartment(number: $0)?.compartment.category }
    #expect(held == [.index])
  }
}
