/// Finds children by name and birth among all index compartments held here.
///
/// It lives in memory only, built after the keys are unlocked: a search index on disk keeps words
/// of what was purged. `ChildMatching` decides how well a child fits; what is done here is to leave
/// out, fast, whoever cannot fit. The words of all names stand in one vocabulary, far smaller than
/// the number of children. A search goes through that vocabulary once, and only children whose
/// names are like each name asked (or blank), or whose given name and birth fit, are compared in
/// full.
package import CaseRecords
package import SyncProtocol

package struct ChildSearchIndex: Sendable {
  /// What one index compartment says of its child: every sibling value counts.
  package struct Entry: Hashable, Sendable {
    package let compartment: CompartmentID
    package let child: ChildID
    package let custodian: AgencyID
    package let identities: [FoldedIdentity]
  }

  package struct Match: Hashable, Sendable {
    package let child: ChildID
    /// Whose entries fit.
    package let custodians: Set<AgencyID>
    /// The best of those entries.
    package let match: ChildMatch

    package var band: ChildMatch.Band { match.band }
    /// 0…100
    package var score: Int { match.score }
  }

  /// Names and births of one compartment in conflict are combined up to this many identities.
  package static let identitiesPerEntryMax = 16

  private(set) var slots: [Entry?] = []
  private var freeSlots: [Int] = []
  private(set) var slotOf: [CompartmentID: Int] = [:]
  /// For each slot, which evidence it lacks and which so cannot speak against it.
  private var blanks: [Evidence] = []
  private var words = SearchVocabulary()
  private(set) var births: [CalendarDate: [Int]] = [:]
  /// Slots with an identity that has no date of birth.
  private(set) var undated: Set<Int> = []

  package init() {}

  /// Compartments with at least one child in them.
  package var count: Int { slotOf.count }

  /// Takes in the state of an index compartment, in place of what it said before.
  package mutating func update(
    compartment: CompartmentID, child: ChildID, custodian: AgencyID, content: CompartmentContent
  ) {
    let entry = Entry(
      compartment: compartment, child: child, custodian: custodian,
      identities: Self.identities(in: content).map(FoldedIdentity.init))
    if let slot = slotOf[compartment], slots[slot] == entry { return }
    remove(compartment: compartment)
    if !entry.identities.isEmpty { insert(entry) }
  }

  package mutating func remove(compartment: CompartmentID) {
    guard let slot = slotOf.removeValue(forKey: compartment), let entry = slots[slot] else {
      return
    }
    for word in Self.words(of: entry) { words.remove(slot, from: word) }
    for birth in Self.births(of: entry) {
      births[birth]?.removeAll { $0 == slot }
      if births[birth]?.isEmpty == true { births[birth] = nil }
    }
    undated.remove(slot)
    slots[slot] = nil
    blanks[slot] = []
    freeSlots.append(slot)
  }

  /// The children that are at least possible, best first; at most `limit`.
  package func find(_ asked: ChildIdentity, today: CalendarDate, limit: Int) -> [Match] {
    find(asked, today: today, limit: limit) { _ in true }
  }

  /// As `find`, among the entries that may be seen. One for which `isVisible` is false neither
  /// counts nor lends weight: the answer is as if it did not exist.
  /// - Parameter allowsPart: As `ChildMatching.match` takes it.
  package func find(
    _ asked: ChildIdentity, today: CalendarDate, limit: Int, allowsPart: Bool = false,
    where isVisible: (Entry) throws -> Bool
  ) rethrows -> [Match] {
    let asked = FoldedIdentity(asked)
    var found: [ChildID: Match] = [:]
    for slot in candidates(asked) {
      guard let entry = slots[slot] else { continue }
      let best = entry.identities
        .map {
          ChildMatching.match(asked: asked, known: $0, today: today, allowsPart: allowsPart)
        }
        .max { Self.isWorse($0, than: $1) }
      guard let best, best.band != .none, try isVisible(entry) else { continue }
      let before = found[entry.child]
      let isBetter = before.map { Self.isWorse($0.match, than: best) } ?? true
      found[entry.child] = Match(
        child: entry.child, custodians: (before?.custodians ?? []).union([entry.custodian]),
        match: isBetter ? best : before?.match ?? best)
    }
    return Array(
      found.values.sorted {
        if Self.isWorse($0.match, than: $1.match) { return false }
        if Self.isWorse($1.match, than: $0.match) { return true }
        return $0.child < $1.child
      }.prefix(limit))
  }

  static func isWorse(_ left: ChildMatch, than right: ChildMatch) -> Bool {
    (left.band.rawValue, left.score) < (right.band.rawValue, right.score)
  }

  // MARK: Candidates

  private struct Evidence: OptionSet, Sendable {
    let rawValue: UInt8
    static let given = Evidence(rawValue: 1)
    static let family = Evidence(rawValue: 2)
    static let birth = Evidence(rawValue: 4)
  }

  /// - Parameter byBirth: Whether a birth brings somebody in whose family name does not fit.
  func candidates(_ asked: FoldedIdentity, byBirth: Bool = true) -> [Int] {
    var marks = [Evidence](repeating: [], count: slots.count)
    var touched: [Int] = []
    func mark(_ slot: Int, _ evidence: Evidence) {
      if marks[slot].isEmpty { touched.append(slot) }
      marks[slot].insert(evidence)
    }
    var names: Evidence = []
    let given = Set(([asked.given] + asked.otherNames).flatMap { $0?.words ?? [] })
    let family = Set(asked.family?.words ?? [])
    if !given.isEmpty { names.insert(.given) }
    if !family.isEmpty { names.insert(.family) }
    for slot in words.slots(like: given) { mark(slot, .given) }
    for slot in words.slots(like: family) { mark(slot, .family) }
    if byBirth, let birth = asked.identity.dateOfBirth {
      for day in Set([birth, birth.dayAndMonthSwapped].compactMap { $0 }) {
        for slot in births[day] ?? [] { mark(slot, .birth) }
      }
    }
    return touched.filter { slot in
      let evidence = marks[slot].union(blanks[slot])
      return evidence.isSuperset(of: names) || evidence.isSuperset(of: [.given, .birth])
    }
  }

  private mutating func insert(_ entry: Entry) {
    let slot = freeSlots.popLast() ?? slots.count
    if slot == slots.count {
      slots.append(nil)
      blanks.append([])
    }
    slots[slot] = entry
    slotOf[entry.compartment] = slot
    for word in Self.words(of: entry) { words.add(slot, to: word) }
    for birth in Self.births(of: entry) { births[birth, default: []].append(slot) }
    if entry.identities.contains(where: { $0.identity.dateOfBirth == nil }) { undated.insert(slot) }
    if entry.identities.contains(where: { $0.given == nil }) {
      blanks[slot].insert(.given)
    }
    if entry.identities.contains(where: { $0.family == nil }) {
      blanks[slot].insert(.family)
    }
  }

  private static func words(of entry: Entry) -> Set<String> {
    Set(
      entry.identities.flatMap { identity in
        ([identity.given, identity.family] + identity.otherNames).flatMap { $0?.words ?? [] }
      })
  }

  private static func births(of entry: Entry) -> Set<CalendarDate> {
    Set(entry.identities.compactMap(\.identity.dateOfBirth))
  }

  // MARK: Reading

  private static func identities(in content: CompartmentContent) -> [ChildIdentity] {
    content.records(of: "child").flatMap { _, record in
      let others = record.values("otherNames").flatMap { $0.texts("otherNames") ?? [] }
      let births = record.values("birth")
      return record.values("name").flatMap { name in
        (births.isEmpty ? [GroupValue()] : births).map { birth in
          ChildIdentity(
            given: name.text("given"), family: name.text("family"), otherNames: others,
            dateOfBirth: birth.date("dateOfBirth"), estimatedAge: birth.count("estimatedAge"),
            estimatedOn: birth.date("estimatedOn"))
        }
      }
    }.prefix(identitiesPerEntryMax).map { $0 }
  }
}
