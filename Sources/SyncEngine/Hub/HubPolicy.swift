package import CaseRecords
import Causality
import Disclosure
package import ReplicaStore
import SyncProtocol

/// Policy goes first, and into the journal before anyone is told that it is taken.
extension HubExchange {
  /// `isGivenBack`: to a hub that was restored, which took it once and must not judge anew by the
  /// order in which things come back.
  mutating func commitPolicy(_ entry: PolicyEntry, isGivenBack: Bool = false) throws {
    // What is given back has been judged when the same request goes on as usual.
    if answer.policyRefused.contains(where: { $0.id == entry.id }) { return }
    if let known = try store.hubPolicy(entry.id) {
      if known.entry != entry {
        refuse(entry, "Another entry has this identifier. Record it again.")
      }
      return
    }
    if let sentence = try objection(to: entry) { return refuse(entry, sentence) }
    if !isGivenBack, try touchesErased(entry) {
      return refuse(entry, "The record of one of them is erased: they are not joined or parted.")
    }
    if !isGivenBack, case .erase = entry.kind, try store.awaitsWithdrawals() {
      // Who has records of the child may still be about to say so.
      return refuse(
        entry,
        "The hub was restored and has not heard every device. Ask its operator to erase it, "
          + "or record it again later.")
    }
    // A grant that stood before the withdrawal came is beaten by it without being refused, and what
    // it excludes stays excluded.
    if let child = entry.child, !isGivenBack {
      let conflicts = grantConflict(entry, against: try engine.policySet(of: child))
      if !conflicts.isEmpty {
        answer.policyRefused.append(
          PolicyRefusal(
            id: entry.id, conflictsWith: conflicts,
            sentence: "A withdrawal or refusal stands against this consent that it does not name. "
              + "Ask the family again, knowing of it."))
        return
      }
    }
    try engine.commit(policy: entry, from: agency, isGivenBack: isGivenBack, now: now)
    try tellCustodians(of: entry)
    // Who may be told of whom has changed.
    if let child = entry.child {
      try promptDiscussions(of: child)
      try tellParallelCAFs(of: child)
    }
    hasMoved = true
  }

  /// What widens who may hold a record is never news to nobody: its custodians hear of it. An alias
  /// lets what was said of one child count for the other, so they hear of that.
  private mutating func tellCustodians(of entry: PolicyEntry) throws {
    guard let child = entry.child else { return }
    let members = engine.aliases.members(child).sorted()
    var entries = [entry]
    if case .alias = entry.kind {
      entries = try members.flatMap { try store.hubPolicy(of: $0) }.map(\.entry)
    }
    entries = entries.filter(\.kind.opensRecordsOfOthers)
    if entries.isEmpty { return }
    // Each custodian by the identifier that it uses.
    var custodians: [AgencyID: ChildID] = [:]
    for stored in try members.flatMap({ try store.compartments(of: $0) }) {
      custodians[stored.compartment.custodian] = stored.compartment.child
    }
    for (custodian, own) in custodians.sorted(by: { $0.key < $1.key }) {
      for entry in entries where entry.authorAgency != custodian {
        guard let author = try store.agency(entry.authorAgency) else { continue }
        let value = GroupValue.one("text", "consentByOther")
          .setting(
            "parameters", parameters: ["agency": author.isSensitive ? "a service" : author.name]
          )
          .setting("child", own).setting("on", instant: now)
        // Named by the entry, so it is said once.
        _ = try openThread(to: custodian, named: entry.id.bytes, kind: "notice", value)
      }
    }
  }

  private mutating func refuse(_ entry: PolicyEntry, _ sentence: String) {
    answer.policyRefused.append(
      PolicyRefusal(id: entry.id, conflictsWith: [], sentence: sentence))
  }

  /// Erasure reaches all identifiers of a child. So a mistaken join with one whose record is erased
  /// would destroy another child's, before anybody could take it back; and a parting would bring
  /// half of what is erased back to life.
  private func touchesErased(_ entry: PolicyEntry) throws -> Bool {
    let named: [ChildID]
    switch entry.kind {
    case .alias: named = entry.children
    case .unalias(let id): named = try store.hubPolicy(id)?.entry.children ?? []
    default: return false
    }
    return try named.contains { try engine.policySet(of: $0).isErased }
  }

