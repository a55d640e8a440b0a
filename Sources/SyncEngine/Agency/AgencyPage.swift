import CaseRecords
import Causality
import Cryptography
import ReplicaStore
import SyncProtocol

/// What the hub sends: changes in order, states, and parts of large states.
extension AgencyExchange {
  mutating func takePage() throws {
    for compartment in answer.page.compartments { unmet[compartment.id] = compartment }
    openPurges = Dictionary(grouping: try store.openPurges(), by: \.receipt.compartment)
    for item in answer.page.items {
      switch item {
      case .change(let id, let change): try take(change, in: id)
      case .snapshot(let id, let vector, let content):
        if try !adopt(content, vector: vector, in: id) {
          try take(try content.opened(), vector: vector, in: id)
        }
      case .snapshotPart(let id, let digest, let offset, let totalBytes, let bytes):
        try take(part: bytes, at: offset, of: totalBytes, digest: digest, in: id)
      }
      outcome.madeProgress = true
    }
    for compartment in answer.page.compartments where unmet[compartment.id] != nil {
      try meet(compartment)
    }
  }

  private mutating func meet(_ compartment: Compartment) throws {
    unmet[compartment.id] = nil
    let stored = try workspace.stored(creating: compartment)
    guard try !holds.hasHold(of: stored) else { return }
    try store.save(AgencyHold(number: stored.number))
    try forgetReceipts(of: compartment.id)
  }

  /// A hub that gives a compartment anew waits for no receipt of before, which would now be untrue.
  private func forgetReceipts(of id: CompartmentID) throws {
    for purge in openPurges[id] ?? [] {
      engine.session.digest = engine.session.digest.removing(id, purge.held)
      try store.acknowledgePurge(purge.receipt)
    }
  }

  private mutating func held(_ id: CompartmentID) throws -> StoredCompartment {
    if let compartment = unmet[id] { try meet(compartment) }
    guard let stored = try workspace.stored(id), try holds.hasHold(of: stored) else {
      throw PageMisfit()
    }
    engine.declined.remove(stored.number)
    return stored
  }

  private mutating func take(_ change: Change, in id: CompartmentID) throws {
    let stored = try held(id)
    if stored.vector.contains(change.dot) {
      // Our own, unsent as far as we knew: its confirmation was lost. Unless a twin used its dot.
      if let waiting = try store.outboxEntry(dot: change.dot, in: stored.number) {
        if change.isVoid {
          // Was it ours that was set apart, or a twin's? The hub can tell when ours comes again.
          _ = try holds.advance(stored, to: change.dot)
          return
        }
        if !waiting.change.isSameOperation(as: change) { throw TwinMet() }
      }
      if let original = change.aliasOf {
        // The answer that said so was lost.
        _ = try workspace.update(id) { $0.alias(change.dot, of: original) }
      }
      return try confirm(change.dot, of: stored)
    }
    let isNewConflict = try workspace.update(id) { entry -> Bool? in
      let before = entry.content.conflicts(among: change.writes)
      guard entry.stored.vector.covers(change.context), entry.apply(change) else { return nil }
      return !entry.content.conflicts(among: change.writes).isSubset(of: before)
    }
    guard let isNewConflict = isNewConflict ?? nil else { throw PageMisfit() }
    try confirm(change.dot, of: stored)
    observe(change.time)
    outcome.changed.insert(id)
    if isNewConflict { outcome.newConflicts.insert(id) }
  }

  /// The state of a compartment that is not here is kept as it came, unopened. False when there is
  /// something here for it to be joined with.
  private mutating func adopt(
    _ content: CheckedContent, vector: VersionVector, in id: CompartmentID
  ) throws -> Bool {
    guard let compartment = unmet[id], !workspace.isOpen(id), try store.compartment(id) == nil
    else {
      return false
    }
    unmet[id] = nil
    try forgetReceipts(of: id)
    let stored = try store.create(compartment, vector: vector, contentBytes: content.bytes)
    var hold = AgencyHold(number: stored.number)
    engine.acknowledge(&hold, of: id, to: vector)
    try store.save(hold)
    outcome.changed.insert(id)
    if content.hasConflicts { outcome.newConflicts.insert(id) }
    return true
  }

