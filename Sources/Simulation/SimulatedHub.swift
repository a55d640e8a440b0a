import CaseRecords
import Cryptography
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol

/// The journal file and the witness beside the hub's database: neither is restored with it.
final class SimulatedJournal: PolicyJournal {
  /// Not one that took the place of a lost one.
  let isFirst: Bool
  private(set) var lines: [JournalLine] = []
  private var waiting: [JournalLine] = []
  /// Commits, epoch and lines when the last commit was seen to be durable.
  var witness: (commits: UInt64, epoch: UInt64, lines: Int)?

  init(isFirst: Bool) { self.isFirst = isFirst }

  func append(_ line: JournalLine) { waiting.append(line) }
  var waitingCount: Int { waiting.count }
  func forget(after count: Int) { waiting.removeLast(max(waiting.count - count, 0)) }

  func flush() {
    lines += waiting
    waiting = []
  }
}

/// The hub as its service composes it: one transaction for what waits together, the journal
/// before the commit, the witness after it, and at each start a look at both.
final class SimulatedHub {
  static let master = Disk.master
  static let leaseDays: UInt64 = 14

  let disk: Disk
  private(set) var engine: HubEngine
  private(set) var journal = SimulatedJournal(isFirst: true)
  private let secrets: HubSecrets
  private var seed: UInt64
  private(set) var backup: Disk?
  /// Goes up with each restore: what was only here is gone.
  private(set) var restores = 0
  private var opened: [[UInt8]: [UInt8]] = [:]

  var store: ReplicaStore { engine.store }
  var publicKey: [UInt8] { secrets.sealing.publicKey }

  /// Work that a device has sealed to the hub. It is looked at again with whatever else its device
  /// keeps, and to open it costs as much as a whole exchange.
  func open(_ sealed: [UInt8]) throws -> [UInt8] {
    if let known = opened[sealed] { return known }
    let plain = try secrets.sealing.open(sealed)
    opened[sealed] = plain
    return plain
  }

  init(disk: Disk, seed: UInt64, now: UInt64) throws {
    self.disk = disk
    self.seed = seed
    secrets = HubSecrets(
      certifyingKey: [UInt8](repeating: 9, count: 32),
      sealing: try SealingKeyPair(privateKey: [UInt8](repeating: 77, count: 32)))
    engine = try Self.engine(disk, secrets, journal, seed)
    try start(now: now)
  }

  private static func engine(
    _ disk: Disk, _ secrets: HubSecrets, _ journal: SimulatedJournal, _ seed: UInt64
  ) throws -> HubEngine {
    try HubEngine(
      store: disk.open(master: master), secrets: secrets, journal: journal,
      leaseDays: leaseDays, random: SimulationRandom(seed: seed))
  }

  /// One transaction, as the service runs it. When the power goes before the commit, nil: nobody
  /// gets an answer, and the hub has been started again.
  func commit<T>(now: UInt64, _ body: () throws -> T) throws -> T? {
    let before = disk.main.totalChanges
    do {
      let result = try store.transaction {
        let result = try body()
        if disk.main.totalChanges != before {
          try store.setInteger("commits", (try store.integer("commits") ?? 0) + 1)
        }
        journal.flush()
        return result
      }
      if disk.main.totalChanges != before {
        try engine.purgeHubCopies()
        try see()
      }
      return result
    } catch {
      guard disk.isDead else { throw error }
      try restart(now: now)
      return nil
    }
  }

  private func see() throws {
    journal.witness = (
      try store.integer("commits") ?? 0, try engine.epoch, journal.lines.count
    )
  }

  func crash(afterCommits count: Int) { disk.crash(afterCommits: count) }

  func restart(now: UInt64) throws {
    journal.forget(after: 0)
    seed &+= 1
    engine = try Self.engine(disk, secrets, journal, seed)
    try start(now: now)
  }

  func keepBackup() throws { backup = try disk.copy() }

  /// Puts the backup in place of the database and its keys.
  func restore(journalKept: Bool, now: UInt64) throws {
    guard let backup else { return }
    try disk.become(backup)
    restores += 1
    if !journalKept { journal = SimulatedJournal(isFirst: false) }
    try restart(now: now)
  }

  /// Takes the journal in, and begins a new epoch if the database turns out to be an old one.
  private func start(now: UInt64) throws {
    let seen = journal.witness
    _ = try commit(now: now) {
      for line in journal.lines { try engine.replay(line, now: now) }
      let commits = try store.integer("commits") ?? 0
      let epoch = try engine.epoch
      let isRestored =
        seen.map { $0.commits > commits || $0.epoch > epoch } ?? (commits > 1)
      guard isRestored else { return }
      try engine.beginRecovery(
        epoch: try engine.epochAfterRestore(witnessed: seen?.epoch),
        isJournalComplete: seen != nil && journal.isFirst, now: now)
      try store.setInteger("commits", max(commits, seen?.commits ?? 0))
    }
  }
}

extension Disk {
  /// Every replica's master key: what is sealed is of no interest here.
  static let master: SymmetricKey = {
    var random = SimulationRandom(seed: 1)
    return SymmetricKey.random(using: &random)
  }()
}
