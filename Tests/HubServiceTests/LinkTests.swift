import CaseRecords
import Causality
import HTTPWire
import Operations
import ReplicaStore
import SyncProtocol
import Testing

@testable import HubService

@Suite struct LinkTests {
  let folder = TemporaryFolder()

  private func request(
    of device: TestDevice, pageBytes: UInt64 = 65_536, unsent: UInt64 = 0, wall: UInt64
  ) -> ExchangeRequest {
    var request = ExchangeRequest(
      epoch: 0, incarnation: device.incarnation, token: nil, digest: HoldingsDigest(),
      policySeen: 0, pageBytes: pageBytes, wallMilliseconds: wall)
    request.unsentCount = unsent
    return request
  }

  private func answered(
    _ request: ExchangeRequest, as device: TestDevice, by hub: TestHub, program: String? = nil
  ) throws -> TestClient {
    var message = TestHub.request(
      "/v1/exchange", request.encoded(),
      authorization: HubCredentials.header(device: device.id, secret: device.secret))
    message.headers["User-Agent"] = program
    let client = TestClient()
    hub.routes.route(message, client.client)
    try hub.settle()
    return client
  }

  private func only(_ hub: TestHub, week: Bool = false) throws -> JSON {
    try #require(try hub.operation("devices", ["week": .bool(week)]).arrayValue?.first)
  }

  @Test func anIdleExchangeIsCountedAndWrittenOnlyAfterTenMinutes() throws {
    let hub = try TestHub(folder: folder)
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    func poll() throws {
      let wall = UInt64(hub.clock.wallMilliseconds()) + 90_000
      let client = try answered(
        request(of: device, unsent: 3, wall: wall), as: device, by: hub, program: "cafsync/9.1")
      #expect(client.response?.status == 200)
    }
    // The first writes that the device was there.
    try poll()
    let commits = try hub.operation("status")["commits"]
    for _ in 0..<5 { try poll() }
    #expect(try hub.operation("status")["commits"] == commits)
    let found = try only(hub)
    #expect(found["link"]?["exchanges"] == 6 && found["link"]?["moved"] == 0)
    #expect(found["link"]?["pageBytes"] == 65_536 && found["link"]?["cut"] == 0)
    #expect(found["version"] == "9.1" && found["program"] == "cafsync/9.1")
    #expect(found["clockAheadMilliseconds"] == 90_000 && found["unsent"] == 3)
    let received = try #require(found["link"]?["receivedBytes"]?.unsignedValue)
    #expect(received >= 6 * 40)
    hub.clock.advance(milliseconds: DeviceLinks.writeMilliseconds)
    hub.worker.tick()
    try hub.settle()
    #expect(try hub.operation("status")["commits"] != commits)
    let written = try hub.operation("status")["commits"]
    hub.clock.advance(milliseconds: 4 * DeviceLinks.writeMilliseconds)
    hub.worker.tick()
    try hub.settle()
    #expect(try hub.operation("status")["commits"] == written, "nothing was new")
    hub.stop()
    let again = try TestHub(folder: folder, clock: hub.clock, isNew: false)
    defer { again.stop() }
    #expect(try only(again)["link"] == found["link"])
    #expect(try only(again)["program"] == "cafsync/9.1")
  }

