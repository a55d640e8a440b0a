package import CaseRecords
import Causality
import Cryptography
import Disclosure
import ReplicaStore
import SyncProtocol

/// A hub whose database is older than what it once said.
///
/// It is noticed in two ways: the witness beside the database counts further than the database
/// does, or a device presents a genuine token that the database has not given yet. From then on a
/// new epoch runs. Each device first gives back what it holds and the hub lacks, with the
/// certificates of the purges it obeyed. Unless the policy journal (a file of its own) is proven
/// complete, a compartment is let out only once every device has been heard whose agency could have
/// recorded a withdrawal for the child: the custodian of this part need not know of it.
extension HubEngine {
  /// Starts a new epoch. `isJournalComplete`: every withdrawal that was ever acknowledged is known.
  package func beginRecovery(epoch: UInt64, isJournalComplete: Bool, now: UInt64) throws {
    // What was told since the backup has left its positions with the devices.
    try store.renumberPolicyFeeds(epochsLater: epoch - self.epoch)
    try store.setInteger("epoch", epoch)
    if isJournalComplete { try store.endRecovery() } else { try store.beginRecovery() }
    try store.noteIdentity(.hubRestored, device: nil, atMilliseconds: now)
    try store.audit(
      who: "hub", action: "recovery begun", subject: "epoch \(epoch)", atMilliseconds: now)
  }

  /// The epoch to begin where the database is older than it was. `witnessed`: the last one that the
  /// witness beside it saw; `shown`: one that a device has shown a genuine token of. Without a
  /// witness the hub may have been restored before, from the same backup, and nobody here knows
  /// what it said then: so a number is taken that it will hardly have had.
  package func epochAfterRestore(witnessed: UInt64?, shown: UInt64 = 0) throws -> UInt64 {
    let skipped = witnessed == nil ? random.next() % Self.epochsSkippedMax : 0
    return max(try epoch, witnessed ?? 0, shown) + 1 + skipped
  }

  private static let epochsSkippedMax: UInt64 = 1 << 16

  /// May any agency have recorded a withdrawal that reaches this compartment, and not been heard
  /// since? Those are the ones that keep or may hold something of the child, under any identifier.
  func isWordWanting(on compartment: Compartment, number: Int64) throws -> Bool {
    let unheard = try store.unheardAgencies()
    if unheard.isEmpty { return false }
    if try isUnheard(compartment.custodian, unheard) { return true }
    let children = try compartment.child.map { [$0] } ?? store.deskSubjects(number).map(\.child)
    let parts = try children.flatMap { aliases.members($0) }
      .flatMap { try store.compartments(of: $0) }
    for stored in parts {
      if try isUnheard(stored.compartment.custodian, unheard) { return true }
      let holders = try store.entitlements(ofCompartment: stored.number).filter(\.isAllowed)
      if holders.contains(where: { unheard.contains($0.agency) }) { return true }
    }
    return false
  }

  private func isUnheard(_ agency: AgencyID, _ unheard: Set<Int64>) throws -> Bool {
    try store.agency(agency).map { unheard.contains($0.number) } ?? false
  }

  /// A device has given back what it knows, or will never come again: lets out what waited for it
  /// last.
  func heard(_ device: HubDevice, now: UInt64) throws {
    guard try store.awaitsWithdrawals() else { return }
    try store.markHeard(device: device.number)
    if try !store.awaitsWithdrawals() {
      try store.noteIdentity(.recoveryEnded, device: nil, atMilliseconds: now)
    }
    for number in try store.recoveringNumbers() {
      if let stored = try store.compartment(number: number),
        try isWordWanting(on: stored.compartment, number: number)
      {
        continue
      }
      try store.endRecovery(of: number)
      touched.formUnion(try store.touchFeeds(of: [number]))
    }
  }

