import CaseRecords
import Causality
import Disclosure
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// "The others see nothing, not even that it exists", unless the family names the agency for it.
@Suite("A sensitive service")
struct SensitiveServiceTests {
  private let district: SmallDistrict
  private let school: Replica
  private let clinic: Replica
  private let child: ChildID
  private let index: Compartment

  init() throws {
    district = try SmallDistrict()
    school = try district.agency("School")
    clinic = try district.agency("Clinic", isSensitive: true)
    child = district.identifier()
    index = try school.registers("Amira", "Hussain", born: "2003-05-01", as: child)
    try school.names(clinic, involvedIn: index)
    try district.settle(school, clinic)
  }

  private func grant(
    _ categories: Set<CaseRecords.Category>, to recipients: Recipients
  ) -> PolicyKind {
    .grant(
      ConsentTerms(
        scope: ConsentScope(
          purposes: [.store, .index, .share], categories: categories, recipients: recipients),
        excluded: [], supersedes: [], expiresAtMilliseconds: nil, evidence: nil))
  }

  @Test("consent for everyone does not open what it has in custody, whatever the category")
  func generalConsent() throws {
    let categories: Set<CaseRecords.Category> = [
      .index, .whereabouts, .household, .development, .parenting,
    ]
    school.records(grant(categories, to: .everyone), about: child)
    for category in categories.sorted() {
      let compartment = clinic.compartment(category, of: child)
      try clinic.write("comment", ["comment": .one("text", "of the clinic")], in: compartment)
    }
    try district.settle(school, clinic)
    #expect(!school.held.values.contains { $0.compartment.custodian == clinic.id })
  }

  @Test("nor does a lead role, or an override for anything less than significant harm")
  func otherGrounds() throws {
    let own = try clinic.registers("Amira", "Hussain", born: "2003-05-01", as: child)
    try clinic.names(lead: school, in: own)
    clinic.records(grant([.development], to: .agencies([.hub])), about: child)
    let development = clinic.compartment(.development, of: child)
    try clinic.write("comment", ["comment": .one("text", "of the clinic")], in: development)
    school.records(
      .override(
        OverrideTerms(
          categories: [.index], recipients: [school.id], reason: "r", decidedBy: "d",
          untilMilliseconds: district.now + SmallDistrict.day, significantHarm: false,
          authorisedRole: true)), about: child)
    try district.settle(school, clinic)
    #expect(!school.held.values.contains { $0.compartment.custodian == clinic.id })
  }

  @Test("consent opens it that names the agency both for the category and for what is sensitive")
  func namedConsent() throws {
    let own = try clinic.registers("Amira", "Hussain", born: "2003-05-01", as: child)
    let compartment = clinic.compartment(.development, of: child)
    try clinic.write("comment", ["comment": .one("text", "of the clinic")], in: compartment)
    let toSchool = Recipients.agencies([school.id, .hub])
    clinic.records(grant([.index, .development], to: toSchool), about: child)
    try district.settle(clinic, school)
    #expect(!school.held.values.contains { $0.compartment.custodian == clinic.id })
    clinic.records(grant([.sensitive], to: .everyone), about: child)
    try district.settle(clinic, school)
    #expect(!school.held.values.contains { $0.compartment.custodian == clinic.id })
    clinic.records(grant([.sensitive], to: toSchool), about: child)
    try district.settle(clinic, school)
    #expect(school.holds(compartment) && school.holds(own))
  }

  @Test("that it has received something is not told to the author")
  func received() throws {
    let world = try HubWorld()
    let school = try AgencyDevice(world, of: "School")
    let clinic = try world.device(of: "Clinic", sensitive: true)
    let child = ChildID(using: &world.random)
    let compartment = school.compartment(.index, child: child)
    try school.grant([.index], [.index], to: [clinic.agency], child: child)
    try school.save("words", in: compartment)
    try school.sync()
    try clinic.exchange()
    try #require(clinic.vectors[compartment.id] != nil)
    // The second exchange of a device that moves something confirms the first.
    let own = clinic.compartment(.index, child: ChildID(using: &world.random))
    try clinic.exchange(changes: [
      (own, clinic.change(Dot(actor: Actor(rawValue: 1), counter: 1), "its own"))
    ])
    try school.engine.watchAll()
    try school.sync()
    #expect(try school.engine.status(of: compartment.id, now: world.now) == .heldByHub)
  }

