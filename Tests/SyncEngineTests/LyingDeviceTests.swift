import CBOR
import CaseRecords
import Causality
import Disclosure
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// Clause 10.3: what a device that lies cannot do.
@Suite("A device that lies")
struct LyingDeviceTests {
  /// The school shares its index entry and its assessment with the visitor.
  private struct Shared {
    let world: HubWorld
    let school: HandDevice
    let visitor: HandDevice
    let child: ChildID
    let index: Compartment
    let development: Compartment
    let actor = Actor(rawValue: 1)

    init() throws {
      world = try HubWorld()
      school = try world.device(of: "School")
      visitor = try world.device(of: "Health visitor")
      child = ChildID(using: &world.random)
      index = school.compartment(.index, child: child)
      development = school.compartment(.development, child: child)
      try school.exchange(
        policy: [
          school.grant(
            [.store, .share, .index], [.index, .development], to: [.hub, visitor.agency],
            child: child)
        ],
        changes: [
          (index, school.says("child", "sex", .one("sex", "female"), by: actor)),
          (
            development,
            school.says("comment", "text", .one("text", "true"), by: Actor(rawValue: 2))
          ),
        ])
      try visitor.exchange()
    }

    /// What the hub says to one change of a device.
    func reason(
      _ device: HandDevice, _ change: Change, in compartment: Compartment
    ) throws -> QuarantineReason? {
      try device.exchange(changes: [(compartment, change)]).quarantined.first?.reason
    }
  }

