import CaseRecords
import Causality
import Disclosure
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// Two districts that differ only in what a health visitor may not know send her the same bytes:
/// other values, agencies, decisions and actors leave no trace, in content, number or length.
@Suite("Two worlds")
struct TwoWorldsTests {
  /// What the hub did not tell her.
  private enum Hidden: CaseIterable {
    case nothing, otherWords, policeDecisions, sensitiveService, anotherChild
  }

  private final class District {
    let world: HubWorld
    let visitor: HandDevice
    let school: HandDevice
    let police: HandDevice
    let child: ChildID
    let index: Compartment
    let development: Compartment
    let household: Compartment
    let mine: Compartment
    let opening: [PolicyEntry]
    let withdrawal: PolicyEntry
    let again: PolicyEntry
    private var clinic: HandDevice?
    private var counters: [CompartmentID: UInt64] = [:]
    private(set) var replies: [[UInt8]] = []

    /// Everything that she will see is named before the worlds part.
    init() throws {
      world = try HubWorld()
      visitor = try world.device(of: "Health visitor")
      school = try world.device(of: "School")
      police = try world.device(of: "Police")
      child = ChildID(using: &world.random)
      index = school.compartment(.index, child: child)
      development = school.compartment(.development, child: child)
      household = school.compartment(.household, child: child)
      mine = visitor.compartment(.index, child: ChildID(using: &world.random))
      opening = [
        school.grant([.store], [.development, .household], to: [.hub], child: child),
        school.grant([.share], [.development], to: [visitor.agency], child: child),
        school.grant([.index], [.index], to: [visitor.agency], child: child),
      ]
      withdrawal = school.withdrawal(
        [.development], from: .agencies([visitor.agency]), child: child)
      again = school.grant(
        [.share], [.development], to: [visitor.agency], child: child,
        supersedes: [withdrawal.id])
      // Which agencies report is public among them.
      try police.exchange()
    }

    func next(
      _ device: HandDevice, _ compartment: Compartment, _ text: String
    ) -> (Compartment, Change) {
      let actor = Actor(rawValue: compartment.id.low ^ device.agency.low)
      let counter = (counters[compartment.id] ?? 0) + 1
      counters[compartment.id] = counter
      let context = counter == 1 ? VersionVector() : VersionVector([actor: counter - 1])
      return (
        compartment,
        device.change(Dot(actor: actor, counter: counter), context: context, text)
      )
    }

    func look(
      changes: [(Compartment, Change)] = [], receipts: [PurgeReceipt] = []
    ) throws {
      var request = visitor.request()
      request.purgeReceipts = receipts
      request.askReceived = [index.id, mine.id, household.id]
      request.page = Page(
        compartments: changes.map(\.0), items: changes.map { .change($0.0.id, $0.1) })
      let reply = try world.exchange(request, from: visitor.id)
      guard case .answer(let answer) = reply else { throw Unexpected(reply: "\(reply)") }
      replies.append(reply.encoded())
      visitor.take(answer, for: request)
    }

    /// Asks about a child whom at most a sensitive service knows.
    func enquire(thread number: UInt64) throws {
      let thread = Compartment(
        id: CompartmentID(high: 7, low: number), child: nil, category: .desk,
        custodian: visitor.agency)
      let values: [(String, GroupValue)] = [
        ("asked", GroupValue().setting("on", instant: world.now)),
        ("basis", .one("consentReference", "form 12")), ("reason", .one("reason", "beforeCAF")),
        (
          "subject",
          GroupValue.one("given", "Tom").setting("family", "Barker")
            .setting("dateOfBirth", "2004-06-02")
        ),
      ]
      var change = next(visitor, thread, "").1
      change.writes = values.map {
        Write(
          record: RecordID(high: 8, low: number), kind: "enquiry", group: $0.0,
          value: $0.1.encoded())
      }
      try look(changes: [(thread, change)])
    }

    // MARK: What she may not know

    func happen(_ hidden: Hidden) throws {
      switch hidden {
      case .nothing: break
      case .otherWords:
        for text in ["words", "other words, and more of them"] {
          try school.exchange(changes: [next(school, household, text)])
        }
      case .policeDecisions: try decideAboutPolice()
      case .sensitiveService: try sensitiveService()
      case .anotherChild:
        let other = police.compartment(.index, child: ChildID(using: &world.random))
        try police.exchange(changes: [next(police, other, "of another child")])
      }
    }

