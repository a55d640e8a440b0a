import CaseRecords
import Causality
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol

/// Healing, and the invariants at rest.
extension World {
  /// Rounds in which everybody exchanges until nothing moves any more.
  static let roundsMax = 12

  /// Every line and machine is well again.
  func heal() throws {
    trace.note("heal")
    late = []
    try hub.restart(now: now)
    try lookAtHub()
    for device in devices {
      device.isAway = false
      device.losesRequests = false
      device.losesReplies = false
      if device.clockOffset != 0 { device.hasClockMoved = true }
      device.clockOffset = 0
      device.pageBytes = 1 << 18
      device.disk.crash(afterCommits: nil)
      // What is wrong in memory alone must not be healed by a restart.
      if device.engine.isLocked || device.number % 2 == 1 { try device.restart(now: now) }
      try look(at: device)
    }
    for _ in 1...Self.roundsMax {
      if try exchangeAll() { continue }
      if try !endRecovery() { return }
    }
    throw SimulationFailure("it converges", "something moves after \(Self.roundsMax) rounds")
  }

  /// False when nothing moved.
  private func exchangeAll() throws -> Bool {
    let kept = atHub.count
    var hasMoved = false
    for device in devices {
      for count in 1...60 {
        guard let outcome = try tryExchange(device, .none) else { continue }
        if case .refused(let code, let sentence, _) = outcome.kind {
          throw SimulationFailure("no exchange is refused", "\(device.name): \(code) \(sentence)")
        }
        hasMoved = hasMoved || outcome.madeProgress || outcome.kind != .answered
        let receipts = try device.store.unacknowledgedPurges(limit: 1)
        if !outcome.needsAnotherNow && receipts.isEmpty { break }
        if count == 60 {
          throw SimulationFailure("it converges", "\(device.name) goes round in a circle")
        }
      }
    }
    // At an idle poll too the hub may let go of a copy, and with it of what it said of others.
    return hasMoved || atHub.count != kept
  }

  /// The operator vouches that no withdrawal is missing: early, or at the end, where a custodian
  /// has no device left. False when nothing waits for that.
  func endRecovery() throws -> Bool {
    guard try hub.store.recoveringCount() > 0 else { return false }
    tally.mark("the operator ended a recovery")
    _ = try hub.commit(now: now) { try hub.engine.endRecovery(who: "operator", now: now) }
    try lookAtHub()
    return true
  }

  func checkRest() throws {
    try checkHolders()
    try checkKept()
    try checkOnce()
    try checkWords()
    try checkLedgers()
    try checkFeeds()
    try checkDecisions()
    try checkIdle()
  }

  // MARK: Who holds what

  private func checkHolders() throws {
    let atHub = readings[Self.hubPlace] ?? ReplicaReading()
    let standing = atHub.compartments.values.sorted { $0.stored.number < $1.stored.number }
    for device in devices where !device.isReportedLost {
      let held = readings[device.number] ?? ReplicaReading()
      let byID = Dictionary(
        held.compartments.values.map { ($0.stored.id, $0) }, uniquingKeysWith: { first, _ in first }
      )
      for compartment in standing {
        try checkEntitled(device, compartment, byID[compartment.stored.id])
      }
      for compartment in held.compartments.values.sorted(by: { $0.stored.number < $1.stored.number }
      ) {
        let stored = compartment.stored
        // Of an erasure that it was never told of, since the hub knows of nothing here, it cannot
        // know.
        if try isUntold(device, of: stored.compartment) { continue }
        if try !oracle(for: stored.compartment).mayHold(agencies[device.agency], stored.compartment)
        {
          throw SimulationFailure(
            "nobody else holds anything",
            "\(device.name) holds \(stored.compartment.category) \(stored.id.text.prefix(6))")
        }
      }
      try checkKeys(of: device)
      let digest = try device.store.holdings().reduce(HoldingsDigest()) {
        $0.adding($1.compartment, $1.vector)
      }
      if digest != device.engine.session.digest {
        throw SimulationFailure("the digest is the sum of the holdings", device.name)
      }
    }
  }

