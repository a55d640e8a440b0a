import CBOR
import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// "One bad record blocks every later one": whatever a person saves, either it is refused at once
/// with a sentence, or everything that is saved after it arrives.
@Suite("One bad record blocks no other")
struct OneBadRecordTests {
  private let shared: SharedChild

  init() throws { shared = try SharedChild() }

  private func writes(_ count: Int, bytesEach: Int) -> [Write] {
    (0..<count).map { index in
      Write(
        record: RecordID(high: 9, low: UInt64(index)), kind: "comment", group: "text",
        value: CBOR.text(String(repeating: "x", count: bytesEach)).encoded)
    }
  }

  /// Saves a small word after it, and sees that this arrives.
  private func laterWorkArrives() throws {
    let later = shared.school.compartment(.index, child: shared.child)
    try shared.school.save("later", in: later)
    try shared.school.sync(max: 200)
    #expect(try shared.world.engine.store.compartment(later.id) != nil)
  }

  @Test("a save that is longer than a change may be is refused at once")
  func longChange() throws {
    let draft = ChangeDraft(
      to: .existing(shared.compartment.id), writes: writes(10, bytesEach: 120_000))
    #expect(throws: AgencyError.self) {
      try shared.school.engine.save([draft], author: nil, now: shared.world.now)
    }
    try laterWorkArrives()
  }

  @Test("a decision with more text, or more names, than an entry may hold is refused at once")
  func longDecision() throws {
    let many = Set((0..<600).map { AgencyID(high: 8, low: $0) })
    let scope = ConsentScope(purposes: [.share], categories: [.plan], recipients: .agencies(many))
    for kind in [
      PolicyKind.erase(reason: String(repeating: "x", count: 5_000)), .withdrawal(scope),
    ] {
      #expect(throws: AgencyError.self) {
        try shared.school.engine.addPolicy(shared.school.entry(kind, child: shared.child))
      }
    }
    try laterWorkArrives()
  }

  @Test("more decisions than a change may depend on do not hold it back")
  func manyDecisions() throws {
    for _ in 0..<(SyncLimits.policyNamesMax + 1) {
      try shared.school.withdraw(
        [.parenting], from: .agencies([AgencyID(high: 8, low: 8)]), child: shared.child)
    }
    try shared.school.save("after many decisions", in: shared.compartment)
    try shared.school.sync(max: 200)
    try shared.visitor.sync(max: 200)
    #expect(try shared.visitor.texts(shared.compartment.id) == ["after many decisions"])
  }

  @Test("a compartment that is full at the hub sets the overflow apart, and goes on")
  func fullCompartment() throws {
    for (device, base) in [(shared.school, UInt64(1)), (shared.visitor, 2)] {
      for part in 0..<6 {
        let writes = (0..<7).map { index in
          Write(
            record: RecordID(high: base, low: UInt64(100 + part * 7 + index)), kind: "comment",
            group: "text", value: CBOR.text(String(repeating: "x", count: 120_000)).encoded)
        }
        _ = try device.engine.write(
          to: shared.compartment.id, writes: writes, author: AgencyDevice.author,
          now: shared.world.now)
      }
    }
    try shared.school.sync(max: 200)
    try shared.visitor.sync(max: 200)
    try shared.school.sync(max: 200)
    let words = try shared.visitor.engine.store.quarantinedWork()
    #expect(!words.isEmpty)
    #expect(words.allSatisfy { $0.reason == .tooLarge })
    let here = try #require(try shared.visitor.engine.store.compartment(shared.compartment.id))
    let hub = try #require(try shared.world.engine.store.compartment(shared.compartment.id))
    #expect(here.vector == hub.vector)
    try laterWorkArrives()
  }

  @Test("what would be too much of a compartment here is refused when it is saved")
  func fullHere() throws {
    #expect(throws: AgencyError.compartmentFull(maxBytes: SyncLimits.compartmentBytesMax)) {
      for part in 0..<11 {
        _ = try shared.school.engine.write(
          to: shared.compartment.id,
          writes: writes(7, bytesEach: 120_000).map { write in
            Write(
              record: RecordID(high: 9, low: write.record.low + UInt64(part) * 7),
              kind: write.kind, group: write.group, value: write.value)
          }, author: nil, now: shared.world.now)
      }
    }
    try laterWorkArrives()
  }

  @Test("a compartment with more actors than a vector may have sets the next one's work apart")
  func fullVector() throws {
    let world = try HubWorld()
    let school = try world.device(of: "School")
    let index = school.compartment(.index, child: shared.child)
    func change(_ actor: UInt64) -> (Compartment, Change) {
      (
        index,
        school.change(Dot(actor: Actor(rawValue: actor), counter: 1), "x", group: "g\(actor)")
      )
    }
    try school.exchange(changes: [change(1)])
    // As if so many had written here; the device knows of one.
    var stored = try #require(try world.engine.store.compartment(index.id))
    let crowd = VersionVector(
      Dictionary(uniqueKeysWithValues: (1...4_079).map { (Actor(rawValue: $0), 1) }))
    try world.engine.store.transaction {
      try world.engine.store.save(stored.number, vector: crowd, content: CompartmentContent())
    }
    #expect(try school.exchange(changes: [change(5_000)]).quarantined.isEmpty)
    let answer = try school.exchange(changes: [change(5_001)])
    #expect(answer.quarantined.map(\.reason) == [.tooLarge])
    stored = try #require(try world.engine.store.compartment(index.id))
    #expect(try VersionVector(encoded: stored.vector.encoded()) == stored.vector)
    #expect(
      stored.vector[Actor(rawValue: 5_000)] == 1 && stored.vector[Actor(rawValue: 5_001)] == 0)
    #expect(stored.vector.count < SyncLimits.actorsPerVectorMax)
  }
}
