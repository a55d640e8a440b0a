import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol

/// What the hub has committed it was allowed to, and what has gone from it was not needed.
extension World {
  func checkCommitted(_ change: Change, in stored: StoredCompartment) throws {
    try checkBegun(change, in: stored)
    guard !change.isVoid, let minter = minters[change.dot.actor] else { return }
    let name =
      "\(change.dot.actor.rawValue % 1_000):\(change.dot.counter) in \(stored.id.text.prefix(6))"
    // Rescued work was sealed before its author could hear that a decision was refused.
    let known = try policyAtHub().union(refused)
    if let unknown = Set(change.policyDependencies).subtracting(known).sorted().first {
      throw SimulationFailure(
        "no change before the decisions that it rests on", "\(name): \(unknown.text.prefix(6))")
    }
    if let owner = try hub.store.owner(of: change.dot.actor, in: stored.number),
      let run = try hub.store.incarnation(number: owner),
      try hub.store.device(number: run.device)?.revokedMilliseconds != nil
    {
      throw SimulationFailure("a device that is lost writes nothing", name)
    }
    let agency = agencies[minter]
    let oracle = try oracle(for: stored.compartment)
    guard !oracle.mayHold(agency, stored.compartment),
      let number = try hub.store.agency(agency)?.number
    else { return }
    for entry in oracle.entries where oracle.denies(entry, agency, stored.compartment) {
      let told = try hub.store.feedPosition(of: entry.id, for: number)
      if change.policyDependencies.contains(entry.id)
        || (told.map { $0 <= change.policySeen } ?? false)
      {
        throw SimulationFailure(
          "nothing stands that was written knowing of a withdrawal",
          "\(name): \(entry.id.text.prefix(6))")
      }
    }
  }

  /// The hub's own copy goes last but one: others have let go of theirs, and the custodian has all
  /// that was in it. Where there are copies of disks the hub cannot know of all that is held.
  func checkDestroyed(_ before: ReplicaReading, _ after: ReplicaReading) throws {
    let standing = Set(after.compartments.values.map(\.stored.id))
    let gone = before.compartments.values.filter { !standing.contains($0.stored.id) }
    for compartment in gone.sorted(by: { $0.stored.number < $1.stored.number }) {
      let stored = compartment.stored
      let isErased = try oracle(for: stored.compartment).isErased(stored.compartment)
      if isErased { erasedSeen.insert(stored.id) }
      if isErased, try !hub.store.isErased(stored.id) {
        throw SimulationFailure("erased is for ever", "\(stored.id.text.prefix(6))")
      }
      if hasCopies { continue }
      for device in devices where !device.isReportedLost {
        let held = readings[device.number]?.compartments.values
          .first { $0.stored.id == stored.id }?.stored
        let isCustodian = agencies[device.agency] == stored.compartment.custodian
        if held != nil, isErased || !isCustodian {
          throw SimulationFailure(
            "the hub's copy goes after all others",
            "\(device.name) holds \(stored.id.text.prefix(6))")
        }
      }
    }
  }

  /// At rest: nothing is with the hub that it may not keep, and that nobody is to give back.
  func checkKept() throws {
    guard !hasCopies, !devices.contains(where: \.isReportedLost) else { return }
    for compartment in atHub {
      let stored = compartment.stored
      if stored.compartment.child == nil { continue }
      if try oracle(for: stored.compartment).hubMayKeep(stored.compartment) { continue }
      if try isHeldByFormerRun(stored) { continue }
      throw SimulationFailure(
        "the hub keeps only what it may",
        "\(stored.compartment.category) \(stored.id.text.prefix(6))")
    }
  }

  /// A device has started over, and what its former run was sent last nobody has confirmed to be
  /// gone: for all that the hub knows that run goes on elsewhere, with a copy.
  private func isHeldByFormerRun(_ stored: StoredCompartment) throws -> Bool {
    try hub.store.hubHolds(ofCompartment: stored.number).contains { hold in
      guard let run = try hub.store.incarnation(number: hold.incarnation) else { return false }
      return try hub.store.incarnations(of: run.device).last?.number != run.number
    }
  }

  /// At rest: no save stands twice, whatever it was named on the way. A hub that was restored twice
  /// may not know of two names that they are one write's.
  func checkOnce() throws {
    if hub.restores > 1 { return }
    for compartment in atHub {
      for (place, siblings) in compartment.shown.sorted(by: { $0.key < $1.key }) {
        let words = siblings.compactMap { WordLedger.number(in: $0.value) }
        if Set(words).count == words.count { continue }
        throw SimulationFailure(
          "nothing stands twice",
          "\(compartment.stored.id.text.prefix(6)) \(place.group): \(words.sorted())")
      }
    }
  }

  /// What a device hears was set apart, it keeps for its author.
  func checkSetApart(_ outcome: AgencyOutcome, on device: SimulatedDevice) throws {
    if outcome.quarantined.isEmpty { return }
    let kept = Set(
      try device.store.quarantinedWork().map {
        DotNotice(compartment: $0.compartment, dot: $0.change.dot)
      })
    for notice in outcome.quarantined
    where !kept.contains(DotNotice(compartment: notice.compartment, dot: notice.dot)) {
      throw SimulationFailure(
        "what is set apart is kept for its author",
        "\(device.name) \(notice.compartment.text.prefix(6))")
    }
    let own = agencies[device.agency]
    for notice in outcome.quarantined where notice.reason == .erased {
      guard let stored = try device.store.compartment(notice.compartment),
        stored.compartment.custodian == own, try device.store.outboxCount(of: stored.number) > 0
      else { continue }
      throw SimulationFailure(
        "with what is erased goes what is unsent of it",
        "\(device.name) \(notice.compartment.text.prefix(6))")
    }
  }

