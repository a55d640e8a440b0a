import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol

/// Exchanges, and what becomes of them on the way.
extension World {
  func exchange(_ device: SimulatedDevice, _ fault: SimulationEvent.LineFault) throws {
    _ = try tryExchange(device, fault)
  }

  /// Until nothing is left to do, or the line is down.
  func sync(_ device: SimulatedDevice) throws {
    // What comes and is purged, and comes again, would go on so for ever.
    var purges = 0
    for _ in 0..<40 {
      guard let outcome = try tryExchange(device, .none) else { return }
      if case .refused = outcome.kind { return }
      let receipts = try device.store.unacknowledgedPurges(limit: 1)
      if !outcome.needsAnotherNow && receipts.isEmpty { return }
      if outcome.kind == .answered { purges += receipts.count }
    }
    if purges == 40 {
      throw SimulationFailure("it converges", "\(device.name) purges again and again")
    }
  }

  /// One exchange; nil when no reply was taken in.
  func tryExchange(
    _ device: SimulatedDevice, _ fault: SimulationEvent.LineFault
  ) throws -> AgencyOutcome? {
    if device.isAway { return nil }
    guard var request = try prepare(device) else { return nil }
    if case .mistake(let kind, let pick) = fault {
      request = try mistaken(request, of: device, kind, pick)
    }
    let bytes = request.encoded()
    trace.note(request.rescued.isEmpty ? bytes : [UInt8(request.rescued.count)])
    guard let reply = try carry(request, bytes, from: device, fault) else {
      device.engine.failed()
      try look(at: device)
      return nil
    }
    return try hear(reply, to: request, on: device, restores: hub.restores)
  }

  /// What the daemon does before each request.
  func prepare(_ device: SimulatedDevice) throws -> ExchangeRequest? {
    let request = try device.survive(now: now) { () -> ExchangeRequest in
      let wall = device.wall(now)
      try device.engine.noteClocks(wall: wall, boot: device.boot(now))
      let lease = device.engine.leaseState(wall: wall, boot: device.boot(now))
      try checkLease(device, lease)
      if lease == .purgeDue {
        let count = try device.engine.selfPurge(now: wall)
        if count > 0 { tally.mark("purged at the end of the lease") }
        try look(at: device)
      }
      return try device.engine.nextRequest(
        now: wall, waitMilliseconds: 1_000, pageBytes: device.pageBytes)
    }
    guard let request else {
      tally.inject("device killed before a request")
      try look(at: device)
      return nil
    }
    try check(request, of: device)
    return request
  }

  /// Nil: the device hears nothing.
  private func carry(
    _ request: ExchangeRequest, _ bytes: [UInt8], from device: SimulatedDevice,
    _ fault: SimulationEvent.LineFault
  ) throws -> [UInt8]? {
    if device.losesRequests {
      tally.inject("requests cut off")
      return nil
    }
    switch fault {
    case .requestLost:
      tally.inject("request lost")
      return nil
    case .requestCut(let permille):
      let cut = Array(bytes.prefix(bytes.count * permille / 1_000))
      if cut.count < bytes.count, (try? ExchangeRequest(encoded: cut)) != nil {
        throw SimulationFailure("a cut body is none", "\(cut.count) of \(bytes.count) bytes")
      }
      tally.inject("request cut")
      return nil
    case .requestLate:
      hold(LateMessage(device: device.number, request: request, bytes: bytes, isHeard: true))
      return nil
    case .hubDies: hub.crash(afterCommits: 0)
    case .requestMangled(let dropped) where request.page.items.count > 1:
      var mangled = request
      mangled.page.items.remove(at: dropped % (request.page.items.count - 1))
      tally.inject("request mangled")
      noteMistake(in: request, of: device)
      _ = try answer([(device, mangled.encoded())])
    default: break
    }
    let answers = try answer([(device, bytes)])
    guard var reply = answers[0] else { return nil }
    if case .requestTwice(let firstAnswers) = fault {
      tally.inject("request twice")
      let second = try answer([(device, bytes)])[0]
      if !firstAnswers { reply = second ?? reply }
    }
    if device.losesReplies {
      tally.inject("replies cut off")
      return nil
    }
    switch fault {
    case .replyLost:
      tally.inject("reply lost")
      return nil
    case .replyCut(let permille):
      let cut = Array(reply.prefix(reply.count * permille / 1_000))
      if cut.count < reply.count, (try? ExchangeReply(encoded: cut)) != nil {
        throw SimulationFailure("a cut body is none", "\(cut.count) of \(reply.count) bytes")
      }
      tally.inject("reply cut")
      return nil
    case .replyLate:
      hold(
        LateMessage(
          device: device.number, request: request, bytes: bytes, reply: reply, isHeard: true,
          restores: hub.restores))
      return nil
    case .deviceDies:
      tally.inject("device killed in an exchange")
      try device.restart(now: now)
      return nil
    default: return reply
    }
  }