  /// Of what a device was given, until it asks again: no pause, and nothing that was lost.
  @Test func aRoundTripIsFromAnAnswerToWhatFollowsIt() throws {
    let hub = try TestHub(folder: folder)
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    hub.stop()
    let store = try ReplicaStore(
      folder: folder.path, role: .hub, master: HubFolder(path: folder.path).masterKey())
    defer { store.close() }
    let known = try #require(try store.device(device.id))
    let client = TestClient().client
    func account(_ outcome: ExchangeOutcome, wasCut: Bool = false) -> ExchangeAccount {
      let visit = DeviceVisit(
        request(of: device, wall: 0), from: known, client: client, now: 3_600_000, wasCut: wasCut)
      return ExchangeAccount(outcome, receivedBytes: 50, visit: visit)
    }
    // When it came, whether it had asked the same before, what it got and when; and what was then
    // measured so far, in milliseconds.
    let table: [(at: Int64, wasCut: Bool, ExchangeOutcome, until: Int64, measured: [UInt64])] = [
      (1_000, false, .moved, 1_010, []), (1_400, false, .moved, 1_405, [390]),
      (1_505, false, .idle, 1_510, [390, 100]), (1_600, false, .moved, 1_600, [390, 100]),
      (61_601, false, .moved, 61_700, [390, 100]), (61_900, true, .moved, 61_900, [390, 100]),
      (62_000, false, .left, 62_000, [390, 100, 100]), (62_100, false, .idle, 0, [390, 100, 100]),
    ]
    var links = try DeviceLinks(store: store, bootMilliseconds: 0)
    for row in table {
      let account = account(row.2, wasCut: row.wasCut)
      links.noteArrival(account, bootMilliseconds: row.at)
      links.note(account, sentBytes: 200, bootMilliseconds: row.until)
      let hours = try links.week(in: store, now: 3_600_000)[known.number]
      let tally = try #require(hours?[1])
      #expect(tally.roundTrips == row.measured.count, "\(row)")
      #expect(tally.roundTripMilliseconds == row.measured.reduce(0, +), "\(row)")
      #expect(tally.roundTripBytes == 250 * UInt64(row.measured.count), "\(row)")
    }
  }

  @Test func aCleanStopKeepsWhatWasCounted() throws {
    let hub = try TestHub(folder: folder)
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    for _ in 0..<4 { _ = try answered(request(of: device, wall: 0), as: device, by: hub) }
    hub.stop()
    let again = try TestHub(folder: folder, clock: hub.clock, isNew: false)
    defer { again.stop() }
    _ = try answered(request(of: device, wall: 0), as: device, by: again)
    #expect(try only(again)["link"]?["exchanges"] == 5)
  }

