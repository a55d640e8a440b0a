package import CaseRecords
import Causality
package import Disclosure
import ReplicaStore
import SyncProtocol

/// What the records of one custodian say of a child's case: who is involved, who leads, who is on
/// the team, who owns an action.
///
/// Nobody opens a door for himself: an assertion that names an agency counts only if a device of
/// another agency wrote it, or if the agency named is the custodian. What an agency writes of
/// itself into somebody else's compartment is kept and shown, and gives it nothing.
struct CaseFactsReader {
  let custodian: AgencyID
  /// Agencies whose very involvement is not shared.
  let sensitive: Set<AgencyID>
  private(set) var facts = CaseFacts()

  init(custodian: AgencyID, sensitive: Set<AgencyID>) {
    self.custodian = custodian
    self.sensitive = sensitive
  }

  /// Kinds whose writes can change a fact.
  static let kinds: Set<String> = [
    "involvement", "leadProfessional", "tacMeeting", "tacInvitation", "action",
  ]

  /// Takes in an index or plan compartment; `writers` are the agencies behind its actors.
  mutating func read(_ content: CompartmentContent, writers: [Actor: AgencyID]) {
    for record in content.records.values where !record.isRemovedByAnyone {
      switch record.kind {
      case "involvement":
        // A sensitive service's own entry is not for others, whoever it names.
        guard !sensitive.contains(custodian) else { continue }
        facts.involved.formUnion(named("agency", in: record, writers).subtracting(sensitive))
      case "leadProfessional":
        guard isAccepted(record) else { continue }
        for (agency, lead) in statements("lead", in: record, writers) {
          facts.lead(agency, until: lead.date("until")?.endMilliseconds)
        }
      case "tacMeeting":
        facts.planMembers.formUnion(named("convener", in: record, writers))
      case "tacInvitation":
        facts.planMembers.formUnion(named("invited", in: record, writers))
      case "action":
        let states = record.values("status").map { $0.text("status") }
        // Of two who disagree, the owner may be the one who holds the door open.
        guard !states.contains("dropped") else { continue }
        facts.actionOwners.formUnion(named("owner", in: record, writers))
      default: continue
      }
    }
  }

  private func named(
    _ group: String, in record: RecordContent, _ writers: [Actor: AgencyID]
  ) -> Set<AgencyID> {
    Set(statements(group, in: record, writers).map(\.agency))
  }

  /// What counts of what is said about an agency.
  private func statements(
    _ group: String, in record: RecordContent, _ writers: [Actor: AgencyID]
  ) -> [(agency: AgencyID, value: GroupValue)] {
    (record.groups[group]?.siblings ?? []).compactMap { sibling in
      guard let value = RecordContent.value(sibling.value.value),
        let agency: AgencyID = value.identifier("agency")
      else { return nil }
      if agency == custodian { return (agency, value) }
      func isSaidByAnother(_ dots: [Dot]) -> Bool {
        dots.contains { dot in writers[dot.actor].map { $0 != agency } ?? false }
      }
      // Nor does bringing back a record that was removed count, if only the agency named did so.
      let lives = record.groups["life"]?.siblings ?? []
      guard isSaidByAnother(sibling.dots),
        lives.isEmpty || lives.contains(where: { isSaidByAnother($0.dots) })
      else { return nil }
      return (agency, value)
    }
  }

  /// Accepted, and nobody says otherwise.
  private func isAccepted(_ record: RecordContent) -> Bool {
    let answers = record.values("acceptance").map { $0.text("accepted") }
    return !answers.isEmpty && answers.allSatisfy { $0 == "accepted" }
  }
}

extension HubEngine {
  /// The facts that decide about a compartment: those of its custodian, under every identifier of
  /// the child.
  package func caseFacts(ofCompartment compartment: Compartment) throws -> CaseFacts {
    guard let child = compartment.child else { return CaseFacts() }
    let standing = CaseFacts(
      isCustodianSensitive: try agency(compartment.custodian)?.isSensitive == true)
    return try aliases.members(child).sorted().reduce(into: standing) { result, member in
      result.merge(try facts(of: member, custodian: compartment.custodian))
    }
  }

  /// What the custodian's records say of the child under this one identifier.
  package func facts(of child: ChildID, custodian: AgencyID) throws -> CaseFacts {
    try recordedFacts(of: child)[custodian] ?? CaseFacts()
  }

  /// By custodian. Read from the records where the cache has nothing.
  func recordedFacts(of child: ChildID) throws -> [AgencyID: CaseFacts] {
    if let known = factsCache[child] { return known }
    if let body = try store.facts(of: child), let known = [AgencyID: CaseFacts](encoded: body) {
      remember(known, of: child)
      return known
    }
    var result: [AgencyID: CaseFacts] = [:]
    // What no change has been committed to says nothing.
    let compartments = try store.compartments(of: child).filter { !$0.vector.isEmpty }
    for custodian in Set(compartments.map(\.compartment.custodian)) {
      result[custodian] = try readFacts(of: compartments, custodian: custodian) {
        try store.content(of: $0)
      }
    }
    try record(result, of: child)
    return result
  }

  func record(_ facts: [AgencyID: CaseFacts], of child: ChildID) throws {
    try store.saveFacts(facts.encodedFacts, of: child)
    remember(facts, of: child)
  }

  private func remember(_ facts: [AgencyID: CaseFacts], of child: ChildID) {
    if factsCache.count > 10_000 { factsCache.removeAll() }
    factsCache[child] = facts
  }

  /// From the records in these compartments of one child, opened by `content`.
  func readFacts(
    of compartments: [StoredCompartment], custodian: AgencyID,
    content: (StoredCompartment) throws -> CompartmentContent
  ) throws -> CaseFacts {
    let agencies = try agencies()
    let idOf = Dictionary(uniqueKeysWithValues: agencies.map { ($0.number, $0.id) })
    var reader = CaseFactsReader(
      custodian: custodian, sensitive: Set(agencies.filter(\.isSensitive).map(\.id)))
    for stored in compartments
    where stored.compartment.custodian == custodian
      && [.index, .plan].contains(stored.compartment.category)
    {
      let writers = try store.actors(in: stored.number).compactMap { entry in
        idOf[entry.agency].map { (entry.actor, $0) }
      }
      reader.read(
        try content(stored), writers: Dictionary(writers, uniquingKeysWith: { first, _ in first }))
    }
    return reader.facts
  }
}

extension HubExchange {
  /// Reads the custodian's facts again; when they have changed, who may hold what is due for
  /// review.
  mutating func refreshFacts(of child: ChildID, custodian: AgencyID) throws {
    var recorded = try engine.recordedFacts(of: child)
    let workspace = workspace
    let fresh = try engine.readFacts(
      of: try store.compartments(of: child), custodian: custodian
    ) {
      try workspace.entry($0.id)?.content ?? CompartmentContent()
    }
    guard fresh != recorded[custodian] ?? CaseFacts() else { return }
    recorded[custodian] = fresh
    try engine.record(recorded, of: child)
    childrenToRecompute.insert(child)
    try promptDiscussions(of: child)
  }
}

extension RecordContent {
  /// False only where nobody says that it is removed: what opens a door is read more strictly than
  /// what is shown.
  fileprivate var isRemovedByAnyone: Bool {
    values("life").contains { $0.text("life") == "removed" }
  }
}

extension CalendarDate {
  /// The moment, UTC, at which the day is over.
  fileprivate var endMilliseconds: UInt64 { UInt64(max(daysSince1970 + 1, 0)) * 86_400_000 }
}
