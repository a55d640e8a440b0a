package import CaseRecords
package import Causality
import Disclosure
import ReplicaStore
package import SyncProtocol

/// One change to be saved: for one compartment, what one person has typed.
package struct ChangeDraft: Hashable, Sendable {
  package enum Target: Hashable, Sendable {
    case existing(CompartmentID)
    /// Made if it is not here.
    case creating(Compartment)

    /// Nil when it is not about a child, or is here already.
    var child: ChildID? {
      if case .creating(let compartment) = self { compartment.child } else { nil }
    }

    package var id: CompartmentID {
      switch self {
      case .existing(let id): id
      case .creating(let compartment): compartment.id
      }
    }
  }

  package let target: Target
  package let writes: [Write]
  /// What the person saw: the vector when the form was shown, with the form's own dots since. Nil:
  /// all that is here now.
  package let seen: VersionVector?

  package init(to target: Target, writes: [Write], seen: VersionVector? = nil) {
    self.target = target
    self.writes = writes
    self.seen = seen
  }
}

extension AgencyEngine {
  /// Saves into a compartment that is held. See `save`.
  package func write(
    to id: CompartmentID, writes: [Write], seen: VersionVector? = nil, author: PractitionerID?,
    now: UInt64
  ) throws -> Dot {
    try save(
      [ChangeDraft(to: .existing(id), writes: writes, seen: seen)], author: author, now: now)[0]
  }

  /// Saves into a compartment that is made if it is not here. See `save`.
  package func write(
    creating compartment: Compartment, writes: [Write], seen: VersionVector? = nil,
    author: PractitionerID?, now: UInt64
  ) throws -> Dot {
    try save(
      [ChangeDraft(to: .creating(compartment), writes: writes, seen: seen)], author: author,
      now: now)[0]
  }

  /// Saves changes, all or none, and queues them for the hub. Durable when it returns. The dots are
  /// in the order of the drafts.
  ///
  /// - Throws: `AgencyError`. When a compartment has been revoked, or was purged since the form was
  ///   opened, what was typed is set apart in the local quarantine, all of it, before `revoked` or
  ///   `notHeld` is thrown.
  package func save(
    _ drafts: [ChangeDraft], author: PractitionerID?, now: UInt64
  ) throws -> [Dot] {
    for draft in drafts { try check(draft) }
    if let revoked = try drafts.first(where: { try isRevoked($0.target.id) }) {
      try setApart(drafts, .writtenKnowingWithdrawal, author: author, now: now)
      throw AgencyError.revoked(revoked.target.id)
    }
    if let gone = try drafts.first(where: { try isGone($0.target) }) {
      try setApart(drafts, .notHeld, author: author, now: now)
      throw AgencyError.notHeld(gone.target.id)
    }
    return try transaction {
      let workspace = Workspace(store: store)
      let dots = try drafts.map { try save($0, author: author, now: now, in: workspace) }
      try workspace.flush()
      return dots
    }
  }

  /// Leaves nothing of these records of a private compartment but that they were there: each group
  /// is blank, in every way in which it was written, and they are removed. An older backup, joined,
  /// does not bring them back: this was written knowing of all that is in it.
  package func clearPrivate(_ records: [RecordID], in id: CompartmentID, now: UInt64) throws {
    guard let stored = try store.compartment(id), stored.compartment.category == .private
    else { throw AgencyError.notHeld(id) }
    let content = try store.content(of: stored)
    let drafts = records.compactMap { record in
      content.records[record].map { known in
        let groups = Set(known.groups.keys).union(["life"]).sorted()
        return ChangeDraft(
          to: .existing(id),
          writes: groups.map { group in
            Write(
              record: record, kind: known.kind, group: group,
              value: (group == "life" ? GroupValue.life(isPresent: false) : GroupValue()).encoded())
          })
      }
    }
    _ = try save(drafts, author: nil, now: now)
    // No backup may keep them.
    privateNews.removals += 1
  }

  private func check(_ draft: ChangeDraft) throws {
    guard draft.writes.count <= SyncLimits.writesPerChangeMax else {
      throw AgencyError.tooManyWrites(max: SyncLimits.writesPerChangeMax)
    }
    guard draft.writes.allSatisfy({ $0.value.count <= SyncLimits.valueBytesMax }) else {
      throw AgencyError.valueTooLong(maxBytes: SyncLimits.valueBytesMax)
    }
  }

