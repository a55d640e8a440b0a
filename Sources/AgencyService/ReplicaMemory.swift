package import CaseRecords
import Causality
import Disclosure
import ReplicaStore
import SyncEngine
import SyncProtocol

/// What is derived from the records, in memory alone: each part is made when it is first asked for,
/// by reading all, and then kept up to date. Never on disk, where it would keep words of what was
/// purged.
struct ReplicaMemory {
  var searchIndex: ChildSearchIndex?
  var likenesses: LikenessBoard?
  /// For a child's identifier, whom it is said to differ from.
  var saidToDiffer: [ChildID: Set<ChildID>] = [:]
  var aliases: AliasMap?
  var undecided: Set<CompartmentID>?
  var casework: CaseworkIndex?
  var board: WorklistBoard?
  var coverage: CoverageAnswers?
  var people: [Replica.Person]?
  var directory: [Replica.Agency]?
  /// The day on which it was last looked which pre-CAFs are over.
  var preCAFsDeletedOn: CalendarDate?
  /// Deleted values may still stand in the log beside the file.
  var isEmptyingLog = false
}

extension Replica {
  /// The keys have been locked, or opened: nothing derived with them stays in memory, and nothing
  /// that was missing without them is believed to be missing.
  func forget() { memory = ReplicaMemory() }

  /// What is derived in memory is brought up to date, after something was saved or has arrived.
  /// - Parameter isOwnSave: No decision was added and nothing has arrived: who is joined with whom,
  ///   and who may be shown, is still known.
  package func invalidate(
    changed: Set<CompartmentID>, isOwnSave: Bool = false
  ) throws {
    if !isOwnSave {
      memory.aliases = nil
      memory.people = nil
      memory.directory = nil
    }
    for id in changed {
      let stored = try store.compartment(id)
      // What is gone may have been anything.
      let category = stored?.compartment.category
      if category == nil || category == .practitioners { memory.people = nil }
      if category == nil { memory.saidToDiffer = [:] }
      if category == .private, let child = stored?.compartment.child {
        memory.saidToDiffer[child] = nil
      }
      if category == nil || category == .directory { memory.directory = nil }
      let shown = try stored.flatMap { try mayBeShown($0) ? $0 : nil }
      try reindex(id, shown)
      try recheck(id, stored)
      if memory.casework != nil {
        memory.casework?.update(id, try shown.flatMap { try facts(in: $0) })
      }
      if memory.coverage != nil {
        memory.coverage?.update(id, try shown.flatMap { try coverage(in: $0) })
      }
    }
  }

  /// Whether it may be shown once the lease is open: what is derived in memory outlasts a lease
  /// that is over for a while, and the lease is asked with every question.
  func mayBeShown(_ stored: StoredCompartment) throws -> Bool {
    try engine.mayShow(stored.id, lease: .open)
  }

  // MARK: Finding children

  func searchIndex() throws -> ChildSearchIndex {
    if let index = memory.searchIndex { return index }
    var made = ChildSearchIndex()
    for stored in try store.compartments(in: .index) {
      guard let child = stored.compartment.child, try mayBeShown(stored) else { continue }
      made.update(
        compartment: stored.id, child: child, custodian: stored.compartment.custodian,
        content: try store.content(of: stored))
    }
    memory.searchIndex = made
    return made
  }

  private func reindex(_ id: CompartmentID, _ shown: StoredCompartment?) throws {
    guard memory.searchIndex != nil else { return }
    memory.likenesses?.changed.insert(id)
    memory.searchIndex?.remove(compartment: id)
    guard let shown, shown.compartment.category == .index, let child = shown.compartment.child
    else { return }
    memory.searchIndex?.update(
      compartment: id, child: child, custodian: shown.compartment.custodian,
      content: try store.content(of: shown))
  }

  /// The pairs of index entries that may be about one child; compared once after start, then only
  /// where something has changed.
  func likenessBoard() throws -> LikenessBoard {
    let index = try searchIndex()
    if memory.likenesses?.today == today {
      memory.likenesses?.refresh(index)
    } else {
      memory.likenesses = LikenessBoard(index, today: today)
    }
    return memory.likenesses ?? LikenessBoard(index, today: today)
  }

  // MARK: What waits for a person

  /// Compartments in which a person has to choose.
  func undecidedCompartments() throws -> Set<CompartmentID> {
    if let undecided = memory.undecided { return undecided }
    memory.undecided = []
    for number in try store.compartmentNumbers() {
      if let stored = try store.compartment(number: number) { try recheck(stored.id, stored) }
    }
    return memory.undecided ?? []
  }

  private func recheck(_ id: CompartmentID, _ stored: StoredCompartment?) throws {
    guard memory.undecided != nil else { return }
    memory.undecided?.remove(id)
    guard let stored else { return }
    let isUndecided = try store.content(of: stored).records.values.contains {
      $0.groups.values.contains { $0.isUndecided }
    }
    if isUndecided { memory.undecided?.insert(id) }
  }

  /// What is due for each child today.
  func worklistBoard() throws -> WorklistBoard {
    let basis = WorklistBoard.Basis(
      rules: try worklistRules(), aliases: try aliases(), isLeaseOpen: lease == .open)
    var index = try casework()
    if memory.board?.basis == basis {
      memory.board?.refresh(index.changed, index)
    } else {
      memory.board = WorklistBoard(basis, index)
    }
    index.changed = []
    memory.casework = index
    return memory.board ?? WorklistBoard(basis, index)
  }

  /// The other children of a child's family, as far as they and the links may be shown.
  func siblings(of child: ChildID) throws -> [WorklistBoard.Entry] {
    let board = try worklistBoard()
    let aliases = board.basis.aliases
    guard let entry = board.entries[aliases.canonical(child)] else { return [] }
    return try casework().siblings(of: entry.matter, aliases).sorted()
      .compactMap { board.entries[$0] }.filter { sibling in
        let families = Set(entry.matter.facts.flatMap(\.families))
        return sibling.matter.facts.contains { !families.isDisjoint(with: $0.families) }
      }
  }

  private func casework() throws -> CaseworkIndex {
    if let index = memory.casework { return index }
    var made = CaseworkIndex()
    for category in CaseworkFacts.categories {
      for stored in try store.compartments(in: category) where try mayBeShown(stored) {
        made.update(stored.id, try facts(in: stored))
      }
    }
    return made
  }

  func facts(in stored: StoredCompartment) throws -> CaseworkFacts? {
    guard CaseworkFacts.categories.contains(stored.compartment.category) else { return nil }
    return CaseworkFacts(stored.compartment, try store.content(of: stored))
  }

  // MARK: Coverage

  /// What the hub has said of how many agencies report to it.
  func coverageAnswers() throws -> CoverageAnswers {
    if let answers = memory.coverage { return answers }
    var made = CoverageAnswers()
    for stored in try store.compartments(in: .desk) where try mayBeShown(stored) {
      made.update(stored.id, try coverage(in: stored))
    }
    memory.coverage = made
    return made
  }

  private func coverage(in stored: StoredCompartment) throws -> CoverageAnswers.Answer? {
    guard stored.compartment.category == .desk, stored.compartment.custodian == agency
    else { return nil }
    return CoverageAnswers.Answer(try store.content(of: stored))
  }
}
