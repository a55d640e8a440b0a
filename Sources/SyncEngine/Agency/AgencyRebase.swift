import CaseRecords
import Causality
import ReplicaStore
import SyncProtocol

/// Starting over: after a RESEED, after a quarantine, and when the hub has let go of a compartment.
///
/// A dot that has been used up, or that a twin of this device may have used, is never used again.
/// What was written under it is minted anew under a fresh actor, with its first dot as `origin`: by
/// that the hub knows one operation from another and commits what it has already as an alias.
extension AgencyEngine {
  /// The hub takes this for a copy: a new run, which pulls before it pushes. What is held is
  /// reported with the first request, so that the hub can send what is missing, or revoke it.
  func reseed(epoch: UInt64) throws {
    // A run that was never answered is unknown to the hub: its parent stays the one to name.
    if session.token != nil || session.forkOf == nil { session.forkOf = session.incarnation }
    session.incarnation = IncarnationID(high: random.next(), low: random.next())
    session.token = nil
    let isHubRestored = epoch != session.epoch
    session.epoch = epoch
    policyView = nil
    session.isReseeding = true
    try renameUnsent(isHubRestored: isHubRestored)
  }

  /// The same without having been asked to: after files were rebuilt from what could be read, the
  /// hub has to hear what is there, and tell its policy from the start.
  package func startOver() throws {
    try transaction {
      try reseed(epoch: session.epoch)
      session.policySeen = 0
    }
  }

  /// Replays the unsent changes of a compartment on the state that has just been received.
  func remint(in entry: inout Workspace.Entry) throws {
    let number = entry.stored.number
    let waiting = try store.outbox(of: number)
    guard !waiting.isEmpty, var hold = try store.hold(number) else { return }
    let minted = reminted(waiting, on: entry.stored.vector)
    try noteRenamed(waiting, as: minted, in: number)
    try store.dequeueAll(of: number)
    for change in minted {
      // Whether it is an alias of what came is for the hub to say.
      _ = entry.apply(change)
      try store.enqueue(change, in: number)
    }
    hold.actor = minted.last?.dot.actor
    try store.save(hold)
  }

  /// What the hub had taken, and has lost with its disk, goes again under its first name where a
  /// state is awaited to replay on it what was set apart: that state, or an order to purge, takes
  /// the place of what is here.
  private func keepTaken() throws {
    for var hold in try store.holds(in: .rebasing) {
      guard let stored = try store.compartment(number: hold.number) else { continue }
      if stored.compartment.custodian == identity.agency {
        // Nobody but its own devices can give it to a hub that has lost it.
        try resubmit(stored.id)
        continue
      }
      try enqueueTaken(of: stored)
      // Sealed or sent before the state comes, it cannot go by names that others gave. What is
      // shown does not have the new ones, so nothing is written after them.
      try remintInPlace(&hold)
      hold.actor = nil
      try store.save(hold)
    }
  }

  /// Not what was set apart.
  private func enqueueTaken(of stored: StoredCompartment) throws {
    let apart = try store.quarantinedWork().filter { $0.compartment == stored.id }
    let waiting = try store.outbox(of: stored.number).map(\.change)
    let known = Set(waiting.map(\.dot) + waiting.map(\.origin) + apart.map(\.dot))
    let taken = try store.content(of: stored).asChanges(
      of: stored.compartment, policySeen: session.policySeen
    ) {
      known.isDisjoint(with: $0)
    }
    for change in taken { try store.enqueue(change, in: stored.number) }
  }

  /// Unsent work of a compartment that will not be shown again: only what is sent changes.
  func remintInPlace(_ hold: inout AgencyHold) throws {
    let waiting = try store.outbox(of: hold.number)
    guard !waiting.isEmpty else { return }
    let minted = reminted(waiting, on: hold.acknowledged)
    try noteRenamed(waiting, as: minted, in: hold.number)
    try store.dequeueAll(of: hold.number)
    for change in minted { try store.enqueue(change, in: hold.number) }
    hold.actor = minted.last?.dot.actor
  }

