import CaseRecords
import Causality
import Cryptography
import Dispatch
import Foundation
import HTTPTransport
import HTTPWire
import Operations
import SyncProtocol

@testable import HubService

/// A device that has joined a `TestHub`.
struct TestDevice {
  let id: DeviceID
  let agency: AgencyID
  let secret: [UInt8]
  let incarnation: IncarnationID
}

/// What a client of a test gets, whenever it comes.
final class TestClient: Sendable {
  private let state = Lock<(response: HTTPResponse?, onGone: (@Sendable () -> Void)?)>((nil, nil))

  var client: HubClient {
    HubClient(
      respond: { [self] response in
        state.withLock { if $0.response == nil { $0.response = response } }
      },
      onDisconnect: { [self] action in state.withLock { $0.onGone = action } })
  }

  var response: HTTPResponse? { state.withLock { $0.response } }

  func goAway() { state.withLock { $0.onGone }?() }

  func reply() throws -> ExchangeReply? {
    try response.map { try ExchangeReply(encoded: $0.body) }
  }
}

/// A hub without sockets: requests go in at the routes, answers come out at `TestClient`.
final class TestHub {
  let clock: ManualClock
  let worker: HubWorker
  let routes: HubRoutes
  private var random = SystemRandomNumberGenerator()

  init(
    folder: TemporaryFolder, clock: ManualClock = ManualClock(), log: Log = .silent,
    isNew: Bool = true
  ) throws {
    self.clock = clock
    let hub = HubFolder(path: folder.path)
    if isNew { try hub.initialise() }
    worker = try HubWorker(
      folder: hub, configuration: HubConfiguration(folder: folder.path), log: log, clock: clock)
    routes = HubRoutes(worker: worker, clock: clock)
  }

  func stop() {
    worker.close()
    worker.stop()
  }

  func operation(_ name: String, _ arguments: JSON = [:]) throws -> JSON {
    let done = DispatchSemaphore(value: 0)
    let answer = Lock<Result<JSON, LocalFailure>?>(nil)
    worker.submit(
      .operation(name, arguments, who: "a test") { result in
        answer.withLock { $0 = result }
        done.signal()
      })
    guard done.wait(timeout: .now() + 20) == .success, let result = answer.withLock({ $0 }) else {
      throw LocalFailure(.busy, "the worker did not answer")
    }
    return try result.get()
  }

  /// Returns once everything handed in before, and what it woke, is done.
  func settle() throws {
    for _ in 0..<3 { _ = try operation("agencies") }
  }

  /// Kept out of the directory of agencies, so that there is nothing for a device that has just
  /// joined.
  func addAgency(_ name: String) throws -> AgencyID {
    let made = try operation(
      "agency-add",
      [
        "name": .string(name), "sector": "health", "locality": "Beeston", "sensitive": true,
      ])
    guard let id = made["id"]?.stringValue.flatMap({ AgencyID(text: $0) }) else {
      throw LocalFailure(.failure, "no identifier")
    }
    return id
  }

  func code(for agency: String) throws -> String {
    try operation("enrol", ["agency": .string(agency)])["code"]?.stringValue ?? ""
  }

  func enrol(_ request: EnrolmentRequest) throws -> EnrolmentReply {
    let client = TestClient()
    routes.route(Self.request("/v1/enrol", request.encoded()), client.client)
    try settle()
    return try EnrolmentReply(encoded: client.response?.body ?? [])
  }

  func device(of agency: String) throws -> TestDevice {
    let secret = (0..<32).map { _ in UInt8.random(in: 0 ... .max) }
    let id = DeviceID(using: &random)
    let reply = try enrol(
      EnrolmentRequest(
        code: code(for: agency), device: id, deviceName: "desk", secret: secret))
    guard case .enrolled(let agency, _, _, _, _, _) = reply else {
      throw LocalFailure(.refused, "\(reply)")
    }
    return TestDevice(
      id: id, agency: agency, secret: secret, incarnation: IncarnationID(using: &random))
  }

  func exchange(_ request: ExchangeRequest, as device: TestDevice) -> TestClient {
    let client = TestClient()
    routes.route(
      Self.request(
        "/v1/exchange", request.encoded(),
        authorization: HubCredentials.header(device: device.id, secret: device.secret)),
      client.client)
    return client
  }

  func poll(_ device: TestDevice, waitMilliseconds: UInt64 = 60_000) -> TestClient {
    exchange(
      ExchangeRequest(
        epoch: 0, incarnation: device.incarnation, token: nil, digest: HoldingsDigest(),
        policySeen: 0, waitMilliseconds: waitMilliseconds, wallMilliseconds: 0), as: device)
  }

  /// Something that every agency may read, unless another category is given.
  func publish(
    from device: TestDevice, in category: CaseRecords.Category = .directory,
    about child: ChildID? = nil
  ) -> TestClient {
    let compartment = Compartment(
      id: CompartmentID(using: &random), child: child, category: category,
      custodian: device.agency)
    let actor = Actor(rawValue: random.next())
    let change = Change(
      dot: Dot(actor: actor, counter: 1), context: VersionVector(),
      writes: [
        Write(record: RecordID(using: &random), kind: "note", group: "text", value: [0x01])
      ],
      time: HybridTime(milliseconds: 1_764_000_000_000, logical: 0),
      claimedMilliseconds: 1_764_000_000_000, author: PractitionerID(high: 5, low: 5))
    var request = ExchangeRequest(
      epoch: 0, incarnation: device.incarnation, token: nil, digest: HoldingsDigest(),
      policySeen: 0, wallMilliseconds: 0)
    request.page = Page(
      compartments: [compartment], items: [.change(compartment.id, change)])
    return exchange(request, as: device)
  }

  static func request(
    _ target: String, _ body: [UInt8], authorization: String? = nil,
    contentType: String = "application/cbor"
  ) -> HTTPRequest {
    var headers: HTTPHeaders = ["Content-Type": contentType]
    headers["Authorization"] = authorization
    return HTTPRequest(.post, target, headers: headers, body: body)
  }
}