    private func decideAboutPolice() throws {
      let grant = school.grant(
        [.share, .index], [.household, .index, .development], to: [police.agency], child: child)
      let override = school.entry(
        .override(
          OverrideTerms(
            categories: [.household], recipients: [police.agency], reason: "r", decidedBy: "d",
            untilMilliseconds: world.now + 1_000_000, significantHarm: true, authorisedRole: true)),
        child: child)
      try school.exchange(policy: [grant, override])
      try police.exchange()
      try police.exchange()
      try school.exchange(policy: [
        school.withdrawal([.household], from: .agencies([police.agency]), child: child)
      ])
      try police.exchange()
    }

    private func sensitiveService() throws {
      let clinic = try self.clinic ?? world.device(of: "Clinic", sensitive: true)
      self.clinic = clinic
      let registered = ChildID(using: &world.random)
      let joined = ChildID(using: &world.random)
      let entries = [
        clinic.compartment(.index, child: joined),
        clinic.compartment(.index, child: registered), clinic.compartment(.index, child: child),
        clinic.compartment(.development, child: registered),
        clinic.compartment(.sensitive, child: child), clinic.compartment(.directory, child: nil),
      ]
      try school.exchange(policy: [
        school.grant([.index], [.index], to: [clinic.agency], child: child)
      ])
      try clinic.exchange(
        policy: [
          clinic.grant(
            [.store], [.development, .sensitive], to: [.hub], child: registered),
          clinic.entry(
            .grant(
              ConsentTerms(
                scope: ConsentScope(
                  purposes: [.store, .index, .share], categories: [.sensitive],
                  recipients: .agencies([clinic.agency, .hub])),
                excluded: [], supersedes: [], expiresAtMilliseconds: nil, evidence: nil)),
            child: child),
          clinic.entry(.alias(other: child), child: joined),
        ], changes: entries.map { next(clinic, $0, "of the clinic") })
      let known = clinic.compartment(.index, child: ChildID(using: &world.random))
      var change = next(clinic, known, "").1
      let values = [
        ("birth", GroupValue.one("dateOfBirth", "2004-06-02")),
        ("name", GroupValue.one("given", "Tom").setting("family", "Barker")),
      ]
      change.writes = values.map {
        Write(record: RecordID(high: 9, low: 1), kind: "child", group: $0.0, value: $0.1.encoded())
      }
      try clinic.exchange(changes: [(known, change)])
      try clinic.exchange()
    }
  }

  /// All that she receives while every other moment is filled with `hidden`.
  private func received(_ hidden: [Hidden]) throws -> [[UInt8]] {
    let district = try District()
    let (school, visitor) = (district.school, district.visitor)
    func meanwhile() throws { for each in hidden { try district.happen(each) } }
    try school.exchange(
      policy: district.opening,
      changes: [
        district.next(school, district.index, "index"),
        district.next(school, district.development, "first"),
      ])
    try meanwhile()
    try district.look(changes: [district.next(visitor, district.mine, "my own")])
    try meanwhile()
    try school.exchange(changes: [district.next(school, district.development, "second")])
    try district.look()
    try district.enquire(thread: 1)
    try meanwhile()
    try school.exchange(policy: [district.withdrawal])
    try district.look()
    let order = try #require(visitor.last?.revocations.first)
    try district.look(receipts: [visitor.receipt(for: order)])
    try meanwhile()
    try school.exchange(policy: [district.again])
    try district.look()
    try district.enquire(thread: 2)
    try district.look()
    try #require(visitor.texts(district.development.id) == ["second"])
    return district.replies
  }

  @Test("words, decisions, agencies and children outside her scope leave no trace in her bytes")
  func sameBytes() throws {
    let quiet = try received([])
    try #require(quiet.count == 8)
    for hidden in Hidden.allCases.map({ [$0] }) + [Hidden.allCases] {
      let bytes = try received(hidden)
      #expect(bytes.count == quiet.count)
      for (step, pair) in zip(quiet, bytes).enumerated() {
        #expect(pair.0 == pair.1, "reply \(step), \(hidden)")
      }
    }
  }

  @Test("what is within her scope does leave a trace")
  func differentBytes() throws {
    let district = try District()
    try district.school.exchange(
      policy: district.opening,
      changes: [district.next(district.school, district.development, "other words")])
    try district.look()
    #expect(try district.replies[0] != received([])[0])
  }
}
