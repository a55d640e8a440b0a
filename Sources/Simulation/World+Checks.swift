import CaseRecords
import Causality
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol

/// The invariants of every step, each by its name.
extension World {
  // MARK: After something happened at a device

  func look(at device: SimulatedDevice, isDisaster: Bool = false) throws {
    let mark = device.disk.mark
    if !isDisaster, looks[device.number] == mark { return }
    let isStart = looks[device.number]?.starts != mark.starts
    looks[device.number] = mark
    var reading = isDisaster ? ReplicaReading() : readings[device.number] ?? ReplicaReading()
    let changed = try reading.refresh(device.store)
    if !device.engine.isLocked { try readKept(on: device, into: &reading) }
    readings[device.number] = reading
    if isStart { try checkStart(of: device, reading) }
    for compartment in changed {
      device.known[compartment.stored.id, default: []].formUnion(compartment.words)
      try checkContent(compartment, of: device)
    }
    if !device.engine.isLocked {
      let words = reading.words.union(reading.kept.words)
      if isDisaster { ledger.setBack(device.number, to: words, lettingGo: try lettingGo()) }
      try ledger.set(
        words, at: device.number, isDisaster: isDisaster,
        contact: { self.contact(of: device, over: $0) }
      ) { self.isErased($0) }
    }
    let seen = device.engine.session.policySeen
    if seen < policySeen[device.number] ?? 0 {
      throw SimulationFailure("policy high-water never falls", device.name)
    }
    policySeen[device.number] = seen
  }

  /// From a copy that had to start over before it could give back, a hub that knows nothing of a
  /// record takes it only from its custodian (`Protocol/08-recovery.md`, 8.3.3).
  private func contact(of device: SimulatedDevice, over word: Word) -> Int {
    let isOwn = compartments[word.compartment]?.custodian == agencies[device.agency]
    guard !isOwn, let over = device.startedOver, over.at == device.heardRestores else {
      return device.heardRestores
    }
    return over.heard
  }

  /// Words in the outbox, in quarantine, and sealed away for the hub: read again where a row came,
  /// went or became another. Their numbers are never given out twice.
  private func readKept(on device: SimulatedDevice, into reading: inout ReplicaReading) throws {
    let mark = try device.store.database.query(
      """
      SELECT count(*), total(position), total(length(body)) FROM outbox UNION ALL
      SELECT count(*), total(number), total(length(body) + state) FROM quarantine UNION ALL
      SELECT count(*), total(number), total(length(body)) FROM rescued
      """
    ) { [$0.int(0), Int64($0.real(1)), Int64($0.real(2))] }
    if reading.kept.mark == mark.flatMap(\.self) { return }
    reading.kept = (mark.flatMap(\.self), try keptApart(on: device))
  }

  private func keptApart(on device: SimulatedDevice) throws -> Set<Int> {
    var words: Set<Int> = []
    for number in try device.store.outboxCompartments() {
      for entry in try device.store.outbox(of: number) {
        words.formUnion(WordLedger.numbers(in: entry.change.writes))
      }
    }
    for work in try device.store.quarantinedWork() {
      words.formUnion(WordLedger.numbers(in: work.change.writes))
    }
    for sealed in try device.store.rescued() {
      for item in try Page(encoded: hub.open(sealed.body)).items {
        if case .change(_, let change) = item {
          words.formUnion(WordLedger.numbers(in: change.writes))
        }
      }
    }
    return words
  }

  func isErased(_ word: Word) -> Bool {
    guard let compartment = compartments[word.compartment], let child = compartment.child
    else { return false }
    // By all that anybody has said, or by what the hub has heard of it: a parting that is on its
    // way keeps nothing.
    let said = recorded.values.filter { !refused.contains($0.id) }
    return [said, said.filter { acknowledged.contains($0.id) }].contains { entries in
      let members = Aliases(entries).members(child)
      return PolicyOracle(
        entries: entries.filter { $0.child.map(members.contains) ?? false }, roles: CaseRoles(),
        sensitiveServices: sensitiveServices, now: now
      ).isErased(compartment)
    }
  }

