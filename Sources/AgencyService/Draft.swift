import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

/// One save being put together: records written to one compartment, held against their schemas as a
/// whole before anything is stored.
struct Draft {
  let compartment: Compartment
  private var writes: [Write] = []
  private var newRecords: [RecordID: String] = [:]
  private(set) var warnings: [String] = []
  private var problems: [JSON] = []
  private var sentences: [String] = []

  init(_ compartment: Compartment) { self.compartment = compartment }

  /// A record that does not exist yet must have the groups that its kind requires.
  mutating func create(_ record: RecordID, _ kind: String) { newRecords[record] = kind }

  /// Writes one group; a blank one is left out.
  mutating func set(_ record: RecordID, _ kind: String, _ group: String, _ value: GroupValue) {
    if value.isBlank { return }
    replace(record, kind, group, value)
  }

  /// Writes one group even when that clears it.
  mutating func replace(_ record: RecordID, _ kind: String, _ group: String, _ value: GroupValue) {
    let issues = SchemaRegistry.standard.validate(kind: kind, group: group, value: value)
    note(issues, kind: kind, group: group)
    writes.append(Write(record: record, kind: kind, group: group, value: value.encoded()))
  }

  private mutating func note(_ issues: [ValidationIssue], kind: String, group: String?) {
    for issue in issues {
      if issue.isWarning {
        warnings.append(issue.sentence)
      } else {
        sentences.append(issue.sentence)
        problems.append([
          "kind": .string(kind), "group": group.map { .string($0) } ?? .null,
          "field": issue.field.map { .string($0) } ?? .null,
          "code": .string(issue.code.rawValue), "sentence": .string(issue.sentence),
        ])
      }
    }
  }

  /// The writes, if all of them may stand. Throws every problem at once.
  mutating func checked() throws(OperationError) -> [Write] {
    for (record, kind) in newRecords.sorted(by: { $0.key < $1.key }) {
      let written = writes.filter { $0.record == record }.map(\.group)
      note(SchemaRegistry.standard.missing(kind: kind, written: written), kind: kind, group: nil)
    }
    newRecords = [:]
    guard sentences.isEmpty else {
      throw OperationError(
        .usage, "Not saved. " + sentences.joined(separator: " "),
        details: ["problems": .array(problems)])
    }
    return writes
  }
}

extension Replica {
  /// Saves a draft as one change. `seen` is what the author had been shown; without it, everything
  /// that is here now.
  @discardableResult
  func save(
    _ draft: Draft, author: PractitionerID?, seen: VersionVector? = nil
  ) throws -> StoredCompartment {
    var draft = draft
    let writes = try draft.checked()
    guard !writes.isEmpty else { throw OperationError(.usage, "There is nothing to save.") }
    try commit([(draft.compartment, writes, seen)], author: author)
    guard let stored = try store.compartment(draft.compartment.id) else {
      throw OperationError(.damaged, "What was just saved cannot be found: restart the daemon.")
    }
    return stored
  }

  /// Several drafts, all saved or none.
  func save(_ drafts: [Draft], author: PractitionerID?) throws {
    try save(drafts.map { ($0, nil) }, author: author)
  }

  /// The same, each by somebody who had been shown `seen`; nil: everything that is here now.
  func save(_ drafts: [(draft: Draft, seen: VersionVector?)], author: PractitionerID?) throws {
    try commit(
      try drafts.map { draft, seen in
        var draft = draft
        return (draft.compartment, try draft.checked(), seen)
      }, author: author)
  }

  /// This agency's compartment of that category, or a new one to be made by the first save.
  func ownCompartment(
    _ category: CaseRecords.Category, of child: ChildID?
  ) throws -> Compartment {
    let existing =
      try child.map { try store.compartments(of: $0) }
      ?? store.compartments(in: category).filter { $0.compartment.child == nil }
    if let known = existing.first(where: {
      $0.compartment.category == category && $0.compartment.custodian == agency
    }) {
      return known.compartment
    }
    return Compartment(id: newID(), child: child, category: category, custodian: agency)
  }
}
