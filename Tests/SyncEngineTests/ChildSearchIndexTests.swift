import CaseRecords
import Causality
import SyncEngine
import SyncProtocol
import Testing

@Suite struct ChildSearchIndexTests {
  private static let today = CalendarDate("2025-11-24")!

  private static func content(_ identities: [ChildIdentity]) -> CompartmentContent {
    var content = CompartmentContent()
    let record = RecordID(high: 1, low: 1)
    for (number, identity) in identities.enumerated() {
      let change = Change(
        dot: Dot(actor: Actor(rawValue: UInt64(number + 1)), counter: 1),
        context: VersionVector(),
        writes: [
          (
            "name",
            GroupValue().setting("given", identity.given).setting("family", identity.family)
          ),
          ("birth", GroupValue().setting("dateOfBirth", identity.dateOfBirth)),
          ("otherNames", GroupValue().setting("otherNames", identity.otherNames)),
        ].map { Write(record: record, kind: "child", group: $0.0, value: $0.1.encoded()) },
        time: HybridTime(milliseconds: 1, logical: 0), claimedMilliseconds: 1, author: nil)
      content.apply(change)
    }
    return content
  }

  private static func child(_ number: Int) -> ChildID { ChildID(high: 0, low: UInt64(number)) }

  private static let custodian = AgencyID(high: 0, low: 1)

  private static func index(_ identities: [ChildIdentity]) -> ChildSearchIndex {
    var index = ChildSearchIndex()
    for (number, identity) in identities.enumerated() {
      index.update(
        compartment: CompartmentID(high: 0, low: UInt64(number)), child: child(number),
        custodian: custodian, content: content([identity]))
    }
    return index
  }

  /// Names that are like one another in every way that matching knows.
  private static let names: [(given: String?, family: String?)] = {
    let given: [String?] = [
      "Amira", "Amirah", "Amria", "A", "Mohammed", "Muhammad", "Mary-Anne", "Anne", "Zoë", "Zoe",
      "Kate", "Katherine", nil,
    ]
    let family: [String?] = [
      "Hussain", "Husain", "Kowalska-Łęcka", "Lecka", "O'Brien", "OBrien", "Smith", "Smyth",
      "Amira", "Clarke", "Clark", "S", nil,
    ]
    return given.flatMap { given in family.map { (given, $0) } }
      .filter { $0.0 != nil || $0.1 != nil }
  }()

  @Test func whoeverMatchingFindsAmongAllIsFound() {
    let births = ["2003-05-01", "2003-01-05", "2003-05-02", nil]
    let identities = Self.names.enumerated().map { number, name in
      ChildIdentity(
        given: name.given, family: name.family, otherNames: number % 5 == 0 ? ["Kate"] : [],
        dateOfBirth: births[number % 4].flatMap { CalendarDate($0) })
    }
    let index = Self.index(identities)
    let everybody = identities.enumerated().map { (key: Self.child($0), identity: $1) }
    for (number, name) in Self.names.enumerated() where number % 3 == 0 {
      for birth in [births[0], nil] {
        let asked = ChildIdentity(
          given: name.given, family: name.family,
          dateOfBirth: birth.flatMap { CalendarDate($0) })
        let wanted = ChildMatching.search(
          asked: asked, among: everybody, today: Self.today, limit: .max)
        let found = index.find(asked, today: Self.today, limit: .max)
        #expect(Set(found.map(\.child)) == Set(wanted.map(\.key)), "\(asked)")
        #expect(found.map(\.score) == wanted.map(\.match.score), "\(asked)")
      }
    }
  }

  @Test func everySiblingValueCounts() {
    var index = ChildSearchIndex()
    index.update(
      compartment: CompartmentID(high: 0, low: 1), child: Self.child(1), custodian: Self.custodian,
      content: Self.content([
        ChildIdentity(given: "Amira", family: "Hussain"),
        ChildIdentity(given: "Beth", family: "Smith", dateOfBirth: CalendarDate("2003-05-01")),
      ]))
    for asked in [
      ChildIdentity(given: "Amira", family: "Hussain"),
      ChildIdentity(given: "Beth", family: "Smith", dateOfBirth: CalendarDate("2003-05-01")),
    ] {
      #expect(index.find(asked, today: Self.today, limit: 5).map(\.child) == [Self.child(1)])
    }
  }

  @Test func entriesOfOneChildAreOneMatchAndAnInvisibleOneLendsNothing() {
    var index = ChildSearchIndex()
    let other = AgencyID(high: 0, low: 2)
    let full = ChildIdentity(
      given: "Amira", family: "Hussain", dateOfBirth: CalendarDate("2003-05-01"))
    index.update(
      compartment: CompartmentID(high: 0, low: 1), child: Self.child(1), custodian: Self.custodian,
      content: Self.content([ChildIdentity(given: "Amira", family: "Hussain")]))
    index.update(
      compartment: CompartmentID(high: 0, low: 2), child: Self.child(1), custodian: other,
      content: Self.content([full]))
    let found = index.find(full, today: Self.today, limit: 5)
    #expect(found.map(\.custodians) == [[Self.custodian, other]])
    #expect(found.map(\.band) == [.certain])
    let seen = index.find(full, today: Self.today, limit: 5) { $0.custodian != other }
    #expect(seen.map(\.custodians) == [[Self.custodian]])
    #expect(seen.map(\.band) == [.likely])
  }

  @Test func whatIsChangedOrRemovedIsFoundAsItIsNow() {
    var index = Self.index([ChildIdentity(given: "Amira", family: "Hussain")])
    let compartment = CompartmentID(high: 0, low: 0)
    func count(_ given: String, _ family: String) -> Int {
      index.find(ChildIdentity(given: given, family: family), today: Self.today, limit: 5).count
    }
    #expect(count("Amira", "Hussain") == 1)
    index.update(
      compartment: compartment, child: Self.child(0), custodian: Self.custodian,
      content: Self.content([ChildIdentity(given: "Beth", family: "Smith")]))
    #expect(count("Amira", "Hussain") == 0 && count("Beth", "Smith") == 1 && index.count == 1)
    index.remove(compartment: compartment)
    #expect(count("Beth", "Smith") == 0 && index.count == 0)
    index.update(
      compartment: compartment, child: Self.child(0), custodian: Self.custodian,
      content: CompartmentContent())
    #expect(index.count == 0)
  }

  @Test func theBestComeFirstAndNoMoreThanAsked() {
    let index = Self.index(
      (0..<20).map { _ in ChildIdentity(given: "Amira", family: "Hussain") }
        + [
          ChildIdentity(
            given: "Amira", family: "Hussain", dateOfBirth: CalendarDate("2003-05-01"))
        ])
    let asked = ChildIdentity(
      given: "Amira", family: "Hussain", dateOfBirth: CalendarDate("2003-05-01"))
    let found = index.find(asked, today: Self.today, limit: 3)
    #expect(found.map(\.child) == [Self.child(20), Self.child(0), Self.child(1)])
  }
}