  private func checkContent(
    _ reading: ReplicaReading.Compartment, of device: SimulatedDevice
  ) throws {
    let id = reading.stored.id
    compartments[id] = reading.stored.compartment
    guard let hold = try device.store.hold(reading.stored.number), hold.state == .held else {
      return
    }
    let own = Dictionary(
      try device.store.outbox(of: reading.stored.number).map { ($0.change.dot, $0.change) },
      uniquingKeysWith: { first, _ in first })
    if reading.stored.compartment.category == .private { return }
    // The hub may have destroyed its copy at once; the device is told with the next exchange.
    if try hub.store.compartment(id) == nil { return }
    try compare(
      reading.shown,
      registry.expected(
        in: id, under: reading.stored.vector, own: own, tellsUnclear: tellsUnclear(id)),
      "\(device.name) \(id.text.prefix(6))")
  }

  /// A restored hub has forgotten names; so has one that has let go of its copy twice, of what it
  /// was given in between; or once, of what the copies of a device said alike.
  func tellsUnclear(_ id: CompartmentID) throws -> Bool {
    try hub.restores > 0 || hub.store.destroyedCopies(of: id) > (hasCopies ? 0 : 1)
  }

  func compare(
    _ shown: [Place: Set<Shown>], _ expectation: ChangeRegistry.Expectation,
    _ name: @autoclosure () -> String
  ) throws {
    let expected: [Place: Set<Shown>]
    var unclear: Set<Place> = []
    switch expectation {
    case .shown(let places, let twice):
      expected = places
      unclear = twice
    case .cannotTell: return
    case .noSuchChange(let dot):
      throw SimulationFailure(
        "vectors are exact",
        "\(name()) counts \(dot.actor.rawValue % 1_000):\(dot.counter), which nobody committed")
    }
    guard shown != expected else { return }
    let places = Set(shown.keys).union(expected.keys).sorted()
    for place in places where shown[place] != expected[place] && !unclear.contains(place) {
      throw SimulationFailure(
        "siblings are the maximal writes",
        "\(name()) \(place.group): shows \(words(shown[place])), should show "
          + "\(words(expected[place]))")
    }
  }

  private func words(_ siblings: Set<Shown>?) -> String {
    let names = (siblings ?? []).map { shown in
      let dots = shown.dots.map { "\($0.actor.rawValue % 1_000):\($0.counter)" }
      return "w\(WordLedger.number(in: shown.value) ?? 0)@\(dots.joined(separator: "+"))"
    }
    return "[\(names.sorted().joined(separator: " "))]"
  }

  // MARK: Requests

  func check(_ request: ExchangeRequest, of device: SimulatedDevice) throws {
    for receipt in request.purgeReceipts {
      if let stored = try device.store.compartment(receipt.compartment) {
        throw SimulationFailure(
          "no receipt before the bytes are gone",
          "\(device.name) still holds \(stored.id.text.prefix(6))")
      }
    }
    let isPoll =
      request.page.items.isEmpty && request.policy.isEmpty && request.purgeReceipts.isEmpty
      && request.rescued.isEmpty && request.holdings == nil
    if request.waitMilliseconds > 0 && !isPoll {
      throw SimulationFailure("nobody waits with work in hand", device.name)
    }
    for item in request.page.items {
      if compartments[item.compartment]?.category == .private {
        throw SimulationFailure("private never leaves", "\(device.name)")
      }
      if case .snapshot(let id, let vector, _) = item {
        try noteGiven(id, vector, by: device)
      }
    }
    try checkKeeping(of: Set(request.page.items.map(\.compartment)), by: device)
    try checkUnsent(request, of: device)
    try checkTurn(of: request, of: device)
  }

  /// Of its own record a device sends only what the family lets the hub keep, by all it knows.
  private func checkKeeping(of ids: Set<CompartmentID>, by device: SimulatedDevice) throws {
    if device.engine.isLocked || ids.isEmpty { return }
    let known = try known(to: device)
    for id in ids {
      guard let compartment = compartments[id], compartment.custodian == agencies[device.agency],
        !hubMayKeep(compartment, by: known, at: device)
      else { continue }
      throw SimulationFailure(
        "only what the hub may keep is sent to it", "\(device.name) \(id.text.prefix(6))")
    }
  }