  @Test("cannot write under the name of another agency's practitioner, nor without a name")
  func names() throws {
    let shared = try Shared()
    let (school, visitor) = (shared.school, shared.visitor)
    let ada = RecordID(high: 0xada, low: 1)
    let own = RecordID(high: 0xb0b, low: 1)
    for (device, person, actor) in [(school, ada, 11), (visitor, own, 12)] {
      let list = device.compartment(.practitioners, child: nil)
      let named = device.says(
        "practitioner", "name", .one("name", "A. Name"), of: person, author: nil,
        by: Actor(rawValue: UInt64(actor)))
      #expect(try shared.reason(device, named, in: list) == nil)
    }
    let cases: [(RecordID?, QuarantineReason?)] = [
      (ada, .authorNotAllowed), (nil, .authorNotAllowed), (own, nil),
    ]
    for (index, (person, expected)) in cases.enumerated() {
      let change = visitor.says(
        "comment", "text", .one("text", "words"),
        author: person.map { PractitionerID(high: $0.high, low: $0.low) },
        by: Actor(rawValue: UInt64(20 + index)))
      #expect(try shared.reason(visitor, change, in: shared.development) == expected)
    }
    // Nor make her one of its own, or give her another name.
    let claim = visitor.says(
      "practitioner", "name", .one("name", "Another"), of: ada, by: Actor(rawValue: 30))
    let list = visitor.compartment(.practitioners, child: nil)
    #expect(try shared.reason(visitor, claim, in: list) == .authorNotAllowed)
    try visitor.exchange()
    let theirs = try #require(
      visitor.descriptions.values.first {
        $0.category == .practitioners && $0.custodian == school.agency
      })
    let renamed = visitor.says(
      "practitioner", "name", .one("name", "Another"), of: ada, by: Actor(rawValue: 31))
    #expect(try shared.reason(visitor, renamed, in: theirs) == .authorNotAllowed)
  }

  @Test("cannot rename an agency, publish an agreement, or write what is the hub's to say")
  func publicWord() throws {
    let shared = try Shared()
    let visitor = shared.visitor
    let school = RecordID(high: shared.school.agency.high, low: shared.school.agency.low)
    let renamed = visitor.says(
      "agency", "name", .one("name", "Police"), of: school, by: Actor(rawValue: 40))
    let directory = visitor.compartment(.directory, child: nil)
    #expect(try shared.reason(visitor, renamed, in: directory) == .authorNotAllowed)
    let terms = visitor.says("agreement", "text", .one("text", "all"), by: Actor(rawValue: 41))
    let agreement = visitor.compartment(.agreement, child: nil)
    #expect(try shared.reason(visitor, terms, in: agreement) == .notHeld)
    for (index, (kind, group)) in [
      ("cafFlag", "derived"), ("enquiryAnswer", "answer"), ("notice", "notice"),
      ("prompt", "prompt"),
    ].enumerated() {
      let forged = visitor.says(
        kind, group, .one("text", "forged"), of: RecordID(high: 2, low: UInt64(index)),
        by: Actor(rawValue: UInt64(50 + index)))
      #expect(try shared.reason(visitor, forged, in: shared.index) == .authorNotAllowed)
    }
  }

  @Test("cannot give a record a second kind: replicas would differ by the order of arrival")
  func kinds() throws {
    let shared = try Shared()
    let other = shared.visitor.says(
      "action", "due", .one("due", "2030-01-01"), by: Actor(rawValue: 60))
    #expect(
      try shared.reason(shared.visitor, other, in: shared.development) == .authorNotAllowed)
  }

  @Test("cannot bring back by itself what named it and was removed")
  func restoring() throws {
    let world = try HubWorld()
    let school = try world.device(of: "School")
    let visitor = try world.device(of: "Health visitor")
    let child = ChildID(using: &world.random)
    let index = school.compartment(.index, child: child)
    let actor = Actor(rawValue: 1)
    let involvement = RecordID(high: 7, low: 7)
    func involved() throws -> Bool {
      try world.engine.facts(of: child, custodian: school.agency).involved == [visitor.agency]
    }
    try school.exchange(changes: [
      (
        index,
        school.says(
          "involvement", "agency", GroupValue().setting("agency", visitor.agency),
          of: involvement, by: actor)
      )
    ])
    try visitor.exchange()
    #expect(try involved())
    try school.exchange(changes: [
      (
        index,
        school.says(
          "involvement", "life", .life(isPresent: false), of: involvement, by: actor, counter: 2)
      )
    ])
    #expect(try !involved())
    let restored = visitor.says(
      "involvement", "life", .life(isPresent: true), of: involvement, by: Actor(rawValue: 9))
    try visitor.exchange(changes: [(index, restored)])
    #expect(try !involved())
    // Somebody else's word does.
    try school.exchange()
    var again = school.says(
      "involvement", "life", .life(isPresent: true), of: involvement, by: actor, counter: 3)
    again.context = try #require(school.vectors[index.id])
    try school.exchange(changes: [(index, again)])
    #expect(try involved())
  }

  @Test("cannot lift a shield that is not its own and does not name it")
  func shields() throws {
    let shared = try Shared()
    let (school, visitor) = (shared.school, shared.visitor)
    let shield = school.entry(
      .shield(allowed: [], reviewOnMilliseconds: shared.world.now), child: shared.child)
    try school.exchange(policy: [shield])
    let lift = visitor.entry(.unshield(shield.id), child: shared.child)
    #expect(try visitor.exchange(policy: [lift]).policyRefused.map(\.id) == [lift.id])
    let own = school.entry(.unshield(shield.id), child: shared.child)
    #expect(try school.exchange(policy: [own]).policyRefused.isEmpty)
  }

  @Test("cannot say another thing under the name of an entry that stands")
  func sameName() throws {
    let shared = try Shared()
    let (school, visitor) = (shared.school, shared.visitor)
    let said = school.withdrawal([.plan], from: .everyone, child: shared.child)
    #expect(try school.exchange(policy: [said, said]).policyRefused.isEmpty)
    for liar in [school, visitor] {
      let other = PolicyEntry(
        id: said.id, child: said.child, kind: .erase(reason: "spite"),
        madeAtMilliseconds: said.madeAtMilliseconds, authorAgency: liar.agency, author: nil)
      #expect(try liar.exchange(policy: [other]).policyRefused.map(\.id) == [said.id])
    }
    #expect(try shared.world.engine.store.hubPolicy(said.id)?.entry == said)
  }

  @Test("cannot lock an agency out, nor sign its agreement anew")
  func agreements() throws {
    let shared = try Shared()
    let (school, visitor) = (shared.school, shared.visitor)
    let lock = visitor.entry(.agreementLock(school.agency), child: nil)
    #expect(try visitor.exchange(policy: [lock]).policyRefused.map(\.id) == [lock.id])
    #expect(shared.world.engine.locks(on: school.agency).isEmpty)
    // The operator locks an agency, which cannot sign for itself.
    let engine = shared.world.engine
    let standing = try shared.world.operatorRecords(.agreementLock(visitor.agency))
    #expect(engine.locks(on: visitor.agency) == [standing.id])
    let signed = visitor.entry(
      .agreementSigned(visitor.agency, lifts: [standing.id], version: "1"), child: nil)
    #expect(try visitor.exchange(policy: [signed]).policyRefused.map(\.id) == [signed.id])
    #expect(engine.locks(on: visitor.agency) == [standing.id])
  }

  @Test("cannot erase another's record, not even after it made the hub let go of its copy")
  func erasing() throws {
    let shared = try Shared()
    let visitor = shared.visitor
    let all = Set(CaseRecords.Category.allCases.filter(\.isPerChild))
    try visitor.exchange(policy: [
      visitor.withdrawal(all, from: .everyone, child: shared.child)
    ])
    let answer = try visitor.exchange()
    try visitor.exchange(receipts: answer.revocations.map(visitor.receipt(for:)))
    // The custodian confirms what it has, with its next work, and the hub lets go.
    let school = shared.school
    try school.exchange()
    let list = school.compartment(.practitioners, child: nil)
    let person = school.says("practitioner", "name", .one("name", "A"), by: Actor(rawValue: 70))
    try school.exchange(changes: [(list, person)])
    try shared.world.engine.store.transaction {
      try shared.world.engine.recomputeAll(now: shared.world.now)
    }
    try shared.world.engine.purgeHubCopies()
    #expect(try shared.world.engine.store.compartments(of: shared.child).isEmpty)
    let erase = visitor.entry(.erase(reason: "spite"), child: shared.child)
    #expect(try visitor.exchange(policy: [erase]).policyRefused.map(\.id) == [erase.id])
  }

  @Test("cannot join two children unnoticed, so that its consent for one opens the other")
  func aliases() throws {
    let shared = try Shared()
    let (school, visitor) = (shared.school, shared.visitor)
    let own = ChildID(using: &shared.world.random)
    let everything: Set<CaseRecords.Category> = [.index, .development, .plan]
    try visitor.exchange(policy: [
      visitor.grant([.share, .store], everything, to: [visitor.agency, .hub], child: own)
    ])
    try school.exchange()
    #expect(school.notices().isEmpty)
    try visitor.exchange(policy: [visitor.entry(.alias(other: shared.child), child: own)])
    try school.exchange()
    #expect(school.notices() == ["Health visitor"])
  }

  @Test("learns nothing of a compartment that it gave up by asking for dots of others")
  func asking() throws {
    let shared = try Shared()
    let (school, visitor) = (shared.school, shared.visitor)
    try school.exchange(policy: [
      school.withdrawal([.development], from: .agencies([visitor.agency]), child: shared.child)
    ])
    let answer = try visitor.exchange()
    try visitor.exchange(receipts: answer.revocations.map(visitor.receipt(for:)))
    var next = school.says(
      "comment", "text", .one("text", "later"), by: Actor(rawValue: 2), counter: 2)
    next.context = VersionVector([Actor(rawValue: 2): 1])
    try school.exchange(changes: [(shared.development, next)])
    // Dots 1 and 2 exist, dot 3 does not: there is one answer.
    for counter in 1...3 {
      let asked = visitor.says(
        "comment", "text", .one("text", "?"), by: Actor(rawValue: 2), counter: UInt64(counter))
      #expect(try shared.reason(visitor, asked, in: shared.development) == .notHeld)
    }
  }

  @Test("cannot give back to a restored hub what it was never given")
  func givingBack() throws {
    let shared = try Shared()
    let (world, visitor) = (shared.world, shared.visitor)
    try world.engine.store.transaction {
      try world.engine.beginRecovery(epoch: 2, isJournalComplete: true, now: world.now)
    }
    visitor.epoch = 1
    visitor.token = nil
    visitor.incarnation = IncarnationID(using: &world.random)
    visitor.vectors = [:]
    var content = CompartmentContent()
    let forged = visitor.says(
      "comment", "text", .one("text", "forged"), by: Actor(rawValue: 2), counter: 1)
    content.apply(forged)
    var request = visitor.request()
    request.isGivingBack = true
    request.holdings = []
    request.page = Page(
      compartments: [shared.development],
      items: [
        .snapshot(
          shared.development.id, vector: VersionVector([Actor(rawValue: 2): 1 << 40]),
          content: CheckedContent(content))
      ])
    _ = try world.exchange(request, from: visitor.id)
    let stored = try #require(try world.engine.store.compartment(shared.development.id))
    #expect(stored.vector[Actor(rawValue: 2)] == 1)
  }
}

extension HandDevice {
  /// One save of one group.
  fileprivate func says(
    _ kind: String, _ group: String, _ value: GroupValue,
    of record: RecordID = RecordID(high: 1, low: 1),
    author: PractitionerID? = PractitionerID(high: 5, low: 5), by actor: Actor,
    counter: UInt64 = 1
  ) -> Change {
    Change(
      dot: Dot(actor: actor, counter: counter),
      context: counter > 1 ? VersionVector([actor: counter - 1]) : VersionVector(),
      policySeen: 0,
      writes: [Write(record: record, kind: kind, group: group, value: value.encoded())],
      time: HybridTime(milliseconds: world.now, logical: 0), claimedMilliseconds: world.now,
      author: author)
  }

  /// Which agencies the notices of consent by others name.
  fileprivate func notices() -> [String] {
    contents.values.flatMap { $0.records(of: "notice") }
      .flatMap { $0.record.values("notice") }
      .compactMap { $0.parameters("parameters")?["agency"] }
  }
}
