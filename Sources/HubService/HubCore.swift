import CaseRecords
import Causality
import Cryptography
import HTTPTransport
import HTTPWire
import Operations
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol

/// The hub's state and its one transaction at a time. Confined by `HubWorker` to whoever holds its
/// lock.
final class HubCore {
  let configuration: HubConfiguration
  let folder: HubFolder
  let log: Log
  let clock: any Clock
  let store: ReplicaStore
  let engine: HubEngine
  let journal: PolicyJournalFile
  let journalKey: SymmetricKey
  let meter: HubMeter
  var links: DeviceLinks
  let console: ConsoleState
  private let witness: WitnessFile
  private let readers: ReadersBeside
  let upkeep: UpkeepProgress
  /// Copies of the hub's own are to be destroyed, and somebody was reading.
  private var owesPurge = false
  private(set) var polls = ParkedPolls()
  private var nextPoll: UInt64 = 1
  /// By the boot clock: when to look for what time has ended, if nobody comes before.
  private var nextExpiry = Int64.min

  private static let expiryMilliseconds: Int64 = 10_000

  init(
    folder: HubFolder, configuration: HubConfiguration, log: Log, clock: any Clock,
    meter: HubMeter? = nil, readers: ReadersBeside = ReadersBeside(),
    upkeep: UpkeepProgress = UpkeepProgress(), console: ConsoleState? = nil
  ) throws {
    self.meter = meter ?? HubMeter(clock: clock)
    self.readers = readers
    self.upkeep = upkeep
    self.folder = folder
    self.configuration = configuration
    self.log = log
    self.clock = clock
    self.console =
      try console ?? ConsoleState(folder: folder, configuration: configuration, clock: clock)
    let secrets = try folder.secrets()
    journalKey = try folder.journalKey(secrets)
    store = try Self.store(in: folder)
    store.database.isTimingStatements = true
    links = try DeviceLinks(store: store, bootMilliseconds: clock.bootMilliseconds())
    let isJournalMissing = try folder.replaceMissingJournal()
    witness = try WitnessFile(path: folder.witnessPath)
    journal = try PolicyJournalFile(path: folder.journalPath, key: journalKey)
    engine = try HubEngine(
      store: store, secrets: secrets, journal: journal, leaseDays: configuration.leaseDays,
      changeLogDays: configuration.changeLogDays, random: SystemRandomNumberGenerator())
    try start(isJournalMissing: isJournalMissing)
  }

  private static func store(in folder: HubFolder) throws -> ReplicaStore {
    do {
      do {
        try folder.requireCurrentSchema()
      } catch let error as SQLiteError {
        throw StoreError(opening: folder.path, error)
      }
      return try ReplicaStore(folder: folder.path, role: .hub, master: folder.masterKey())
    } catch StoreError.damaged(let file, let detail) {
      throw HubFolderError.damagedDatabase(file: file, detail: detail)
    } catch StoreError.wrongKey {
      throw HubFolderError.wrongKey(file: folder.masterKeyPath)
    }
  }

  var now: UInt64 { UInt64(max(clock.wallMilliseconds(), 0)) }

  func close() {
    writeLinks()
    store.close()
  }

  /// Takes the journal in, and begins a new epoch if the database turns out to be an old one.
  private func start(isJournalMissing: Bool) throws {
    let seen = witness.found
    try commit {
      let holdsWitnessed = try journal.takeIn(
        witness: isJournalMissing ? nil : seen, log: log
      ) { line in try engine.replay(line, now: now) }
      let commits = try store.integer("commits") ?? 0
      let epoch = try engine.epoch
      // The witness may be late by what was not on the disk yet, so a restoring says it as well.
      let isRestored =
        try HubRestore.isFresh(store)
        || seen.map { $0.commits > commits || $0.epoch > epoch } ?? (commits > 1)
      let isPolicyLost = isJournalMissing && commits > 0
      guard isRestored || isPolicyLost else { return }
      let isComplete = seen != nil && holdsWitnessed && !isJournalMissing
      let next = try engine.epochAfterRestore(witnessed: seen?.epoch)
      try engine.beginRecovery(epoch: next, isJournalComplete: isComplete, now: now)
      try store.setInteger("commits", max(commits, seen?.commits ?? 0))
      try HubRestore.markBegun(store)
      log.warning(
        "the database was restored; devices give back what it lost",
        ["epoch": .count(next), "journalComplete": .flag(isComplete)])
    }
  }

  // MARK: Transactions

  /// One transaction: journal first, then the database, then the witness, then what may only
  /// follow.
  func commit<T>(_ body: () throws -> T) throws -> T {
    let before = store.database.totalChanges
    let result: T
    do {
      result = try store.transaction {
        let result = try body()
        if store.database.totalChanges != before {
          try store.setInteger("commits", (try store.integer("commits") ?? 0) + 1)
          try store.noteFeeds(of: engine.touchedAgencies, atMilliseconds: now)
        }
        try journal.flush()
        return result
      }
    } catch {
      journal.forget(after: 0)
      try engine.forgetTransaction()
      throw error
    }
    if store.database.totalChanges != before { follow() }
    return result
  }

