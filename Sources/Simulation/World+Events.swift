import CaseRecords
import Causality
import ReplicaStore
import SyncEngine

extension World {
  /// Plays one event, and holds everything against the witnesses.
  func play(_ event: SimulationEvent) throws {
    tally.steps += 1
    trace.note("\(event)")
    try perform(event)
  }

  private func perform(_ event: SimulationEvent) throws {
    switch event {
    case .write(let number, let compartment, let group, let form, let size):
      try write(device(number), compartment, group, form, size)
    case .add(let number, let record, let group, let form, let size):
      try add(device(number), record, group, form, size)
    case .openForm(let number, let compartment): try openForm(device(number), compartment)
    case .begin(let number, let child, let category): try begin(device(number), child, category)
    case .fact(let number, let child, let kind, let agency):
      try recordFact(device(number), child, kind, agency)
    case .enquire(let number, let child): try enquire(device(number), child)
    case .policy(let number, let child, let choice): try decide(device(number), child, choice)
    case .decisions(let number, let count): try decide(device(number), aboutOthers: count)
    case .exchange(let number, let fault): try exchange(device(number), fault)
    case .batch(let first, let count, let crash): try batch(first, count, crash)
    case .sync(let number): try sync(device(number))
    case .late(let message): try arrive(message)
    case .cut(let number, let requests, let replies):
      device(number).losesRequests = requests
      device(number).losesReplies = replies
    case .page(let number, let bytes): device(number).pageBytes = bytes
    case .pass(let milliseconds): now += milliseconds
    case .hidden(let event): try perform(event)
    case .clock(let number, let milliseconds):
      let device = device(number)
      device.clockOffset = max(device.clockOffset + milliseconds, -Int64(World.start / 2))
      device.hasClockMoved = true
      tally.inject("clock")
    case .leave(let number): device(number).isAway = true
    case .comeBack(let number): device(number).isAway = false
    case .crash, .lockKeys, .clone, .keepCopy, .restore, .reportLost:
      try performOnMachine(event)
    case .hubCrash, .hubBackup, .hubRestore, .agreement, .operatorErase, .operatorVouches:
      try performOnHub(event)
    }
  }

  private func performOnMachine(_ event: SimulationEvent) throws {
    switch event {
    case .crash(let number, let commits):
      let device = device(number)
      if let commits { return device.crash(afterCommits: commits) }
      try device.restart(now: now)
      tally.inject("device restart")
      try look(at: device)
    case .lockKeys(let number):
      try device(number).restart(now: now, isLocked: true)
      tally.inject("keys locked")
    case .clone(let number):
      guard devices.count < 8 else { return }
      let twin = try device(number).clone(number: devices.count, seed: random.next(), now: now)
      devices.append(twin)
      noteCopied(twin)
      tally.inject("clone")
      try look(at: twin)
    case .keepCopy(let number): try device(number).keepCopy()
    case .restore(let number):
      let device = device(number)
      guard try device.restore(now: now) else { return }
      tally.inject("device restored")
      policySeen[device.number] = nil
      noteCopied(device)
      try look(at: device, isDisaster: true)
    case .reportLost(let number): try reportLost(device(number))
    default: return
    }
  }

  private func noteCopied(_ device: SimulatedDevice) {
    copied.insert(device.engine.identity.device)
    owed[device.engine.session.incarnation] = nil
  }

  private func performOnHub(_ event: SimulationEvent) throws {
    switch event {
    case .hubCrash(let commits):
      if let commits { return hub.crash(afterCommits: commits) }
      try hub.restart(now: now)
      tally.inject("hub restart")
      try lookAtHub()
    case .hubBackup:
      try hub.keepBackup()
      owedAtBackup = owed
    case .hubRestore(let journalKept):
      guard hub.backup != nil else { return }
      try hub.restore(journalKept: journalKept, now: now)
      owed = owedAtBackup
      tally.inject(journalKept ? "hub restored" : "hub restored, journal lost")
      isJournalLost = isJournalLost || !journalKept
      if !journalKept { acknowledged = acknowledged.intersection(try policyAtHub()) }
      try lookAtHub(isDisaster: true)
    case .agreement(let agency, let isLocked): try agreement(agency % agencies.count, isLocked)
    case .operatorErase(let child): try eraseByOperator(children[child % children.count])
    case .operatorVouches: _ = try endRecovery()
    default: return
    }
  }

  private func reportLost(_ device: SimulatedDevice) throws {
    guard !device.isReportedLost, devices.filter({ !$0.isReportedLost }).count > 3 else { return }
    let id = device.engine.identity.device
    let done = try hub.commit(now: now) { () -> Bool in
      guard let row = try hub.store.device(id) else { return false }
      try hub.engine.revoke(row, now: now)
      return true
    }
    // Killed before its commit, the hub may have it from its journal all the same.
    if done == nil { tally.inject("hub killed while a device was reported lost") }
    guard try hub.store.device(id)?.revokedMilliseconds != nil else { return }
    for twin in devices where twin.engine.identity.device == id { twin.isReportedLost = true }
    tally.inject("device reported lost")
    try lookAtHub()
  }

  private func agreement(_ agency: Int, _ isLocked: Bool) throws {
    let locks = hub.engine.locks(on: agencies[agency])
    guard locks.isEmpty == isLocked else { return }
    try recordAtHub(
      isLocked
        ? .agreementLock(agencies[agency])
        : .agreementSigned(agencies[agency], lifts: locks, version: "2"), child: nil)
    tally.inject(isLocked ? "agreement locked" : "agreement signed")
  }

  private func eraseByOperator(_ child: ChildID) throws {
    try recordAtHub(.erase(reason: "the family asked for it"), child: child)
    tally.inject("erased by the operator")
  }

  private func recordAtHub(_ kind: PolicyKind, child: ChildID?) throws {
    let entry = PolicyEntry(
      id: PolicyID(using: &random), child: child, kind: kind, madeAtMilliseconds: now,
      authorAgency: .hub, author: nil)
    recorded[entry.id] = entry
    let done = try hub.commit(now: now) { () -> Bool in
      guard let own = try hub.store.agency(AgencyID.hub) else { return false }
      try hub.engine.commit(policy: entry, from: own, now: now)
      return true
    }
    if done != nil { acknowledged.insert(entry.id) }
    try lookAtHub()
  }
}
