import CaseRecords
import Causality
import Cryptography
import Disclosure
import ReplicaStore
import SyncProtocol

/// Committing what a device pushes. Nothing is refused into nothing: a change is committed, set
/// apart with a reason, or asked for again.
extension HubExchange {
  /// Kept free in each compartment for what the hub itself writes there.
  private static let reservedBytes = 64 << 10
  private static let actorsMax = SyncLimits.actorsPerVectorMax - 16

  mutating func commitPage() throws {
    var described: [CompartmentID: Compartment] = [:]
    for compartment in request.page.compartments { described[compartment.id] = compartment }
    for item in request.page.items {
      switch item {
      case .change(let id, let change):
        try commit(change, in: id, described: described[id])
      case .snapshot, .snapshotPart:
        // States are taken in only while recovering (`HubRecovery`).
        continue
      }
    }
  }

  /// Unsent work of a replica whose lease ran out, sealed to the hub's key by the device itself.
  mutating func commitRescued(_ sealed: [UInt8]) throws {
    // Not sealed to this hub's key, or damaged. The device has no other copy and forgets this one:
    // kept as it is, it opens when the key that it was sealed to is found again.
    guard let bytes = try? engine.secrets.sealing.open(sealed),
      let page = try? Page(encoded: bytes)
    else {
      hasMoved = true
      let isNew = try store.keepUnreadable(
        sealed, from: incarnation.number, atMilliseconds: now)
      guard isNew else { return }
      try store.noteIdentity(
        .rescuedUnreadable, device: device.number, incarnation: incarnation.number,
        atMilliseconds: now)
      return try store.audit(
        who: device.id.text, action: "rescued work unreadable", subject: incarnation.id.text,
        atMilliseconds: now)
    }
    for item in page.items {
      guard case .change(let id, let change) = item else { continue }
      try commit(
        change, in: id, described: page.compartments.first { $0.id == id }, isRescued: true)
    }
    hasMoved = true
  }

