import CaseRecords
import Causality
import HTTPWire
import Operations
import SyncProtocol
import Testing

@testable import HubService

@Suite struct ServingTests {
  let folder = TemporaryFolder()

  @Test func anIdlePollWaitsUntilItsTimeIsOver() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    let atOnce = hub.poll(device, waitMilliseconds: 0)
    try hub.settle()
    #expect(atOnce.response?.status == 200)
    let waiting = hub.poll(device, waitMilliseconds: 5_000)
    try hub.settle()
    #expect(waiting.response == nil)
    #expect(try hub.operation("status")["waitingPolls"]?.integerValue == 1)
    hub.clock.advance(milliseconds: 4_999)
    hub.worker.tick()
    try hub.settle()
    #expect(waiting.response == nil)
    hub.clock.advance(milliseconds: 1)
    hub.worker.tick()
    try hub.settle()
    guard case .answer(let answer)? = try waiting.reply() else {
      Issue.record("no answer")
      return
    }
    #expect(answer.isCaughtUp && answer.token == nil && answer.page.items.isEmpty)
  }

  @Test func newsWakesThePollsOfThoseItConcerns() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    for name in ["school", "health"] { _ = try hub.addAgency(name) }
    let school = try hub.device(of: "school")
    let health = try hub.device(of: "health")
    let waiting = hub.poll(health)
    try hub.settle()
    #expect(waiting.response == nil)
    let published = hub.publish(from: school)
    try hub.settle()
    // What a sensitive service publishes concerns nobody; an agency in the directory, everybody.
    #expect(waiting.response == nil)
    _ = try hub.operation(
      "agency-add", ["name": "housing", "sector": "housing", "locality": "batley"])
    try hub.settle()
    guard case .answer(let mine)? = try published.reply(),
      case .answer(let theirs)? = try waiting.reply()
    else {
      Issue.record("an answer is missing")
      return
    }
    #expect(mine.quarantined.isEmpty && mine.token != nil)
    #expect(theirs.page.items.count == 1 && theirs.token != nil)
    #expect(try hub.operation("status")["waitingPolls"]?.integerValue == 0)
  }

  @Test func aPollThatIsAskedAgainOrLeftIsForgotten() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    let first = hub.poll(device)
    try hub.settle()
    let second = hub.poll(device)
    try hub.settle()
    #expect(first.response?.status == 200)
    #expect(second.response == nil)
    second.goAway()
    try hub.settle()
    #expect(try hub.operation("status")["waitingPolls"]?.integerValue == 0)
    #expect(second.response == nil)
  }

  @Test func stoppingAnswersThePollsAndTurnsOthersAway() throws {
    let hub = try TestHub(folder: folder)
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    let waiting = hub.poll(device)
    try hub.settle()
    hub.stop()
    #expect(waiting.response?.status == 200)
    let late = hub.poll(device)
    #expect(late.response?.status == 503)
    guard case .refused(.busy, _, _)? = try late.reply() else {
      Issue.record("not refused as busy")
      return
    }
  }

  @Test func anUnknownDeviceAndAWrongSecretLookTheSame() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    var random = SystemRandomNumberGenerator()
    let wrongSecret = TestDevice(
      id: device.id, agency: device.agency, secret: [UInt8](repeating: 0, count: 32),
      incarnation: device.incarnation)
    let unknown = TestDevice(
      id: DeviceID(using: &random), agency: device.agency, secret: device.secret,
      incarnation: device.incarnation)
    let clients = [hub.poll(wrongSecret), hub.poll(unknown)]
    let malformed = [nil, "", "CAFSync", "CAFSync x.y", "Basic abc"].map { header in
      let client = TestClient()
      hub.routes.route(
        TestHub.request("/v1/exchange", [], authorization: header), client.client)
      return client
    }
    try hub.settle()
    let responses = Set((clients + malformed).map { $0.response?.body })
    #expect(responses.count == 1)
    #expect((clients + malformed).allSatisfy { $0.response?.status == 401 })
    guard case .refused(.notEnrolled, _, _)? = try clients[0].reply() else {
      Issue.record("not refused as not enrolled")
      return
    }
  }

  @Test func badBodiesAreRefusedWithAReason() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    let authorization = HubCredentials.header(device: device.id, secret: device.secret)
    var newer = ExchangeRequest(
      epoch: 0, incarnation: device.incarnation, token: nil, digest: HoldingsDigest(),
      policySeen: 0, wallMilliseconds: 0)
    newer.protocolVersion = SyncLimits.protocolVersion + 1
    let whole = newer.encoded()
    let table: [(body: [UInt8], type: String, status: Int, code: RefusalCode)] = [
      ([], "application/cbor", 400, .malformed),
      (Array(whole.dropLast()), "application/cbor", 400, .malformed),
      (whole + [0], "application/cbor", 400, .malformed),
      ([UInt8](repeating: 0x9f, count: 5_000), "application/cbor", 400, .malformed),
      (whole, "text/plain", 400, .malformed),
      (whole, "application/cbor", 426, .newerProtocol),
    ]
    for row in table {
      let client = TestClient()
      hub.routes.route(
        TestHub.request(
          "/v1/exchange", row.body, authorization: authorization, contentType: row.type),
        client.client)
      try hub.settle()
      #expect(client.response?.status == row.status)
      guard case .refused(let code, _, _)? = try client.reply() else {
        Issue.record("not refused: \(row)")
        continue
      }
      #expect(code == row.code)
    }
    let nowhere: [(HTTPMethod, String)] = [
      (.get, "/v1/exchange"), (.post, "/"), (.post, "/admin/status"),
    ]
    for (method, target) in nowhere {
      let client = TestClient()
      hub.routes.route(HTTPRequest(method, target), client.client)
      #expect(client.response?.status == 404)
    }
    let health = TestClient()
    hub.routes.route(HTTPRequest(.get, "/healthz"), health.client)
    #expect(health.response?.status == 200)
  }
}