  /// Starting over costs all that is held: only a copy must, or who has made a mistake, or a device
  /// that has heard what was said to a request that it had given up.
  func checkStartingOver(
    _ outcome: AgencyOutcome, by reply: ExchangeReply, _ device: SimulatedDevice
  ) throws {
    guard outcome.kind == .reseeded else { return }
    let isCopied = copied.contains(device.engine.identity.device)
    if case .answer = reply, !isCopied {
      throw SimulationFailure("a twin is met only where there is one", device.name)
    }
    let mayBeCopy = device.hasStrayed || hub.restores > 0 || isCopied
    device.hasStrayed = false
    if !mayBeCopy { throw SimulationFailure("only a copy starts over", device.name) }
  }

  /// Of an answered request: its token was the last, or the one before in a retry
  /// (`Protocol/05-exchange.md`, 5.2).
  func checkToken(of request: ExchangeRequest, at exchange: UInt64) throws {
    let count = request.token?.count ?? 0
    // A hub that starts again has forgotten what it was shown.
    let shown = ShownToken(count: exchange, restores: hub.restores, start: hub.disk.mark.starts)
    guard count != exchange else {
      shownTokens[request.incarnation] = shown
      return
    }
    if count + 1 != exchange || shownTokens[request.incarnation] == shown {
      throw SimulationFailure("a spent token opens nothing", "\(count) of \(exchange)")
    }
    if hub.restores > 0 { return }
    for case .change(let id, let change) in request.page.items {
      guard let known = registry.changes[id]?[change.dot], !known.isVoid,
        known.writes != change.writes
      else { continue }
      throw SimulationFailure("other words under a known name are a copy's", "\(change.dot)")
    }
  }

  /// Content of an assessment that the hub has begun to keep it may keep; and it begins nothing of
  /// a child whose record is erased.
  private func checkBegun(_ change: Change, in stored: StoredCompartment) throws {
    guard readings[Self.hubPlace]?.compartments[stored.number] == nil, !isBatch else { return }
    let oracle = try oracle(for: stored.compartment)
    let isForbidden =
      stored.compartment.category.isCAFContent
      ? !oracle.hubMayKeep(stored.compartment) : oracle.isErased(stored.compartment)
    if !isForbidden { return }
    throw SimulationFailure(
      "the hub begins nothing that it may not keep",
      "\(stored.compartment.category) \(stored.id.text.prefix(6))")
  }

  /// Now and then, in the middle of everything, and whenever something has been decided.
  func checkEntitlements() throws {
    let isNews = acknowledged.count != entitlementsSeen
    guard hub.restores == 0, isNews || tally.exchanges % 8 == 0 else { return }
    entitlementsSeen = acknowledged.count
    try checkThreads()
    let numbers = try agencies.map { try hub.store.agency($0)?.number }
    for compartment in atHub {
      let stored = compartment.stored
      guard stored.compartment.category.isPerChild, stored.compartment.child != nil else {
        continue
      }
      let oracle = try oracle(for: stored.compartment)
      let entitlements = Dictionary(
        uniqueKeysWithValues: try hub.store.entitlements(ofCompartment: stored.number).map {
          ($0.agency, $0)
        })
      for case (let agency, let number?) in zip(agencies, numbers) {
        let entitlement = entitlements[number]
        let isAllowed = entitlement?.isAllowed == true
        if isAllowed != oracle.mayHold(agency, stored.compartment) {
          throw SimulationFailure(
            "entitlement is what the rules say",
            "\(stored.compartment.category) \(stored.id.text.prefix(6)): the hub says \(isAllowed)"
          )
        }
        if isAllowed, agency != stored.compartment.custodian {
          try checkEnd(entitlement?.expiresMilliseconds, agency, stored, oracle)
        }
      }
    }
  }

  /// What may be held for a time may be held until then, and no longer.
  private func checkEnd(
    _ end: UInt64?, _ agency: AgencyID, _ stored: StoredCompartment, _ oracle: PolicyOracle
  ) throws {
    guard oracle.isTimed else { return }
    let (compartment, last) = (stored.compartment, (end ?? .max) - 1)
    let isHeldThen = oracle.at(last).mayHold(agency, compartment)
    let isHeldAfter = end.map { oracle.at($0).mayHold(agency, compartment) } ?? false
    if isHeldThen && !isHeldAfter { return }
    throw SimulationFailure(
      "what may be held ends when the rules say",
      "\(compartment.category) \(stored.id.text.prefix(6)): the hub says \(end ?? .max)")
  }

  var atHub: [ReplicaReading.Compartment] {
    (readings[Self.hubPlace] ?? ReplicaReading()).compartments.values
      .sorted { $0.stored.number < $1.stored.number }
  }

  var hasCopies: Bool {
    hub.restores > 0 || tally.injections["clone"] != nil
      || tally.injections["device restored"] != nil
  }
}
