import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// A basis ends when the fact that it rests on does, and nobody holds his own door open.
@Suite("Doors that close")
struct OpenDoorsTests {
  private let district: SmallDistrict
  private let school: Replica
  private let nurse: Replica
  private let child: ChildID
  private let index: Compartment

  init() throws {
    district = try SmallDistrict()
    school = try district.agency("School")
    nurse = try district.agency("Nurse")
    child = district.identifier()
    index = try school.registers("Amira", "Hussain", born: "2003-05-01", as: child)
  }

  private func mayHold(_ compartment: Compartment) throws -> Bool {
    let store = district.engine.store
    let number = try #require(try store.compartment(compartment.id)).number
    return try store.entitlement(nurse.agency.number, number)?.isAllowed == true
  }

  @Test("a lead role that was given an end ends on that day, though nobody writes anything")
  func leadEnds() throws {
    let now = district.now
    let until = try #require(CalendarDate(millisecondsSince1970: now + 3 * SmallDistrict.day))
    try school.names(nurse, involvedIn: index)
    try school.names(lead: nurse, in: index, until: until.text)
    school.recordsConsentToStore([.development], about: child)
    let development = school.compartment(.development, of: child)
    try school.startsCAF(in: development)
    try district.settle(school, nurse)
    #expect(nurse.holds(development))
    district.now = now + 2 * SmallDistrict.day
    try nurse.exchange()
    #expect(nurse.holds(development))
    district.now = now + 5 * SmallDistrict.day
    try nurse.exchange()
    #expect(!nurse.holds(development), "the last day is over")
    #expect(nurse.holds(index), "the involvement goes on")
  }

  @Test("an involvement that was removed is not brought back by the agency that it names")
  func removedInvolvement() throws {
    let record = try school.names(nurse, involvedIn: index)
    try district.settle(school, nurse)
    #expect(nurse.holds(index))
    // It writes before it knows, so both values stand.
    try nurse.write("involvement", ["life": .life(isPresent: true)], in: index, record: record)
    try school.write("involvement", ["life": .life(isPresent: false)], in: index, record: record)
    try district.settle(school, nurse)
    #expect(try !mayHold(index))
  }

  @Test("an action that was dropped opens the plan to its owner no more, whatever the owner wrote")
  func droppedAction() throws {
    let plan = school.compartment(.plan, of: child)
    school.recordsConsentToStore([.plan], about: child)
    let action = try school.write(
      "action",
      [
        "owner": GroupValue().setting("agency", nurse.id), "status": .one("status", "open"),
      ], in: plan)
    try district.settle(school, nurse)
    #expect(nurse.holds(plan))
    try nurse.write("action", ["status": .one("status", "started")], in: plan, record: action)
    try school.write("action", ["status": .one("status", "dropped")], in: plan, record: action)
    try district.settle(school, nurse)
    #expect(try !mayHold(plan))
  }
}
