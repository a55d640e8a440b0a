package import HTTPTransport
package import HTTPWire
package import Operations
import SyncProtocol

/// What the hub answers to over HTTP. Runs on the loop's thread, so it only takes a request apart
/// and hands it on.
package struct HubRoutes: Sendable {
  private let worker: HubWorker
  private let clock: any Clock
  private let enrolments: RateLimit

  package init(worker: HubWorker, clock: any Clock) {
    self.worker = worker
    self.clock = clock
    // Codes have 57 random bits; this only keeps guessing from being work for the disk.
    enrolments = RateLimit(perMinute: 30, clock: clock)
  }

  package func handle(_ incoming: IncomingRequest, _ responder: HTTPResponder) {
    let client = HubClient(
      respond: { responder.respond($0) }, onDisconnect: { responder.onDisconnect($0) })
    route(incoming.request, client)
  }

  package func route(_ request: HTTPRequest, _ client: HubClient) {
    var client = client
    client.program = request.headers.program
    client.arrivedMilliseconds = clock.bootMilliseconds()
    switch (request.method, request.path) {
    case (.get, "/healthz"): client.respond(.text(200, "ok"))
    case (.get, "/readyz"):
      client.respond(
        MonitoringRoutes.readiness(worker.meter, bootMilliseconds: clock.bootMilliseconds()))
    case (.post, "/v1/exchange"):
      guard isCBOR(request) else {
        let account = ExchangeAccount(.unreadable, receivedBytes: request.body.count)
        return worker.turnAway(client, Self.wrongType(.exchange), account)
      }
      guard let credentials = HubCredentials(request.headers) else {
        let account = ExchangeAccount(.notEnrolled, receivedBytes: request.body.count)
        return worker.turnAway(client, HubReplies.notEnrolled, account)
      }
      worker.submit(.exchange(credentials, body: request.body, client: client))
    case (.post, "/v1/enrol"):
      guard isCBOR(request) else {
        worker.meter.count(.unreadable)
        return client.respond(Self.wrongType(.enrolment))
      }
      guard enrolments.admit() else {
        worker.meter.count(.throttled)
        return client.respond(HubReplies.tooManyEnrolments)
      }
      worker.submit(.enrolment(body: request.body, client: client))
    default: client.respond(.text(404, "There is nothing here."))
    }
  }

  private func isCBOR(_ request: HTTPRequest) -> Bool {
    request.headers["Content-Type"]?.lowercased() == HubReplies.contentType
  }

  private static func wrongType(_ message: HubReplies.Message) -> HTTPResponse {
    HubReplies.refusal(
      of: message, .malformed, "The body is not \(HubReplies.contentType).",
      "Send what the specification says, with that content type.")
  }
}

/// Admits so many a minute, from anywhere; what is over has to come back later.
final class RateLimit: Sendable {
  private let perMinute: Int64
  private let clock: any Clock
  private let state: Lock<(allowanceMilliseconds: Int64, last: Int64)>

  init(perMinute: Int64, clock: any Clock) {
    self.perMinute = perMinute
    self.clock = clock
    state = Lock((allowanceMilliseconds: 60_000, last: clock.bootMilliseconds()))
  }

  /// A bucket of a minute's allowance that fills as time passes.
  func admit() -> Bool {
    let now = clock.bootMilliseconds()
    let cost = 60_000 / perMinute
    return state.withLock { state in
      let filled = min(60_000, state.allowanceMilliseconds + max(now - state.last, 0))
      state.last = now
      state.allowanceMilliseconds = filled >= cost ? filled - cost : filled
      return filled >= cost
    }
  }
}
