import CaseRecords
import Causality
import Disclosure
import ReplicaStore
import SyncProtocol

/// What is not a device's to write, or an agency's to decide, whoever holds the compartment. A
/// device that lies speaks under its own agency's name, and opens no door for itself
/// (`Protocol/10-security.md`, 10.3).
extension HubExchange {
  /// True when the change claims more than its author's agency may say.
  func isNotTheAuthorsToWrite(_ change: Change, in compartment: Compartment) throws -> Bool {
    let category = compartment.category
    if category.isTheCustodiansAlone && compartment.custodian != agency.id { return true }
    if try !mayName(change.author, in: compartment) { return true }
    let content = try workspace.entry(compartment.id)?.content ?? CompartmentContent()
    var kinds: [RecordID: String] = [:]
    for write in change.writes {
      if isTheHubs(write) { return true }
      // Two kinds of one record would be told apart by the order in which they arrive.
      let kind = kinds[write.record] ?? content.records[write.record]?.kind ?? write.kind
      if kind != write.kind { return true }
      kinds[write.record] = kind
      if category == .practitioners, write.kind == "practitioner",
        let employer = try store.employer(of: PractitionerID(write.record)),
        employer != agency.number
      {
        return true
      }
    }
    return false
  }

  /// Registers that the hub alone writes. What an agency is called is one, but for its own record.
  private func isTheHubs(_ write: Write) -> Bool {
    if write.kind == "agency", write.record != RecordID(high: agency.id.high, low: agency.id.low) {
      return true
    }
    return write.isHubsOwn
  }

  /// Nobody writes under the name of another agency's practitioner, and nobody namelessly: what has
  /// no author is the hub's. Only the list of practitioners begins with nobody to name, and only
  /// the custodian sets down again, under their names, what others wrote into its record.
  private func mayName(
    _ author: PractitionerID?, in compartment: Compartment
  ) throws -> Bool {
    guard let author else { return compartment.category == .practitioners }
    if compartment.custodian == agency.id { return true }
    guard let employer = try store.employer(of: author) else { return true }
    return employer == agency.number
  }

  /// Takes note of whose practitioners a list names: the first list that names one keeps it.
  func noteEmployers(in stored: StoredCompartment) throws {
    guard let content = try workspace.entry(stored.id)?.content,
      let employer = try store.agency(stored.compartment.custodian)
    else { return }
    for (id, record) in content.records where record.kind == "practitioner" {
      try store.noteEmployer(employer.number, of: PractitionerID(id))
    }
  }

  /// Whether an agency other than the one that asks has, or had, a record of the child.
  func isErasureTheOperators(of child: ChildID) throws -> Bool {
    // The hub's copy may be gone while its custodian still has the record. Erasure does not reach a
    // sensitive service's records, and is not to tell of them.
    let custodians = try engine.aliases.members(child)
      .flatMap { try store.custodians(of: $0).map(\.agency) }
      .filter { try store.agency(number: $0)?.isSensitive != true }
    return !Set(custodians).isSubset(of: [agency.number])
  }

  /// A shield is lifted by whoever raised it, or by those whom it lets through.
  func mayLift(shield id: PolicyID) throws -> Bool {
    guard let shield = try store.hubPolicy(id)?.entry, case .shield(let allowed, _) = shield.kind
    else { return false }
    return shield.authorAgency == agency.id || allowed.contains(agency.id)
  }
}

extension CaseRecords.Category {
  /// Open to all to read, and the custodian's own word.
  fileprivate var isTheCustodiansAlone: Bool {
    switch self {
    case .agreement, .directory, .glossary, .practitioners: true
    case .issues, .desk, .index, .whereabouts, .household, .development, .health, .parenting,
      .plan, .sensitive, .private:
      false
    }
  }
}

extension Identifier where Tag == PractitionerTag {
  /// A practitioner is named by the identifier of the record about them.
  fileprivate init(_ record: RecordID) { self.init(high: record.high, low: record.low) }
}