  private mutating func take(
    _ content: CompartmentContent, vector: VersionVector, in id: CompartmentID
  ) throws {
    let stored = try held(id)
    let number = stored.number
    try holds.release(number)
    guard var entry = try workspace.entry(id), var hold = try store.hold(number) else {
      // Unreached: `held` has found both.
      throw PageMisfit()
    }
    let before = entry.content.conflicts
    if hold.state != .rebasing, !vector.covers(hold.acknowledged),
      stored.compartment.custodian == engine.identity.agency
    {
      // Another device of ours has begun our record anew at the hub, perhaps from less than this.
      _ = try workspace.update(id) { try engine.resubmit(in: &$0) }
      compartmentsWaiting = nil
      hold = try store.hold(number) ?? hold
    }
    // A hub whose state lacks what it once acknowledged has started the compartment over.
    if hold.state == .rebasing || !vector.covers(hold.acknowledged) {
      _ = try workspace.update(id) { $0.replace(content: content, vector: vector) }
      engine.acknowledge(&hold, of: id, to: vector)
      if hold.state == .rebasing { hold.state = .held }
      hold.actor = nil
      try store.save(hold)
      _ = try workspace.update(id) { try engine.remint(in: &$0) }
      compartmentsWaiting = nil
    } else {
      try takeAsBase(content, vector: vector, of: stored)
      engine.acknowledge(&hold, of: id, to: vector)
      try store.save(hold)
    }
    try store.unstage(number)
    entry = try workspace.entry(id) ?? entry
    note(id, conflictsBefore: before, after: entry.content.conflicts)
  }

  /// What is shown is the hub's state with our unsent work on it, which is what a join would make
  /// of the two, as long as a dot that one side knows and does not show was superseded there. A
  /// hub restored twice may have forgotten that two dots are one write, and show what a join drops.
  private mutating func takeAsBase(
    _ content: CompartmentContent, vector: VersionVector, of stored: StoredCompartment
  ) throws {
    var unsent: [Change] = []
    for waiting in try store.outbox(of: stored.number) {
      guard vector.contains(waiting.change.dot) else {
        unsent.append(waiting.change)
        continue
      }
      guard waiting.wasSent, content.isConsistent(with: waiting.change) else { throw TwinMet() }
      try store.dequeue(waiting.position)
    }
    let fits = try workspace.update(stored.id) { entry in
      entry.replace(content: content, vector: vector)
      return unsent.allSatisfy { entry.apply($0) }
    }
    guard fits == true else { throw PageMisfit() }
  }

  private mutating func take(
    part bytes: [UInt8], at offset: UInt64, of totalBytes: UInt64, digest: [UInt8],
    in id: CompartmentID
  ) throws {
    let number = try held(id).number
    if offset == 0 { try store.unstage(number) }
    let known = try store.stagedByteCount(number, digest: digest)
    // Already here, or after a gap: the next request says how far it has come.
    guard offset == known else { return }
    try store.stage(number, digest: digest, offset: offset, bytes: bytes)
    guard known + UInt64(bytes.count) == totalBytes,
      let whole = try store.stagedBytes(number, digest: digest)
    else { return }
    // Not an error: that would take back the forgetting too, and bring the same last part for ever.
    guard sha256(whole) == digest else { return try store.unstage(number) }
    let snapshot = try EncodedSnapshot(bytes: whole).decoded()
    try take(try snapshot.content.opened(), vector: snapshot.vector, in: id)
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

  fileprivate func conflicts(among writes: [Write]) -> Set<Place> {
    var result: Set<Place> = []
    for write in writes
    where records[write.record]?.groups[write.group]?.isInConflict == true {
      result.insert(Place(record: write.record, group: write.group))
    }
    return result
  }
}
