import HTTPWire
import Operations
import ReplicaStore
import SQLite
import Testing

@testable import HubService

@Suite struct MonitoringTests {
  let folder = TemporaryFolder()

  private func readiness(_ hub: TestHub) -> HTTPResponse? {
    let client = TestClient()
    hub.routes.route(HTTPRequest(.get, "/readyz"), client.client)
    return client.response
  }

  private func sentence(_ response: HTTPResponse?) -> String {
    String(decoding: response?.body ?? [], as: UTF8.self)
  }

  @Test func readyMeansThatTheWorkerTurns() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    hub.worker.tick()
    try hub.settle()
    #expect(readiness(hub) == .text(200, "ready"))
    hub.clock.advance(milliseconds: HubCondition.stuckMilliseconds - 1)
    #expect(readiness(hub)?.status == 200)
    hub.clock.advance(milliseconds: 1)
    #expect(readiness(hub)?.status == 503)
    hub.worker.tick()
    try hub.settle()
    #expect(readiness(hub)?.status == 200)
  }

  @Test func whatStandsInTheWayIsSaidInOneSentence() {
    let room = HubCondition.freeBytesMin
    func disk(_ free: UInt64) -> DiskSpace { DiskSpace(freeBytes: free, sizeBytes: 1 << 40) }
    let table: [(HubCondition, String?)] = [
      (HubCondition(), nil), (HubCondition(disk: disk(room)), nil),
      (HubCondition(disk: disk(room - 1)), "full"), (HubCondition(isWriting: false), "write"),
      (HubCondition(lastTurnBootMilliseconds: -60_000), "busy"),
      (HubCondition(isRecovering: true), nil),
    ]
    for (condition, word) in table {
      let objection = condition.objection(bootMilliseconds: 0)
      #expect((objection == nil) == (word == nil))
      #expect(objection?.contains(word ?? "") ?? true)
    }
    #expect(HubCondition(isRecovering: true).readySentence.contains("recovering"))
  }

  /// A batch that the disk refuses makes the hub unready until it has written again.
  @Test func aFailedBatchIsSeenUntilTheDiskTakesAWord() throws {
    let hub = HubFolder(path: folder.path)
    try hub.initialise()
    let clock = ManualClock()
    let meter = HubMeter(clock: clock)
    let core = try HubCore(
      folder: hub, configuration: HubConfiguration(folder: folder.path), log: .silent,
      clock: clock, meter: meter)
    defer { core.close() }
    func turn() {
      clock.advance(milliseconds: 10_000)
      _ = core.run([.tick], onGone: { _ in })
    }
    turn()
    #expect(meter.snapshot.condition.isWriting && meter.snapshot.failedBatches == 0)
    try core.store.database.execute(
      """
      CREATE TRIGGER full BEFORE INSERT ON meta BEGIN SELECT raise(ROLLBACK, 'full'); END
      """)
    let arguments: JSON = ["name": "school", "sector": "a", "locality": "b"]
    _ = core.run([.operation("agency-add", arguments, who: "operator") { _ in }], onGone: { _ in })
    #expect(!meter.snapshot.condition.isWriting && meter.snapshot.failedBatches == 1)
    turn()
    #expect(!meter.snapshot.condition.isWriting && meter.snapshot.failedBatches == 2)
    try core.store.database.execute("DROP TRIGGER full")
    turn()
    #expect(meter.snapshot.condition.isWriting && meter.snapshot.failedBatches == 2)
  }

  @Test func aNameCannotBreakOutOfItsLabel() {
    var text = PrometheusText()
    text.family(
      "a_bytes", .gauge, "What.", by: "agency",
      [("plain", 1.5), ("\"} 7\nb_bytes 9\\", 3), ("é", Double(1 << 60))])
    #expect(
      text.text == """
        # HELP a_bytes What.
        # TYPE a_bytes gauge
        a_bytes{agency="plain"} 1.5
        a_bytes{agency="\\"} 7\\nb_bytes 9\\\\"} 3
        a_bytes{agency="é"} 1152921504606846976

        """)
  }

  @Test func durationsFallIntoBuckets() {
    var histogram = DurationHistogram()
    for milliseconds: Int64 in [-1, 0, 5, 6, 10_000, 10_001] {
      histogram.add(milliseconds: milliseconds)
    }
    #expect(histogram.buckets == [3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1])
    #expect(histogram.sumMilliseconds == 20_012)
    var text = PrometheusText()
    text.histogram("b_seconds", "How long.", histogram)
    #expect(text.text.contains("b_seconds_bucket{le=\"0.01\"} 4\n"))
    #expect(text.text.contains("b_seconds_bucket{le=\"+Inf\"} 6\n"))
    #expect(text.text.hasSuffix("b_seconds_sum 20.012\nb_seconds_count 6\n"))
  }

  @Test func onlyThisMachinesOwnNamesAreAnswered() {
    let table = [
      ("127.0.0.1:8701", true), ("127.0.0.1", true), ("localhost:1", true), ("[::1]:8701", true),
      ("", false), ("evil.example", false), ("127.0.0.1.evil.example", false),
      ("localhost.evil.example:8701", false), ("[::2]", false),
    ]
    for (host, isOwn) in table { #expect(MonitoringRoutes.isOwnName(host) == isOwn, "\(host)") }
  }
}
