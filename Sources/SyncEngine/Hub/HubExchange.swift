import CaseRecords
import Causality
import Cryptography
import ReplicaStore
import SyncProtocol

/// One exchange being decided. A value of its own, so that nothing of it outlives the transaction.
struct HubExchange {
  let engine: HubEngine
  let device: HubDevice
  let request: ExchangeRequest
  let now: UInt64
  let agency: HubAgency
  let epoch: UInt64
  var incarnation: HubIncarnation
  var workspace: Workspace
  var answer: ExchangeAnswer
  var page: EncodedPage?
  /// State moved for this device: the token is spent and a new one is given.
  var hasMoved = false
  var isRetry = false
  private let cursorAtStart: UInt64
  /// In how many compartments of a reply authors are looked for: whoever is given thousands at once
  /// is new, and nobody waits for that.
  private static let authorsLookedForMax = 200
  var isRevokedDevice: Bool { device.revokedMilliseconds != nil }
  /// Children whose entitlements have to be computed again, once, at the end.
  var childrenToRecompute: Set<ChildID> = []
  /// Compartments with new content.
  var news: Set<Int64> = []

  var store: ReplicaStore { engine.store }
  /// The number of the exchange that this one is, if it moves state.
  var exchangeNumber: UInt64 { isRetry ? incarnation.exchange : incarnation.exchange + 1 }

  init(engine: HubEngine, device: HubDevice, request: ExchangeRequest, now: UInt64) throws {
    self.engine = engine
    self.device = device
    self.request = request
    self.now = now
    guard let agency = try engine.agency(number: device.agency) else {
      // Unreached: the database binds each device to an agency that is there.
      throw HubVerdict.refused(
        .notEnrolled, sentence: "This device belongs to no agency.",
        whatToDo: "Ask the hub operator for a new enrolment code.")
    }
    self.agency = agency
    epoch = try engine.epoch
    workspace = Workspace(store: engine.store)
    answer = ExchangeAnswer(
      epoch: epoch, hubMilliseconds: now, leaseDays: engine.leaseDays, isCaughtUp: true)
    incarnation = try Self.findIncarnation(
      engine: engine, device: device, request: request, now: now)
    cursorAtStart = incarnation.cursor
  }

  mutating func run() throws -> HubReply {
    try requireGenuineToken()
    if let reply = try recoverIfRestored() { return HubReply(reply: reply, page: nil) }
    try checkToken()
    if let holdings = request.holdings { try adoptHoldings(holdings) }
    try checkDigest()
    if !isRetry { try noteConfirmed() }
    engine.heard.insert(incarnation.number)
    engine.speaking = (incarnation.number, request.policySeen)
    defer { engine.speaking = nil }
    // Policy first: no later step of this exchange may disclose what it forbids.
    for entry in request.policy { try commitPolicy(entry) }
    // Before the receipts: after them nothing is held any more that it could have written to.
    for sealed in request.rescued { try commitRescued(sealed) }
    for receipt in request.purgeReceipts { try confirmPurge(receipt) }
    try commitPage()
    try endDeferrals()
    try answerEnquiriesThatWaited()
    try publish()
    for stored in try store.lettingGo(inCustodyOf: agency.id) {
      try engine.purgeHubCopyIfDue(stored, now: now)
    }
    try listRevocations()
    // A device whose keys are locked could not keep them, and would be told again without end.
    // One that was reported lost hands over and is emptied: it is told nothing any more.
    if !request.isLocked && !isRevokedDevice {
      try deliverPolicy()
      try deliverPage()
      if !request.askReceived.isEmpty { try tellReceived() }
    }
    try finish()
    return HubReply(reply: .answer(answer), page: page, isRetry: isRetry)
  }

  /// Writes what has changed, and moves it to the end of the feed of whoever may hold it.
  mutating func publish() throws {
    try workspace.flush()
    engine.touched.formUnion(try store.touchFeeds(of: news.sorted()))
    for child in childrenToRecompute.sorted() {
      try engine.recomputeEntitlements(of: child, now: now)
    }
  }