  /// The same by an order that comes while the keys are locked: the order is taken in at once, so
  /// that nothing is shown again, and the names are given when the keys are there.
  func remintRevoked(_ hold: inout AgencyHold) throws {
    if isLocked { session.isRenamingDue = true } else { try remintInPlace(&hold) }
  }

  /// The hub may know, or have known, what a copy of this device wrote under the dots that are
  /// next here. So what it has not acknowledged gets new names, in place, and no actor writes on.
  func renameUnsent(isHubRestored: Bool) throws {
    try store.clearInFlight()
    try store.forgetActors()
    // Without the keys nothing can be opened, and nothing is sent.
    session.isRenamingDue = isLocked
    if isLocked { return }
    if isHubRestored { try keepTaken() }
    let workspace = Workspace(store: store)
    for number in try store.outboxCompartments() {
      guard let stored = try store.compartment(number: number), var hold = try store.hold(number)
      else { continue }
      switch hold.state {
      // Also what is to be purged: a state that is given back has it under the new names.
      case .held, .toSubmit, .revoked:
        _ = try workspace.update(stored.id) { try renameUnsent(in: &$0, hold: &hold) }
      case .rebasing: continue
      }
      try store.save(hold)
    }
    try workspace.flush()
  }

  private func renameUnsent(in entry: inout Workspace.Entry, hold: inout AgencyHold) throws {
    let waiting = try store.outbox(of: hold.number)
    let minted = reminted(waiting, on: hold.acknowledged)
    var vector = entry.stored.vector
    for (old, counter) in caps(of: waiting) { vector = vector.capped(actor: old, at: counter) }
    for change in minted { _ = vector.advance(to: change.dot) }
    try noteRenamed(waiting, as: minted, in: hold.number)
    let names = zip(waiting.map(\.change.dot), minted.map(\.dot))
    entry.rename(Dictionary(names, uniquingKeysWith: { first, _ in first }), under: vector)
    try store.dequeueAll(of: hold.number)
    for change in minted { try store.enqueue(change, in: hold.number) }
    hold.actor = minted.last?.dot.actor
  }

  private func noteRenamed(
    _ waiting: [OutboxEntry], as minted: [Change], in compartment: Int64
  ) throws {
    guard let actor = minted.first?.dot.actor else { return }
    try store.noteRenamed(waiting.map(\.change.dot), to: actor, in: compartment)
  }

  /// What the author of a form saw, by the names of now. A form that is older than a renaming says
  /// old names, which may have become a copy's for words that nobody here had seen.
  func seenNow(_ seen: VersionVector, in compartment: Int64) throws -> VersionVector {
    let renamings = try store.renamings(in: compartment)
    // Whoever says a new name saw all that was renamed up to then.
    let known = renamings.lastIndex { seen[$0.actor] > 0 }
    var seen = seen
    for renaming in renamings[(known.map { $0 + 1 } ?? 0)...] {
      let count = renaming.old.prefix { seen.contains($0) }.count
      for old in renaming.old { seen = seen.capped(actor: old.actor, at: old.counter - 1) }
      if count > 0 { seen[renaming.actor] = UInt64(count) }
    }
    return seen
  }

  /// The changes under one new actor. A context covers of the old actors no more than what the hub
  /// had acknowledged: beyond that, the same dots may be a twin's.
  private func reminted(_ waiting: [OutboxEntry], on base: VersionVector) -> [Change] {
    let caps = caps(of: waiting)
    let actor = newActor()
    return waiting.enumerated().map { index, entry in
      var change = entry.change
      var context = change.context
      for (old, counter) in caps { context = context.capped(actor: old, at: counter) }
      context = context.intersection(base)
      let seen = waiting.prefix(index).prefix { change.context.contains($0.change.dot) }.count
      context[actor] = UInt64(seen)
      change.context = context
      change.dot = Dot(actor: actor, counter: UInt64(index + 1))
      return change
    }
  }