  private func hold(_ message: LateMessage) {
    tally.inject(message.reply == nil ? "request late" : "reply late")
    if late.count >= 12 { late.removeFirst() }
    late.append(message)
  }

  /// A message that was held up arrives, out of order.
  func arrive(_ pick: Int) throws {
    guard !late.isEmpty else { return }
    var message = late.remove(at: Self.place(pick, in: late.count))
    let device = devices[message.device]
    device.hasStrayed = true
    if message.reply == nil {
      isLate = true
      defer { isLate = false }
      message.reply = try answer([(device, message.bytes)])[0]
      message.restores = hub.restores
      try checkBooks(on: device)
      tally.mark("a request arrived late")
    }
    guard message.isHeard, let reply = message.reply else { return }
    tally.mark("an answer was heard late")
    _ = try hear(reply, to: message.request, on: device, restores: message.restores)
  }

  /// Several exchanges in one transaction.
  func batch(_ first: Int, _ count: Int, _ crash: Bool) throws {
    var sent: [(device: SimulatedDevice, request: ExchangeRequest)] = []
    for offset in 0..<max(count, 1) {
      let device = device(first + offset)
      if device.isAway || device.losesRequests { continue }
      if sent.contains(where: { $0.device === device }) { continue }
      if let request = try prepare(device) { sent.append((device, request)) }
    }
    if sent.isEmpty { return }
    if crash { hub.crash(afterCommits: 0) }
    let answers = try answer(sent.map { ($0.device, $0.request.encoded()) })
    for ((device, request), reply) in zip(sent, answers) {
      guard let reply, !device.losesReplies else {
        device.engine.failed()
        continue
      }
      _ = try hear(reply, to: request, on: device, restores: hub.restores)
    }
    tally.mark("several exchanges in one transaction")
  }

  // MARK: The hub

  /// Nil for all when the hub died before its commit.
  func answer(
    _ requests: [(device: SimulatedDevice, bytes: [UInt8])]
  ) throws -> [[UInt8]?] {
    isBatch = requests.count > 1
    defer { isBatch = false }
    var taken: Set<PolicyID> = []
    let owedBefore = owed
    let replies = try hub.commit(now: now) {
      try hub.engine.expire(now: now)
      return try requests.map { device, bytes -> [UInt8] in
        let request = try ExchangeRequest(encoded: bytes)
        guard let row = try hub.store.device(device.engine.identity.device) else {
          throw SimulationFailure("devices are kept", "\(device.name) is unknown to the hub")
        }
        note(request, from: device)
        let (exchange, epoch) = (
          try hub.store.incarnation(request.incarnation)?.exchange, try hub.engine.epoch
        )
        let listing = try listing(in: request)
        let reply = try hub.engine.exchange(request, from: row, now: now)
        tally.exchanges += 1
        let encoded = reply.reply.encoded(page: reply.page)
        if device.agency == observation?.agency { observation?.replies.append(encoded) }
        let decoded = try ExchangeReply(encoded: encoded)
        try check(decoded, to: request, for: device)
        if case .answer = decoded, request.epoch == epoch, let exchange {
          try checkToken(of: request, at: exchange)
        }
        if case .answer(let answer) = decoded {
          try check(answer, after: listing, to: request, of: device)
          let refused = Set(answer.policyRefused.map(\.id))
          self.refused.formUnion(refused)
          for entry in request.policy where !refused.contains(entry.id) { taken.insert(entry.id) }
        }
        return encoded
      }
    }
    guard let replies else {
      tally.inject("hub killed in an exchange")
      // It has heard no list.
      owed = owedBefore
      journalled.formUnion(try policyAtHub().subtracting(acknowledged))
      try lookAtHub()
      return requests.map { _ in nil }
    }
    acknowledged.formUnion(taken)
    everAcknowledged.formUnion(taken)
    for reply in replies { trace.note(reply) }
    try lookAtHub()
    try checkEntitlements()
    return replies
  }

  /// Whose device mints under the actors of a request.
  private func note(_ request: ExchangeRequest, from device: SimulatedDevice) {
    for item in request.page.items {
      if case .change(_, let change) = item { minters[change.dot.actor] = device.agency }
    }
  }

  // MARK: The device