  private func isUntold(
    _ device: SimulatedDevice, of compartment: Compartment
  ) throws -> Bool {
    guard compartment.custodian == agencies[device.agency],
      try oracle(for: compartment).isErased(compartment),
      try hub.store.compartment(compartment.id) == nil
    else { return false }
    // By what it was told, which may leave out that two identifiers are one child's.
    let told = try device.store.allPolicy().filter { $0.state != .refused }.map(\.entry)
    let members = compartment.child.map { Aliases(told).members($0) } ?? []
    return !told.contains { entry in
      guard case .erase = entry.kind, let erased = entry.child else { return false }
      return members.contains(erased)
    }
  }

  private func checkEntitled(
    _ device: SimulatedDevice, _ compartment: ReplicaReading.Compartment,
    _ held: ReplicaReading.Compartment?
  ) throws {
    let stored = compartment.stored
    let agency = agencies[device.agency]
    var name: String {
      "\(device.name) \(stored.compartment.category) \(stored.id.text.prefix(6))"
    }
    let row = try hub.store.agency(agency)
    let entitlement = try row.flatMap { try hub.store.entitlement($0.number, stored.number) }
    let oracle = try oracle(for: stored.compartment)
    let mayHold = oracle.mayHold(agency, stored.compartment)
    let isCertified = try row.map {
      try hub.store.certifiedRevocation(agency: $0.number, compartment: stored.id) != nil
    }
    // An answer about a child ends before the thread's custodian may no longer hold the thread.
    // Who said who works with the child, a restored hub does not know of what it was given back.
    let restsOnRoles = try !self.oracle(for: stored.compartment, withRoles: false)
      .mayHold(agency, stored.compartment)
    let isNarrowed =
      stored.compartment.category == .desk || stored.compartment.category == .directory
      || isCertified == true || (hub.restores > 0 && restsOnRoles)
    if entitlement?.isAllowed == true && !mayHold
      || (mayHold && !isNarrowed)
        && entitlement?.isAllowed != true
    {
      throw SimulationFailure(
        "entitlement is what the rules say",
        "\(name): the hub says \(entitlement?.isAllowed == true), the rules \(mayHold)")
    }
    guard entitlement?.isAllowed == true, !stored.vector.isEmpty else { return }
    guard let held else { throw SimulationFailure("every entitled holder has it", name) }
    // What the family does not let the hub keep may go on at the custodian's.
    if stored.compartment.custodian == agency {
      if !oracle.hubMayKeep(stored.compartment) { return }
      // So may what it forbids by an entry that a hub without its journal has forgotten.
      if try isForbiddenByForgotten(stored.compartment, at: device) { return }
    }
    guard held.stored.vector == stored.vector, held.shown == compartment.shown else {
      throw SimulationFailure(
        "every entitled holder has the same",
        "\(name): \(held.words.sorted()), the hub has \(compartment.words.sorted())")
    }
  }

  // MARK: Words

  /// Every word is with the hub, set apart, or listed as waiting here with a reason.
  private func checkWords() throws {
    let atHub = ledger.present[Self.hubPlace] ?? []
    for word in ledger.words.values.sorted(by: { $0.number < $1.number })
    where word.fate == .stands && !atHub.contains(word.number) {
      if ledger.isSuperseded(word) { continue }
      let device = devices.first {
        !$0.isReportedLost && ledger.present[$0.number]?.contains(word.number) == true
      }
      guard let device else {
        if ledger.present.values.contains(where: { $0.contains(word.number) }) || isErased(word) {
          continue
        }
        throw SimulationFailure(
          "no last copy is destroyed", "word \(word.number) of d\(word.device) is nowhere")
      }
      let isSetApart = try device.store.quarantinedWork().contains {
        WordLedger.numbers(in: $0.change.writes).contains(word.number)
      }
      if isSetApart { continue }
      let status = try device.engine.status(of: word.compartment, now: device.wall(now))
      // Only while the hub may not keep it, whatever it refused before it heard of consent (8.4.1).
      if let compartment = compartments[word.compartment],
        compartment.custodian == agencies[device.agency], try !isToldOfConsent(to: compartment)
      {
        if case .heldHere = status { continue }
        if isJournalLost { continue }
      }
      if case .heldHere = status, let compartment = compartments[word.compartment],
        try isForbiddenByForgotten(compartment, at: device)
      {
        continue
      }
      throw SimulationFailure(
        "every change is committed, quarantined or listed",
        "word \(word.number) of d\(word.device) is at \(device.name) only, and that says "
          + "\(status.map { "\($0)" } ?? "nothing")")
    }
  }

