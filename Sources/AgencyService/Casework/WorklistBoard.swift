import CaseRecords
import Causality
import Disclosure

/// What is due for every child on one day. Kept between questions: after a change, only the
/// children that it concerns, and their families, are looked at again.
struct WorklistBoard {
  struct Entry {
    let matter: ChildCase
    let name: String
    let leads: [CaseworkFacts.Lead]
    /// Who works with the child now.
    let involved: [CaseworkFacts.Person]
    /// Who wrote a CAF that is not closed.
    let assessors: [CaseworkFacts.Person]
    let alerts: [WorklistAlert]
  }

  /// What every entry was made with: when any of it changes, all are made anew.
  struct Basis: Equatable {
    let rules: WorklistRules
    let aliases: AliasMap
    /// What others wrote may be shown.
    let isLeaseOpen: Bool
  }

  let basis: Basis
  private(set) var entries: [ChildID: Entry] = [:]

  init(_ basis: Basis, _ index: CaseworkIndex) {
    self.basis = basis
    for child in index.children(basis.aliases) { entries[child] = entry(child, index) }
  }

  /// `changed` are the children of whom something else is known now, under any identifier.
  mutating func refresh(_ changed: Set<ChildID>, _ index: CaseworkIndex) {
    for child in Set(changed.map { basis.aliases.canonical($0) }) {
      entries[child] = entry(child, index)
    }
  }

  private func entry(_ child: ChildID, _ index: CaseworkIndex) -> Entry? {
    func matter(_ child: ChildID) -> ChildCase? {
      index.matter(of: child, basis.aliases) {
        basis.isLeaseOpen || $0.custodian == basis.rules.agency
      }
    }
    guard let found = matter(child) else { return nil }
    let family = index.siblings(of: found, basis.aliases).sorted().compactMap { matter($0) }
    return Entry(
      matter: found, name: found.name, leads: found.leads(on: basis.rules.today),
      involved: found.involvements.filter(\.isActive).map(\.person),
      assessors: found.facts.flatMap(\.assessments).filter(\.isOpen).map(\.assessor),
      alerts: basis.rules.alerts(in: found, family: family))
  }
}

/// Who asks, as entries name them, beside the colleagues who work there now.
struct WorklistAsker {
  private let id: PractitionerID
  private let agency: AgencyID
  private let foldedName: String
  private let colleagues: Set<PractitionerID>
  private let colleaguesNames: Set<String>

  init(_ id: PractitionerID, _ rules: WorklistRules) {
    let current = rules.people.values.filter { person in
      person.agency == rules.agency && person.endedOn.map { $0 >= rules.today } ?? true
    }
    self.id = id
    agency = rules.agency
    foldedName = NameFolding.folded(rules.people[id]?.name ?? "")
    colleagues = Set(current.map(\.id))
    colleaguesNames = Set(current.map { NameFolding.folded($0.name) })
  }

  func isNamed(_ person: CaseworkFacts.Person) -> Bool {
    if let practitioner = person.practitioner { return practitioner == id }
    guard person.agency == agency, let name = person.name else { return false }
    return NameFolding.folded(name) == foldedName
  }

  /// A task of this agency of which nobody who works there now is the owner.
  func isForAnybody(_ owner: CaseworkFacts.Person) -> Bool {
    guard owner.agency == agency else { return false }
    if let practitioner = owner.practitioner { return !colleagues.contains(practitioner) }
    return owner.name.map { !colleaguesNames.contains(NameFolding.folded($0)) } ?? true
  }

  /// How a child concerns whoever asks; empty when it does not.
  func reasons(_ entry: WorklistBoard.Entry) -> [String] {
    var why: [String] = []
    if entry.involved.contains(where: isNamed) { why.append("involved") }
    for lead in entry.leads {
      if isNamed(lead.person) { why.append(lead.isAccepted ? "leads" : "asked to lead") }
      if let deputy = lead.deputy, isNamed(deputy) { why.append("deputy") }
    }
    if entry.assessors.contains(where: isNamed) { why.append("CAF") }
    return distinct(why)
  }
}