  func known(to device: SimulatedDevice) throws -> [PolicyEntry] {
    try device.store.allPolicy().filter { $0.state != .refused }.map(\.entry)
  }

  /// By what its custodian's device knows.
  func hubMayKeep(
    _ compartment: Compartment, by known: [PolicyEntry], at device: SimulatedDevice
  ) -> Bool {
    guard let child = compartment.child else { return true }
    let members = Aliases(known).members(child)
    return PolicyOracle(
      entries: known.filter { $0.child.map(members.contains) ?? true }, roles: CaseRoles(),
      sensitiveServices: [], now: device.wall(now)
    ).hubMayKeep(compartment)
  }

  /// Unsent work that goes along with a state.
  private func noteGiven(
    _ id: CompartmentID, _ vector: VersionVector, by device: SimulatedDevice
  ) throws {
    guard let stored = try device.store.compartment(id) else { return }
    for entry in try device.store.outbox(of: stored.number)
    where vector.contains(entry.change.dot) {
      minters[entry.change.dot.actor] = device.agency
      registry.addGiven(entry.change.dot, in: id)
    }
  }

  /// Whatever the clock shows: past the lease nothing of others is readable, if the clock has been
  /// left alone or the machine has run since.
  func checkLease(_ device: SimulatedDevice, _ lease: LeaseState) throws {
    let isKnown = !device.hasClockMoved || device.bootedAt <= device.answeredAt
    let isReadable = lease == .open
    guard isKnown, isReadable else { return }
    // Contact is written down hourly.
    if now - device.answeredAt > SimulatedHub.leaseDays * Self.day + 2 * 3_600_000 {
      throw SimulationFailure("nothing of others past the lease", device.name)
    }
  }

  // MARK: Replies

  func check(
    _ reply: ExchangeReply, to request: ExchangeRequest, for device: SimulatedDevice
  ) throws {
    guard case .answer(let answer) = reply else { return }
    let agency = agencies[device.agency]
    for id in Set(answer.page.items.map(\.compartment) + answer.page.compartments.map(\.id)) {
      guard let stored = try hub.store.compartment(id) else {
        throw SimulationFailure("only what may be held is sent", "\(id.text.prefix(6)) is unknown")
      }
      if erasedSeen.contains(id) {
        throw SimulationFailure(
          "erased is absorbing", "\(id.text.prefix(6)) went to \(device.name)")
      }
      if try !oracle(for: stored.compartment).mayHold(agency, stored.compartment) {
        throw SimulationFailure(
          "only what may be held is sent",
          "\(stored.compartment.category) \(id.text.prefix(6)) went to \(device.name)")
      }
    }
    try checkSent(answer, to: request)
    try checkStateFirst(answer, for: device)
    try checkLostDenials(answer, to: agency)
    try checkAccounts(answer, to: request, of: device)
    try checkNothingUndelivered(answer, to: request, of: device)
    try checkNotAgain(answer, to: device)
    for delivery in answer.policy where delivery.entry.authorAgency != agency {
      if let other = delivery.entry.named.subtracting([agency, .hub]).first {
        throw SimulationFailure(
          "nobody learns of others from policy", "\(device.name) was told of \(other)")
      }
    }
  }

  /// A restored hub without its journal lets nothing out that was denied, by the word of one who
  /// keeps something of the child and still knows of it.
  private func checkLostDenials(_ answer: ExchangeAnswer, to agency: AgencyID) throws {
    if hub.restores == 0 || tally.marks["the operator ended a recovery"] != nil { return }
    let lost = try everAcknowledged.subtracting(policyAtHub()).sorted()
      .compactMap { recorded[$0] }.filter { isStillKnown($0) }
    if lost.isEmpty { return }
    for id in Set(answer.page.items.map(\.compartment)).sorted() {
      guard let compartment = compartments[id], let child = compartment.child else { continue }
      for entry in lost where entry.child == child {
        let standing = try oracle(for: compartment)
        let isKeeper = try hub.store.compartments(of: child).contains {
          $0.compartment.custodian == entry.authorAgency
        }
        guard isKeeper, compartment.custodian != agency, standing.denies(entry, agency, compartment)
        else { continue }
        throw SimulationFailure(
          "a restored hub waits for who may have said no",
          "\(compartment.category) \(id.text.prefix(6)) against \(entry.id.text.prefix(6))")
      }
    }
  }

