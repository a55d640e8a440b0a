import Cryptography
import HTTPTransport
import Operations
import SyncEngine
import SyncProtocol

/// The thread that keeps the replica in step with the hub: one exchange after another, a long poll
/// while there is nothing to do, and patience while there is no line.
///
/// A pause after failures grows up to five minutes; it ends at once when the machine notices that
/// the line may be back (`LineWatch`), and a request that hangs on a dead line is then given up.
///
/// It owns no state of the synchronisation: what to send and what to make of the reply is asked of
/// the engine, on the worker thread. Here is only the line: the page size that it bears, how long
/// to wait after a failure, and who waits for an exchange to be finished.
final class SyncLoop: Sendable {
  /// The way to the hub.
  struct Link: Sendable {
    /// Throws `Aborted` when it was ended from here.
    let exchange: @Sendable (ExchangeRequest) throws -> ExchangeReply
    /// Ends the exchange that is under way, from any thread.
    let abort: @Sendable () -> Void
    let forgetAbort: @Sendable () -> Void
  }

  struct Aborted: Error {}

  /// What the worker does for the loop.
  struct Engine: Sendable {
    let next:
      @Sendable (_ waitMilliseconds: UInt64, _ pageBytes: Int, _ asksReceived: Bool) throws
        -> ExchangeRequest
    let received: @Sendable (ExchangeReply, ExchangeRequest) throws -> AgencyOutcome
    let failed: @Sendable () throws -> Void
    /// What an exchange would still have to carry.
    let pending: @Sendable () throws -> Int
  }

  /// How the line stands.
  struct Line: Sendable {
    var isUp = false
    var exchanges = 0
    var lastSuccessMilliseconds: Int64?
    var lastFailure: String?
    var isCaughtUp = false
  }

  struct Report: Sendable {
    let exchanges: Int
    let pending: Int
  }

  private struct Waiter: Sendable {
    let deadline: Int64
    var isUnderWay = false
    var exchanges = 0
    let finish: @Sendable (Result<Report, OperationError>) -> Void
  }

  private struct State: Sendable {
    var line = Line()
    var isPolling = false
    var isExchanging = false
    /// The line may be back: failures of before do not count.
    var startsAfresh = false
    /// An attempt was given up because the line may be back: the next one has its time, however
    /// often links come and go.
    var hasGivenUpAttempt = false
    var isStopping = false
    var hasNews = false
    var waiters: [Waiter] = []

    /// An attempt on a dead line hangs for seconds.
    mutating func mayGiveUpAttempt() -> Bool {
      guard !line.isUp, !hasGivenUpAttempt else { return false }
      hasGivenUpAttempt = true
      return true
    }

    mutating func takeFreshStart() -> Bool {
      defer { startsAfresh = false }
      return startsAfresh
    }
  }

  private enum Step { case again, poll, fail(OperationError) }

  /// Exchanges in a row that may ask for another without having moved anything.
  private static let fruitlessMax = 50
  /// How long a person waits for “sync now”.
  static let waiterMilliseconds: Int64 = 90_000

  private let link: Link
  private let engine: Engine
  private let configuration: AgencyConfiguration
  private let clock: any Clock
  private let log: Log
  private let backoff: Backoff
  private let random: @Sendable () -> any RandomNumberGenerator
  private let state = Lock(State())
  private let bell = Doorbell()
  private let thread = WorkerThread(name: "sync", capacity: 1)

  /// - Parameter backoff: the pauses after failures; else as configured, from a second on.
  /// - Parameter random: draws them.
  init(
    link: Link, engine: Engine, configuration: AgencyConfiguration, clock: any Clock, log: Log,
    backoff: Backoff? = nil,
    random: @escaping @Sendable () -> any RandomNumberGenerator = { SecureRandom() }
  ) {
    self.link = link
    self.engine = engine
    self.configuration = configuration
    self.clock = clock
    self.log = log
    self.backoff =
      backoff
      ?? Backoff(
        baseMilliseconds: min(1_000, configuration.retryMillisecondsMax),
        capMilliseconds: configuration.retryMillisecondsMax)
    self.random = random
  }

