import CaseRecords
import Causality
import Disclosure
package import ReplicaStore
import SyncProtocol

/// Why the hub's operator cannot decide so about work that was set apart.
package enum QuarantineObjection: Error, Hashable, Sendable {
  case unknown(Int64)
  case decidedOtherwise(HubQuarantineState)
  /// The author wrote this one after another that waits.
  case decideFirst(Int64)
  /// It may not stand in the record, and no decision of the operator's changes that.
  case mayNotStand(String)

  package var sentence: String {
    switch self {
    case .unknown(let number):
      "Nothing is set apart under the number \(number): see cafsync hub quarantine list."
    case .decidedOtherwise(.released): "It has been released, and stands in the record."
    case .decidedOtherwise: "It has been returned to its author's agency."
    case .decideFirst(let number):
      "Its author wrote number \(number) into the same part before it: decide about that first."
    case .mayNotStand(let reason): reason + " It can only be returned."
    }
  }
}

/// What a person at the hub decides about work that was set apart, without reading it: it is
/// *released* into the record, if the hub may keep it now, or *returned* to its author's agency.
/// Both are told in a desk thread of that agency, both can be asked for again, and a change that
/// was returned can still be released.
extension HubEngine {
  /// False when it had been released before. Inside the caller's transaction.
  package func releaseQuarantine(_ number: Int64, now: UInt64) throws -> Bool {
    if try store.hubQuarantineState(number) == .released { return false }
    let apart = try quarantined(number)
    var exchange = try self.exchange(of: apart, now: now)
    try exchange.release(apart)
    try conclude(apart, .released, forgetting: true, in: &exchange)
    return true
  }

  /// False when it had been returned before. Inside the caller's transaction.
  package func returnQuarantine(_ number: Int64, now: UInt64) throws -> Bool {
    switch try store.hubQuarantineState(number) {
    case .returned: return false
    case .released: throw QuarantineObjection.decidedOtherwise(.released)
    case .waiting, nil: break
    }
    let apart = try quarantined(number)
    var exchange = try self.exchange(of: apart, now: now)
    let isErased = try apart.reason == .erased || store.isErased(apart.compartment)
    try conclude(apart, .returned, forgetting: isErased, in: &exchange)
    return true
  }

  private func quarantined(_ number: Int64) throws -> HubQuarantine {
    guard let apart = try store.hubQuarantine(number: number) else {
      let state = try store.hubQuarantineState(number)
      throw state.map { .decidedOtherwise($0) } ?? QuarantineObjection.unknown(number)
    }
    return apart
  }

  /// An exchange in the author's place, in which nothing is sent.
  private func exchange(of apart: HubQuarantine, now: UInt64) throws -> HubExchange {
    guard let incarnation = try store.incarnation(number: apart.incarnation),
      let device = try store.device(number: incarnation.device)
    else {
      // Unreached: the database binds what is set apart to a run, and the run to its device.
      throw StoreError.damaged(
        file: "replica.sqlite", detail: "quarantine \(apart.number) has no author")
    }
    let nothing = ExchangeRequest(
      epoch: 0, incarnation: incarnation.id, token: nil, digest: HoldingsDigest(), policySeen: 0,
      wallMilliseconds: now)
    return try HubExchange(engine: self, device: device, request: nothing, now: now)
  }

  private func conclude(
    _ apart: HubQuarantine, _ state: HubQuarantineState, forgetting: Bool,
    in exchange: inout HubExchange
  ) throws {
    try store.decideQuarantine(
      apart.number, state, forgetting: forgetting, atMilliseconds: exchange.now)
    try exchange.tellAuthor(of: apart, state)
    try exchange.publish()
    try store.audit(
      who: "operator", action: "quarantine \(state)",
      subject: "number \(apart.number) compartment \(apart.compartment.text) "
        + "agency \(exchange.agency.id.text)", atMilliseconds: exchange.now)
  }
}

extension HubExchange {
  /// Commits the change under an actor of the hub's own: who wrote it, when, and what had been
  /// delivered to them stay; an operation that stands already is not committed again.
  fileprivate mutating func release(_ apart: HubQuarantine) throws {
    if let earlier = try store.undecidedQuarantine(before: apart) {
      throw QuarantineObjection.decideFirst(earlier)
    }
    let compartment = try compartment(of: apart)
    let isNew = try workspace.stored(compartment.id) == nil
    let stored = try workspace.stored(creating: compartment)
    let number = stored.number
    if isNew { try engine.admit(stored, now: now) }
    var change = apart.change
    let known = stored.vector
    guard try earlierDot(of: change, in: stored) == nil else { return }
    let author = change.dot.actor
    let actor = try engine.releaseActor(for: author, in: compartment.id)
    try store.bindRelease(actor, in: number, for: incarnation.number)
    var context = change.context.intersection(known)
    for earlier in try store.released(as: actor, of: author, in: number) {
      guard earlier.counter == context[actor] + 1, earlier.origin <= context[author] else { break }
      context[actor] = earlier.counter
    }
    change.dot = Dot(actor: actor, counter: known[actor] + 1)
    change.context = context
    change.policyDependencies = []
    _ = try workspace.update(compartment.id) { $0.apply(change) }
    let encoded = change.encoded()
    try store.log(
      change, encoded: encoded, digest: Change.digest(ofSent: encoded), in: number,
      atMilliseconds: now)
    news.insert(number)
    try derive(from: change, in: stored)
    if let child = compartment.child { childrenToRecompute.insert(child) }
  }

  /// Where it belongs, if it may stand there by the policy of this moment.
  private func compartment(of apart: HubQuarantine) throws -> Compartment {
    let id = apart.compartment
    if try apart.reason == .erased || store.isErased(id) {
      throw QuarantineObjection.mayNotStand(Reason.erased(PolicyID(high: 0, low: 0)).sentence)
    }
    if apart.reason == .tooLarge {
      throw QuarantineObjection.mayNotStand("It is larger than the limit.")
    }
    if apart.change.writes.contains(where: \.isHubsOwn) {
      throw QuarantineObjection.mayNotStand("It claims what only the hub writes.")
    }
    let known = try store.compartment(id)?.compartment
    guard let compartment = known ?? apart.described.flatMap({ isOwn($0) ? $0 : nil }),
      apart.described == nil || apart.described == compartment
    else {
      throw QuarantineObjection.mayNotStand("The part of the record that it names is not known.")
    }
    if try isNotTheAuthorsToWrite(apart.change, in: compartment) {
      throw QuarantineObjection.mayNotStand("It says what is not its author's to say.")
    }
    let answer = try engine.decision(
      for: .hub, on: compartment, facts: engine.caseFacts(ofCompartment: compartment), now: now)
    guard answer.isAllowed else {
      throw QuarantineObjection.mayNotStand(
        answer.reasons.map(\.sentence).joined(separator: " "))
    }
    return compartment
  }

  /// In a thread of its own for each decision; the devices recognise their copy by its dot.
  fileprivate mutating func tellAuthor(
    of apart: HubQuarantine, _ state: HubQuarantineState
  ) throws {
    let decision = QuarantineDecision(
      compartment: apart.compartment, dot: apart.dot, isReleased: state == .released)
    let value = GroupValue.one("text", decision.noticeCode)
      .setting("parameters", parameters: decision.parameters).setting("on", instant: now)
    let name = apart.compartment.bytes + apart.change.digest + Array(decision.noticeCode.utf8)
    _ = try openThread(to: agency.id, named: name, kind: "notice", value)
  }
}
