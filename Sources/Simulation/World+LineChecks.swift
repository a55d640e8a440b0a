import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol

/// What a device may say, and what it may be told, by what it is in the middle of.
extension World {
  // MARK: Requests

  func checkTurn(of request: ExchangeRequest, of device: SimulatedDevice) throws {
    if !request.purgeReceipts.isEmpty,
      try device.store.rescued().count != request.rescued.count
    {
      throw SimulationFailure("a receipt goes after all rescued work", device.name)
    }
    try checkOrders(in: request, of: device)
    var sent: Set<Int> = []
    for case .change(let id, let change) in request.page.items {
      let name = "\(device.name) \(id.text.prefix(6)) \(change.dot.actor.rawValue % 1_000)"
      if device.engine.session.isReseeding {
        throw SimulationFailure("a copy pulls before it pushes", name)
      }
      let stored = try device.store.compartment(id)
      if try stored.flatMap({ try device.store.hold($0.number) })?.state == .rebasing {
        throw SimulationFailure("what waits for a state is not sent", name)
      }
      let run = runs[change.dot.actor] ?? request.incarnation
      runs[change.dot.actor] = run
      if run != request.incarnation {
        throw SimulationFailure("an actor belongs to one run", name)
      }
      if device.voidActors.contains(change.dot.actor) {
        throw SimulationFailure("after a void dot its actor writes no more", name)
      }
      for word in WordLedger.numbers(in: change.writes) where !sent.insert(word).inserted {
        throw SimulationFailure("nothing is sent twice at once", "\(name) w\(word)")
      }
    }
  }

  /// A hub that was restored may have forgotten what it ordered.
  private func checkOrders(in request: ExchangeRequest, of device: SimulatedDevice) throws {
    if !device.isGivingBack { device.ordersShown = [] }
    device.ordersShown.formUnion(request.certificates.map(\.compartment))
    guard device.isGivingBack, request.holdings != nil, !request.isLocked else { return }
    let obeyed = Set(try device.store.certificates().map(\.compartment))
    if let missing = obeyed.subtracting(device.ordersShown).sorted().first {
      throw SimulationFailure(
        "a restored hub is shown every order", "\(device.name) \(missing.text.prefix(6))")
    }
  }

  /// What the device was told of its own work.
  func noteTurn(_ outcome: AgencyOutcome, on device: SimulatedDevice) throws {
    device.isGivingBack = outcome.kind == .recovering
    for notice in outcome.quarantined {
      guard ![.notHeld, .erased].contains(notice.reason),
        let stored = try device.store.compartment(notice.compartment),
        try device.store.hold(stored.number)?.state != .revoked
      else { continue }
      device.voidActors.insert(notice.dot.actor)
    }
  }

  /// What was cut off is finished by the next start: no compartment is left without its key, and
  /// none shows what is neither unsent nor committed.
  func checkStart(of device: SimulatedDevice, _ reading: ReplicaReading) throws {
    try checkKeys(of: device)
    if device.engine.isLocked { return }
    for compartment in reading.compartments.values
    where compartment.stored.compartment.category != .private {
      let stored = compartment.stored
      guard try device.store.hold(stored.number)?.state == .held else { continue }
      let own = Dictionary(
        try device.store.outbox(of: stored.number).map { ($0.change.dot, $0.change) },
        uniquingKeysWith: { first, _ in first })
      let expected = registry.expected(
        in: stored.id, under: stored.vector, own: own, tellsUnclear: false)
      if case .noSuchChange(let dot) = expected {
        throw SimulationFailure(
          "a start finishes what was cut off", "\(device.name) \(stored.id.text.prefix(6)) \(dot)")
      }
    }
  }

  /// A key goes first, so what has none could not be read.
  func checkKeys(of device: SimulatedDevice) throws {
    let numbers = Set(try device.store.compartmentNumbers() + [KeyVault.ownNumber])
    if try device.store.vault.numbers() != numbers {
      throw SimulationFailure("a key goes with its compartment", device.name)
    }
  }

  // MARK: Answers

  func checkAccounts(
    _ answer: ExchangeAnswer, to request: ExchangeRequest, of device: SimulatedDevice
  ) throws {
    let agency = agencies[device.agency]
    let sent = Set(answer.page.items.map(\.compartment))
    // A copy, or who starts over, may come when it is known that no decision is missing.
    let isOnlyOne =
      tally.injections["clone"] == nil && tally.injections["device restored"] == nil
      && request.forkOf == nil
    let shown = Set(request.certificates.map(\.compartment)).intersection(sent).sorted()
    if isOnlyOne, isJournalLost, tally.marks["the operator ended a recovery"] == nil,
      let id = shown.first(where: { compartments[$0]?.custodian != agency })
    {
      throw SimulationFailure("a shown order is an order again", "\(id.text.prefix(6))")
    }
    if request.holdings != nil, let run = try hub.store.incarnation(request.incarnation) {
      for hold in try hub.store.hubHolds(of: run.number) {
        guard let stored = try hub.store.compartment(number: hold.compartment),
          !stored.vector.covers(hold.vector)
        else { continue }
        throw SimulationFailure("nobody has more than there is", "\(stored.id.text.prefix(6))")
      }
    }
    try checkRescued(answer, to: request)
    try checkShownOrders(answer, to: request, of: agency)
    if !device.isReportedLost,
      let notice = answer.quarantined.first(where: { $0.reason == .authorNotAllowed })
    {
      throw SimulationFailure(
        "nobody sends what only others may write",
        "\(device.name) \(notice.compartment.text.prefix(6))")
    }
    // With the holdings comes what is given back, which may be of before.
    if request.holdings == nil { try checkConsentedAnew(answer, to: request) }
  }