  /// How far the hub had acknowledged each actor: to just before its first unsent change.
  private func caps(of waiting: [OutboxEntry]) -> [Actor: UInt64] {
    waiting.reduce(into: [:]) { caps, entry in
      let dot = entry.change.dot
      caps[dot.actor] = min(caps[dot.actor] ?? .max, dot.counter - 1)
    }
  }

  /// See `resubmit(in:)`.
  func resubmit(_ id: CompartmentID) throws {
    let workspace = Workspace(store: store)
    _ = try workspace.update(id) { try resubmit(in: &$0) }
    try workspace.flush()
  }

  /// Own record that the hub does not have (any more): all of it once more from the start, as what
  /// it is now. Who wrote what and when stays.
  func resubmit(in entry: inout Workspace.Entry) throws {
    let stored = entry.stored
    guard stored.compartment.category != .private, var hold = try store.hold(stored.number)
    else { return }
    let actor = newActor()
    let dependencies = try stored.compartment.child.map { try store.unsentPolicy(of: $0) } ?? []
    // The hub may know unsent work by the name that it had first, and have it overwritten.
    let origins = Dictionary(
      try store.outbox(of: stored.number).map { ($0.change.dot, $0.change.origin) },
      uniquingKeysWith: { first, _ in first })
    var changes: [Change] = []
    let apart = try Set(store.quarantinedWork().filter { $0.compartment == stored.id }.map(\.dot))
    let all = entry.content.asChanges(of: stored.compartment, policySeen: session.policySeen) {
      apart.isDisjoint(with: $0)
    }
    for var change in all {
      // What the hub itself writes there it will write again.
      change.writes.removeAll(where: \.isHubsOwn)
      if change.writes.isEmpty { continue }
      change.origin = origins[change.dot] ?? change.dot
      change.dot = Dot(actor: actor, counter: UInt64(changes.count + 1))
      change.policyDependencies = dependencies
      changes.append(change)
    }
    entry.replace(content: CompartmentContent(), vector: VersionVector())
    try store.dequeueAll(of: stored.number)
    for change in changes {
      _ = entry.apply(change)
      try store.enqueue(change, in: stored.number)
    }
    acknowledge(&hold, of: stored.id, to: VersionVector())
    hold.actor = actor
    hold.state = .held
    try store.save(hold)
  }
}

extension CompartmentContent {
  /// Changes that together make this content, or what `isWanted` of it by its dots, oldest first:
  /// each save once. None supersedes another, so every conflict stays one.
  ///
  /// What nobody has signed is the hub's, which will write it again; but for the first practitioner
  /// of a list.
  fileprivate func asChanges(
    of compartment: Compartment, policySeen: UInt64, where isWanted: ([Dot]) -> Bool
  ) -> [Change] {
    var byDot: [Dot: (written: Written, writes: [Write])] = [:]
    for (id, record) in records.sorted(by: { $0.key < $1.key }) {
      for (group, register) in record.groups.sorted(by: { $0.key < $1.key }) {
        // A state that came beside what is unsent, or was submitted before, may have it as well,
        // under its first name or one that a copy of this device gave it.
        var saves: Set<Written> = []
        for sibling in register.siblings where isWanted(sibling.dots) {
          if sibling.value.author == nil, compartment.category != .practitioners { continue }
          guard saves.insert(sibling.value).inserted else { continue }
          let write = Write(
            record: id, kind: record.kind, group: group, value: sibling.value.value)
          byDot[sibling.dots[0], default: (sibling.value, [])].writes.append(write)
        }
      }
    }
    return byDot.sorted { ($0.value.written.time, $0.key) < ($1.value.written.time, $1.key) }.map {
      dot, change in
      Change(
        dot: dot, context: VersionVector(), policySeen: policySeen, writes: change.writes,
        time: change.written.time, claimedMilliseconds: change.written.claimedMilliseconds,
        author: change.written.author)
    }
  }
}