  // MARK: Who is it

  private static func findIncarnation(
    engine: HubEngine, device: HubDevice, request: ExchangeRequest, now: UInt64
  ) throws -> HubIncarnation {
    let store = engine.store
    if let known = try store.incarnation(request.incarnation) {
      guard known.device == device.number else { throw HubVerdict.reseed(.othersRun) }
      return known
    }
    let earlier = try store.incarnations(of: device.number)
    guard earlier.count < SyncLimits.incarnationsPerDeviceMax else {
      throw HubVerdict.refused(
        .tooManyIncarnations,
        sentence: "This device has started over \(earlier.count) times.",
        whatToDo: "Ask the hub operator: it may be copied, or its disk may be failing.")
    }
    let parent = try request.forkOf.flatMap { try store.incarnation($0) }
      .flatMap { $0.device == device.number ? $0 : nil }
    try store.addIncarnation(
      request.incarnation, device: device.number,
      forkOf: parent?.number ?? earlier.last?.number)
    guard let made = try store.incarnation(request.incarnation) else {
      // Unreached: it was added just now.
      throw HubVerdict.reseed(.foreignToken)
    }
    if let before = parent ?? earlier.last {
      try store.noteIdentity(
        .startedOver, device: device.number, incarnation: made.number, earlier: before.number,
        atMilliseconds: now)
    }
    return made
  }

  /// A token that this hub has not given to this run proves nothing.
  private func requireGenuineToken() throws {
    guard let token = request.token else { return }
    let good = engine.token(
      count: token.count, device: device.id, incarnation: incarnation.id, epoch: request.epoch)
    guard constantTimeEquals(token.mac, good.mac) else { throw HubVerdict.reseed(.foreignToken) }
  }

  /// A retry of the same request is welcome; any other use of a spent token is a clone or an old
  /// copy.
  private mutating func checkToken() throws {
    let count = request.token?.count ?? 0
    if count == incarnation.exchange {
      engine.shown[incarnation.number] = count
      return
    }
    guard count + 1 == incarnation.exchange else { throw HubVerdict.reseed(.spentToken) }
    // The token of the reply that is asked for again has been shown: it was not lost. Two copies
    // that ask in turn, each with what the other left, would otherwise pass for one device.
    if engine.shown[incarnation.number] == incarnation.exchange {
      throw HubVerdict.reseed(.spentToken)
    }
    // Nothing was heard since, so nothing can be held by now that was not then.
    guard request.digest == incarnation.digestBefore else { throw HubVerdict.reseed(.spentToken) }
    // The reply before was lost. Take back what it delivered, and deliver it again.
    isRetry = true
    for item in request.page.items {
      guard case .change(let id, let change) = item else { continue }
      guard try isKnown(change, in: id) || wasDeferred(change, in: id) else {
        throw HubVerdict.reseed(.spentToken)
      }
    }
    // Who does not confirm the purges again has not purged: their receipts stand for the original.
    let confirmed = Set(request.purgeReceipts.map(\.compartment))
    let purged = try store.purged(by: incarnation.number, inExchange: incarnation.exchange)
    guard confirmed.isSuperset(of: purged) else { throw HubVerdict.reseed(.spentToken) }
    // The sum goes back with each. So what was purged stays out of it: its account is gone, and the
    // receipt comes again.
    for var hold in try store.hubHolds(of: incarnation.number, changedIn: incarnation.exchange) {
      if let id = try store.compartment(number: hold.compartment)?.id {
        incarnation.digest = incarnation.digest.removing(id, hold.vector).adding(id, hold.before)
      }
      hold.vector = hold.before
      if hold.stateDue == .sent { hold.stateDue = .yes }
      try store.save(hold)
    }
    incarnation.cursor = incarnation.cursorBefore
    hasMoved = true
  }