  @Test func aRequestThatComesAgainWasCut() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.operation(
      "agency-add", ["name": "school", "sector": "school", "locality": "batley"])
    let device = try hub.device(of: "school")
    let first = request(of: device, wall: 0)
    for cut in 0..<3 {
      // The directory is on its way to it.
      let client = try answered(first, as: device, by: hub)
      guard case .answer(let answer)? = try client.reply() else {
        Issue.record("no answer")
        return
      }
      #expect(answer.token != nil)
      #expect(try only(hub)["link"]?["cut"]?.integerValue == Int64(cut))
      #expect(try only(hub)["link"]?["moved"]?.integerValue == Int64(cut) + 1)
    }
  }

  @Test func aDeviceMaySayAnythingOfItsProgram() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    let long = String(repeating: "x", count: 5_000)
    let table: [(said: String?, program: JSON, version: JSON)] = [
      ("cafsync/2.0", "cafsync/2.0", "2.0"), ("cafsync/2.0 (x)", "cafsync/2.0 (x)", "2.0"),
      (nil, .null, .null), ("", .null, .null), ("cafsync/", "cafsync/", .null),
      ("python/3", "python/3", .null),
      ("cafsync/" + long, .string("cafsync/" + long.prefix(32)), .string(String(long.prefix(32)))),
      ("a\u{1b}[2J\u{202e}\u{e9}b\n", "a[2Jb", .null),
    ]
    for row in table {
      _ = try answered(request(of: device, wall: 0), as: device, by: hub, program: row.said)
      let found = try only(hub)
      #expect(found["program"] == row.program && found["version"] == row.version)
    }
  }

  @Test func aDeviceIsInStepBehindOrSilentAndItsLeaseRuns() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    func stands(_ state: String, lease: JSON, inStep: Bool) throws {
      let found = try only(hub)
      #expect(found["state"] == .string(state) && found["leaseDaysLeft"] == lease)
      #expect(try hub.operation("status")["isInStep"]?.boolValue == inStep)
    }
    try stands("never", lease: .null, inStep: false)
    _ = try answered(request(of: device, wall: 0), as: device, by: hub)
    try stands("inStep", lease: 30, inStep: true)
    _ = try answered(request(of: device, unsent: 2, wall: 0), as: device, by: hub)
    try stands("behind", lease: 30, inStep: false)
    _ = try answered(request(of: device, wall: 0), as: device, by: hub)
    let day = Int64(DeviceStanding.dayMilliseconds)
    hub.clock.advance(milliseconds: day - 1)
    try stands("inStep", lease: 29, inStep: true)
    hub.clock.advance(milliseconds: 1)
    try stands("silent", lease: 29, inStep: false)
    hub.clock.advance(milliseconds: 2 * day)
    let attention = try hub.operation("status")["attention"]?.arrayValue
    #expect(attention == ["school, desk: silent for 3 days."])
    hub.clock.advance(milliseconds: 40 * day)
    try stands("silent", lease: 0, inStep: false)
    // What waits at the hub for news is there now, however long ago it came.
    let waiting = hub.poll(device)
    try hub.settle()
    try stands("inStep", lease: 30, inStep: true)
    waiting.goAway()
    try hub.settle()
    try stands("inStep", lease: 30, inStep: true)
    _ = try hub.operation("revoke-device", ["device": .string(device.id.text)])
    try stands("revoked", lease: .null, inStep: true)
  }

  @Test func newsWaitsSinceItCame() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    _ = try answered(request(of: device, wall: 0), as: device, by: hub)
    #expect(try only(hub)["behindSinceMilliseconds"] == .null)
    hub.clock.advance(milliseconds: 3_600_000)
    let came = UInt64(hub.clock.wallMilliseconds())
    for name in ["housing", "library"] {
      _ = try hub.operation(
        "agency-add", ["name": .string(name), "sector": "housing", "locality": "batley"])
      hub.clock.advance(milliseconds: 7_200_000)
    }
    let found = try only(hub)
    #expect(found["state"] == "behind" && found["compartmentsBehind"] == 1)
    #expect(found["behindSinceMilliseconds"] == .count(came))
    #expect(
      try hub.operation("status")["attention"]?.arrayValue == [
        "school, desk: 1 compartment waits for it, the oldest for 4 hours."
      ])
    _ = try answered(request(of: device, wall: 0), as: device, by: hub)
    #expect(try only(hub)["behindSinceMilliseconds"] == .null)
  }

  @Test func aWeekIsKeptInSamplesOfSixHours() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    let hour = Int64(DeviceLinks.hourMilliseconds)
    // Two exchanges every six hours, for nine days.
    for turn in 0..<36 {
      for unsent in [1, 0] {
        _ = try answered(
          request(of: device, unsent: UInt64(turn + unsent), wall: 0), as: device, by: hub)
      }
      if turn < 35 { hub.clock.advance(milliseconds: 6 * hour) }
      hub.worker.tick()
    }
    try hub.settle()
    let week = try #require(try only(hub, week: true)["week"])
    let exchanges = try #require(week["exchanges"]?.arrayValue)
    #expect(exchanges == [JSON](repeating: 2, count: 28))
    #expect(week["unsent"]?.arrayValue?.last == 36 && week["unsent"]?.arrayValue?.first == 9)
    let start = try #require(week["startMilliseconds"]?.integerValue)
    let now = hub.clock.wallMilliseconds()
    #expect(start + 27 * 6 * hour <= now && now < start + 28 * 6 * hour)
    #expect(try only(hub)["week"] == nil)
  }

  @Test func pollsAreCountedByHowTheyEnd() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    let meter = hub.worker.meter
    func count(_ outcome: ExchangeOutcome) -> UInt64 { meter.snapshot.exchanges[outcome] ?? 0 }
    let left = hub.poll(device)
    try hub.settle()
    #expect(meter.snapshot.exchanges.isEmpty)
    left.goAway()
    try hub.settle()
    #expect(count(.left) == 1)
    _ = hub.poll(device, waitMilliseconds: 1_000)
    try hub.settle()
    hub.clock.advance(milliseconds: 1_000)
    hub.worker.tick()
    try hub.settle()
    #expect(count(.idle) == 1 && meter.snapshot.durations.buckets.allSatisfy { $0 == 0 })
    _ = hub.poll(device)
    try hub.settle()
    _ = try hub.operation(
      "agency-add", ["name": "housing", "sector": "housing", "locality": "batley"])
    try hub.settle()
    #expect(count(.moved) == 1)
    let stranger = TestDevice(
      id: device.id, agency: device.agency, secret: [UInt8](repeating: 1, count: 32),
      incarnation: device.incarnation)
    _ = hub.poll(stranger)
    try hub.settle()
    #expect(count(.notEnrolled) == 1)
    #expect(meter.snapshot.enrolments == [.enrolled: 1])
    #expect(meter.snapshot.agencies.values.map(\.exchanges) == [3])
  }
}