  /// Sealed before its receipt was written, rescued work is committed before it; unless the hub has
  /// destroyed its copy since it did so.
  private func checkRescued(_ answer: ExchangeAnswer, to request: ExchangeRequest) throws {
    if hasCopies { return }
    let purged = Set(request.purgeReceipts.map(\.compartment))
    let pushed = Set(request.page.items.map(\.compartment))
    for notice in answer.quarantined
    where notice.reason == .notHeld && purged.contains(notice.compartment)
      && !pushed.contains(notice.compartment)
    {
      if try hub.store.custodianOfDestroyedCopy(of: notice.compartment) != nil { continue }
      throw SimulationFailure(
        "rescued work goes before its receipt", "\(notice.compartment.text.prefix(6))")
    }
  }

  /// Shown to a hub that has lost its journal, an order stands against all that had been decided
  /// before the hub was lost.
  private func checkShownOrders(
    _ answer: ExchangeAnswer, to request: ExchangeRequest, of agency: AgencyID
  ) throws {
    guard isJournalLost, let number = try hub.store.agency(agency)?.number else { return }
    func order(_ id: CompartmentID) -> ShownOrder {
      ShownOrder(agency: agency, compartment: id, restores: hub.restores)
    }
    for id in Set(answer.page.items.map(\.compartment)).sorted() {
      guard let before = ordersShown[order(id)] else { continue }
      let isConsentedAnew = recorded.values.contains { entry in
        switch entry.kind {
        case .grant, .override: !before.contains(entry.id)
        default: false
        }
      }
      if isConsentedAnew { continue }
      throw SimulationFailure("a shown order stands", "\(id.text.prefix(6))")
    }
    for id in request.certificates.map(\.compartment)
    where ordersShown[order(id)] == nil && compartments[id]?.custodian != agency {
      if try hub.store.certifiedRevocation(agency: number, compartment: id) == true {
        ordersShown[order(id)] = everAcknowledged
      }
    }
  }

  /// A family that consents anew is not overruled by an order of before. What has been in the
  /// journal since the hub died over it may be older than the order.
  private func checkConsentedAnew(_ answer: ExchangeAnswer, to request: ExchangeRequest) throws {
    let refused = Set(answer.policyRefused.map(\.id))
    let known = refused.union(acknowledged).union(journalled)
    for entry in request.policy where !known.contains(entry.id) {
      guard case .grant(let terms) = entry.kind, let child = entry.child,
        terms.scope.purposes.contains(.share)
      else { continue }
      for stored in try hub.store.compartments(of: child)
      where terms.scope.categories.contains(stored.compartment.category)
        && readings[Self.hubPlace]?.compartments[stored.number] != nil
      {
        for agency in agencies
        where terms.scope.recipients.includes(agency) && !terms.excluded.contains(agency) {
          guard let number = try hub.store.agency(agency)?.number,
            try hub.store.certifiedRevocation(agency: number, compartment: stored.id) == true
          else { continue }
          throw SimulationFailure(
            "new consent lifts the orders of before", "\(stored.id.text.prefix(6))")
        }
      }
    }
  }

  // MARK: Answers about a child

  /// Each is held by whoever may be answered about the child, and for as long as it was said to be.
  func checkThreads() throws {
    for compartment in atHub where compartment.stored.compartment.category == .desk {
      let subjects = try hub.store.deskSubjects(compartment.stored.number)
      for agency in agencies where !subjects.isEmpty {
        guard let number = try hub.store.agency(agency)?.number,
          try hub.store.entitlement(number, compartment.stored.number)?.isAllowed == true
        else { continue }
        for subject in subjects {
          let supposed = Compartment(
            id: compartment.stored.id, child: subject.child, category: .index, custodian: .hub)
          let known = try oracle(for: supposed, withRoles: false)
          let oracle = PolicyOracle(
            entries: known.entries, roles: CaseRoles(involved: [agency]),
            sensitiveServices: sensitiveServices, now: now)
          if subject.expires > now && oracle.mayHold(agency, supposed) { continue }
          throw SimulationFailure(
            "an answer about a child ends", "\(compartment.stored.id.text.prefix(6))")
        }
      }
    }
  }

  // MARK: At rest

  /// Whatever the hub has in an agency's feed has come to its devices.
  func checkFeeds() throws {
    for device in devices where !device.isReportedLost {
      guard let agency = try hub.store.agency(agencies[device.agency]) else { continue }
      for entry in recorded.keys.sorted() {
        guard try hub.store.feedPosition(of: entry, for: agency.number) != nil,
          try device.store.policy(entry) == nil
        else { continue }
        throw SimulationFailure(
          "every decision is told", "\(device.name) \(entry.text.prefix(6))")
      }
    }
  }
}
