import Causality
import Foundation
import HTTPTransport
import Operations
import SyncEngine
import SyncProtocol
import Testing

@testable import AgencyService

/// A hub that can be reached or not, and a loop that asks it. A poll is answered when it is
/// aborted.
private final class TestLine: Sendable {
  struct State {
    var isReachable = true
    /// Nobody answers, nor says so.
    var isHanging = false
    var isRecovering = false
    var exchanges = 0
    var aborts = 0
    var isAborted = false
    var isPolling = false
    var pauses: [Int64] = []
  }

  /// Draws the longest pause each time.
  private struct Longest: RandomNumberGenerator {
    mutating func next() -> UInt64 { .max }
  }

  private let state = Lock(State())

  var now: State { state.withLock { $0 } }

  func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

  /// Waits until it is so. The length of the limit decides only how long a failure takes.
  func awaits(_ isSo: (State) -> Bool) -> Bool {
    let end = Date().addingTimeInterval(60)
    while !isSo(now) {
      if Date() > end { return false }
      usleep(2_000)
    }
    return true
  }

  func loop(backoff: Backoff) -> SyncLoop {
    let log = Log(
      sink: { [self] line in
        guard let match = line.firstMatch(of: #/next_try_ms=(\d+)/#) else { return }
        change { $0.pauses.append(Int64(match.1) ?? -1) }
      })
    return SyncLoop(
      link: SyncLoop.Link(
        exchange: { [self] in try exchange($0) },
        abort: { [self] in
          change {
            $0.aborts += 1
            $0.isAborted = true
          }
        }, forgetAbort: { [self] in change { $0.isAborted = false } }),
      engine: SyncLoop.Engine(
        next: { wait, _, _ in
          ExchangeRequest(
            epoch: 1, incarnation: IncarnationID(high: 1, low: 1), token: nil,
            digest: HoldingsDigest(), policySeen: 0, waitMilliseconds: wait, wallMilliseconds: 0)
        },
        received: { [self] _, _ in
          if now.isRecovering { return AgencyOutcome(kind: .recovering) }
          var outcome = AgencyOutcome(kind: .answered)
          outcome.isCaughtUp = true
          return outcome
        }, failed: {}, pending: { 0 }),
      configuration: AgencyConfiguration(folder: ""), clock: SystemClock(), log: log,
      backoff: backoff, random: { Longest() })
  }

  private func exchange(_ request: ExchangeRequest) throws -> ExchangeReply {
    change { $0.exchanges += 1 }
    guard now.isReachable else { throw OperationError(.unreachable, "Nobody answers.") }
    if now.isHanging {
      while !now.isAborted { usleep(1_000) }
      throw SyncLoop.Aborted()
    }
    if request.waitMilliseconds > 0 {
      change { $0.isPolling = true }
      defer { change { $0.isPolling = false } }
      while !now.isAborted { usleep(1_000) }
      throw SyncLoop.Aborted()
    }
    return .answer(
      ExchangeAnswer(epoch: 1, hubMilliseconds: 0, leaseDays: 30, isCaughtUp: true))
  }
}

@Suite("The schedule of exchanges")
struct SyncLoopTests {
  private static let minutes = Backoff(baseMilliseconds: 300_000, capMilliseconds: 300_000)

  @Test("a pause of minutes ends at once when the line may be back, or the machine wakes")
  func returning() throws {
    for news in [LineNews.mayBeBack, .resumed] {
      let line = TestLine()
      line.change { $0.isReachable = false }
      let loop = line.loop(backoff: Self.minutes)
      try loop.start()
      defer { loop.stop() }
      #expect(line.awaits { $0.pauses == [300_000] })
      #expect(!loop.line.isUp)
      // That the line is gone ends no pause.
      loop.noteLine(.mayBeGone)
      #expect(line.now.exchanges == 1)
      line.change { $0.isReachable = true }
      loop.noteLine(news)
      #expect(line.awaits { $0.isPolling })
      #expect(loop.line.isUp && line.now.exchanges == 3)
    }
  }

  @Test("news before the first pause has begun is not lost")
  func early() throws {
    let line = TestLine()
    line.change { $0.isReachable = false }
    let loop = line.loop(backoff: Self.minutes)
    loop.noteLine(.mayBeBack)
    try loop.start()
    defer { loop.stop() }
    #expect(line.awaits { $0.exchanges == 2 })
  }

  @Test("a poll on a line that is probably dead is given up and the hub asked at once")
  func deadPoll() throws {
    for news in [LineNews.mayBeGone, .resumed] {
      let line = TestLine()
      let loop = line.loop(backoff: Self.minutes)
      try loop.start()
      defer { loop.stop() }
      #expect(line.awaits { $0.isPolling })
      loop.noteLine(.mayBeBack)
      #expect(line.now.aborts == 0)
      line.change { $0.isReachable = false }
      loop.noteLine(news)
      #expect(line.awaits { !$0.pauses.isEmpty })
      #expect(!loop.line.isUp)
    }
  }

  @Test("an attempt that hangs is given up once when the line may be back, and not again")
  func hanging() throws {
    let line = TestLine()
    line.change { $0.isHanging = true }
    let loop = line.loop(backoff: Self.minutes)
    try loop.start()
    defer { loop.stop() }
    #expect(line.awaits { $0.exchanges == 1 })
    loop.noteLine(.mayBeBack)
    #expect(line.awaits { $0.exchanges == 2 && !$0.isAborted })
    loop.noteLine(.mayBeBack)
    #expect(line.now.aborts == 1)
    line.change { $0.isHanging = false }
    loop.noteLine(.resumed)
    #expect(line.awaits { $0.isPolling } && loop.line.isUp)
  }

  @Test("what is saved while a poll waits leaves without waiting for its end")
  func pushing() throws {
    let line = TestLine()
    let loop = line.loop(backoff: Self.minutes)
    try loop.start()
    defer { loop.stop() }
    #expect(line.awaits { $0.isPolling })
    let before = line.now.exchanges
    loop.notify()
    // Not the poll again, but an exchange that waits for nothing, and then the poll.
    #expect(line.awaits { $0.exchanges == before + 2 && $0.isPolling })
  }

  @Test("pauses double up to their limit, and begin again when the line may be back")
  func doubling() throws {
    let line = TestLine()
    line.change { $0.isReachable = false }
    let loop = line.loop(backoff: Backoff(baseMilliseconds: 5, capMilliseconds: 60))
    try loop.start()
    defer { loop.stop() }
    #expect(line.awaits { $0.pauses.starts(with: [5, 10, 20, 40, 60, 60]) })
    #expect(line.now.pauses.count { $0 == 5 } == 1)
    loop.noteLine(.mayBeBack)
    #expect(line.awaits { $0.pauses.count { $0 == 5 } == 2 })
  }

  @Test("a restored hub that wants what this device cannot give is asked again after a pause")
  func recovering() throws {
    let line = TestLine()
    line.change { $0.isRecovering = true }
    let loop = line.loop(backoff: Self.minutes)
    try loop.start()
    defer { loop.stop() }
    #expect(line.awaits { $0.pauses == [300_000] })
    #expect(line.now.exchanges == 1)
  }
}
