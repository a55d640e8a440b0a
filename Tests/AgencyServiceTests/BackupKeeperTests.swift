import CaseRecords
import Causality
import Cryptography
import Foundation
import Operations
import Testing

@testable import AgencyService
@testable import SyncEngine

@Suite("When a backup is written")
struct BackupKeeperTests {
  /// A keeper whose clock stands still, over an engine that always has something to write.
  private final class Kept {
    let clock = ManualClock()
    let keeper: BackupKeeper
    private let written = Lock(0)
    private let folder =
      FileManager.default.temporaryDirectory.path + "/cafsync-\(UUID().uuidString)"

    init() throws {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
      let agency = AgencyID(high: 1, low: 1)
      let key = try PrivateBackupKey(
        passphrase: "three quiet herons",
        cost: PassphraseKey.Cost(iterations: 2, blockSize: 1, parallelism: 1))
      let marks = Lock<Set<UInt64>>([])
      let written = written
      keeper = BackupKeeper(
        path: folder + "/notes", folder: folder,
        engine: BackupKeeper.Engine(
          agency: agency,
          need: { _ in
            .due(
              PrivateBackupDraft(
                agency: agency, key: key, body: [0], compartmentCount: 0, standing: [],
                knownMarks: marks.withLock { $0 }, writtenMilliseconds: 1))
          },
          willWrite: { mark, _ in marks.withLock { _ = $0.insert(mark) } },
          didWrite: { _, _ in written.withLock { $0 += 1 } }, setKey: { _ in },
          restore: { _, _ in (PrivateRestore(), false) }),
        clock: clock, log: .silent, retryMillisecondsMax: 1_000)
      try keeper.start()
    }

    // A folder that cannot be removed is no failure of the test.
    deinit {
      keeper.stop()
      try? FileManager.default.removeItem(atPath: folder)
    }

    /// How many files there have been, once the keeper has looked at everything before this.
    var count: Int {
      for _ in 1...2 {
        let done = DispatchSemaphore(value: 0)
        guard keeper.perform({ done.signal() }) else { return -1 }
        done.wait()
      }
      return written.withLock { $0 }
    }
  }

  private func news(_ writes: Int, _ removals: Int) -> PrivateNews {
    var news = PrivateNews()
    (news.writes, news.removals) = (writes, removals)
    return news
  }

  @Test("the first change at once, the next when its time has come, what was destroyed at once")
  func pace() throws {
    let kept = try Kept()
    kept.keeper.note(news(0, 0))
    #expect(kept.count == 1)
    for writes in 1...20 { kept.keeper.note(news(writes, 0)) }
    #expect(kept.count == 1)
    kept.clock.advance(milliseconds: 1_999)
    kept.keeper.tryAgain()
    #expect(kept.count == 1)
    kept.clock.advance(milliseconds: 1)
    kept.keeper.tryAgain()
    #expect(kept.count == 2)
    // No news is no reason to write.
    kept.clock.advance(milliseconds: 10_000)
    kept.keeper.note(news(20, 0))
    #expect(kept.count == 2)
    kept.keeper.note(news(21, 0))
    #expect(kept.count == 3)
    kept.keeper.note(news(21, 1))
    #expect(kept.count == 4)
    kept.clock.advance(milliseconds: 600_000)
    kept.keeper.note(news(21, 1))
    _ = kept.count
    #expect(kept.count == 5)
  }
}
