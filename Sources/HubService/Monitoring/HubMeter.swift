package import Operations

/// What a hub counts while it runs, for its metrics, and what says whether it can work. In memory
/// only, and readable from any thread: it answers when the worker cannot.
package final class HubMeter: Sendable {
  struct Counts: Sendable {
    var exchanges: [ExchangeOutcome: UInt64] = [:]
    var enrolments: [EnrolmentOutcome: UInt64] = [:]
    var receivedBytes: UInt64 = 0
    var sentBytes: UInt64 = 0
    /// From a request's arrival to its answer, of those that did not wait for news.
    var durations = DurationHistogram()
    /// By the agency's number.
    var agencies: [Int64: (exchanges: UInt64, cut: UInt64)] = [:]
    var cut: UInt64 = 0
    var batches: UInt64 = 0
    var failedBatches: UInt64 = 0
    var condition = HubCondition()
  }

  /// By the wall clock.
  let startedMilliseconds: Int64
  private let counts: Lock<Counts>

  package init(clock: any Clock) {
    startedMilliseconds = clock.wallMilliseconds()
    var counts = Counts()
    counts.condition.lastTurnBootMilliseconds = clock.bootMilliseconds()
    self.counts = Lock(counts)
  }

  var snapshot: Counts { counts.withLock { $0 } }

  /// - Parameter milliseconds: nil when it waited for news.
  func count(_ account: ExchangeAccount, sentBytes: Int, milliseconds: Int64?) {
    counts.withLock { counts in
      counts.exchanges[account.outcome, default: 0] += 1
      counts.receivedBytes += UInt64(account.receivedBytes)
      counts.sentBytes += UInt64(sentBytes)
      if let milliseconds { counts.durations.add(milliseconds: milliseconds) }
      guard let visit = account.visit else { return }
      counts.agencies[visit.agency, default: (0, 0)].exchanges += 1
      guard visit.wasCut else { return }
      counts.cut += 1
      counts.agencies[visit.agency, default: (0, 0)].cut += 1
    }
  }

  func count(_ outcome: EnrolmentOutcome) {
    counts.withLock { $0.enrolments[outcome, default: 0] += 1 }
  }

  /// The worker looks at what there is to do.
  func noteTurn(bootMilliseconds: Int64) {
    counts.withLock { $0.condition.lastTurnBootMilliseconds = bootMilliseconds }
  }

  func noteBatch(isKept: Bool, isProof: Bool) {
    counts.withLock { counts in
      counts.batches += 1
      if isKept {
        if isProof { counts.condition.isWriting = true }
      } else {
        counts.failedBatches += 1
        counts.condition.isWriting = false
      }
    }
  }

  func noteDisk(_ space: DiskSpace?) {
    counts.withLock { $0.condition.disk = space }
  }

  func noteRecovering(_ isRecovering: Bool) {
    counts.withLock { $0.condition.isRecovering = isRecovering }
  }
}

/// How often something took how long. Bounds as Prometheus has them: each bucket holds what took at
/// most so long.
struct DurationHistogram: Sendable {
  static let boundsMilliseconds: [Int64] = [
    5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000,
  ]

  /// One for each bound, and one for what took longer.
  private(set) var buckets = [UInt64](repeating: 0, count: boundsMilliseconds.count + 1)
  private(set) var sumMilliseconds: Int64 = 0

  mutating func add(milliseconds: Int64) {
    let spent = max(milliseconds, 0)
    let place = Self.boundsMilliseconds.firstIndex { spent <= $0 } ?? buckets.count - 1
    buckets[place] += 1
    sumMilliseconds += spent
  }
}