  private mutating func commit(
    _ change: Change, in id: CompartmentID, described: Compartment?, isRescued: Bool = false
  ) throws {
    let encoded = change.encodedAsSent
    let digest = Change.digest(ofSent: encoded)
    if let reason = try store.isQuarantined(change.dot, digest: digest, in: id) {
      try resetHold(ofVoid: change.dot, in: id)
      return notify(change, in: id, reason)
    }
    if try store.isErased(id) {
      return try quarantine(change, digest, in: id, .erased)
    }
    if let described, try engine.erasure(of: described) != nil {
      return try quarantine(change, digest, in: id, .erased)
    }
    guard let stored = try openOrCreate(id, described: described) else {
      return try quarantine(change, digest, in: id, .notHeld, described: described)
    }
    let number = stored.number
    let known = stored.vector
    if known.contains(change.dot), try mayAskFor(change.dot.actor, in: number) {
      return try recognise(change, digest, in: stored, isRescued: isRescued)
    }
    guard
      let hold = try store.hubHold(incarnation.number, number)
        ?? holdOfCustodian(stored, isDescribed: described != nil)
    else {
      return try quarantine(change, digest, in: id, .notHeld)
    }
    // Another agency's dot: its words are not this one's to send.
    if known.contains(change.dot) { throw HubVerdict.reseed(.othersRun) }
    if isRescued && epoch > 1 {
      // Sealed before the hub was restored, its dots may be a copy's whose words the hub forgot.
      return try quarantine(change, digest, in: id, .contextNotDelivered)
    }
    if isRescued, try followsWordsOfCopy(change, in: stored) {
      return try quarantine(change, digest, in: id, .contextNotDelivered)
    }
    let isNext = change.dot.counter == known[change.dot.actor] + 1
    let areDependenciesHere = try areDependenciesHere(of: change, isRescued: isRescued)
    let fits = isNext && known.covers(change.context)
    // It will not fit later either: rescued work comes once, and whoever is to let go of the
    // compartment, or is lost, gets nothing of it any more. Unless it follows what is put off.
    let isLastChance =
      (hold.revokedMilliseconds != nil || isRevokedDevice)
      && !answer.deferred.contains { $0.compartment == id }
    if (isRescued && !(fits && areDependenciesHere)) || (!fits && isLastChance) {
      return try quarantine(change, digest, in: id, .contextNotDelivered)
    }
    // What a retry brings and is not known was deferred the first time, or a copy wrote it. Taken
    // before the two have been told apart, it could stand where the original has other words.
    if !fits { return try deferChange(change, in: id, for: isNext ? .seenChange : .earlierChange) }
    if !areDependenciesHere { return try deferChange(change, in: id, for: .policy) }
    guard !isRetry || isRescued else { return try deferChange(change, in: id, for: .sameRequest) }
    // A vector that nobody could read any more would end the compartment for all: here even the dot
    // finds no place.
    guard known[change.dot.actor] > 0 || known.count < Self.actorsMax else {
      return try quarantine(change, digest, in: id, .tooLarge)
    }
    switch try store.owner(of: change.dot.actor, in: number) {
    case incarnation.number: break
    case nil:
      guard try change.dot.actor != engine.hubActor(in: id, epoch: epoch),
        try store.bind(change.dot.actor, in: number, to: incarnation.number)
      else {
        throw HubVerdict.reseed(.othersRun)
      }
    case let owner?:
      // Another run's actor: a copy of that replica speaks. What was rescued was sealed before this
      // run began, and cannot be named anew.
      let isOfDevice = try store.incarnation(number: owner)?.device == device.number
      guard isRescued && isOfDevice else { throw HubVerdict.reseed(.othersRun) }
    }
    var reason = try objection(to: change, in: stored, hold: hold)
    let hasRoom = try workspace.update(id) {
      $0.hasRoom(for: change, reservedBytes: Self.reservedBytes)
    }
    if reason == nil, hasRoom != true { reason = .tooLarge }
    if let reason {
      // Of a record that the hub has let go of, and been given anew, the same dot may have been
      // taken before: what was words for somebody is void for nobody.
      let isItsLast = isRescued || isRevokedDevice
      let mayBeKnown = try isItsLast && store.destroyedCopies(of: id) > 0
      return try quarantine(change, digest, in: id, reason, hold: mayBeKnown ? nil : hold)
    }
    var committed = change
    if let alias = try earlierDot(of: change, in: stored) {
      committed.aliasOf = alias
      answer.aliases.append(AliasNotice(compartment: id, dot: change.dot, aliasOf: alias))
    }
    _ = try workspace.update(id) { $0.apply(committed) }
    // As it is kept it differs from what was sent by what the hub adds, which is rare.
    try store.log(
      committed, encoded: committed == change ? encoded : committed.encoded(), digest: digest,
      in: number, atMilliseconds: now)
    try noteCommitted(change.dot, of: id, by: hold, isRescued: isRescued)
    news.insert(number)
    try derive(from: committed, in: stored)
  }

  /// Where its author saw words that were set apart, others stand under the same dots. Those it has
  /// not seen, and would replace all the same.
  private func followsWordsOfCopy(_ change: Change, in stored: StoredCompartment) throws -> Bool {
    try store.dotsOfCopies(in: stored).contains { dot in
      change.context.contains(dot)
        || (dot.actor == change.dot.actor && dot.counter < change.dot.counter)
    }
  }

  /// What is sealed cannot let go of an entry that is refused, as its author else would (4.7.3).
  private func areDependenciesHere(of change: Change, isRescued: Bool) throws -> Bool {
    let refused = isRescued ? Set(answer.policyRefused.map(\.id)) : []
    return try change.policyDependencies.allSatisfy {
      try refused.contains($0) || store.hubPolicy($0) != nil
    }
  }

  /// A custodian submits its record anew, as if the hub had none: when it may be kept again, the
  /// hub may have let go of its copy, or may not have.
  private func holdOfCustodian(
    _ stored: StoredCompartment, isDescribed: Bool
  ) throws -> HubHold? {
    guard isDescribed, stored.compartment.custodian == agency.id else { return nil }
    let made = HubHold(
      incarnation: incarnation.number, compartment: stored.number, vector: VersionVector(),
      before: VersionVector(), exchange: 0)
    try store.save(made)
    return made
  }