  func start() throws(WorkerThreadError) {
    try thread.submit { [self] in run() }
  }

  var line: Line { state.withLock { $0.line } }

  /// Something was saved: it leaves at once while the line is up.
  func notify() {
    state.withLock { state in
      state.hasNews = true
      if state.isPolling { link.abort() }
    }
    if line.isUp { bell.ring() }
  }

  /// A hint of what may have become of the line: it is tried at once, instead of waiting for the
  /// end of a pause or for a dead connection to be noticed.
  func noteLine(_ news: LineNews) {
    let wasUp = state.withLock { state in
      if news != .mayBeGone { state.startsAfresh = true }
      if state.isExchanging, news != .mayBeBack || state.mayGiveUpAttempt() { link.abort() }
      return state.line.isUp
    }
    log.info("line", ["news": .text("\(news)"), "was_up": .flag(wasUp)])
    if news != .mayBeGone { bell.ring() }
  }

  /// One full exchange, now, whatever the wait was; `finish` learns what truly came of it.
  func sync(_ finish: @escaping @Sendable (Result<Report, OperationError>) -> Void) {
    let waiter = Waiter(
      deadline: clock.bootMilliseconds() + Self.waiterMilliseconds, finish: finish)
    let isStopping = state.withLock { state in
      if !state.isStopping { state.waiters.append(waiter) }
      if state.isPolling { link.abort() }
      return state.isStopping
    }
    if isStopping { finish(.failure(Self.stopping)) }
    bell.ring()
  }

  /// Ends the thread within about a second, whatever the line is doing.
  func stop() {
    let waiters = state.withLock { state in
      state.isStopping = true
      defer { state.waiters = [] }
      return state.waiters
    }
    link.abort()
    bell.ring()
    for waiter in waiters { waiter.finish(.failure(Self.stopping)) }
    thread.stop()
  }

  private static let stopping = OperationError(.busy, "The daemon is stopping.")

  // MARK: The thread

  private func run() {
    var backoff = backoff
    var random = random()
    var pageBytes = SyncLimits.pageBytesDefault
    var isIdle = false
    var fruitless = 0
    while !state.withLock({ $0.isStopping }) {
      switch exchange(isIdle: isIdle, pageBytes: pageBytes, fruitless: &fruitless) {
      case .again:
        isIdle = false
        backoff.succeeded()
        pageBytes = min(pageBytes * 2, SyncLimits.pageBytesMax)
      case .poll:
        isIdle = true
        backoff.succeeded()
        pageBytes = min(pageBytes * 2, SyncLimits.pageBytesMax)
      case .fail(let error):
        isIdle = false
        pageBytes = max(pageBytes / 2, SyncLimits.pageBytesMin)
        fruitless = 0
        giveUp(error)
        if state.withLock({ $0.takeFreshStart() }) { backoff.succeeded() }
        let wait = backoff.failed(using: &random)
        log.warning(
          "no exchange with the hub",
          ["reason": .text(error.sentence), "next_try_ms": .count(wait)])
        if state.withLock({ $0.waiters.isEmpty && !$0.isStopping }) {
          bell.wait(milliseconds: wait)
        }
      }
    }
  }