  /// After a commit. A failure here takes nothing back: it is told to the operator, and done at the
  /// next occasion or start.
  private func follow() {
    purge()
    do {
      try witness.write(
        Witness(
          epoch: try engine.epoch, commits: try store.integer("commits") ?? 0,
          journalBytes: journal.bytes, journalChain: journal.chain))
    } catch {
      log.error("the witness cannot be written", ["error": .error(error)])
    }
  }

  private func purge() {
    owesPurge = readers.areThere
    if owesPurge { return }
    do {
      try engine.purgeHubCopies()
    } catch {
      log.error("purging the hub's own copies failed", ["error": .error(error)])
    }
  }

  // MARK: Batches

  /// What one job came to, told only once the batch is on the disk.
  private enum Outcome {
    case respond(HubClient, HTTPResponse, ExchangeAccount?)
    case park(ParkedPoll)
    case answer(@Sendable (Result<JSON, LocalFailure>) -> Void, Result<JSON, LocalFailure>)
    case finish(HubJob, () throws -> JSON)
    case nothing
  }

  /// Runs all jobs in one transaction, answers them, and returns the polls that this has woken.
  func run(_ jobs: [HubJob], onGone: @escaping @Sendable (UInt64) -> Void) -> [HubJob] {
    let boot = clock.bootMilliseconds()
    meter.noteTurn(bootMilliseconds: boot)
    let work = jobs.filter { !isDoneAtOnce($0) }
    var outcomes: [Outcome] = []
    if !work.isEmpty || boot >= nextExpiry {
      if boot >= nextExpiry { meter.noteDisk(DiskSpace(of: folder.path)) }
      do {
        let writesLinks = links.isDue(bootMilliseconds: boot)
        let before = store.database.totalChanges
        outcomes = try commit {
          try engine.expire(now: now)
          if boot >= nextExpiry { try tidy() }
          if writesLinks { try links.write(to: store, now: now) }
          return try work.map { try perform($0) }
        }
        nextExpiry = boot + Self.expiryMilliseconds
        meter.noteBatch(isKept: true, isProof: store.database.totalChanges != before)
        if writesLinks { links.forgetWritten(bootMilliseconds: boot) }
      } catch {
        log.error("a batch failed and was rolled back", ["error": .error(error)])
        meter.noteBatch(isKept: false, isProof: false)
        outcomes = work.map { failed($0, error) }
      }
    }
    if owesPurge { purge() }
    for outcome in outcomes { settle(outcome, onGone: onGone) }
    answerIdle(polls.removeDue(now: boot))
    return polls.removeAll(of: engine.takeTouched()).map { .wake($0) }
  }

  /// What needs no transaction.
  private func isDoneAtOnce(_ job: HubJob) -> Bool {
    switch job {
    case .forget(let number):
      if let poll = polls.remove(number) { noteLeft(poll) }
      return true
    case .tick: return true
    case .exchange, .enrolment, .operation, .note, .wake: return false
    }
  }

  func answerAllPolls() { answerIdle(polls.removeAll()) }

  private func answerIdle(_ idle: [ParkedPoll]) {
    guard !idle.isEmpty else { return }
    let reply = idleReply()
    for poll in idle {
      poll.client.respond(reply)
      note(poll.account, sentBytes: reply.body.count)
    }
  }

  private func settle(_ outcome: Outcome, onGone: @escaping @Sendable (UInt64) -> Void) {
    switch outcome {
    case .respond(let client, let response, let account):
      client.respond(response)
      if let account { note(account, sentBytes: response.body.count, answering: client) }
    case .answer(let answer, let result): answer(result)
    case .finish(let job, let finish):
      do {
        let result = try finish()
        if case .operation(_, _, _, let answer) = job { answer(.success(result)) }
      } catch {
        settle(failed(job, error), onGone: onGone)
      }
    case .park(let poll):
      polls.park(poll)
      if let visit = poll.account.visit { links.note(visit) }
      links.noteArrival(
        poll.account, bootMilliseconds: poll.client.arrivedMilliseconds)
      poll.client.onDisconnect { onGone(poll.number) }
    case .nothing: break
    }
  }

  private func perform(_ job: HubJob) throws -> Outcome {
    switch job {
    case .exchange(let credentials, let body, let client):
      return try exchange(credentials, body, client, deadline: nil)
    case .wake(let poll):
      return try exchange(poll.credentials, poll.body, poll.client, deadline: poll.deadline)
    case .enrolment(let body, let client):
      return try guarded(job) { .respond(client, try enrol(body), nil) }
    case .operation(let name, let arguments, let who, let answer):
      return try guarded(job) {
        let administration = HubAdministration(core: self, who: who)
        switch try administration.perform(name, arguments) {
        case .done(let result): return .answer(answer, .success(result))
        case let begun: return .finish(job) { try administration.finish(begun, name, arguments) }
        }
      }
    case .note(let note, let answer):
      return try guarded(job) { .answer(answer, .success(try note.write(to: store, now: now))) }
    case .forget, .tick: return .nothing
    }
  }