  /// Why a change that fits causally may all the same not stand.
  private func objection(
    to change: Change, in stored: StoredCompartment, hold: HubHold
  ) throws -> QuarantineReason? {
    // Whoever has a device that was reported lost writes for nobody; a person looks at it.
    if isRevokedDevice { return .authorNotAllowed }
    var seen = hold.vector
    seen[change.dot.actor] = change.dot.counter - 1
    // A re-minted change may name its author's own dots of the run before, as far as committed.
    if !seen.covers(change.context) { return .contextNotDelivered }
    if try isNotTheAuthorsToWrite(change, in: stored.compartment) { return .authorNotAllowed }
    let denials = try engine.denials(
      of: stored.compartment, for: agency, now: now, alsoHub: true)
    for id in denials {
      if change.policyDependencies.contains(id) { return .writtenKnowingWithdrawal }
      if let position = try store.feedPosition(of: id, for: agency.number),
        position <= change.policySeen
      {
        return .writtenKnowingWithdrawal
      }
    }
    return nil
  }

  /// Whether what is known of a dot may be said: to its author's agency; and to a holder, of a dot
  /// whose author a restore made the hub forget. Else a former holder could ask whether there is
  /// news.
  func mayAskFor(_ actor: Actor, in number: Int64) throws -> Bool {
    guard let owner = try store.owner(of: actor, in: number) else {
      return try store.hubHold(incarnation.number, number) != nil
    }
    guard let incarnation = try store.incarnation(number: owner),
      let device = try store.device(number: incarnation.device)
    else { return false }
    return device.agency == agency.number
  }

  /// A dot that is committed already: a retry, or another content under the same name.
  private mutating func recognise(
    _ change: Change, _ digest: [UInt8], in stored: StoredCompartment, isRescued: Bool
  ) throws {
    let logged = try store.loggedDigest(change.dot, in: stored.number)
    // What came with a state given back is not in the log. Sealed before the hub was restored, the
    // dot may be a copy's there.
    let isUnknown = try logged == nil && isRescued && sameSave(as: change, in: stored.id) == nil
    if isUnknown || (logged ?? digest) != digest {
      guard isRescued else { throw HubVerdict.reseed(.otherWords) }
      return try quarantine(change, digest, in: stored.id, .contextNotDelivered)
    }
    if let alias = try store.committed(change.dot, in: stored)?.aliasOf {
      answer.aliases.append(
        AliasNotice(compartment: stored.id, dot: change.dot, aliasOf: alias))
    }
    guard let hold = try store.hubHold(incarnation.number, stored.number) else { return }
    try noteCommitted(change.dot, of: stored.id, by: hold, isRescued: isRescued)
  }

  /// Whose change was rescued has it no more, nor what it was written to: if the receipt does not
  /// come with it, since more was rescued than one request takes, all of that comes anew.
  private mutating func noteCommitted(
    _ dot: Dot, of id: CompartmentID, by hold: HubHold, isRescued: Bool
  ) throws {
    if isRescued { return try moveHold(hold, to: hold.vector, of: id, stateDue: .yes) }
    var vector = hold.vector
    if vector.advance(to: dot) { try moveHold(hold, to: vector, of: id) }
  }

  /// The dot under which the same operation is committed already, if it is.
  func earlierDot(of change: Change, in stored: StoredCompartment) throws -> Dot? {
    var dots = try store.remintedDots(of: change.origin, in: stored.number)
    if change.origin != change.dot && stored.vector.contains(change.origin) {
      dots.insert(change.origin, at: 0)
    }
    // Twins may have used the same dot for different words: each is an operation of its own, under
    // that dot or under one that it was re-minted as. So is what was set apart under it; released,
    // it stands elsewhere.
    let logged = try dots.first {
      try store.committed($0, in: stored)?.isSameOperation(as: change) == true
    }
    guard let found = try logged ?? standingDot(of: change, in: stored.id) else { return nil }
    // The first of several names: it is delivered before the others, so whoever has one of those
    // has it, or is told of them when it comes.
    return try store.committed(found, in: stored)?.aliasOf ?? found
  }

