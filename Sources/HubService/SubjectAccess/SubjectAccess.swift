import CaseRecords
import Causality
import HTTPTransport
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

/// What the hub holds of a child, as it may be handed to the family: the record in words, who has
/// held it and on which ground, what was decided.
///
/// Here content leaves the hub. It goes into files and nowhere else, and what one reader may know
/// another may not: so what is of a confidential service, of another person, or would tell where a
/// shielded child is, is left out until somebody decides otherwise. What was left out is on a list
/// of its own, which is not for the family: that a confidential service is on it would say enough.
struct SubjectAccess {
  let core: HubCore
  let child: ChildID
  let rules: SubjectAccessRules
  /// What was left out, and why.
  private(set) var withheld: [(what: String, why: String)] = []
  private let agencies: [Int64: HubAgency]

  init(core: HubCore, child: ChildID, includes: Set<SubjectAccessRules.Decision>) throws {
    self.core = core
    self.child = child
    let agencies = try core.store.agencies()
    self.agencies = Dictionary(uniqueKeysWithValues: agencies.map { ($0.number, $0) })
    rules = SubjectAccessRules(
      includes: includes,
      isShielded: try Self.isShielded(core.engine.identifiers(of: child), core),
      agencies: Dictionary(uniqueKeysWithValues: agencies.map { ($0.id, $0) }))
  }

  private static func isShielded(_ identifiers: [ChildID], _ core: HubCore) throws -> Bool {
    let entries = try identifiers.flatMap { try core.store.hubPolicy(of: $0) }.map(\.entry)
    let lifted = entries.compactMap { entry in
      if case .unshield(let shield) = entry.kind { shield } else { nil }
    }
    return entries.contains { entry in
      if case .shield = entry.kind { !lifted.contains(entry.id) } else { false }
    }
  }

  /// What is handed out; nil when nothing is left of the child.
  mutating func record() throws -> JSON? {
    let stored = try core.engine.parts(of: child).filter {
      try !core.engine.isErased($0.compartment) && $0.compartment.category != .desk
    }
    if stored.isEmpty { return nil }
    var parts: [JSON] = []
    for part in stored.sorted(by: { $0.compartment.category < $1.compartment.category }) {
      if let json = try json(part) { parts.append(json) }
    }
    return [
      "child": .string(child.text), "asOf": .string(Moment.text(core.now)),
      "parts": .array(parts), "decisions": .array(try decisions().map { .string($0) }),
      "held": .array(try held(of: stored).map { .string($0) }),
      "asked": .array(try asked().map { .string($0) }),
    ]
  }

  // MARK: The record

  private mutating func json(_ part: StoredCompartment) throws -> JSON? {
    let compartment = part.compartment
    let title = PlainWords.part(compartment.category)
    let custodian = rules.agencies[compartment.custodian]
    if let why = rules.objection(to: compartment) {
      withheld.append(("\(title) (kept by \(custodian?.name ?? ""))", why))
      return nil
    }
    var records: [JSON] = []
    for (_, record) in try core.store.content(of: part).records.sorted(by: { $0.key < $1.key })
    where record.isPresent {
      let read = rules.read(record, in: compartment.category)
      withheld += read.withheld.map { ("\(title): \($0.what)", $0.why) }
      if !read.rows.isEmpty {
        records.append([
          "title": .string(read.title),
          "rows": .array(
            read.rows.map { row in
              [
                "label": .string(row.label), "values": .array(row.values.map { .string($0) }),
              ]
            }),
        ])
      }
    }
    return [
      "title": .string(title), "keptBy": .string(custodian?.name ?? ""),
      "records": .array(records),
    ]
  }

  // MARK: Who had it, and why

  private mutating func held(of stored: [StoredCompartment]) throws -> [String] {
    var custodians: [CompartmentID: AgencyID] = [:]
    for part in stored { custodians[part.id] = part.compartment.custodian }
    let lines = try core.engine.ledger(of: child)
    for line in lines where line.basis == "own record" && custodians[line.compartment] == nil {
      custodians[line.compartment] = agencies[line.agency]?.id
    }
    return lines.compactMap { line in
      let holder = agencies[line.agency]
      let isConfidential =
        [holder, custodians[line.compartment].flatMap { rules.agencies[$0] }]
        .contains { $0?.isSensitive == true }
        || line.category == CaseRecords.Category.sensitive.rawValue
      let words = HubLedgerReport.heldWords(line, holder?.name ?? "")
      if let why = rules.objection(toConfidential: isConfidential)
        ?? rules.objection(toOverride: line.basis.hasPrefix("override "))
      {
        withheld.append((words, why))
        return nil
      }
      return words
    }
  }

  /// Who asked the index, and was told that the child is known.
  private mutating func asked() throws -> [String] {
    let threads = Set(
      try core.engine.identifiers(of: child).flatMap { try core.store.deskThreads(about: $0) })
    var asked: [String] = []
    for number in threads.sorted() {
      guard let thread = try core.store.compartment(number: number),
        let agency = rules.agencies[thread.compartment.custodian]
      else { continue }
      for (_, enquiry) in try core.store.content(of: thread).records(of: "enquiry") {
        let on = enquiry.values("asked").compactMap { $0.instant("on") }.min()
        let words =
          "\(agency.name) asked on \(on.map(Moment.text) ?? "a day that is not recorded") whether "
          + "the child is known, and was told."
        if let why = rules.objection(toConfidential: agency.isSensitive) {
          withheld.append((words, why))
        } else {
          asked.append(words)
        }
      }
    }
    return asked
  }

  // MARK: What was decided

  private mutating func decisions() throws -> [String] {
    var decisions: [String] = []
    for identifier in core.engine.identifiers(of: child) {
      for (_, entry) in try core.store.hubPolicy(of: identifier) {
        guard let words = rules.words(entry) else { continue }
        if let why = rules.objection(to: entry) {
          withheld.append((words, why))
        } else {
          decisions.append(words)
        }
      }
    }
    return decisions
  }
}