  /// What fails alone is undone alone. When the transaction itself has died, the batch fails.
  private func guarded(_ job: HubJob, _ body: () throws -> Outcome) throws -> Outcome {
    do {
      return try engine.alone(body)
    } catch {
      guard store.database.isInTransaction else { throw error }
      return failed(job, error)
    }
  }

  private func failed(_ job: HubJob, _ error: any Error) -> Outcome {
    switch job {
    case .exchange(let credentials, let body, let client):
      log.error(
        "an exchange failed", ["device": .text(credentials.device.text), "error": .error(error)])
      let account = ExchangeAccount(.failed, receivedBytes: body.count)
      return .respond(client, HubReplies.fault(.exchange), account)
    case .wake(let poll):
      log.error("an exchange failed", ["error": .error(error)])
      let account = ExchangeAccount(.failed, receivedBytes: poll.body.count)
      return .respond(poll.client, HubReplies.fault(.exchange), account)
    case .enrolment(_, let client):
      log.error("an enrolment failed", ["error": .error(error)])
      meter.count(.failed)
      return .respond(client, HubReplies.fault(.enrolment), nil)
    case .operation(_, _, _, let answer), .note(_, let answer):
      let failure = error as? LocalFailure
      return .answer(
        answer, .failure(failure ?? LocalFailure(HubFailures.exit(of: error), "\(error)")))
    case .forget, .tick: return .nothing
    }
  }

  // MARK: The three kinds of requests

  private func exchange(
    _ credentials: HubCredentials, _ body: [UInt8], _ client: HubClient, deadline: Int64?
  ) throws -> Outcome {
    let job = HubJob.exchange(credentials, body: body, client: client)
    let device = try store.device(credentials.device)
    guard credentials.matches(device?.secretDigest), let device else {
      let account = ExchangeAccount(.notEnrolled, receivedBytes: body.count)
      return .respond(client, HubReplies.notEnrolled, account)
    }
    let request: ExchangeRequest
    do throws(MessageError) {
      request = try ExchangeRequest(encoded: body)
    } catch {
      log.warning("an exchange was unreadable", ["device": .text(device.id.text)])
      let account = ExchangeAccount(.unreadable, receivedBytes: body.count)
      return .respond(client, HubReplies.unreadable(.exchange, error), account)
    }
    if let earlier = polls.removeEarlier(of: request.incarnation) {
      // It was idle when it was parked; saying so is true, and spends nothing.
      answerIdle([earlier])
    }
    return try guarded(job) {
      let reply = try engine.exchange(request, from: device, now: now)
      let visit = DeviceVisit(
        request, from: device, client: client, now: now, wasCut: reply.isRetry)
      let account = ExchangeAccount(reply.outcome, receivedBytes: body.count, visit: visit)
      let wait = min(request.waitMilliseconds, configuration.waitMillisecondsMax)
      let boot = clock.bootMilliseconds()
      let deadline = deadline ?? boot + Int64(clamping: wait)
      if reply.isIdle && deadline > boot && body.count <= ParkedPolls.bodyBytesMax {
        defer { nextPoll += 1 }
        return .park(
          ParkedPoll(
            number: nextPoll, credentials: credentials, body: body, client: client,
            incarnation: request.incarnation, agency: device.agency, deadline: deadline,
            account: account))
      }
      return .respond(
        client, HubReplies.encoded(200, reply.reply.encoded(page: reply.page)), account)
    }
  }

  /// What a poll gets that has waited for nothing.
  private func idleReply() -> HTTPResponse {
    do {
      let answer = ExchangeAnswer(
        epoch: try engine.epoch, hubMilliseconds: now, leaseDays: engine.leaseDays,
        isCaughtUp: true)
      return HubReplies.encoded(200, ExchangeReply.answer(answer).encoded())
    } catch {
      log.error("the epoch cannot be read", ["error": .error(error)])
      return HubReplies.fault(.exchange)
    }
  }

  private func enrol(_ body: [UInt8]) throws -> HTTPResponse {
    let request: EnrolmentRequest
    do throws(MessageError) {
      request = try EnrolmentRequest(encoded: body)
    } catch {
      meter.count(.unreadable)
      return HubReplies.unreadable(.enrolment, error)
    }
    let reply = try engine.enrol(request, now: now)
    switch reply {
    case .enrolled(let agency, _, _, _, _, _):
      meter.count(.enrolled)
      log.info(
        "device enrolled", ["device": .text(request.device.text), "agency": .text(agency.text)])
      return HubReplies.encoded(200, reply.encoded())
    case .refused(let code, let sentence, let whatToDo):
      meter.count(.refused)
      log.warning("enrolment refused", ["device": .text(request.device.text)])
      return HubReplies.refusal(of: .enrolment, code, sentence, whatToDo)
    }
  }
}