  /// What was given back with a state is not in the log, nor is what the hub once let go of: then
  /// what stands there tells that it is the same save by the same person.
  private func standingDot(of change: Change, in id: CompartmentID) throws -> Dot? {
    guard try change.origin != change.dot || store.destroyedCopies(of: id) > 0 else { return nil }
    return try sameSave(as: change, in: id)
  }

  private func sameSave(as change: Change, in id: CompartmentID) throws -> Dot? {
    guard let content = try workspace.entry(id)?.content else { return nil }
    for write in change.writes {
      let written = Written(
        value: write.value, author: change.author, time: change.time,
        claimedMilliseconds: change.claimedMilliseconds)
      let register = content.records[write.record]?.groups[write.group]
      if let sibling = register?.siblings.first(where: { $0.value == written }) {
        return sibling.dots.first
      }
    }
    return nil
  }

  private mutating func openOrCreate(
    _ id: CompartmentID, described: Compartment?
  ) throws -> StoredCompartment? {
    // Not the entry: while it is held elsewhere, each change to its content copies it.
    if let known = try workspace.stored(id) {
      if let described, described != known.compartment { return nil }
      return known
    }
    guard let described, isOwn(described) else { return nil }
    if described.category.isCAFContent {
      let mayStore = try engine.decision(
        for: .hub, on: described,
        facts: CaseFacts(isCustodianSensitive: agency.isSensitive), now: now)
      guard mayStore.isAllowed else { return nil }
    }
    let stored = try workspace.stored(creating: described)
    try store.save(
      HubHold(
        incarnation: incarnation.number, compartment: stored.number,
        vector: VersionVector(), before: VersionVector(), exchange: 0))
    try store.openDisclosure(
      agency: agency.number, compartment: described, basis: Basis.custodian.ledgerText,
      atMilliseconds: now)
    if let child = described.child {
      // Who may hold it is decided once, with all that this page says of the child. What the
      // records said before is taken down now, while they are not changed yet.
      _ = try engine.recordedFacts(of: child)
      try engine.register(stored)
      childrenToRecompute.insert(child)
    } else {
      try engine.admit(stored, now: now)
    }
    return stored
  }

  /// A compartment that this agency may begin.
  func isOwn(_ described: Compartment) -> Bool {
    described.custodian == agency.id && described.category != .private
      && described.category != .agreement
      && described.category.isPerChild == (described.child != nil)
  }

  // MARK: Quarantine

  /// With `hold`, the dot becomes void; without, the hub keeps no account of it.
  private mutating func quarantine(
    _ change: Change, _ digest: [UInt8], in id: CompartmentID, _ reason: QuarantineReason,
    described: Compartment? = nil, hold: HubHold? = nil
  ) throws {
    var kept = change
    var delivered = hold?.vector ?? VersionVector()
    delivered[change.dot.actor] = change.dot.counter - 1
    kept.context = change.context.intersection(delivered)
    try store.quarantineHub(
      kept, digest: digest, in: id, described: described, from: incarnation.number,
      reason: reason, atMilliseconds: now)
    notify(change, in: id, reason)
    hasMoved = true
    guard let hold, let stored = try workspace.stored(id) else { return }
    // The dot is used up, so that its successors can follow.
    var marker = change
    marker.isVoid = true
    marker.writes = []
    marker.policyDependencies = []
    _ = try workspace.update(id) { $0.apply(marker) }
    try store.log(
      marker, encoded: marker.encoded(), digest: digest, in: stored.number, atMilliseconds: now)
    news.insert(stored.number)
    // The device is back-filled from the start: its copy shows what does not stand.
    try moveHold(hold, to: VersionVector(), of: id)
  }

  /// The author starts again from the state whenever it is told; so does our account of it.
  private mutating func resetHold(ofVoid dot: Dot, in id: CompartmentID) throws {
    guard let stored = try store.compartment(id), stored.vector.contains(dot),
      let hold = try store.hubHold(incarnation.number, stored.number)
    else { return }
    try moveHold(hold, to: VersionVector(), of: id)
    try store.touchFeed(of: stored.number, for: agency.number)
  }

  private mutating func notify(_ change: Change, in id: CompartmentID, _ reason: QuarantineReason) {
    answer.quarantined.append(
      QuarantineNotice(compartment: id, dot: change.dot, reason: reason))
  }
}
