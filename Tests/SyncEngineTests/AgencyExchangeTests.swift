import CaseRecords
import Causality
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol
import Testing

@Suite("An agency's exchange")
struct AgencyExchangeTests {
  @Test("what is written without a line reaches the other agency when there is one")
  func roundTrip() throws {
    let shared = try SharedChild()
    #expect(try shared.visitor.texts(shared.compartment.id) == ["first"])
    try shared.visitor.save("second", in: shared.compartment)
    #expect(
      try shared.visitor.engine.status(of: shared.compartment.id, now: shared.world.now)
        == .queued)
    try shared.visitor.sync()
    try shared.school.sync()
    #expect(try shared.school.texts(shared.compartment.id) == ["second"])
    #expect(try shared.school.engine.unsentCount == 0)
    #expect(try shared.school.digestMatchesHoldings && shared.visitor.digestMatchesHoldings)
  }

  @Test("decisions of which much is said come in as many replies as their bytes need")
  func longPolicy() throws {
    let world = try HubWorld()
    let desk = try AgencyDevice(world, of: "School")
    let words = String(repeating: "w", count: SyncLimits.policyTextBytesMax)
    let count = UInt64(SyncLimits.policyBytesPerRequestMax / (4 * words.utf8.count)) + 1
    for _ in 1...count {
      let terms = ConsentTerms(
        scope: ConsentScope(purposes: [.store], categories: [.plan], recipients: .everyone),
        excluded: [], supersedes: [], expiresAtMilliseconds: nil,
        evidence: ConsentEvidence(
          givenBy: words, relationship: words, capacityBasis: "other",
          capacityAssessedBy: words, agreementVersion: "1", note: words))
      try desk.engine.addPolicy(desk.entry(.grant(terms), child: ChildID(using: &world.random)))
    }
    try desk.sync()
    let laptop = try AgencyDevice(world, of: "School")
    let first = try #require(try laptop.step())
    #expect(!first.isCaughtUp && first.needsAnotherNow)
    let told = laptop.engine.session.policySeen
    #expect(told > 1 && told < count)
    try laptop.sync()
    #expect(laptop.engine.session.policySeen == count)
  }

  @Test("an idle exchange writes nothing and needs no other")
  func idle() throws {
    let shared = try SharedChild()
    try shared.school.sync()
    let before = shared.school.engine.store.database.totalChanges
    let outcome = try shared.school.step()
    #expect(shared.school.engine.store.database.totalChanges == before)
    #expect(outcome?.kind == .answered && outcome?.isCaughtUp == true)
    #expect(outcome?.madeProgress == false && outcome?.needsAnotherNow == false)
  }

  @Test("a request or a reply lost at any place changes nothing in the end")
  func lostAnywhere() throws {
    for fault in [AgencyDevice.Fault.requestLost, .replyLost] {
      for place in 0..<6 {
        let shared = try SharedChild()
        for round in 0..<6 {
          try shared.school.save("s\(round)", in: shared.compartment, group: "a")
          try shared.visitor.save("v\(round)", in: shared.compartment, group: "b")
          try shared.school.step(round == place ? fault : .none)
          try shared.visitor.step(round == place ? fault : .none)
        }
        try shared.school.sync()
        try shared.visitor.sync()
        try shared.school.sync()
        for device in [shared.school, shared.visitor] {
          let texts = try ["a", "b"].map { try device.texts(shared.compartment.id, group: $0) }
          #expect(texts == [["s5"], ["v5"]], "\(fault) \(place)")
          #expect(!device.outcomes.contains { $0.kind == .reseeded })
          #expect(try device.engine.store.quarantinedWork().isEmpty)
        }
      }
    }
  }

  @Test("random faults, small pages and concurrent writes converge, and lose no text")
  func converges() throws {
    for seed in 1...8 { try converge(seed: seed) }
  }

  private func converge(seed: Int) throws {
    let world = try HubWorld()
    var random = Seeded(state: UInt64(seed))
    let devices = try ["School", "School", "Health visitor", "Social care"].map {
      try AgencyDevice(world, of: $0)
    }
    let child = ChildID(using: &random)
    let compartments = (0..<3).map { _ in devices[0].compartment(.development, child: child) }
    try devices[0].grant([.store], [.development], to: [.hub], child: child)
    try devices[0].grant(
      [.share], [.development], to: Set(devices.map(\.agency)), child: child)
    for compartment in compartments { try devices[0].save("begun", in: compartment) }
    var written: Set<String> = []
    for step in 0..<120 {
      let device = devices[Int(random.next() % 4)]
      device.pageBytes = Int(512 + random.next() % 2_000)
      world.now += random.next() % 10_000
      let compartment = compartments[Int(random.next() % 3)]
      if random.next() % 2 == 0, try device.engine.store.compartment(compartment.id) != nil {
        let text = "text \(step)"
        written.insert(text)
        // Never superseded: each writes as if it had seen nothing.
        try device.save(
          text, in: compartment, group: "g\(random.next() % 5)", seen: VersionVector())
      } else {
        try device.step(AgencyDevice.Fault.allCases[Int(random.next() % 3)])
      }
    }
    for _ in 0..<3 { for device in devices { try device.sync() } }
    let hub = world.engine.store
    var found: Set<String> = []
    for compartment in compartments {
      let atHub = try #require(try hub.compartment(compartment.id))
      let content = try hub.content(of: atHub)
      for device in devices {
        let here = try #require(try device.engine.store.compartment(compartment.id))
        #expect(here.vector == atHub.vector)
        #expect(try device.engine.store.content(of: here) == content)
      }
      for group in 0..<5 {
        found.formUnion(AgencyDevice.texts(of: content, group: "g\(group)"))
      }
    }
    #expect(found == written)
    for device in devices {
      #expect(try device.engine.unsentCount == 0)
      #expect(!device.outcomes.contains { $0.kind == .reseeded || $0.kind == .holdingsWanted })
      #expect(try device.digestMatchesHoldings)
    }
  }
}
