import CaseRecords
import Causality
import ReplicaStore
import SyncProtocol

/// What a device says that it holds (5.4).
///
/// It is believed, since only the device knows; but it is no proof that the device was sent it by
/// us, in this hold. So where the list differs from our account the *state* is sent next and not
/// the changes since: between the two lie values that stood while it was withdrawn, and whoever is
/// newly allowed a compartment is not to see those.
extension HubExchange {
  /// Compares what the device holds with what the hub believes, and believes the device: unless it
  /// lacks its own committed writes, which only a copy does; or contradicts itself. Were a list
  /// believed that is not of its sum, what it names and the device lacks would never come.
  mutating func adoptHoldings(_ holdings: [Holding]) throws {
    let sum = holdings.reduce(HoldingsDigest()) { $0.adding($1.compartment, $1.vector) }
    guard sum == request.digest else { throw HubVerdict.needHoldings }
    var listed: [Int64: VersionVector] = [:]
    var waiting: Set<Int64> = []
    for holding in holdings {
      guard let stored = try store.compartment(holding.compartment) else {
        try revokeForgotten(holding.compartment)
        continue
      }
      if holding.vector.isEmpty {
        waiting.insert(stored.number)
      } else {
        listed[stored.number] = holding.vector.intersection(stored.vector)
      }
    }
    for begun in request.staged {
      guard let stored = try store.compartment(begun.compartment) else {
        try revokeForgotten(begun.compartment)
        continue
      }
      if waiting.contains(stored.number) { continue }
      listed[stored.number] = listed[stored.number] ?? VersionVector()
    }
    for hold in try store.hubHolds(of: incarnation.number) {
      if let claimed = listed.removeValue(forKey: hold.compartment) {
        try adopt(claimed, insteadOf: hold)
      } else if !hold.vector.isEmpty,
        hold.revokedMilliseconds == nil || waiting.contains(hold.compartment)
      {
        try forgetVector(of: hold)
      }
    }
    for (number, vector) in listed.sorted(by: { $0.key < $1.key }) {
      try adopt(vector, ofUnknown: number)
    }
    for number in waiting.sorted() where try store.hubHold(incarnation.number, number) == nil {
      try adopt(VersionVector(), ofUnknown: number)
    }
    try adoptBegun()
    incarnation.digest = request.digest
    incarnation.digestBefore = request.digest
    incarnation.cursor = 0
    incarnation.cursorBefore = 0
    hasMoved = true
  }

  /// The hub has nothing of it any more, and purged it everywhere but where it did not know that it
  /// was: on a copy of a device, or with one that a restored hub knows nothing of. Withdrawn, it is
  /// still its custodian's; erased, it is nobody's.
  private mutating func revokeForgotten(_ id: CompartmentID) throws {
    guard answer.revocations.count < SyncLimits.revocationsPerReplyMax else { return }
    guard try store.isErased(id) || isToBeLetGo(id) else { return }
    try store.noteIdentity(
      .heldWhatWasPurged, device: device.number, incarnation: incarnation.number,
      atMilliseconds: now)
    try store.audit(
      who: device.id.text, action: "holds what was purged", subject: id.text, atMilliseconds: now)
    answer.revocations.append(
      Revocation(
        compartment: id, certificate: engine.certificate(compartment: id, agency: agency.id)))
  }

  /// Not listed, or under an empty vector, is what waits for a state, to replay on it what was set
  /// apart: it is there all the same, so it stays on the books to be revoked.
  private func forgetVector(of hold: HubHold) throws {
    var hold = hold
    hold.vector = VersionVector()
    hold.before = VersionVector()
    hold.exchange = incarnation.exchange
    hold.stateDue = .yes
    try store.save(hold)
  }

  /// Of which the hub has no copy, and which is another agency's.
  func isToBeLetGo(_ id: CompartmentID) throws -> Bool {
    if let custodian = try store.custodianOfDestroyedCopy(of: id), custodian != agency.number {
      return true
    }
    return try store.isForeignCopy(id, at: agency.number)
  }

  private func adopt(_ claimed: VersionVector, insteadOf hold: HubHold) throws {
    for entry in hold.vector.sortedEntries where claimed[entry.actor] < entry.counter {
      if try store.owner(of: entry.actor, in: hold.compartment) == incarnation.number {
        throw HubVerdict.reseed(.lacksOwnWrites)
      }
    }
    var hold = hold
    if claimed != hold.vector { hold.stateDue = try stateDue(hold.compartment, beyond: claimed) }
    hold.vector = claimed
    hold.before = claimed
    hold.exchange = incarnation.exchange
    try store.save(hold)
  }

  /// Listed but not on the hub's books: it is held all the same, so it must be revocable, and on
  /// the ledger.
  private func adopt(_ claimed: VersionVector, ofUnknown number: Int64) throws {
    guard let stored = try store.compartment(number: number) else { return }
    let entitlement = try store.entitlement(agency.number, number)
    let isAllowed = entitlement?.isAllowed == true
    try store.save(
      HubHold(
        incarnation: incarnation.number, compartment: number, vector: claimed, before: claimed,
        exchange: incarnation.exchange, revokedMilliseconds: isAllowed ? nil : now,
        stateDue: try stateDue(number, beyond: claimed)))
    try store.openDisclosure(
      agency: agency.number, compartment: stored.compartment,
      basis: isAllowed ? entitlement?.basis ?? "" : "None: a device reports that it holds it.",
      atMilliseconds: now)
    if !isAllowed { try noteOrderFound(on: stored) }
  }

  /// Of what has come in part only so much is named as one request has room for. More may have been
  /// begun in the run before: its account goes on in this one.
  private func adoptBegun() throws {
    guard let parent = try request.forkOf.flatMap({ try store.incarnation($0) }),
      parent.device == device.number
    else { return }
    for hold in try store.hubHolds(of: parent.number) where hold.vector.isEmpty {
      if try store.hubHold(incarnation.number, hold.compartment) != nil { continue }
      let isAllowed = try store.entitlement(agency.number, hold.compartment)?.isAllowed == true
      try store.save(
        HubHold(
          incarnation: incarnation.number, compartment: hold.compartment, vector: VersionVector(),
          before: VersionVector(), exchange: incarnation.exchange,
          revokedMilliseconds: isAllowed ? nil : now, stateDue: .yes))
      if !isAllowed, let stored = try store.compartment(number: hold.compartment) {
        try noteOrderFound(on: stored)
      }
    }
  }

  private func noteOrderFound(on stored: StoredCompartment) throws {
    try store.noteOrderFound(
      to: incarnation.number, of: agency.number, on: stored.compartment, atMilliseconds: now)
  }

  /// Whoever has everything can only be sent what is new.
  private func stateDue(_ number: Int64, beyond claimed: VersionVector) throws -> HubStateDue {
    guard let stored = try store.compartment(number: number) else { return .yes }
    return claimed.covers(stored.vector) ? .no : .yes
  }
}
