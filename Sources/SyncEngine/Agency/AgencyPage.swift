import CaseRecords
import Causality
import Cryptography
import ReplicaStore
import SyncProtocol

/// What the hub sends: changes in order, states, and parts of large states.
extension AgencyExchange {
  mutating func takePage() throws {
    for compartment in answer.page.compartments { try meet(compartment) }
    for item in answer.page.items {
      switch item {
      case .change(let id, let change): try take(change, in: id)
      case .snapshot(let id, let vector, let content):
        try take(content, vector: vector, in: id)
      case .snapshotPart(let id, let digest, let offset, let totalBytes, let bytes):
        try take(part: bytes, at: offset, of: totalBytes, digest: digest, in: id)
      }
      outcome.madeProgress = true
    }
  }

  private func meet(_ compartment: Compartment) throws {
    let stored = try workspace.entry(creating: compartment).stored
    if try store.hold(stored.number) == nil { try store.save(AgencyHold(number: stored.number)) }
  }

  private func held(_ id: CompartmentID) throws -> (Workspace.Entry, AgencyHold) {
    guard let entry = try workspace.entry(id), let hold = try store.hold(entry.stored.number)
    else { throw PageMisfit() }
    engine.declined.remove(entry.stored.number)
    return (entry, hold)
  }

  private mutating func take(_ change: Change, in id: CompartmentID) throws {
    let (entry, hold) = try held(id)
    if entry.stored.vector.contains(change.dot) {
      // Our own, unsent as far as we knew: its confirmation was lost. Unless a twin used its dot.
      if let waiting = try store.outboxEntry(dot: change.dot, in: entry.stored.number),
        !waiting.change.isSameOperation(as: change), !change.isVoid
      {
        throw TwinMet()
      }
      return try confirm(change.dot, of: entry.stored, hold: hold)
    }
    let groups = Set(change.writes.map { Place(record: $0.record, group: $0.group) })
    let before = entry.content.conflicts(in: groups)
    let isNext = try workspace.update(id) { entry in
      entry.stored.vector.covers(change.context) && entry.apply(change)
    }
    guard isNext == true, let after = try workspace.entry(id) else { throw PageMisfit() }
    try confirm(change.dot, of: after.stored, hold: hold)
    observe(change.time)
    note(id, conflictsBefore: before, after: after.content.conflicts(in: groups))
  }

  private mutating func take(
    _ content: CompartmentContent, vector: VersionVector, in id: CompartmentID
  ) throws {
    var (entry, hold) = try held(id)
    let number = entry.stored.number
    let before = entry.content.conflicts
    // A hub whose state lacks what it once acknowledged has started the compartment over.
    if hold.state == .rebasing || !vector.covers(hold.acknowledged) {
      _ = try workspace.update(id) { $0.replace(content: content, vector: vector) }
      engine.acknowledge(&hold, of: id, to: vector)
      if hold.state == .rebasing { hold.state = .held }
      hold.actor = nil
      try store.save(hold)
      _ = try workspace.update(id) { try engine.remint(in: &$0) }
    } else {
      for waiting in try store.outbox(of: number) where vector.contains(waiting.change.dot) {
        guard waiting.wasSent, content.isConsistent(with: waiting.change) else { throw TwinMet() }
        try store.dequeue(waiting.position)
      }
      _ = try workspace.update(id) { $0.join(content, vector: vector) }
      engine.acknowledge(&hold, of: id, to: vector)
      try store.save(hold)
    }
    try store.unstage(number)
    entry = try workspace.entry(id) ?? entry
    note(id, conflictsBefore: before, after: entry.content.conflicts)
  }

  private mutating func take(
    part bytes: [UInt8], at offset: UInt64, of totalBytes: UInt64, digest: [UInt8],
    in id: CompartmentID
  ) throws {
    let (entry, _) = try held(id)
    let number = entry.stored.number
    if offset == 0 { try store.unstage(number) }
    let known = try store.stagedByteCount(number, digest: digest)
    // Already here, or after a gap: the next request says how far it has come.
    guard offset == known else { return }
    try store.stage(number, digest: digest, offset: offset, bytes: bytes)
    guard known + UInt64(bytes.count) == totalBytes,
      let whole = try store.stagedBytes(number, digest: digest)
    else { return }
    guard sha256(whole) == digest else {
      try store.unstage(number)
      throw PageMisfit()
    }
    let snapshot = try EncodedSnapshot(bytes: whole).decoded()
    try take(snapshot.content, vector: snapshot.vector, in: id)
  }

  private func observe(_ time: HybridTime) {
    var clock = HybridClock(latest: HybridTime(rawValue: engine.session.hybridTime))
    clock.observe(time, wallMilliseconds: now)
    engine.session.hybridTime = clock.latest.rawValue
  }

  private mutating func note(
    _ id: CompartmentID, conflictsBefore before: Set<Place>, after: Set<Place>
  ) {
    outcome.changed.insert(id)
    if !after.isSubset(of: before) { outcome.newConflicts.insert(id) }
  }
}

/// One register.
private struct Place: Hashable {
  let record: RecordID
  let group: String
}

extension CompartmentContent {
  /// What stands here under the change's dot, if anything does any more, is the change's.
  fileprivate func isConsistent(with change: Change) -> Bool {
    change.writes.allSatisfy { write in
      let siblings = records[write.record]?.groups[write.group]?.siblings ?? []
      return siblings.allSatisfy { !$0.dots.contains(change.dot) || $0.value.value == write.value }
    }
  }

  /// The registers in which a person has to choose.
  fileprivate var conflicts: Set<Place> {
    var result: Set<Place> = []
    for (record, content) in records {
      for (group, register) in content.groups where register.isInConflict {
        result.insert(Place(record: record, group: group))
      }
    }
    return result
  }

  fileprivate func conflicts(in places: Set<Place>) -> Set<Place> {
    places.filter { records[$0.record]?.groups[$0.group]?.isInConflict == true }
  }
}
