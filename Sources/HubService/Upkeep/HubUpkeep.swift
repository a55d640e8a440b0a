package import HTTPTransport
package import Operations

/// What an operator has done to a hub's files that takes long and only reads them, such as a
/// backup: on a thread of its own beside the worker, over connections of its own, so that exchanges
/// go on meanwhile.
package final class HubUpkeep: Sendable {
  /// The operations that come here instead of to the worker.
  package static let operations: Set<String> = ["backup", "check"]

  private let folder: HubFolder
  private let worker: HubWorker
  private let log: Log
  private let clock: any Clock
  /// One at a time: two backups would write over one another.
  private let thread = WorkerThread(name: "hub upkeep", capacity: 8)
  /// By the boot clock.
  private let started: Int64
  private let measuredDay = Lock<UInt64?>(nil)

  package init(folder: HubFolder, worker: HubWorker, log: Log, clock: any Clock) {
    self.folder = folder
    self.worker = worker
    self.log = log
    self.clock = clock
    started = clock.bootMilliseconds()
  }

  /// Has any operation done, here or by the worker, for whom `who` names. Returns at once.
  package func ask(
    _ operation: String, _ arguments: JSON, who: String,
    answer: @escaping @Sendable (Result<JSON, LocalFailure>) -> Void
  ) {
    guard Self.operations.contains(operation) else {
      return worker.submit(.operation(operation, arguments, who: who, answer: answer))
    }
    if let refused = submit(operation, arguments, who: who, answer) { answer(.failure(refused)) }
  }

  /// Has it done, and says at once why it will not be; what comes of it is written down. One at a
  /// time, so that nobody can fill the disk or the queue by pressing a button.
  func begin(_ operation: String, _ arguments: JSON, who: String) -> LocalFailure? {
    let mine = UpkeepProgress.Running(
      operation: operation, who: who, sinceMilliseconds: UInt64(max(clock.wallMilliseconds(), 0)))
    if let running = worker.upkeep.beginAlone(mine) {
      return LocalFailure(
        .conflict, "A \(running.operation) is under way already. Wait until it has ended.")
    }
    let refused = submit(operation, arguments, who: who) { _ in }
    if refused != nil { worker.upkeep.end() }
    return refused
  }

  private func submit(
    _ operation: String, _ arguments: JSON, who: String,
    _ answer: @escaping @Sendable (Result<JSON, LocalFailure>) -> Void
  ) -> LocalFailure? {
    let task = UpkeepTask(
      folder: folder, operation: operation, arguments: arguments, who: who,
      now: UInt64(max(clock.wallMilliseconds(), 0)))
    do throws(WorkerThreadError) {
      try thread.submit { [self] in perform(task, answer) }
      return nil
    } catch {
      return LocalFailure(.busy, "The hub is \(error)")
    }
  }

  package func stop() { thread.stop() }

  /// To be called every second or so: measures once a day, and a minute after the start at the
  /// earliest, when more pressing things are done.
  package func tick() {
    let now = UInt64(max(clock.wallMilliseconds(), 0))
    let day = now / HubCapacity.dayMilliseconds
    let boot = clock.bootMilliseconds()
    let isDue = measuredDay.withLock { measured in
      guard measured != day, boot - started >= 60_000 else { return false }
      measured = day
      return true
    }
    guard isDue else { return }
    let task = UpkeepTask(
      folder: folder, operation: "measure", arguments: [:], who: "hub", now: now)
    // A queue that is full has pressing things in it; tomorrow is another day.
    try? thread.submit { [self] in perform(task) { _ in } }
  }

  private func perform(
    _ task: UpkeepTask, _ answer: @escaping @Sendable (Result<JSON, LocalFailure>) -> Void
  ) {
    worker.upkeep.begin(
      UpkeepProgress.Running(
        operation: task.operation, who: task.who, sinceMilliseconds: task.now))
    defer { worker.upkeep.end() }
    do {
      let outcome = try worker.whileReading { try task.run() }
      log.info("upkeep done", ["operation": .text(task.operation)])
      if let line = outcome.answer["auditBrokenLine"]?.unsignedValue {
        log.error("the audit log was changed", ["line": .count(line)])
      }
      if let remark = outcome.remark { return tell(remark, then: outcome.answer, answer) }
      guard let note = outcome.note else { return answer(.success(outcome.answer)) }
      worker.submit(.note(note, answer: answer))
    } catch {
      log.error("upkeep failed", ["operation": .text(task.operation), "error": .error(error)])
      let failure =
        error as? LocalFailure ?? LocalFailure(HubFailures.exit(of: error), "\(error)")
      guard let note = task.noteOfFailure(failure.sentence) else {
        return answer(.failure(failure))
      }
      worker.submit(.note(note) { _ in answer(.failure(failure)) })
    }
  }

  /// What was found is told, whether or not it could be written down.
  private func tell(
    _ remark: HubNote, then found: JSON,
    _ answer: @escaping @Sendable (Result<JSON, LocalFailure>) -> Void
  ) {
    worker.submit(
      .note(remark) { [log] result in
        if case .failure(let failure) = result {
          log.error("a check could not be written down", ["error": .error(failure)])
        }
        answer(.success(found))
      })
  }
}

/// One piece of upkeep, whoever runs it: the daemon, or a command while none runs.
struct UpkeepTask: Sendable {
  let folder: HubFolder
  let operation: String
  let arguments: JSON
  /// Who asks, as the audit log names them.
  let who: String
  let now: UInt64

  /// What is told, and what is to be written down first.
  struct Outcome {
    var answer: JSON
    var note: HubNote?
    /// The same, by the daemon alone: a hub that does not run may be too damaged to write to.
    var remark: HubNote?
  }

  func run() throws -> Outcome {
    switch operation {
    case "backup": try backUp()
    case "measure":
      Outcome(
        answer: [:], note: .measured(try HubCapacity(folder: folder, now: now).sample()))
    case "check": check()
    default: throw LocalFailure(.usage, "The hub knows no upkeep \"\(operation)\".")
    }
  }

  func noteOfFailure(_ sentence: String) -> HubNote? {
    operation == "backup" ? .backupFailed(atMilliseconds: now, who: who, sentence: sentence) : nil
  }

  private func check() -> Outcome {
    let answer = HubCheck.run(folder, now: now)
    return Outcome(answer: answer, remark: .checked(who: who, answer: answer))
  }

  private func backUp() throws -> Outcome {
    try folder.requireCurrentSchema()
    let keep = arguments["keep"]?.integerValue
    if let keep, !(1...10_000).contains(keep) {
      throw LocalFailure(.usage, "keep is a whole number from 1 to 10000.")
    }
    let backup = try HubBackup(
      of: folder, to: try path("to"), keys: try path("keys"), keep: keep.map { Int($0) },
      program: ProgramVersion.text)
    let answer = try backup.take(now: now).json
    return Outcome(answer: answer, note: .backedUp(atMilliseconds: now, who: who, answer: answer))
  }

  /// Whole paths only: the daemon may have been started elsewhere.
  private func path(_ name: String) throws -> String {
    guard let path = arguments[name]?.stringValue, path.hasPrefix("/"), path.utf8.count <= 4_000
    else { throw LocalFailure(.usage, "\(name) is a folder's whole path, beginning with /.") }
    return path
  }
}
