import CBOR
import CaseRecords
import Causality
import Disclosure
import ReplicaStore
import SyncEngine
import Testing

@Suite("What the hub has read in the records of a case")
struct CaseFactsTests {
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
    index = try school.registers("Amira", "Hussain", born: nil, as: child)
  }

  private var facts: CaseFacts {
    get throws { try district.engine.facts(of: child, custodian: school.id) }
  }

  @Test("is known after a start, and read again when what was noted of it does not read")
  func noted() throws {
    try school.names(lead: nurse, in: index, until: "2030-01-01")
    try school.exchange()
    let before = try facts
    #expect(before.leadEnds == [nurse.id: 1_893_542_400_000], "the second of January 2030")
    func row(_ ends: [CBOR]) -> [UInt8] {
      let none = [CBOR](repeating: .array([]), count: 4)
      return CBOR.array([.array([.bytes(school.id.bytes)] + none + [.array(ends)])]).encoded
    }
    let unreadable: [[UInt8]] = [
      [], [0xff], CBOR.text("no list").encoded, row([.bytes(nurse.id.bytes)]),
      row([.bytes([1]), .unsigned(1)]), row([.bytes(nurse.id.bytes), .text("never")]),
      row([.unsigned(1), .unsigned(1)]),
    ]
    let store = district.engine.store
    let noted = try #require(try store.facts(of: child))
    for body in [noted] + unreadable {
      try store.saveFacts(body, of: child)
      try district.world.putBack(district.world.backup())
      #expect(try facts == before, "\(body)")
      #expect(try district.engine.store.facts(of: child) == noted)
    }
  }

  @Test("of several roles in which an agency leads, the one that ends last counts")
  func severalRoles() throws {
    func ends(_ last: String?) throws -> [AgencyID: UInt64] {
      try school.names(lead: nurse, in: index, until: last)
      try school.exchange()
      #expect(try facts.leads == [nurse.id])
      return try facts.leadEnds
    }
    let middle: UInt64 = 1_893_542_400_000
    #expect(try ends("2030-01-01") == [nurse.id: middle])
    #expect(try ends("2029-06-01") == [nurse.id: middle])
    #expect(try ends("2031-01-01") == [nurse.id: middle + 365 * SmallDistrict.day])
    #expect(try ends(nil).isEmpty, "one that has no end ends last")
    #expect(try ends("2032-01-01").isEmpty)
  }

  @Test("an assessment in a state that is not known here is no CAF that could be pointed to")
  func unknownState() throws {
    school.recordsConsentToStore([.development], about: child)
    let development = school.compartment(.development, of: child)
    let caf = try school.startsCAF(in: development, state: "archived")
    try school.exchange()
    #expect(school.values("cafFlag", "derived").isEmpty)
    try school.write("assessment", ["state": .one("state", "draft")], in: development, record: caf)
    try school.exchange()
    #expect(school.values("cafFlag", "derived").map { $0.text("status") } == ["inProgress"])
  }
}
