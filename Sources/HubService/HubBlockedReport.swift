import CaseRecords
import Causality
import HTTPTransport
import Operations
import ReplicaStore
import SyncEngine

/// "Nothing blocks anything", or what does: everything that does not go on by itself, what it is
/// blocked by, since when and what to do. Names of agencies and devices, counts and times.
struct HubBlockedReport {
  let core: HubCore
  private static let day: UInt64 = 86_400_000
  /// Copies that the hub lets go of, looked at one by one; what is beyond is counted alone.
  private static let lettingGoMax = 500

  private var store: ReplicaStore { core.store }
  private var now: UInt64 { core.now }

  /// One device with its agency's name, and its present run.
  private struct Known {
    let device: HubDevice
    let agency: String
    let runs: [HubIncarnation]

    var name: String { "\(agency), \(device.name)" }
    var latest: HubIncarnation? { runs.last }
    var contact: UInt64? { runs.map(\.lastContactMilliseconds).filter { $0 > 0 }.max() }
  }

  func answer(_ arguments: JSON) throws -> JSON {
    let paging = try HubPaging(arguments, limit: 200)
    let known = try devices()
    let all = try [
      silent(known), purges(known), lettingGo(known), recovering(known), deferred(known),
      quarantined(known), newRuns(known), lost(known), lockedAgreements(), rest(),
    ].flatMap(\.self).sorted(by: StuckThing.isBefore)
    let worst = all.first?.severity
    return [
      "isClear": .bool(all.isEmpty),
      "severity": worst.map { .string("\($0)") } ?? .null,
      "count": .count(all.count),
      "things": .array(all.prefix(paging.limit).map(\.json)),
      "leftOut": .count(max(0, all.count - paging.limit)),
    ]
  }

  private func devices() throws -> [Int64: Known] {
    let runs = Dictionary(grouping: try store.allIncarnations(), by: \.device)
    let names = Dictionary(
      uniqueKeysWithValues: try store.agencies().map { ($0.number, $0.name) })
    return Dictionary(
      uniqueKeysWithValues: try store.devices().map {
        (
          $0.number,
          Known(device: $0, agency: names[$0.agency] ?? "", runs: runs[$0.number] ?? [])
        )
      })
  }

  private func thing(
    _ kind: String, _ severity: StuckThing.Severity, since: UInt64?, of known: Known,
    count: Int = 1, _ what: String, todo: String
  ) -> StuckThing {
    StuckThing(
      kind: kind, severity: severity, since: since, agency: known.agency,
      device: known.device.name, deviceID: known.device.id.text, count: count,
      what: "\(known.name): \(what)", todo: todo)
  }

  private func span(since: UInt64) -> String { Words.span(now - min(since, now)) }

  // MARK: Devices

  private func silent(_ known: [Int64: Known]) throws -> [StuckThing] {
    try known.values.filter { $0.device.revokedMilliseconds == nil }.compactMap { known in
      let enrolled = known.device.enrolledMilliseconds
      guard let contact = known.contact, let latest = known.latest else {
        guard now >= enrolled + Self.day else { return nil }
        return thing(
          "never in contact", .warning, since: enrolled, of: known,
          "enrolled \(span(since: enrolled)) ago and never in contact.",
          todo: "Ask whether the device is in use; if not, revoke it.")
      }
      guard now >= contact + Self.day else { return nil }
      let days = (now - contact) / Self.day
      let isPastLease = days >= core.engine.leaseDays
      let behind = try store.newsCount(
        of: known.device.agency, after: latest.cursor, limit: DeviceStanding.behindMax)
      let position = try store.policyPosition(of: known.device.agency)
      let decisions = Int(clamping: position - min(position, latest.policySeen))
      var words = "silent \(span(since: contact)); "
      words += Words.count(Int(clamping: latest.unsent), "change", "changes")
      words += " unsent at last contact"
      if behind > 0 {
        words +=
          "; \(Words.count(behind, "part of a record waits", "parts of records wait"))"
        words += " for it"
      }
      if decisions > 0 {
        words += "; \(Words.count(decisions, "decision has", "decisions have"))"
        words += " not reached it"
      }
      words += isPastLease ? ". It has locked what it received from others." : "."
      let severity: StuckThing.Severity =
        isPastLease ? .critical : days >= 3 || latest.unsent > 0 ? .warning : .note
      return thing(
        "silent", severity, since: contact, of: known, count: Int(clamping: latest.unsent), words,
        todo: isPastLease
          ? "Have the agency find the device and start it; if it is lost, revoke it."
          : "Ask the agency to start the device and look at its sync page.")
    }
  }

