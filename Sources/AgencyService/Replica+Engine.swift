import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

// What the operations ask of the engine.
extension Replica {
  /// Saves changes, all or none; each is one dot, committed and shown at once. `seen` is what its
  /// author had before them; nil means everything that is here at this moment.
  func commit(
    _ saves: [(compartment: Compartment, writes: [Write], seen: VersionVector?)],
    author: PractitionerID?
  ) throws {
    let drafts = saves.filter { !$0.writes.isEmpty }.map {
      ChangeDraft(to: .creating($0.compartment), writes: $0.writes, seen: $0.seen)
    }
    _ = try engine.save(drafts, author: author, now: now)
    try invalidate(changed: Set(drafts.map(\.target.id)), isOwnSave: true)
  }

  /// A decision of the family, or of the law: it holds here at once, and goes first in the next
  /// exchange.
  func record(
    _ kind: PolicyKind, about child: ChildID, author: PractitionerID
  ) throws -> PolicyEntry {
    let entry = PolicyEntry(
      id: newID(), child: child, kind: kind, madeAtMilliseconds: now, authorAgency: agency,
      author: author)
    try engine.addPolicy(entry)
    try invalidate(changed: [])
    return entry
  }
}
