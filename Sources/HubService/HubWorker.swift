package import Operations
import HTTPTransport
import HTTPWire
import SyncProtocol

/// The one thread that owns the database. Whatever arrives while it works waits in the inbox, and
/// is then taken as one batch.
package final class HubWorker: Sendable {
  /// Bodies that may wait at once; whoever comes then is asked to come again.
  private static let inboxBytesMax = 128 << 20

  private struct Inbox {
    var jobs: [HubJob] = []
    var bytes = 0
    /// The thread has been told to look.
    var isScheduled = false
    var isClosed = false
  }

  private let inbox = Lock(Inbox())
  let console: ConsoleState
  private let core: Lock<HubCore>
  let meter: HubMeter
  /// Those who read the files beside the worker at this moment.
  private let readers: ReadersBeside
  let upkeep: UpkeepProgress
  private let thread = WorkerThread(name: "hub", capacity: 4)
  private let rounds = Lock(0)

  /// How many batches it has finished: while it is well, one at least for each tick.
  var roundsFinished: Int { rounds.withLock { $0 } }

  package init(
    folder: HubFolder, configuration: HubConfiguration, log: Log, clock: any Clock
  ) throws {
    let meter = HubMeter(clock: clock)
    self.meter = meter
    let readers = ReadersBeside()
    self.readers = readers
    let upkeep = UpkeepProgress()
    self.upkeep = upkeep
    console = try ConsoleState(folder: folder, configuration: configuration, clock: clock)
    core = Lock(
      try HubCore(
        folder: folder, configuration: configuration, log: log, clock: clock, meter: meter,
        readers: readers, upkeep: upkeep, console: console))
  }

  /// Hands a job over and returns at once; from any thread.
  package func submit(_ job: HubJob) {
    let (isTaken, wakes) = inbox.withLock { inbox -> (Bool, Bool) in
      guard !inbox.isClosed, inbox.bytes + job.bytes <= Self.inboxBytesMax else {
        return (false, false)
      }
      inbox.jobs.append(job)
      inbox.bytes += job.bytes
      defer { inbox.isScheduled = true }
      return (true, !inbox.isScheduled)
    }
    guard isTaken else { return turnAway(job) }
    if wakes { schedule() }
  }

  package func tick() { submit(.tick) }

  /// Runs `body` on the caller's thread, which may read the files for long: what is to be destroyed
  /// physically waits for its end, since a reader would keep the old pages.
  func whileReading<T>(_ body: () throws -> T) rethrows -> T {
    readers.come()
    defer { readers.go() }
    return try body()
  }

  /// Takes nothing more, and answers the polls that wait.
  package func close() {
    inbox.withLock { $0.isClosed = true }
    // Only a stopped thread refuses, and then there is nothing left to answer.
    _ = try? thread.submit { [self] in core.withLock { $0.answerAllPolls() } }
  }

  /// Finishes what waits and closes the files.
  package func stop() {
    inbox.withLock { $0.isClosed = true }
    thread.stop()
    core.withLock { $0.close() }
  }

  private func schedule() {
    do throws(WorkerThreadError) {
      try thread.submit { [self] in drain() }
    } catch {
      // Stopped meanwhile: nobody will look any more.
      for job in take() { turnAway(job) }
    }
  }

  private func drain() {
    var woken: [HubJob] = []
    while true {
      let jobs = woken + take(unlessWoken: !woken.isEmpty)
      if jobs.isEmpty { return }
      woken = core.withLock { $0.run(jobs) { [weak self] in self?.submit(.forget(parked: $0)) } }
      rounds.withLock { $0 += 1 }
    }
  }

  /// Everything that waits. When that is nothing, the next job has to wake the thread.
  private func take(unlessWoken hasOthers: Bool = false) -> [HubJob] {
    inbox.withLock { inbox in
      let jobs = inbox.jobs
      inbox.jobs = []
      inbox.bytes = 0
      if jobs.isEmpty && !hasOthers { inbox.isScheduled = false }
      return jobs
    }
  }

  private func turnAway(_ job: HubJob) {
    let isClosed = inbox.withLock { $0.isClosed }
    switch job {
    case .exchange(_, let body, let client):
      turnAway(
        client, isClosed ? HubReplies.stopping(.exchange) : HubReplies.busy(.exchange),
        ExchangeAccount(.busy, receivedBytes: body.count))
    case .enrolment(_, let client):
      meter.count(.busy)
      client.respond(isClosed ? HubReplies.stopping(.enrolment) : HubReplies.busy(.enrolment))
    case .operation(_, _, _, let answer), .note(_, let answer):
      answer(.failure(LocalFailure(.busy, "The hub is busy or shutting down. Try again.")))
    case .wake(let poll): poll.client.respond(HubReplies.stopping(.exchange))
    case .forget, .tick: break
    }
  }

  /// Answers a device that the worker has nothing to do for.
  func turnAway(_ client: HubClient, _ response: HTTPResponse, _ account: ExchangeAccount) {
    client.respond(response)
    meter.count(account, sentBytes: response.body.count, milliseconds: nil)
  }
}