  /// Purged since the form was opened: others begin their own records themselves. Or about a child
  /// whose record has been erased, which nobody begins again.
  private func isGone(_ target: ChangeDraft.Target) throws -> Bool {
    if try store.compartment(target.id) != nil { return false }
    if let child = target.child, try currentPolicyView().erasedChildren.contains(child) {
      return true
    }
    return switch target {
    case .existing: true
    case .creating(let compartment): compartment.custodian != identity.agency
    }
  }

  private func isRevoked(_ id: CompartmentID) throws -> Bool {
    guard let stored = try store.compartment(id) else { return false }
    return try store.hold(stored.number)?.state == .revoked
  }

  private func save(
    _ draft: ChangeDraft, author: PractitionerID?, now: UInt64, in workspace: Workspace
  ) throws -> Dot {
    let entry: Workspace.Entry
    switch draft.target {
    case .existing(let id):
      guard let known = try workspace.entry(id) else { throw AgencyError.notHeld(id) }
      entry = known
    case .creating(let compartment): entry = try workspace.entry(creating: compartment)
    }
    let stored = entry.stored
    var hold = try store.hold(stored.number) ?? AgencyHold(number: stored.number)
    let isPrivate = stored.compartment.category == .private
    let actor = isPrivate ? self.actor(of: hold, in: stored) : hold.actor ?? newActor()
    hold.actor = actor
    try store.save(hold)
    let vector = stored.vector
    var change = try mint(draft, author: author, now: now)
    change.dot = Dot(actor: actor, counter: vector[actor] + 1)
    change.origin = change.dot
    let seen = try draft.seen.map { try seenNow($0, in: stored.number) }
    change.context = seen.map { vector.intersection($0) } ?? vector
    if let child = stored.compartment.child {
      change.policyDependencies = try store.unsentPolicy(of: child)
    }
    guard change.encoded().count <= SyncLimits.savedChangeBytesMax else {
      throw AgencyError.saveTooLong(maxBytes: SyncLimits.savedChangeBytesMax)
    }
    let fits = try workspace.update(stored.id) { entry in
      entry.hasRoom(for: change) && entry.apply(change)
    }
    guard fits == true else {
      throw AgencyError.compartmentFull(maxBytes: SyncLimits.compartmentBytesMax)
    }
    if isPrivate { privateNews.writes += 1 }
    if !isPrivate { try store.enqueue(change, in: stored.number) }
    return change.dot
  }

  /// A change without its place: time and author.
  private func mint(_ draft: ChangeDraft, author: PractitionerID?, now: UInt64) throws -> Change {
    var hybrid = HybridClock(latest: HybridTime(rawValue: session.hybridTime))
    let time = hybrid.tick(wallMilliseconds: now)
    session.hybridTime = hybrid.latest.rawValue
    return Change(
      dot: Dot(actor: newActor(), counter: 1), context: VersionVector(),
      policySeen: session.policySeen, writes: draft.writes, time: time, claimedMilliseconds: now,
      author: author)
  }

  private func setApart(
    _ drafts: [ChangeDraft], _ reason: QuarantineReason, author: PractitionerID?, now: UInt64
  ) throws {
    try transaction {
      for draft in drafts {
        try store.saveQuarantine(
          try mint(draft, author: author, now: now), in: draft.target.id,
          reason: reason, state: .hereOnly, atMilliseconds: now)
      }
    }
  }

  // MARK: Policy

  /// Records what a family, or the law, decided. It holds here at once, and goes first in the next
  /// exchange.
  ///
  /// - Throws: `AgencyError.decisionUnfit` for one that could not be sent: policy goes before
  ///   everything else, so nothing else could either.
  package func addPolicy(_ entry: PolicyEntry) throws {
    do throws(MessageError) { _ = try PolicyEntry(encoded: entry.encoded()) } catch {
      throw AgencyError.decisionUnfit("\(error)")
    }
    try transaction {
      try noteKeptAgain(by: entry, now: entry.madeAtMilliseconds) {
        try store.savePolicy(entry, position: nil, state: .unsent)
      }
    }
    policyMoved()
  }

  /// Whatever was concluded from policy has to be concluded again.
  func policyMoved() {
    policyView = nil
    declined = []
  }
}