  /// Who may record what. A withdrawal or refusal is taken from anyone who works with the child.
  private func objection(to entry: PolicyEntry) throws -> String? {
    guard entry.authorAgency == agency.id else {
      return "An agency records consent under its own name only."
    }
    if isRevokedDevice {
      // What only narrows is taken from anyone.
      switch entry.kind {
      case .withdrawal, .refusal: break
      default: return "This device was reported lost. Record it again on another one."
      }
    }
    switch entry.kind {
    case .agreementLock, .agreementSigned:
      return "Agreements with agencies are recorded by the hub operator."
    case .grant, .refusal, .withdrawal, .override, .shield, .unshield, .erase, .alias, .unalias:
      break
    }
    guard let child = entry.child else { return "The entry names no child." }
    if case .erase = entry.kind, try isErasureTheOperators(of: child) {
      return "Other agencies have records of this child: ask the hub operator to erase it."
    }
    if case .unshield(let shield) = entry.kind, try !mayLift(shield: shield) {
      return "Only the agency that shielded the child, or one that the shield names, lifts it."
    }
    return nil
  }
}

extension HubEngine {
  /// Commits an entry: journal first, then the tables, then whoever must obey or may know.
  package func commit(
    policy entry: PolicyEntry, from agency: HubAgency, isGivenBack: Bool = false, now: UInt64
  ) throws {
    try journal.append(.policy(entry, from: agency.id, atMilliseconds: now))
    try apply(policy: entry, from: agency.id, isOfBefore: isGivenBack, now: now)
  }

  /// Also the replay of a journal line: taking in what is known changes nothing. `isOfBefore`: it
  /// may be older than an order that a device has shown, and ends none.
  package func apply(
    policy entry: PolicyEntry, from agency: AgencyID, isOfBefore: Bool = false, now: UInt64
  ) throws {
    let children = try childrenConcerned(by: entry)
    guard try store.appendPolicy(entry, from: agency, atMilliseconds: now) != nil else { return }
    learn(entry)
    deciding = entry
    defer { deciding = nil }
    try store.audit(
      who: agency.text, action: "policy " + entry.kind.auditName, subject: entry.id.text,
      atMilliseconds: now)
    if entry.child == nil { return try recomputeAll(now: now) }
    for stored in try children.sorted().flatMap({ try store.compartments(of: $0) })
    where !isOfBefore {
      for agency in try agencies()
      where entry.kind.opens(stored.compartment.category, to: agency.id) {
        try store.liftCertifiedRevocation(agency: agency.number, compartment: stored.id)
      }
    }
    for child in Set(children.map(aliases.canonical)).sorted() {
      try recomputeEntitlements(of: child, now: now)
      try tellPolicy(of: child)
    }
    switch entry.kind {
    case .unalias:
      try retractPolicy(of: children)
      try tellPartings(of: children)
    // Its unalias may have come before it: the order of arrival means nothing.
    case .alias: try tellPartings(of: children)
    default: break
    }
  }

  /// Every identifier of whoever was one child with the entry's, or is from now on: what an alias
  /// joins, and what an unalias parts, is decided anew on both sides.
  private func childrenConcerned(by entry: PolicyEntry) throws -> Set<ChildID> {
    var named = Set(entry.children)
    if case .unalias(let id) = entry.kind, let alias = try store.hubPolicy(id)?.entry {
      named.formUnion(alias.children)
    }
    return named.reduce(into: []) { $0.formUnion(aliases.members($1)) }
  }

  /// Brings every agency's feed up to what it must obey, or may know, of this child's policy.
  func tellPolicy(of child: ChildID) throws {
    let decisions = try aliases.members(child).sorted().flatMap { try store.hubPolicy(of: $0) }
    if decisions.isEmpty { return }
    let sequences = Dictionary(
      decisions.map { ($0.entry.id, $0.sequence) }, uniquingKeysWith: { first, _ in first })
    for (agency, entries) in try told(of: child, decisions.map(\.entry)) {
      for told in entries {
        guard let sequence = sequences[told.id], try concerns(told, agency) else { continue }
        if try store.feedPolicy(sequence, as: told, to: agency.number) {
          touched.insert(agency.number)
        }
      }
    }
  }

  /// What was told of one identifier because it was the same child as another counts no more when
  /// the two are parted: it would go on forbidding, or allowing, what nobody decided.
  private func retractPolicy(of children: Set<ChildID>) throws {
    let decisions = try children.sorted().flatMap { try store.hubPolicy(of: $0) }
    var stillTold: [Int64: Set<PolicyID>] = [:]
    for child in Set(children.map(aliases.canonical)) {
      let own = decisions.map(\.entry).filter { entry in
        entry.child.map(aliases.canonical) == child
      }
      for (agency, entries) in try told(of: child, own) {
        stillTold[agency.number, default: []].formUnion(entries.map(\.id))
      }
    }
    for agency in try agencies() where agency.id != .hub {
      for (sequence, entry) in decisions
      where !entry.kind.parts && entry.authorAgency != agency.id
        && stillTold[agency.number]?.contains(entry.id) != true
      {
        guard let last = try store.lastTold(sequence, to: agency.number) else { continue }
        // A join that was told as it is ends by its own unalias.
        if case .alias = entry.kind, last.children == entry.children { continue }
        if try store.feedPolicy(sequence, as: last.retracted, to: agency.number) {
          touched.insert(agency.number)
        }
      }
    }
  }