  /// Of compartments whose keys were destroyed since the backup: what is erased by the policy that
  /// is known here was so everywhere, before its key went.
  package func acknowledgeErased(_ compartments: [Compartment], now: UInt64) throws {
    for compartment in compartments where try erasure(of: compartment) != nil {
      try store.markErased(compartment.id, atMilliseconds: now)
      try store.closeDisclosures(of: compartment.id, atMilliseconds: now)
    }
  }

  /// The operator vouches that no withdrawal is missing.
  package func endRecovery(who: String, now: UInt64) throws {
    try store.endRecovery()
    try store.noteIdentity(.recoveryEnded, device: nil, atMilliseconds: now)
    try store.audit(who: who, action: "recovery ended by hand", subject: "", atMilliseconds: now)
    for agency in try store.agencies() { touched.insert(agency.number) }
    try recomputeAll(now: now)
    _ = try store.touchFeeds(of: try store.compartmentNumbers())
  }
}

extension HubExchange {
  /// Nil when the exchange may go on as usual. The token, if there is one, is genuine.
  mutating func recoverIfRestored() throws -> ExchangeReply? {
    let count = request.token?.count ?? 0
    // Anyone can name an epoch: without a token it proves nothing, and must not stop the district.
    if request.token == nil, request.epoch > epoch { throw HubVerdict.reseed(.unknownEpoch) }
    if request.epoch > epoch || (request.epoch == epoch && count > incarnation.exchange) {
      // A genuine token from the hub's own future: the database has been restored.
      try engine.beginRecovery(
        epoch: try engine.epochAfterRestore(witnessed: nil, shown: request.epoch),
        isJournalComplete: false, now: now)
      return .recovering(epoch: try engine.epoch, wanted: [])
    }
    if request.epoch == 0 {
      // It has never been answered, so nothing that it was told is missing here.
      try engine.heard(device, now: now)
      return nil
    }
    if request.epoch == epoch {
      // A copy that started over before it could give back what only it has.
      guard epoch > 1, count == 0, request.forkOf != nil, incarnation.recoveredEpoch < epoch
      else { return nil }
      return try takeBack(tokenCount: 0)
    }
    // Once in each epoch: an old token kept for later opens nothing.
    guard incarnation.recoveredEpoch < epoch else { throw HubVerdict.reseed(.oldAfterRestore) }
    return try takeBack(tokenCount: count)
  }

