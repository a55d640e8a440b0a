import HTTPTransport
import HTTPWire
import Operations
import PageServer
import Pages

/// The operator's pages: who may ask, which page it is, and what it is made of. They are made of
/// what the operator's commands answer, and so hold nothing of a child but its random identifier.
///
/// Served on loopback, on a port of their own: what the proxy lets through to the devices' side
/// never reaches them. The proxy before them speaks TLS under the configured address; an operator
/// on the hub's own machine, or at the end of a tunnel, comes without.
final class HubConsole: Sendable {
  typealias Give = @Sendable (HTTPResponse) -> Void
  typealias Answer = @Sendable (Result<JSON, LocalFailure>) -> Void

  let state: ConsoleState
  let events: ConsoleEvents
  let worker: HubWorker
  /// Nil where pages alone are served.
  let upkeep: HubUpkeep?
  let configuration: HubConfiguration
  let log: Log
  let clock: any Clock
  /// `https://console.example`, as the proxy serves it; nil when there is none.
  private let publicURL: String?
  private let port = Lock<UInt16>(0)
  /// Scrypt takes its time, which no exchange is to wait for.
  let signingIn = SignInQueue()
  let delays: GuessDelays
  /// Strangers do not fill the audit log: what is beyond stands in it no more.
  let notLetIn: RateLimit

  init(
    _ configuration: HubConfiguration, worker: HubWorker, upkeep: HubUpkeep? = nil,
    clock: any Clock, log: Log
  ) {
    self.configuration = configuration
    self.upkeep = upkeep
    state = worker.console
    self.worker = worker
    self.log = log
    self.clock = clock
    publicURL = configuration.consolePublicURL
    delays = GuessDelays(clock: clock)
    notLetIn = RateLimit(perMinute: 6, clock: clock)
    events = ConsoleEvents(clock: clock) { [worker] give in
      worker.submit(.operation("revision", [:], who: "console", answer: give))
    }
  }

  /// To be called once the port is known.
  func serve(on port: UInt16) {
    self.port.withLock { $0 = port }
    state.address.withLock { $0 = publicURL ?? "http://127.0.0.1:\(port)" }
  }

  func stop() {
    events.stop()
    signingIn.stop()
  }

  // MARK: Who comes, and from where

  /// The address under which the request came, as a browser names an origin; nil when it is none
  /// that this console has.
  private func origin(of request: HTTPRequest) -> String? {
    guard let host = request.headers["Host"]?.lowercased() else { return nil }
    if let publicURL, publicURL == "https://" + host { return publicURL }
    let port = port.withLock { $0 }
    return host == "127.0.0.1:\(port)" || host == "localhost:\(port)" ? "http://" + host : nil
  }

  /// The user of this machine whose connection it is, and behind the proxy, the address that it
  /// names. Blank for what nobody says.
  private func source(of incoming: IncomingRequest) -> SignInQueue.Asker {
    var asker = SignInQueue.Asker(user: "", name: "")
    if case .network(_, let peer) = incoming.peer,
      let user = LoopbackPeer.user(port: peer, serverPort: port.withLock { $0 })
    {
      asker.user = "\(user)"
    }
    if publicURL != nil, origin(of: incoming.request) == publicURL {
      asker.address = ClientAddress.network(of: incoming.request.headers["X-Real-IP"] ?? "")
    }
    return asker
  }

  func cookie(_ origin: String) -> PageCookie {
    PageCookie(name: "cafsync-hub", isSecure: origin.hasPrefix("https://"))
  }

  // MARK: Answering

  func answer(_ incoming: IncomingRequest, _ responder: HTTPResponder) {
    answer(
      incoming.request, from: { [self] in source(of: incoming) },
      onGone: { responder.onDisconnect($0) }, { responder.respond($0) })
  }

  /// - Parameter asker: whom a try to sign in counts for, but for the name.
  func answer(
    _ request: HTTPRequest, from asker: () -> SignInQueue.Asker,
    onGone: @escaping (@escaping @Sendable () -> Void) -> Void = { _ in },
    _ give: @escaping Give
  ) {
    guard let origin = origin(of: request) else {
      return give(.text(403, "This address is not the console's. See console.publicURL."))
    }
    if let asset = PageResponse.asset(request) { return give(asset) }
    switch (request.method, request.path) {
    case (.get, "/sign-in"): give(signIn(byLink: request, origin))
    case (.post, "/sign-in"): signIn(byPassphrase: request, from: asker, origin, give)
    case (.get, _), (.head, _), (.post, _):
      let isEvents = request.path == "/events"
      guard let cookie = cookie(origin).secret(in: request),
        let session = state.sessions.session(cookie: cookie, isUse: !isEvents),
        // Whoever is ended is out, whenever their session began.
        let account = state.operators.account(session.person)
      else { return give(PageResponse.page(401, ConsoleSignInPage.page(.blank))) }
      // They tell of every commit; a coordinator's page waits for none.
      if isEvents && account.role == .full {
        return events.wait(request, of: cookie, onGone: onGone, give)
      }
      guard let arrived = SignedInRequest(request, session: session, cookie: cookie),
        request.method != .post || arrived.isFromOwnPage
      else { return give(PageResponse.notTaken) }
      let visit = ConsoleVisit(arrived, role: account.role, console: self, give: give)
      switch account.role {
      case .full:
        if !ConsoleRoute.answer(arrived, visit, by: ConsoleRoutes.all) { visit.notFound() }
      case .coordinator:
        if !ConsoleRoute.answer(arrived, visit, by: ConsoleRoutes.coordinators) {
          visit.notTheirs()
        }
      }
    default: give(PageResponse.nothing(405))
    }
  }

  /// Asks as whoever is signed in: it is their name that the audit log gets.
  func ask(_ operation: String, _ arguments: JSON, as person: String, _ give: @escaping Answer) {
    worker.submit(.operation(operation, arguments, who: "operator \(person)", answer: give))
  }

  func signOut(_ visit: ConsoleVisit) {
    state.sessions.signOut(cookie: visit.arrived.cookie)
    note("operator-signed-out", visit.arrived.session.person)
    var response = PageResponse.page(200, ConsoleSignInPage.page(.blank))
    // The address was one of this console's, or there would be no visit.
    if let origin = origin(of: visit.arrived.request) {
      response.headers.append("Set-Cookie", cookie(origin).set("", lifeSeconds: 0))
    }
    visit.give(response)
  }
}
