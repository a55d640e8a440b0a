import CaseRecords
import Causality
import Disclosure

/// The casework facts of every compartment held here. In memory only, like the search index.
///
/// Whether a compartment may be shown is asked again with every question, because a lease can end
/// without anything having changed.
struct CaseworkIndex {
  private var facts: [CompartmentID: CaseworkFacts] = [:]
  private var compartments: [ChildID: [CompartmentID]] = [:]
  private var childrenOf: [RecordID: Set<ChildID>] = [:]
  /// The children of whom something else has been known since this was last emptied, and those of
  /// their families.
  var changed: Set<ChildID> = []

  /// Takes in what a compartment says now, in place of what it said before; nil: nothing.
  mutating func update(_ id: CompartmentID, _ new: CaseworkFacts?) {
    if let old = facts.removeValue(forKey: id) {
      note(old)
      compartments[old.child]?.removeAll { $0 == id }
      if compartments[old.child]?.isEmpty == true { compartments[old.child] = nil }
      for family in old.families { relink(family, old.child) }
    }
    guard let new else { return }
    facts[id] = new
    compartments[new.child, default: []].append(id)
    compartments[new.child]?.sort()
    for family in new.families { childrenOf[family, default: []].insert(new.child) }
    note(new)
  }

  private mutating func note(_ facts: CaseworkFacts) {
    changed.insert(facts.child)
    let said = compartments[facts.child, default: []].flatMap { self.facts[$0]?.families ?? [] }
    for family in Set(facts.families + said) { changed.formUnion(childrenOf[family] ?? []) }
  }

  /// A child stays of a family while any compartment says so.
  private mutating func relink(_ family: RecordID, _ child: ChildID) {
    let isStillSaid = compartments[child, default: []].contains {
      facts[$0]?.families.contains(family) == true
    }
    if isStillSaid { return }
    childrenOf[family]?.remove(child)
    if childrenOf[family]?.isEmpty == true { childrenOf[family] = nil }
  }

  /// Everything about one child, under all its identifiers, that `isVisible` lets through.
  func matter(
    of child: ChildID, _ aliases: AliasMap, where isVisible: (CaseworkFacts) -> Bool
  ) -> ChildCase? {
    let members = aliases.members(child)
    let found = members.sorted().flatMap { compartments[$0] ?? [] }.compactMap { facts[$0] }
      .filter(isVisible)
    return found.isEmpty ? nil : ChildCase(child: aliases.canonical(child), facts: found)
  }

  /// Each child once, by the one name that its identifiers have in common.
  func children(_ aliases: AliasMap) -> Set<ChildID> {
    Set(compartments.keys.map { aliases.canonical($0) })
  }

  /// The other children of the families that a child is linked to.
  func siblings(of matter: ChildCase, _ aliases: AliasMap) -> Set<ChildID> {
    let families = Set(matter.facts.flatMap(\.families))
    let all = families.flatMap { childrenOf[$0] ?? [] }.map { aliases.canonical($0) }
    return Set(all).subtracting([matter.child])
  }
}

/// One child's matter as far as it may be shown here: the facts of all its compartments.
struct ChildCase {
  /// The name that all its identifiers have in common.
  let child: ChildID
  let facts: [CaseworkFacts]

  var names: [String] { distinct(facts.flatMap(\.names)) }

  var name: String { names.isEmpty ? "name not held here" : names.joined(separator: " / ") }

  var involvements: [CaseworkFacts.Involvement] { facts.flatMap(\.involvements) }

  /// Those who lead or are asked to on that day.
  func leads(on day: CalendarDate) -> [CaseworkFacts.Lead] {
    facts.flatMap(\.leads).filter { lead in
      !lead.isDeclined && lead.until.map { $0 >= day } ?? true
    }
  }

  /// The CAF that is not closed: what its own record says where that is held here, else the hub's
  /// word, else the agency's.
  var openCAF: (status: String, agency: AgencyID?, since: CalendarDate?)? {
    let held = facts.flatMap(\.assessments)
    if let open = held.first(where: \.isOpen) {
      return (
        open.state == "draft" ? "inProgress" : "complete", open.assessor.agency, open.startedOn
      )
    }
    let toldOfByRecord = Set(held.compactMap(\.assessor.agency))
    let flags = facts.flatMap(\.flags)
    let derived = Set(flags.filter(\.isDerived).compactMap(\.agency))
    let open = flags.first { flag in
      guard ["inProgress", "complete"].contains(flag.status) else { return false }
      guard let agency = flag.agency else { return true }
      return !toldOfByRecord.contains(agency) && (flag.isDerived || !derived.contains(agency))
    }
    return open.map { ($0.status, $0.agency, $0.startedOn.flatMap { CalendarDate($0) }) }
  }

  /// Whole years, by the date of birth where one is known, else by the estimate; negative before
  /// birth; nil when nothing is known.
  func age(on day: CalendarDate) -> Int? {
    let identities = facts.flatMap(\.identities)
    if let birth = identities.compactMap(\.dateOfBirth).first { return birth.fullYears(to: day) }
    return identities.compactMap { identity in
      identity.estimatedAge.map { $0 + (identity.estimatedOn?.fullYears(to: day) ?? 0) }
    }.first
  }
}

/// Each value once, in the order in which it came first.
func distinct<Value: Equatable>(_ values: [Value]) -> [Value] {
  values.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
}