  /// On a disk that is the only one of its device, and will be heard.
  private func isStillKnown(_ entry: PolicyEntry) -> Bool {
    devices.contains { device in
      agencies[device.agency] == entry.authorAgency && !device.isReportedLost
        && devices.filter { $0.engine.identity.device == device.engine.identity.device }.count == 1
        && (try? device.store.policy(entry.id))?.state == .committed
    }
  }

  /// Whatever is sent is on the books, so that it can be revoked; and nothing is sent that a device
  /// could not keep, or is to let go of.
  private func checkSent(_ answer: ExchangeAnswer, to request: ExchangeRequest) throws {
    if request.isLocked, !answer.page.isEmpty || !answer.policy.isEmpty {
      throw SimulationFailure("locked keys are sent nothing", "\(answer.page.items.count) items")
    }
    let sent = Set(answer.page.items.map(\.compartment))
    if let id = sent.intersection(answer.revocations.map(\.compartment)).sorted().first {
      throw SimulationFailure("nothing goes into what is to be purged", "\(id.text.prefix(6))")
    }
    for notice in answer.quarantined
    where notice.reason == .contextNotDelivered && hub.restores == 0 {
      let context = request.page.items.compactMap { item -> VersionVector? in
        guard case .change(notice.compartment, let change) = item, change.dot == notice.dot
        else { return nil }
        return change.context
      }.first
      guard let context, let stored = try hub.store.compartment(notice.compartment),
        !answer.revocations.contains(where: { $0.compartment == notice.compartment }),
        !stored.vector.covers(context)
      else { continue }
      throw SimulationFailure(
        "what may yet fit waits", "\(notice.compartment.text.prefix(6)) was set apart")
    }
    guard let run = try hub.store.incarnation(request.incarnation) else { return }
    for id in sent.union(request.staged.map(\.compartment)) {
      guard let stored = try hub.store.compartment(id),
        try hub.store.hubHold(run.number, stored.number) == nil
      else { continue }
      throw SimulationFailure("what is sent is on the books", "\(id.text.prefix(6))")
    }
  }

  private func lettingGo() throws -> Set<CompartmentID> {
    try Set(agencies.flatMap { try hub.store.lettingGo(inCustodyOf: $0) }.map(\.id))
  }

  func policyAtHub() throws -> Set<PolicyID> {
    Set(try hub.store.database.query("SELECT id FROM policy") { try $0.id(0) })
  }

  /// By what the hub has in its tables, and whatever it once said it had.
  func oracle(for compartment: Compartment, withRoles: Bool = true) throws -> PolicyOracle {
    let mark = hubMark
    if mark != policyKnown.mark {
      let known = try policyAtHub().union(acknowledged)
      policyKnown = PolicyKnown(mark: mark, entries: known.sorted().compactMap { recorded[$0] })
    }
    let members = compartment.child.map { policyKnown.aliases.members($0) } ?? []
    var roles = CaseRoles()
    for member in members where withRoles {
      let question = PolicyKnown.Question(child: member, custodian: compartment.custodian)
      let said =
        try policyKnown.roles[question]
        ?? self.roles(of: member, custodian: compartment.custodian)
      policyKnown.roles[question] = said
      roles.add(said)
    }
    return PolicyOracle(
      entries: policyKnown.entries(about: members), roles: roles,
      sensitiveServices: sensitiveServices, now: now)
  }
}

extension PolicyEntry {
  /// Every agency that the entry names.
  fileprivate var named: Set<AgencyID> {
    func reached(_ recipients: Recipients) -> Set<AgencyID> {
      if case .agencies(let named) = recipients { named } else { [] }
    }
    return switch kind {
    case .grant(let terms): reached(terms.scope.recipients).union(terms.excluded)
    case .refusal(let scope), .withdrawal(let scope): reached(scope.recipients)
    case .override(let terms): terms.recipients
    case .shield(let allowed, _): allowed
    case .agreementLock(let agency), .agreementSigned(let agency, _, _): [agency]
    case .unshield, .erase, .alias, .unalias: []
    }
  }
}