  @Test("a join with its registration tells the others of no other identifier")
  func aliasOfItsOwn() throws {
    let own: ChildID = district.identifier()
    try clinic.registers("Amira", "Hussain", born: "2003-05-01", as: own)
    clinic.records(.alias(other: child), about: own)
    let denied = ConsentScope(
      purposes: [.index, .share], categories: [.index], recipients: .everyone)
    clinic.records(.withdrawal(denied), about: own)
    let alias = try #require(clinic.policy.first).id
    try district.settle(clinic, school)
    clinic.records(.unalias(alias), about: own)
    try district.settle(clinic, school)
    let told = try district.engine.store.policyFeed(
      of: school.agency.number, after: 0, limit: 100, bytesMax: 1 << 20
    ).deliveries
    #expect(
      told.map(\.entry.kind) == [.withdrawal(denied), .withdrawal(.nothing)],
      "it is to be obeyed all the same, while they are joined")
    #expect(told.map(\.entry.child) == [child, child])
  }

  @Test("nor is what it keeps erased by another's word; by its own, and by the operator's, it is")
  func erasedByWhom() throws {
    let own = try clinic.registers("Amira", "Hussain", born: "2003-05-01", as: child)
    try clinic.exchange()
    school.records(.erase(reason: "asked by the family"), about: child)
    try district.settle(school, clinic)
    #expect(school.revoked == [index.id])
    #expect(clinic.revoked.isEmpty)
    let all = PolicyEntry(
      id: district.identifier(), child: child, kind: .erase(reason: "court"),
      madeAtMilliseconds: district.now, authorAgency: .hub, author: nil)
    try district.engine.store.transaction {
      let hub = try #require(try district.engine.store.agency(.hub))
      try district.engine.commit(policy: all, from: hub, now: district.now)
    }
    try clinic.exchange()
    #expect(clinic.revoked == [own.id])
  }

  @Test("asked to erase, the hub says the same whether or not such a service has records")
  func erasure() throws {
    var answers: Set<[String]> = []
    for hasClinic in [false, true] {
      let district = try SmallDistrict()
      let school = try district.agency("School")
      let clinic = try district.agency("Clinic", isSensitive: true)
      let child: ChildID = district.identifier()
      let index = try school.registers("Amira", "Hussain", born: "2003-05-01", as: child)
      try school.names(clinic, involvedIn: index)
      try district.settle(school, clinic)
      if hasClinic {
        try clinic.registers("Amira", "Hussain", born: "2003-05-01", as: child)
        try clinic.exchange()
      }
      school.records(.erase(reason: "asked by the family"), about: child)
      answers.insert(try school.exchangeRefusals())
    }
    #expect(answers.count == 1)
  }

  @Test("what it writes on is not taken for erased by another's erasure (directed seed 701252)")
  func writesOnAfterErasure() throws {
    let world = try HubWorld()
    let clinic = try world.device(of: "Clinic", sensitive: true)
    let school = try world.device(of: "School")
    let child = ChildID(using: &world.random)
    let record = clinic.compartment(.development, child: child)
    let actor = Actor(rawValue: 1)
    try clinic.exchange(
      policy: [clinic.grant([.store], [.development], to: [.hub], child: child)],
      changes: [(record, clinic.change(Dot(actor: actor, counter: 1), "first"))])
    let erasure = school.entry(.erase(reason: "asked for"), child: child)
    try #require(try school.exchange(policy: [erasure]).policyRefused.isEmpty)
    let second = clinic.change(
      Dot(actor: actor, counter: 2), context: VersionVector([actor: 1]), "second")
    #expect(try clinic.exchange(changes: [(record, second)]).quarantined.isEmpty)
    #expect(clinic.texts(record.id) == ["second"])
    // A record of anybody else's under that child is refused as before.
    let other = school.compartment(.development, child: child)
    let late = school.change(Dot(actor: Actor(rawValue: 2), counter: 1), "late")
    #expect(try school.exchange(changes: [(other, late)]).quarantined.map(\.reason) == [.erased])
  }

  /// A clinic's record that it shares with a visitor, of a child that the school erases.
  private struct Erased {
    let world: HubWorld
    let clinic: HandDevice
    let visitor: AgencyDevice
    let record: Compartment

    /// `isHeld`: the visitor has it when the school erases.
    init(_ words: String, isHeld: Bool) throws {
      world = try HubWorld()
      clinic = try world.device(of: "Clinic", sensitive: true)
      visitor = try AgencyDevice(world, of: "Health visitor")
      let school = try world.device(of: "School")
      let child = ChildID(using: &world.random)
      record = clinic.compartment(.development, child: child)
      try clinic.exchange(
        policy: [
          clinic.grant(
            [.store, .share], [.development, .sensitive], to: [visitor.agency, .hub], child: child)
        ], changes: [(record, clinic.change(Dot(actor: Actor(rawValue: 1), counter: 1), words))])
      if isHeld { try visitor.sync() }
      let erasure = school.entry(.erase(reason: "asked for"), child: child)
      try #require(try school.exchange(policy: [erasure]).policyRefused.isEmpty)
    }

    func expectToldOfErasure() throws {
      let told = try visitor.engine.store.allPolicy().map(\.entry.kind)
      #expect(told.contains { if case .erase = $0 { true } else { false } })
    }
  }

  @Test("what others wrote into it reaches it though another's record is erased")
  func drainedAfterErasure() throws {
    let erased = try Erased("first", isHeld: true)
    let (clinic, visitor, record) = (erased.clinic, erased.visitor, erased.record)
    try visitor.sync()
    try erased.expectToldOfErasure()
    try #require(try visitor.texts(record.id) == ["first"])
    try visitor.save("unsent", in: record)
    try clinic.exchange(policy: [
      clinic.withdrawal(
        [.development], from: .agencies([visitor.agency]), child: try #require(record.child))
    ])
    // As after a start: the order comes before anything new may be sent.
    visitor.engine.failed()
    try visitor.step()
    try #require(visitor.outcomes.last?.revoked == [record.id])
    #expect(try visitor.engine.unsentCount == 1)
    try visitor.sync()
    #expect(try visitor.engine.store.compartment(record.id) == nil)
    try clinic.exchange()
    #expect(clinic.texts(record.id) == ["unsent"])
  }

  @Test("nor is it let go of, part by part and without end, by who is being sent it")
  func inPartsAfterErasure() throws {
    let long = String(repeating: "many words ", count: 4_000)
    let erased = try Erased(long, isHeld: false)
    let visitor = erased.visitor
    visitor.pageBytes = 4_096
    try visitor.sync()
    try erased.expectToldOfErasure()
    #expect(try visitor.texts(erased.record.id) == [long])
  }
}