  /// The hub may keep the record, and knows whose it is under that name of the child's.
  private func isToldOfConsent(to compartment: Compartment) throws -> Bool {
    guard let child = compartment.child,
      let custodian = try hub.store.agency(compartment.custodian)?.number,
      try oracle(for: compartment).hubMayKeep(compartment)
    else { return false }
    return try hub.store.custodians(of: child).contains {
      $0.agency == custodian && $0.category == compartment.category
    }
  }

  // MARK: The ledgers

  /// The custodian's own record, of which the hub may keep no copy and has none: with the copy went
  /// its account of who has it, and the custodian is not told of when.
  private func isDestroyedAtHub(_ id: CompartmentID, of device: SimulatedDevice) throws -> Bool {
    guard let compartment = compartments[id], compartment.custodian == agencies[device.agency],
      try hub.store.compartment(id)?.vector.isEmpty ?? true
    else { return false }
    return try !oracle(for: compartment).hubMayKeep(compartment)
      || isForbiddenByForgotten(compartment, at: device)
  }

  /// By an entry that the device knows and a hub without its journal has forgotten: what the hub
  /// may keep again it is not given, and nobody tells the device why.
  private func isForbiddenByForgotten(
    _ compartment: Compartment, at device: SimulatedDevice
  ) throws -> Bool {
    try isJournalLost && !hubMayKeep(compartment, by: known(to: device), at: device)
  }

  private func checkLedgers() throws {
    for device in devices where !device.isReportedLost {
      let incarnation = try hub.store.incarnation(device.engine.session.incarnation)
      guard let incarnation else { continue }
      let believed = try hub.store.hubHolds(of: incarnation.number).filter { !$0.vector.isEmpty }
        .compactMap { try hub.store.compartment(number: $0.compartment)?.id }
      let held = try device.store.holdings().map(\.compartment)
        .filter { try !isDestroyedAtHub($0, of: device) }
      if Set(believed) != Set(held) {
        let difference = Set(believed).symmetricDifference(held).sorted()
        throw SimulationFailure(
          "the hub's books are the truth",
          "\(device.name): \(difference.map { $0.text.prefix(6) })")
      }
      if try !device.store.unacknowledgedPurges(limit: 1).isEmpty {
        throw SimulationFailure("every purge is confirmed", device.name)
      }
    }
    let open = try hub.store.database.query(
      "SELECT agency, compartment FROM disclosures WHERE until_ms IS NULL"
    ) { (agency: $0.int(0), compartment: try $0.id(1) as CompartmentID) }
    for device in devices where !device.isReportedLost {
      guard let agency = try hub.store.agency(agencies[device.agency]) else { continue }
      for holding in try device.store.holdings() {
        guard let compartment = compartments[holding.compartment],
          compartment.custodian != agency.id,
          !open.contains(where: {
            $0.agency == agency.number && $0.compartment == holding.compartment
          })
        else { continue }
        throw SimulationFailure(
          "every disclosure is on the ledger",
          "\(device.name) holds \(holding.compartment.text.prefix(6))")
      }
    }
  }

  // MARK: Idle

  private func checkIdle() throws {
    for device in devices {
      var sizes: [Int] = []
      for _ in 0..<2 {
        let rows = hub.disk.rowsWritten + device.disk.rowsWritten
        guard let request = try prepare(device) else { continue }
        let bytes = request.encoded()
        guard let reply = try answer([(device, bytes)])[0] else { continue }
        _ = try hear(reply, to: request, on: device, restores: hub.restores)
        sizes.append(bytes.count + reply.count)
        // A copy that has not moved anything since shares its twin's place in the hub's books, and
        // nobody can tell the two apart yet.
        let isShadowed = devices.contains {
          $0 !== device && $0.engine.session.incarnation == device.engine.session.incarnation
        }
        if !isShadowed, hub.disk.rowsWritten + device.disk.rowsWritten != rows {
          throw SimulationFailure("idle exchanges write nothing", device.name)
        }
      }
      if Set(sizes).count > 1 {
        throw SimulationFailure("idle exchanges have constant bytes", "\(device.name) \(sizes)")
      }
    }
  }
}