  /// - Parameter restores: How often the hub had been restored when it answered.
  func hear(
    _ bytes: [UInt8], to request: ExchangeRequest, on device: SimulatedDevice, restores: Int
  ) throws -> AgencyOutcome? {
    let reply = try ExchangeReply(encoded: bytes)
    let session = device.engine.session
    let isOver =
      request.token != session.token || request.incarnation != session.incarnation
      || request.epoch != session.epoch
    let outcome = try device.survive(now: now) { () -> AgencyOutcome in
      let rowsBefore = device.disk.rowsWritten
      let outcome = try device.engine.received(reply, to: request, now: device.wall(now))
      if isOver, outcome.kind != .stale {
        throw SimulationFailure("a reply to a spent token is stale", device.name)
      }
      if outcome.kind == .stale, device.disk.rowsWritten != rowsBefore {
        throw SimulationFailure("a stale reply changes nothing", device.name)
      }
      _ = try device.engine.purgeDrained(now: device.wall(now))
      return outcome
    }
    guard let outcome else {
      tally.inject("device killed while taking a reply")
      // It may have taken the reply, or not.
      device.answeredAt = now
      try look(at: device)
      return nil
    }
    device.lookAtClocks(now)
    mark(outcome, of: reply)
    try checkSetApart(outcome, on: device)
    try checkStartingOver(outcome, by: reply, device)
    try noteTurn(outcome, on: device)
    if outcome.kind == .reseeded, device.heardRestores < restores {
      device.startedOver = (at: restores, heard: device.heardRestores)
    }
    if outcome.kind == .answered {
      device.heardRestores = max(device.heardRestores, restores)
      device.answeredAt = now
      device.hasClockMoved = false
      try checkBooks(on: device)
    }
    trace.note("  \(device.name) \(brief(request)) → \(outcome.kind) \(brief(reply))")
    try look(at: device)
    return outcome
  }

  private func mark(_ outcome: AgencyOutcome, of reply: ExchangeReply) {
    switch outcome.kind {
    case .answered: break
    case .stale: tally.mark("stale reply")
    case .reseeded:
      if case .answer = reply { tally.mark("a twin was met in an answer") }
      tally.mark("started over")
    case .holdingsWanted:
      if case .answer = reply { tally.mark("a page did not fit") }
      tally.mark("holdings compared")
    case .recovering: tally.mark("gave back to a restored hub")
    case .refused(let code, _, _): tally.mark("refused: \(code)")
    }
    for notice in outcome.quarantined { tally.mark("set apart: \(notice.reason)") }
    if !outcome.revoked.isEmpty { tally.mark("revoked") }
    if !outcome.newConflicts.isEmpty { tally.mark("conflict surfaced") }
    if !outcome.refusedPolicy.isEmpty { tally.mark("grant returned to a person") }
    guard case .answer(let answer) = reply else { return }
    if !answer.aliases.isEmpty { tally.mark("alias") }
    if !answer.deferred.isEmpty { tally.mark("deferred") }
    for item in answer.page.items {
      switch item {
      case .change: tally.mark("change delivered")
      case .snapshot: tally.mark("state delivered")
      case .snapshotPart: tally.mark("part of a state delivered")
      }
    }
  }

  /// What is in a message, for the history of a failure.
  private func brief(_ request: ExchangeRequest) -> String {
    var parts = ["e\(request.epoch) t\(request.token.map { "\($0.count)" } ?? "-")"]
    parts += request.policy.map { "policy \($0.id.text.prefix(4))" }
    parts += request.page.items.map(brief)
    parts += request.purgeReceipts.map { "receipt \($0.compartment.text.prefix(4))" }
    if let holdings = request.holdings { parts.append("holdings \(holdings.count)") }
    if !request.rescued.isEmpty { parts.append("rescued") }
    return parts.joined(separator: " ")
  }

  func brief(_ reply: ExchangeReply) -> String {
    guard case .answer(let answer) = reply else { return "" }
    var parts = ["t\(answer.token.map { "\($0.count)" } ?? "-")"]
    parts += answer.policyRefused.map { "refused \($0.id.text.prefix(4))" }
    parts += answer.policy.map { "policy \($0.entry.id.text.prefix(4))" }
    parts += answer.quarantined.map {
      "apart \($0.compartment.text.prefix(4)) \(brief($0.dot)) \($0.reason)"
    }
    parts += answer.deferred.map { "deferred \($0.compartment.text.prefix(4)) \(brief($0.dot))" }
    parts += answer.aliases.map { "alias \(brief($0.dot))=\(brief($0.aliasOf))" }
    parts += answer.revocations.map { "revoke \($0.compartment.text.prefix(4))" }
    parts += answer.page.items.map(brief)
    return parts.joined(separator: " ")
  }

  private func brief(_ item: PageItem) -> String {
    let id = item.compartment.text.prefix(4)
    switch item {
    case .change(_, let change):
      let words = WordLedger.numbers(in: change.writes).map { "w\($0)" }.joined(separator: "+")
      return "\(id) \(brief(change.dot))\(change.isVoid ? " void" : "") \(words)"
    case .snapshot(_, let vector, _):
      let entries = vector.sortedEntries.map { brief(Dot(actor: $0.actor, counter: $0.counter)) }
      return "state \(id) [\(entries.joined(separator: " "))]"
    case .snapshotPart(_, _, let offset, let total, _): return "part \(id) \(offset)/\(total)"
    }
  }

  private func brief(_ dot: Dot) -> String { "\(dot.actor.rawValue % 1_000):\(dot.counter)" }
}