  /// The token of the last reply has come back, and the digest with it: had another reply to the
  /// same request been heard, which brought less, it would be another. What the last reply brought
  /// is there. Only a hint in memory, since a poll writes nothing; lost, it comes again with the
  /// next poll.
  private func noteConfirmed() throws {
    guard incarnation.exchange > 0,
      engine.confirmed.updateValue(incarnation.exchange, forKey: incarnation.number)
        != incarnation.exchange
    else { return }
    // Whose work it was may be waiting to hear of it.
    let authors = try store.authors(
      ofHoldsOf: incarnation.number, changedIn: incarnation.exchange,
      limit: Self.authorsLookedForMax)
    engine.touched.formUnion(authors.subtracting([agency.number]))
  }

  private func isKnown(_ change: Change, in id: CompartmentID) throws -> Bool {
    let digest = change.digest
    if try store.isQuarantined(change.dot, digest: digest, in: id) != nil { return true }
    guard let stored = try store.compartment(id), stored.vector.contains(change.dot),
      try mayAskFor(change.dot.actor, in: stored.number)
    else { return false }
    let logged = try store.loggedDigest(change.dot, in: stored.number)
    return logged == nil || logged == digest
  }

  /// What is not known by its name was deferred, and is again (`HubCommit`). Should it be a copy's,
  /// nothing has been lost by that: the two have one token then, and the next to speak after the
  /// other is found out.
  private func wasDeferred(_ change: Change, in id: CompartmentID) throws -> Bool {
    // Or it was committed, and the hub has destroyed its copy since; or the keys were locked when
    // the request before was sent, which had no changes then.
    guard let stored = try store.compartment(id) else { return true }
    return !stored.vector.contains(change.dot)
  }

  /// Equal sums, equal holdings. Otherwise the list decides. In a retry the sum has been compared.
  private func checkDigest() throws {
    guard !isRetry, request.digest != incarnation.digest else { return }
    throw HubVerdict.needHoldings
  }

  // MARK: Purges

  private mutating func confirmPurge(_ receipt: PurgeReceipt) throws {
    guard let stored = try store.compartment(receipt.compartment) else { return }
    guard let hold = try store.hubHold(incarnation.number, stored.number) else { return }
    if isRetry, hold.exchange == incarnation.exchange,
      try store.purged(by: incarnation.number, inExchange: incarnation.exchange)
        .contains(stored.id)
    {
      // Confirmed by the request before, and given anew in the reply to it, which may have been
      // heard after all: it stays on the books, and is given from the start again.
      return try moveHold(hold, to: VersionVector(), of: stored.id, stateDue: .yes)
    }
    let certificate = engine.certificate(compartment: receipt.compartment, agency: agency.id)
    // A purge at the end of a lease needs no order.
    let isOwnPurge = receipt.certificate == PurgeReceipt.withoutOrder
    guard isOwnPurge || constantTimeEquals(receipt.certificate, certificate) else { return }
    try moveHold(hold, to: VersionVector(), of: stored.id)
    try store.deleteHold(incarnation.number, stored.number)
    try store.saveReceipt(
      receipt, incarnation: incarnation.number, exchange: exchangeNumber,
      orderedMilliseconds: hold.revokedMilliseconds ?? now, atMilliseconds: now)
    hasMoved = true
    if try engine.holders(of: stored.number, agency: agency.number).isEmpty {
      try store.closeDisclosure(
        agency: agency.number, compartment: stored.id, atMilliseconds: now)
    }
    // Consent may have come back meanwhile: then it is back-filled from the start.
    try store.touchFeed(of: stored.number, for: agency.number)
    try engine.purgeHubCopyIfDue(stored, now: now)
  }

  private mutating func listRevocations() throws {
    let revoked =
      isRevokedDevice
      ? try store.hubHolds(of: incarnation.number)
      : try store.revokedHolds(
        of: incarnation.number, limit: SyncLimits.revocationsPerReplyMax)
    let room = SyncLimits.revocationsPerReplyMax - answer.revocations.count
    for hold in revoked.prefix(room) {
      guard let stored = try store.compartment(number: hold.compartment) else { continue }
      answer.revocations.append(
        Revocation(
          compartment: stored.id,
          certificate: engine.certificate(compartment: stored.id, agency: agency.id)))
    }
  }

