import CBOR
package import CaseRecords
import Causality
import Disclosure
package import Operations
import ReplicaStore
package import SyncEngine
import SyncProtocol

/// What the operations work on: the agency's engine, and what is derived from it in memory.
/// Confined to the daemon's worker thread.
package final class Replica {
  package let engine: AgencyEngine
  package var agency: AgencyID { engine.identity.agency }
  package var agencyName: String { engine.identity.agencyName }
  let clock: any Clock
  var random: any RandomNumberGenerator
  /// Who writes when nobody says: from the configuration; a name or an identifier.
  let usualPractitioner: String?
  /// How long a pre-CAF is kept that no CAF follows.
  var preCAFKeptDays = AgencyConfiguration.preCAFKeptDaysStandard
  var memory = ReplicaMemory()
  /// How often others have taken back what was shown here, since the daemon started.
  var withdrawals = 0

  package init(
    engine: AgencyEngine, clock: any Clock, random: any RandomNumberGenerator,
    usualPractitioner: String? = nil
  ) {
    self.engine = engine
    self.clock = clock
    self.random = random
    self.usualPractitioner = usualPractitioner
  }

  var store: ReplicaStore { engine.store }
  package var now: UInt64 { UInt64(max(clock.wallMilliseconds(), 0)) }

  var today: CalendarDate {
    guard let day = CalendarDate(millisecondsSince1970: now) else {
      preconditionFailure("every wall clock shows a day of the calendar")
    }
    return day
  }

  func newID<Tag>() -> Identifier<Tag> { Identifier(using: &random) }

  // MARK: What is held

  /// Whether a compartment may be shown: not while it is revoked, and what others wrote not past
  /// the lease.
  func isShown(_ stored: StoredCompartment) throws -> Bool {
    try engine.mayShow(stored.id, lease: lease)
  }

  package var lease: LeaseState { engine.leaseState(wall: now, boot: bootMilliseconds) }

  var bootMilliseconds: UInt64 { UInt64(max(clock.bootMilliseconds(), 0)) }

  /// What may be shown of one child, under all its identifiers.
  func held(_ child: ChildID) throws -> [StoredCompartment] {
    try aliases().members(child).sorted().flatMap { try store.compartments(of: $0) }
      .filter { try isShown($0) }
  }

  func held(in category: CaseRecords.Category) throws -> [StoredCompartment] {
    try store.compartments(in: category).filter { try isShown($0) }
  }

  func aliases() throws -> AliasMap {
    if let aliases = memory.aliases { return aliases }
    let made = AliasMap(entries: try store.allPolicy().filter { $0.state != .refused }.map(\.entry))
    memory.aliases = made
    return made
  }

  /// What is known here of a child's policy; what the hub refused does not count.
  func policy(of child: ChildID) throws -> PolicySet {
    PolicySet(entries: try knownPolicy(of: child).map(\.entry))
  }

  func knownPolicy(of child: ChildID) throws -> [KnownPolicy] {
    let own = try aliases().members(child).sorted().flatMap { try store.policy(of: $0) }
    return (own + (try store.agencyWidePolicy())).filter { $0.state != .refused }
  }

  /// The children held here that are like the one asked for, best first. The index is built after
  /// start and kept up to date; never on disk.
  func find(
    _ asked: ChildIdentity, limit: Int, allowsPart: Bool = false
  ) throws -> [ChildSearchIndex.Match] {
    let isOpen = lease == .open
    return try searchIndex().find(asked, today: today, limit: limit, allowsPart: allowsPart) {
      isOpen || $0.custodian == agency
    }
  }

  // MARK: People and agencies

  struct Person: Hashable {
    let id: PractitionerID
    let agency: AgencyID
    let name: String
    let role: String
    let contact: String
    let endedOn: CalendarDate?
  }

  struct Agency: Hashable {
    let id: AgencyID
    let name: String
    let sector: String
  }

  /// Practitioners of all agencies, as far as known here.
  func practitioners() throws -> [Person] {
    if let people = memory.people { return people }
    var found: [Person] = []
    for stored in try held(in: .practitioners) {
      for (id, record) in try store.content(of: stored).records(of: "practitioner") {
        guard let name = record.values("name").first?.text("name") else { continue }
        found.append(
          Person(
            id: PractitionerID(high: id.high, low: id.low),
            agency: stored.compartment.custodian,
            name: name, role: record.values("role").first?.text("role") ?? "",
            contact: record.values("contact").first?.text("contact") ?? "",
            endedOn: record.values("employed").first?.date("to")))
      }
    }
    memory.people = found
    return found
  }

  /// The agencies that the hub has published, and this one.
  func agencies() throws -> [Agency] {
    if let directory = memory.directory { return directory }
    var found: [AgencyID: Agency] = [
      agency: Agency(id: agency, name: agencyName, sector: "")
    ]
    for stored in try held(in: .directory) where stored.compartment.custodian == .hub {
      for (id, record) in try store.content(of: stored).records(of: "agency") {
        guard let name = record.values("name").first?.text("name") else { continue }
        let agency = AgencyID(high: id.high, low: id.low)
        found[agency] = Agency(
          id: agency, name: name, sector: record.values("sector").first?.text("sector") ?? "")
      }
    }
    let sorted = found.values.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    memory.directory = sorted
    return sorted
  }

  /// How an agency is called; never invents one.
  func name(of agency: AgencyID) throws -> String {
    if agency == .hub { return "the hub" }
    return try agencies().first { $0.id == agency }?.name ?? "an agency not in the directory"
  }

  func name(of practitioner: PractitionerID?) throws -> String {
    guard let practitioner else { return "the hub" }
    guard let person = try practitioners().first(where: { $0.id == practitioner }) else {
      return "a practitioner not known here"
    }
    return person.agency == agency
      ? person.name : "\(person.name), \(try name(of: person.agency))"
  }

  /// An agency by its name, the beginning of its name, or its identifier.
  func agency(_ text: String) throws -> AgencyID {
    let known = try agencies()
    if let id = AgencyID(text: text) { return id }
    let folded = NameFolding.folded(text)
    let exact = known.filter { NameFolding.folded($0.name) == folded }
    let found =
      exact.isEmpty ? known.filter { NameFolding.folded($0.name).hasPrefix(folded) } : exact
    if found.count == 1 { return found[0].id }
    throw OperationError(
      found.isEmpty ? .usage : .conflict,
      found.isEmpty
        ? "No agency is called “\(text)”. Known: \(known.map(\.name).joined(separator: ", "))."
        : "“\(text)” may be \(found.map(\.name).joined(separator: " or ")): give the whole name.")
  }

  /// Who writes: the one named, else the usual one of the configuration.
  func author(_ input: OperationInput) throws -> PractitionerID {
    guard let text = try input.text("as") ?? usualPractitioner else {
      throw OperationError(
        .usage, "Say who writes, with --as NAME, or set “practitioner” in the configuration.")
    }
    return try practitioner(text)
  }

  /// A practitioner of this agency by name or identifier, who has not left.
  func practitioner(_ text: String) throws -> PractitionerID {
    let own = try practitioners().filter { $0.agency == agency }
    let current = own.filter { $0.endedOn.map { $0 >= today } ?? true }
    let folded = NameFolding.folded(text)
    let found = current.filter {
      $0.id.text == text || NameFolding.folded($0.name) == folded
    }
    if found.count == 1 { return found[0].id }
    if found.count > 1 {
      throw OperationError(
        .conflict,
        "Several practitioners are called “\(text)”: give the identifier, one of "
          + found.map(\.id.text).joined(separator: ", ") + ".")
    }
    let left = own.contains { $0.id.text == text || NameFolding.folded($0.name) == folded }
    throw OperationError(
      .refused,
      left
        ? "“\(text)” no longer works here, and cannot write."
        : "No practitioner of this agency is called “\(text)”. "
          + (current.isEmpty
            ? "Add one: cafsync agency practitioner add --name NAME."
            : "Known: \(current.map(\.name).joined(separator: ", "))."))
  }

  /// A child by its identifier or the beginning of it (at least four digits).
  func child(_ text: String) throws -> ChildID {
    if let id = ChildID(text: text) {
      guard try !held(id).isEmpty else { throw Self.notHeld(now: now) }
      return id
    }
    let beginning = text.lowercased()
    guard beginning.count >= 4 else {
      throw OperationError(
        .usage,
        "Give a child's identifier, or at least its first four digits; look for the child "
          + "by name to find it.")
    }
    let found = try store.children().filter { $0.text.hasPrefix(beginning) }
      .filter { try !held($0).isEmpty }
    if found.count == 1 { return found[0] }
    if found.count > 1 {
      throw OperationError(.conflict, "Several children begin with “\(text)”: give more digits.")
    }
    throw Self.notHeld(now: now)
  }

  /// Never "there is none": only what is here can be spoken for.
  static func notHeld(now: UInt64) -> OperationError {
    OperationError(
      .failure,
      "This child is not held here as of \(now.momentText). That does not mean that the child is "
        + "unknown elsewhere: ask the hub’s index with an enquiry.")
  }
}
