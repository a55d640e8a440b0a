import HTTPTransport
import HTTPWire
import Operations

/// What a hub answers to those who watch over it, on a listener of its own that never leaves the
/// machine: `/metrics` for Prometheus, `/readyz` for whoever sends it work, `/healthz`.
///
/// Any user of the machine can ask, so it says nothing of a child, and whoever asks without end
/// costs the worker one look a second.
final class MonitoringRoutes: Sendable {
  private static let keptMilliseconds: Int64 = 1_000

  private struct Asking {
    var text = ""
    var atBootMilliseconds = Int64.min
    /// Who waits for the text that is being made.
    var waiting: [HTTPResponder] = []
  }

  private let worker: HubWorker
  private let server: HTTPServerCounters
  private let connectionsMax: Int
  private let log: LogCounts
  private let clock: any Clock
  private let asking = Lock(Asking())

  init(
    worker: HubWorker, server: HTTPServerCounters, connectionsMax: Int, log: LogCounts,
    clock: any Clock
  ) {
    self.worker = worker
    self.server = server
    self.connectionsMax = connectionsMax
    self.log = log
    self.clock = clock
  }

  func handle(_ incoming: IncomingRequest, _ responder: HTTPResponder) {
    let request = incoming.request
    // A page in a browser on this machine can be made to ask here under another name.
    guard Self.isOwnName(request.headers["Host"] ?? "") else {
      responder.respond(.text(421, "Ask under the name of this machine's loopback address."))
      return
    }
    switch (request.method, request.path) {
    case (.get, "/metrics"): metrics(responder)
    case (.get, "/readyz"):
      responder.respond(Self.readiness(worker.meter, bootMilliseconds: clock.bootMilliseconds()))
    case (.get, "/healthz"): responder.respond(.text(200, "ok"))
    default: responder.respond(.text(404, "There is nothing here."))
    }
  }

  static func readiness(_ meter: HubMeter, bootMilliseconds: Int64) -> HTTPResponse {
    let condition = meter.snapshot.condition
    if let objection = condition.objection(bootMilliseconds: bootMilliseconds) {
      return .text(503, objection)
    }
    return .text(200, condition.readySentence)
  }

  static func isOwnName(_ host: String) -> Bool {
    let name =
      host.hasPrefix("[") ? host.prefix { $0 != "]" }.dropFirst() : host.prefix { $0 != ":" }
    return ["127.0.0.1", "localhost", "::1"].contains(name)
  }

  private func metrics(_ responder: HTTPResponder) {
    let now = clock.bootMilliseconds()
    let (kept, isFirst) = asking.withLock { asking -> (String?, Bool) in
      if now - Self.keptMilliseconds < asking.atBootMilliseconds { return (asking.text, false) }
      asking.waiting.append(responder)
      return (nil, asking.waiting.count == 1)
    }
    if let kept { return respond(kept, to: [responder]) }
    guard isFirst else { return }
    worker.submit(
      .operation("metrics", [:], who: "monitoring") { [self] result in
        switch result {
        case .success(let answer): finish(answer["text"]?.stringValue)
        case .failure: finish(nil)
        }
      })
  }

  /// - Parameter stored: nil when the database has not answered: what is in memory is told still.
  private func finish(_ stored: String?) {
    let now = clock.bootMilliseconds()
    let running = RunningMetrics(
      meter: worker.meter, server: server, connectionsMax: connectionsMax, log: log,
      bootMilliseconds: now
    ).text(isStoreReadable: stored != nil)
    let text = running + (stored ?? "")
    let waiting = asking.withLock { asking in
      asking.text = text
      asking.atBootMilliseconds = now
      defer { asking.waiting = [] }
      return asking.waiting
    }
    respond(text, to: waiting)
  }

  private func respond(_ text: String, to responders: [HTTPResponder]) {
    let response = HTTPResponse(
      status: 200, headers: ["Content-Type": PrometheusText.contentType], body: Array(text.utf8))
    for responder in responders { responder.respond(response) }
  }
}