  private mutating func deliverPolicy() throws {
    let told = try store.policyFeed(
      of: agency.number, after: request.policySeen,
      limit: SyncLimits.policyEntriesPerRequestMax, bytesMax: SyncLimits.policyBytesPerRequestMax)
    answer.policy = told.deliveries
    if !told.isAll { answer.isCaughtUp = false }
  }

  /// How far other agencies' devices have confirmed what this agency's devices wrote. In an
  /// exchange that may wait, only of what has been confirmed whole: that is news, anything less is
  /// not. A sensitive service is not counted: that somebody else holds it would tell that the child
  /// is known there.
  private mutating func tellReceived() throws {
    for id in request.askReceived.prefix(SyncLimits.receivedPerRequestMax) {
      guard let stored = try store.compartment(id),
        try store.hubHold(incarnation.number, stored.number) != nil
      else { continue }
      let own = Set(
        try store.actors(in: stored.number).filter { $0.agency == agency.number }.map(\.actor))
      var confirmed = VersionVector()
      for hold in try store.hubHolds(ofCompartment: stored.number)
      where hold.incarnation != incarnation.number {
        guard let other = try store.incarnation(number: hold.incarnation),
          let device = try store.device(number: other.device), device.agency != agency.number,
          try store.agency(number: device.agency)?.isSensitive == false
        else { continue }
        // The last reply to that device may not have arrived: until its token has come back, only
        // what was before it is certain.
        let isCertain =
          hold.exchange != other.exchange || engine.confirmed[other.number] == other.exchange
        confirmed.merge(isCertain ? hold.vector : hold.before)
      }
      let isWhole = !own.isEmpty && own.allSatisfy { confirmed[$0] >= stored.vector[$0] }
      guard request.waitMilliseconds == 0 || isWhole else { continue }
      let mine = VersionVector(
        Dictionary(
          uniqueKeysWithValues: confirmed.sortedEntries.filter { own.contains($0.actor) }
            .map { ($0.actor, $0.counter) }))
      answer.received.append(Holding(compartment: id, vector: mine))
    }
  }

  // MARK: Bookkeeping

  /// Records what the device will hold of a compartment once it has this reply.
  mutating func moveHold(
    _ hold: HubHold, to vector: VersionVector, of id: CompartmentID, stateDue: HubStateDue? = nil
  ) throws {
    var hold = hold
    if hold.exchange != exchangeNumber {
      hold.before = hold.vector
      if hold.stateDue == .sent { hold.stateDue = .no }
      hold.exchange = exchangeNumber
    }
    incarnation.digest = incarnation.digest.removing(id, hold.vector).adding(id, vector)
    hold.vector = vector
    hold.stateDue = stateDue ?? hold.stateDue
    try store.save(hold)
    hasMoved = true
  }

  /// Contact times are written hourly: an idle exchange writes nothing.
  private mutating func finish() throws {
    let digestAtStart = request.digest
    if hasMoved {
      if !isRetry {
        incarnation.cursorBefore = request.holdings == nil ? cursorAtStart : 0
        incarnation.digestBefore = digestAtStart
        incarnation.exchange += 1
      }
      answer.token = engine.token(
        count: incarnation.exchange, device: device.id, incarnation: incarnation.id, epoch: epoch)
    }
    let isContactDue = now >= incarnation.lastContactMilliseconds + 3_600_000
    let isNews =
      hasMoved || isContactDue || incarnation.unsent != request.unsentCount
      || incarnation.policySeen != request.policySeen || incarnation.cursor != cursorAtStart
    guard isNews else { return }
    incarnation.lastContactMilliseconds = now
    incarnation.unsent = request.unsentCount
    incarnation.policySeen = request.policySeen
    incarnation.skewMilliseconds =
      Int64(clamping: request.wallMilliseconds) - Int64(clamping: now)
    incarnation.recoveredEpoch = epoch
    try store.save(incarnation)
  }
}