  private func purges(_ known: [Int64: Known]) throws -> [StuckThing] {
    try store.waitingOrders().compactMap { order in
      guard let known = known[order.device] else { return nil }
      let level = PurgeEscalation(
        ordered: order.since, lastContact: known.contact, leaseDays: core.engine.leaseDays,
        now: now)
      let wasTold = (known.contact ?? 0) > order.since
      return thing(
        "purge", level == .inTime ? .note : level < .pastLease ? .warning : .critical,
        since: order.since, of: known, count: order.count,
        "\(Words.count(order.count, "purge", "purges")) not confirmed for "
          + "\(span(since: order.since)) (level \(level.rawValue), \(level.name)).",
        todo: level.ending(
          wasTold: wasTold, isRevoked: known.device.revokedMilliseconds != nil))
    }
  }

  private func newRuns(_ known: [Int64: Known]) throws -> [StuckThing] {
    let since = now - min(7 * Self.day, now)
    return try store.newRuns(since: since).compactMap { run in
      guard run.count > 1, let known = known[run.device] else { return nil }
      return thing(
        "twins", .warning, since: run.last, of: known, count: run.count,
        "began anew \(run.count) times in 7 days, the last \(span(since: run.last)) ago: there may "
          + "be a second copy of it, or its disk is failing.",
        todo: "Ask whether its folder was copied or put back; see cafsync hub events. A device "
          + "that is used twice needs two enrolments.")
    }
  }

  private func lost(_ known: [Int64: Known]) throws -> [StuckThing] {
    try known.values.compactMap { known in
      guard let revoked = known.device.revokedMilliseconds, let latest = known.latest else {
        return nil
      }
      let held = try store.holdCount(of: latest.number)
      guard held > 0 else { return nil }
      return thing(
        "lost device", .warning, since: revoked, of: known, count: held,
        "reported lost \(span(since: revoked)) ago; "
          + "\(Words.count(held, "part of a record is", "parts of records are")) not "
          + "confirmed as destroyed.",
        todo: "Nothing reaches it but its own contact. It locks itself "
          + "\(core.engine.leaseDays) days after its last one.")
    }
  }

  private func deferred(_ known: [Int64: Known]) throws -> [StuckThing] {
    try store.deferrals().compactMap { deferral in
      guard let known = known[deferral.device] else { return nil }
      let isOld = now >= deferral.sinceMilliseconds + Self.day
      return thing(
        "deferred", isOld ? .warning : .note, since: deferral.sinceMilliseconds, of: known,
        count: deferral.count,
        "\(Words.count(deferral.count, "change waits", "changes wait")) for "
          + "\(span(since: deferral.sinceMilliseconds)): \(deferral.cause.words).",
        todo: deferral.cause.todo)
    }
  }

  private func quarantined(_ known: [Int64: Known]) throws -> [StuckThing] {
    try store.quarantineByDevice().compactMap { apart in
      guard let known = known[apart.device] else { return nil }
      return thing(
        "quarantine", now >= apart.since + 7 * Self.day ? .warning : .note, since: apart.since,
        of: known, count: apart.count,
        Words.count(apart.count, "change stands", "changes stand")
          + " apart, the oldest for \(span(since: apart.since)).",
        todo: "After a word with the agency, release or return each: cafsync hub quarantine list.")
    }
  }

  // MARK: The hub's own copies

  private func lettingGo(_ known: [Int64: Known]) throws -> [StuckThing] {
    var waits: [HubObstacle: (count: Int, since: UInt64?, custodian: AgencyID)] = [:]
    let going = try store.lettingGo(limit: Self.lettingGoMax)
    for (stored, since) in going {
      let since: UInt64? = since == 0 ? nil : since
      for obstacle in Set(try core.engine.obstacles(to: stored, now: now)) {
        let before = waits[obstacle]
        waits[obstacle] = (
          (before?.count ?? 0) + 1, before == nil ? since : before?.since,
          stored.compartment.custodian
        )
      }
    }
    var things = try waits.map { obstacle, wait in
      let of = obstacle.device.flatMap { known[$0] }
      let name = try of?.name ?? store.agency(wait.custodian)?.name ?? ""
      return StuckThing(
        kind: "letting go",
        severity: wait.since.map { now >= $0 + 7 * Self.day } ?? true ? .warning : .note,
        since: wait.since, agency: of?.agency ?? name, device: of?.device.name,
        deviceID: of?.device.id.text, count: wait.count,
        what:
          "\(Words.count(wait.count, "copy", "copies")) that the hub may keep no longer "
          + "\(wait.count == 1 ? "waits" : "wait") for \(name) \(obstacle.kind.words).",
        todo: obstacle.kind.todo)
    }
    let all = try store.lettingGoCount()
    if all > going.count {
      things.append(
        StuckThing(
          kind: "letting go", severity: .warning, since: nil, count: all - going.count,
          what: "\(all - going.count) more copies that the hub may keep no longer wait too.",
          todo: "See to those above first."))
    }
    return things
  }