  /// One round of giving back. Only intake: nothing but the wish for more goes out.
  private mutating func takeBack(tokenCount: UInt64) throws -> ExchangeReply? {
    // A request of who does not know yet is answered by the question alone, also one that lists its
    // holdings, as a run that starts over does: decisions are missing. So they are while the keys
    // are locked.
    guard request.isGivingBack, !request.isLocked else {
      return .recovering(epoch: epoch, wanted: [])
    }
    for entry in request.policy { try commitPolicy(entry, isGivenBack: true) }
    for certificate in request.certificates {
      let good = engine.certificate(compartment: certificate.compartment, agency: agency.id)
      guard constantTimeEquals(certificate.certificate, good) else { continue }
      try obeyOrder(on: certificate.compartment)
    }
    let described = Dictionary(
      request.page.compartments.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    // Who shows no token was given nothing that could be missing here, unless in the run before.
    let isKnownHolder = try request.token != nil || isForkOfHolder()
    for item in request.page.items where isKnownHolder {
      guard case .snapshot(let id, let vector, let content) = item else { continue }
      try takeBack(try content.opened(), vector: vector, in: id, described: described[id])
    }
    let given = Set(request.page.items.map(\.compartment))
    for compartment in request.page.compartments
    where isKnownHolder && compartment.custodian == agency.id && !given.contains(compartment.id) {
      try noteHeldBack(compartment)
    }
    try publish()
    news = []
    childrenToRecompute = []
    // What does not fit in one request comes in several: the last has the holdings.
    guard let holdings = request.holdings else { return .recovering(epoch: epoch, wanted: []) }
    var wanted: [CompartmentID] = []
    for holding in holdings
    where try isKnownHolder && !holding.vector.isEmpty && !store.isErased(holding.compartment) {
      guard let stored = try store.compartment(holding.compartment) else {
        // Asked once: what it gives and may not is not asked for again, in this round or another.
        if try !given.contains(holding.compartment) && !isDeclined(holding.compartment)
          && !store.isForeignCopy(holding.compartment, at: agency.number)
        {
          wanted.append(holding.compartment)
        }
        continue
      }
      if !stored.vector.covers(holding.vector) { wanted.append(holding.compartment) }
    }
    if !wanted.isEmpty { return .recovering(epoch: epoch, wanted: Array(wanted.prefix(1_000))) }
    engine.declined[incarnation.number] = nil
    try engine.heard(device, now: now)
    try store.noteIdentity(
      .gaveBack, device: device.number, incarnation: incarnation.number, atMilliseconds: now)
    incarnation.exchange = max(incarnation.exchange, tokenCount)
    hasMoved = true
    return nil
  }

  /// This run has given it, and the hub may still not keep it.
  private func isDeclined(_ id: CompartmentID) throws -> Bool {
    guard let compartment = engine.declined[incarnation.number]?[id] else { return false }
    return try !engine.mayKeep(compartment, now: now)
  }

  /// An order of before the restore holds against what a part in the case opens, since the records
  /// that say who has which are as old as the backup; and against consent while it is not known
  /// whether a decision is missing that ended it.
  private func obeyOrder(on id: CompartmentID) throws {
    try store.certifyRevocation(
      agency: agency.number, compartment: id, overConsent: store.awaitsWithdrawals())
    guard let stored = try store.compartment(id) else { return }
    try engine.recomputeEntitlements(ofCompartment: stored.number, now: now)
  }

  /// The run that this one is the fork of was given something by the hub.
  private func isForkOfHolder() throws -> Bool {
    guard let parent = try request.forkOf.flatMap({ try store.incarnation($0) }) else {
      return false
    }
    return parent.device == device.number && parent.exchange > 0
  }

  /// Whoever names a compartment rightly was given it, whatever its right is now: the identifier is
  /// random, and only holders have seen it. What they wrote while they had the right may be nowhere
  /// else.
  private mutating func takeBack(
    _ content: CompartmentContent, vector: VersionVector, in id: CompartmentID,
    described: Compartment?
  ) throws {
    if try store.isErased(id) { return }
    let existing = try workspace.entry(id)
    guard let compartment = existing?.stored.compartment ?? described,
      compartment.category != .private, described == nil || described == compartment
    else { return }
    if existing == nil {
      // A copy of it may have given back before, under its name; of others' records that was all.
      let isOwn = compartment.custodian == agency.id
      guard request.epoch < epoch || isOwn else {
        // No account of it is kept: the copy is ordered to let go of it.
        return try store.noteForeignCopy(of: id, at: agency.number)
      }
      if isOwn, compartment.child != nil, try !engine.mayKeep(compartment, now: now) {
        // What the family does not let the hub keep it does not take from the custodian, who hears
        // why instead.
        engine.declined[incarnation.number, default: [:]][id] = compartment
        return try noteHeldBack(compartment)
      }
      let made = try workspace.entry(creating: compartment)
      try engine.admit(made.stored, now: now)
    }
    _ = try workspace.update(id) {
      $0.join(content, vector: vector)
      $0.foldRepeated()
    }
    if let stored = try workspace.entry(id)?.stored {
      news.insert(stored.number)
      try deriveAll(in: stored)
    }
    if let child = compartment.child { childrenToRecompute.insert(child) }
    try store.audit(
      who: device.id.text, action: "given back", subject: id.text, atMilliseconds: now)
  }

  /// What this agency keeps and does not give: who may not be given its record hears all the same
  /// what is decided of its child, erasure too.
  private mutating func noteHeldBack(_ compartment: Compartment) throws {
    guard let child = compartment.child, compartment.category != .private else { return }
    try store.noteCustodian(agency.number, of: child, category: compartment.category)
    try engine.tellPolicy(of: child)
  }
}