  private func exchange(isIdle: Bool, pageBytes: Int, fruitless: inout Int) -> Step {
    let (mayWait, isAsked) = state.withLock { state in
      let mayWait = isIdle && !state.hasNews && state.waiters.isEmpty
      state.hasNews = false
      for index in state.waiters.indices { state.waiters[index].isUnderWay = true }
      return (mayWait, !state.waiters.isEmpty)
    }
    do {
      let request = try engine.next(
        mayWait ? configuration.waitMilliseconds : 0, pageBytes, isAsked)
      let isPoll = request.waitMilliseconds > 0
      // What was saved since then must not wait for the end of a poll.
      let isOvertaken = state.withLock { state in
        state.isPolling = isPoll
        state.isExchanging = true
        return isPoll && (state.hasNews || state.waiters.contains { !$0.isUnderWay })
      }
      if isOvertaken {
        leavePoll()
        return .again
      }
      let reply: ExchangeReply
      do {
        defer { leavePoll() }
        reply = try link.exchange(request)
      }
      let outcome = try engine.received(reply, request)
      return try conclude(outcome, fruitless: &fruitless)
    } catch is Aborted {
      // Whether the hub had the request is unknown; the engine sends it again.
      do { try engine.failed() } catch { return .fail(OperationError(any: error)) }
      return .again
    } catch {
      do { try engine.failed() } catch { return .fail(OperationError(any: error)) }
      if error is HTTPClientError || error is MessageError {
        return .fail(OperationError(.unreachable, "\(error)"))
      }
      return .fail(OperationError(any: error))
    }
  }

  private func leavePoll() {
    state.withLock { state in
      state.isPolling = false
      state.isExchanging = false
      if !state.isStopping { link.forgetAbort() }
    }
  }

  private func conclude(_ outcome: AgencyOutcome, fruitless: inout Int) throws -> Step {
    if case .refused(_, let sentence, let whatToDo) = outcome.kind {
      return .fail(OperationError(.refused, sentence + " " + whatToDo))
    }
    let isFinished = outcome.isCaughtUp && !outcome.needsAnotherNow
    fruitless = outcome.madeProgress || isFinished ? 0 : fruitless + 1
    if case .recovering = outcome.kind, !outcome.needsAnotherNow {
      return .fail(
        OperationError(
          .busy,
          "The hub has been restored and takes back what it lost; this device cannot give back "
            + "more at this moment. It is tried again."))
    }
    if fruitless > Self.fruitlessMax {
      return .fail(
        OperationError(.failure, "Hub and device go round in a circle: tell the operator."))
    }
    let now = clock.bootMilliseconds()
    let wall = clock.wallMilliseconds()
    let finished = state.withLock { state in
      state.line.isUp = true
      state.hasGivenUpAttempt = false
      state.line.exchanges += 1
      state.line.lastSuccessMilliseconds = wall
      state.line.lastFailure = nil
      state.line.isCaughtUp = isFinished
      for index in state.waiters.indices where state.waiters[index].isUnderWay {
        state.waiters[index].exchanges += 1
      }
      guard isFinished || state.waiters.contains(where: { $0.deadline <= now }) else {
        return [Waiter]()
      }
      let done = state.waiters.filter { $0.isUnderWay && (isFinished || $0.deadline <= now) }
      state.waiters.removeAll { $0.isUnderWay && (isFinished || $0.deadline <= now) }
      return done
    }
    if !finished.isEmpty {
      let pending = try engine.pending()
      for waiter in finished {
        waiter.finish(
          isFinished
            ? .success(Report(exchanges: waiter.exchanges, pending: pending))
            : .failure(
              OperationError(
                .busy,
                "Not finished within \(Self.waiterMilliseconds / 1_000) s: \(pending) still to go. "
                  + "It goes on by itself.")))
      }
    }
    return isFinished ? .poll : .again
  }

  /// The line is down: whoever waits is told so.
  private func giveUp(_ error: OperationError) {
    let waiters = state.withLock { state in
      state.line.isUp = false
      state.hasGivenUpAttempt = false
      state.line.isCaughtUp = false
      state.line.lastFailure = error.sentence
      let told = state.waiters.filter(\.isUnderWay)
      state.waiters.removeAll(where: \.isUnderWay)
      return told
    }
    for waiter in waiters { waiter.finish(.failure(error)) }
  }
}
