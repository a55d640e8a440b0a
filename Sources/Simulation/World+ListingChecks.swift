import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol

/// What the hub makes of a list of all that a device holds.
struct Listing {
  /// Of the run's own changes it lists fewer than the hub took from it.
  var lacksOwn = false
  /// What there was of each compartment in which the list is not what the hub had on its books: up
  /// to there the state is due.
  var owed: [CompartmentID: VersionVector] = [:]
}

extension World {
  /// By the books of before the list was heard.
  func listing(in request: ExchangeRequest) throws -> Listing {
    var listing = Listing()
    guard let holdings = request.holdings else { return listing }
    // Nil: this is the first that is heard of it, and there is nothing on its books.
    let run = try hub.store.incarnation(request.incarnation)
    let isRetry = run?.exchange == (request.token?.count ?? 0) + 1
    for holding in holdings where !holding.vector.isEmpty {
      guard let stored = try hub.store.compartment(holding.compartment) else { continue }
      let hold = try run.flatMap { try hub.store.hubHold($0.number, stored.number) }
      let known = hold.map { isRetry && $0.exchange == run?.exchange ? $0.before : $0.vector }
      let lacking = (known ?? VersionVector()).sortedEntries.filter {
        runs[$0.actor] == request.incarnation && holding.vector[$0.actor] < $0.counter
      }
      let lacksOwn = try lacking.contains { try hasCommitted($0.actor, $0.counter, in: stored) }
      listing.lacksOwn = listing.lacksOwn || lacksOwn
      if known != holding.vector.intersection(stored.vector),
        !holding.vector.covers(stored.vector)
      {
        listing.owed[holding.compartment] = stored.vector
      }
    }
    return listing
  }

  /// Whose a dot is the hub knows by having committed one of its actor's, not by a state given back
  /// (8.3): that may have had it while it was unsent, and whoever submits a record anew (7.8) has
  /// it by another name, though a hub of before knows it by this one.
  private func hasCommitted(
    _ actor: Actor, _ counter: UInt64, in stored: StoredCompartment
  ) throws -> Bool {
    try (1...counter).contains { number in
      try hub.store.loggedDigest(Dot(actor: actor, counter: number), in: stored.number) != nil
    }
  }

  func check(
    _ answer: ExchangeAnswer, after listing: Listing, to request: ExchangeRequest,
    of device: SimulatedDevice
  ) throws {
    let sum = request.holdings?.reduce(HoldingsDigest()) { $0.adding($1.compartment, $1.vector) }
    if let sum, sum != request.digest {
      throw SimulationFailure("a list that is not of its sum is not believed", device.name)
    }
    if listing.lacksOwn {
      throw SimulationFailure("who lacks what it has written is a copy", device.name)
    }
    if isLate { return }
    owed[request.incarnation, default: [:]].merge(listing.owed) { earlier, _ in earlier }
    for case .snapshotPart(let id, _, let offset, let total, let bytes) in answer.page.items
    where offset + UInt64(bytes.count) == total && owed[request.incarnation]?[id] != nil {
      // In parts the state is sent as it was at the first; what has come since follows.
      owed[request.incarnation]?[id] = try frozen(id, for: request.incarnation)
    }
    for case .change(let id, let change) in answer.page.items where !change.isVoid {
      guard let due = owed[request.incarnation]?[id],
        let here = try device.store.compartment(id)?.vector,
        let atHub = try hub.store.compartment(id)?.vector, atHub.covers(due)
      else { continue }
      if here.covers(due) {
        owed[request.incarnation]?[id] = nil
        continue
      }
      throw SimulationFailure(
        "what lies between is told by the state alone", "\(device.name) \(id.text.prefix(6))")
    }
  }

  private func frozen(
    _ id: CompartmentID, for incarnation: IncarnationID
  ) throws -> VersionVector? {
    guard let stored = try hub.store.compartment(id),
      let run = try hub.store.incarnation(incarnation)
    else { return nil }
    return try hub.store.frozen(of: stored.number, for: run.number, since: 0)?.vector
  }

  // MARK: At rest

  /// What an agency has decided the hub knows, whatever it has lost; and what was told of one
  /// identifier, since it was one child's with another, counts no more when the two are parted.
  func checkDecisions() throws {
    let atHub = try policyAtHub()
    let aliases = Aliases(atHub.sorted().compactMap { recorded[$0] })
    for device in devices where !device.isReportedLost {
      let agency = agencies[device.agency]
      for known in try device.store.allPolicy() where known.state == .committed {
        let name = "\(device.name) \(known.entry.id.text.prefix(6))"
        guard let said = recorded[known.entry.id] else { continue }
        if said.authorAgency == agency {
          if atHub.contains(said.id) || tally.injections["mistake: policyForgotten"] != nil {
            continue
          }
          throw SimulationFailure("the hub knows what was decided", name)
        }
        // A restored hub may have lost the join, and with it whom it told of what because of that.
        guard hub.restores == 0, let child = known.entry.child, let about = said.child,
          !known.entry.kind.isOfNothing,
          !aliases.members(about).contains(child)
        else { continue }
        throw SimulationFailure("what counts no more is taken back", name)
      }
    }
  }
}

extension PolicyKind {
  /// So is what an agency is told in place of an entry that does not count for it any more.
  fileprivate var isOfNothing: Bool {
    switch self {
    case .withdrawal(let scope): scope.categories.isEmpty
    case .alias, .unalias: true
    default: false
    }
  }
}