  private func recovering(_ known: [Int64: Known]) throws -> [StuckThing] {
    let held = try store.recoveringCount()
    let since = try store.lastRestore()
    return try store.unheardDevices().compactMap { number in
      guard let known = known[number] else { return nil }
      return thing(
        "recovering", .critical, since: since, of: known, count: held,
        "its word is wanting after the restore"
          + (since.map { " \(span(since: $0)) ago" } ?? "") + ": it may know of a withdrawal. "
          + "\(Words.count(held, "compartment is", "compartments are")) held back in all.",
        todo: "Have the agency start the device; if it is lost, revoke it. Only who can vouch that "
          + "no withdrawal is missing: cafsync hub finish-recovery.")
    }
  }

  // MARK: Agencies and the rest

  private func lockedAgreements() throws -> [StuckThing] {
    try store.agencies().compactMap { agency in
      let locks = try core.engine.locks(on: agency.id).compactMap { try store.hubPolicy($0)?.entry }
      guard let since = locks.map(\.madeAtMilliseconds).min() else { return nil }
      return StuckThing(
        kind: "agreement locked", severity: .note, since: since, agency: agency.name,
        what: "\(agency.name): the agreement has been locked for \(span(since: since)); it may "
          + "hold nothing of others.",
        todo: "When it has signed again: cafsync hub agreement sign.")
    }
  }

  private func rest() throws -> [StuckThing] {
    var things: [StuckThing] = []
    let unreadable = try store.unreadableCount()
    if unreadable > 0 {
      things.append(
        StuckThing(
          kind: "unreadable", severity: .warning, since: try store.oldestUnreadable(),
          count: unreadable,
          what: "\(Words.count(unreadable, "piece", "pieces")) of rescued work cannot be "
            + "opened: sealed to another key than this hub's.",
          todo: "Find the hub.secrets that the device was enrolled with."))
    }
    let old = try store.conflictCounts(now: now).filter { $0.bands[3] > 0 }
    let count = old.reduce(0) { $0 + $1.bands[3] }
    if count > 0 {
      things.append(
        StuckThing(
          kind: "conflicts", severity: .note, since: old.map(\.oldestMilliseconds).min(),
          count: count,
          what:
            "\(Words.count(count, "conflict has", "conflicts have")) been open for more "
            + "than 30 days: nobody has chosen between the answers.",
          todo: "Remind the agencies that cafsync hub conflicts names."))
    }
    return things
  }
}

extension HubDeferralCause {
  fileprivate var words: String {
    switch self {
    case .earlierChange: "an earlier change of the same author has not come"
    case .seenChange: "what their author had seen has not come from others"
    case .policy: "a decision that they rest on has not come"
    case .sameRequest: "they came with a request that had been answered, and are asked for again"
    }
  }

  fileprivate var todo: String {
    switch self {
    case .earlierChange, .sameRequest:
      "The device sends them again with its next exchange. If that does not help within a day, "
        + "look at cafsync hub events: its folder may be an old copy."
    case .seenChange: "Have the devices that are silent started: one of them has it."
    case .policy: "The device sends the decision with its next exchange."
    }
  }
}

extension HubObstacle.Kind {
  /// After the name of whom it is waited for.
  fileprivate var words: String {
    switch self {
    case .purge: "to confirm that it has destroyed its own"
    case .purgeOfEarlierRun: "to confirm it of a run that it has left behind"
    case .word: "to show that it has everything"
    case .custodian: "to have the record on any device: none is known to"
    case .untold: "to be told of the erasure"
    }
  }

  fileprivate var todo: String {
    switch self {
    case .purge, .word, .untold: "Have the agency start the device."
    case .purgeOfEarlierRun:
      "Only a copy of that run could confirm it. The hub keeps its own copy sealed."
    case .custodian:
      "Have the agency start a device of its own; the hub's copy is the only one known."
    }
  }
}