  /// Whoever was told of a join is told that it is taken back: also who knows the child under whose
  /// identifier that is recorded by the join alone, or no more. For them the two would stay one.
  private func tellPartings(of children: Set<ChildID>) throws {
    for (sequence, entry) in try children.sorted().flatMap({ try store.hubPolicy(of: $0) }) {
      guard case .unalias(let alias) = entry.kind, let join = try store.hubPolicy(alias)
      else { continue }
      for agency in try agencies() where agency.id != .hub {
        guard let told = try store.lastTold(join.sequence, to: agency.number),
          case .alias = told.kind, try store.lastTold(sequence, to: agency.number) == nil,
          let parting = projection(
            of: entry,
            for: Audience(
              agency: agency.id, identifiers: Set(told.children), entries: [entry]))
        else { continue }
        if try store.feedPolicy(sequence, as: parting, to: agency.number) {
          touched.insert(agency.number)
        }
      }
    }
  }

  /// Each agency's projection of a child's entries.
  private func told(
    of child: ChildID, _ entries: [PolicyEntry]
  ) throws -> [(agency: HubAgency, entries: [PolicyEntry])] {
    let members = aliases.members(child).sorted()
    let compartments = try members.flatMap { try store.compartments(of: $0) }
    // Also of what the hub has let go of its copy: its custodian is to hear when it may come back.
    let records = try members.flatMap { member in
      try store.custodians(of: member).map {
        (child: member, agency: $0.agency, category: $0.category)
      }
    }
    return try agencies().filter { $0.id != .hub }.compactMap { agency in
      let custody = records.filter { $0.agency == agency.number }
      let identifiers = try identifiers(
        known: agency, among: compartments, entries, isOneOfSeveral: members.count > 1
      )
      .union(custody.map(\.child))
      // An entry may name one that has been parted from the others since.
      .intersection(members)
      if identifiers.isEmpty { return nil }
      let audience = Audience(
        agency: agency.id, custodyOf: Set(custody.map(\.category)),
        isSensitiveService: agency.isSensitive, identifiers: identifiers, entries: entries)
      return (agency, projections(of: entries, for: audience))
    }
  }

  /// The identifiers of a child under which an agency has ever been allowed anything, or has itself
  /// decided something; none when the child is no concern of its.
  private func identifiers(
    known agency: HubAgency, among compartments: [StoredCompartment], _ entries: [PolicyEntry],
    isOneOfSeveral: Bool
  ) throws -> Set<ChildID> {
    var known = Set(
      entries.filter { $0.authorAgency == agency.id }.flatMap(\.children))
    for stored in compartments {
      guard let child = stored.compartment.child, !known.contains(child),
        try store.entitlement(agency.number, stored.number) != nil
      else { continue }
      known.insert(child)
      if !isOneOfSeveral { break }
    }
    return known
  }

  /// That a join was taken back is told to those who knew of the join.
  private func concerns(_ told: PolicyEntry, _ agency: HubAgency) throws -> Bool {
    guard case .unalias(let alias) = told.kind, told.authorAgency != agency.id else { return true }
    return try store.feedPosition(of: alias, for: agency.number) != nil
  }
}

extension PolicyKind {
  /// Consent to keep one's own records at the hub opens nothing of others.
  fileprivate var opensRecordsOfOthers: Bool {
    switch self {
    case .grant(let terms): terms.scope.purposes.contains { $0 != .store }
    case .override: true
    default: false
    }
  }

  /// Is it a decision that this agency may have records of this category?
  fileprivate func opens(_ category: CaseRecords.Category, to agency: AgencyID) -> Bool {
    switch self {
    case .grant(let terms):
      !terms.scope.purposes.isDisjoint(with: [.share, .index])
        && terms.scope.categories.contains(category) && terms.scope.recipients.includes(agency)
        && !terms.excluded.contains(agency)
    case .override(let terms):
      terms.categories.contains(category) && terms.recipients.contains(agency)
    default: false
    }
  }

  fileprivate var parts: Bool { if case .unalias = self { true } else { false } }

  /// For the audit log: the kind, nothing of its content.
  package var auditName: String {
    switch self {
    case .grant: "grant"
    case .refusal: "refusal"
    case .withdrawal: "withdrawal"
    case .override: "override"
    case .shield: "shield"
    case .unshield: "unshield"
    case .erase: "erase"
    case .alias: "alias"
    case .unalias: "unalias"
    case .agreementLock: "agreement lock"
    case .agreementSigned: "agreement signed"
    }
  }
}
