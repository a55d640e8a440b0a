import HTTPTransport
import HTTPWire
import Operations

/// Tells open pages that what they show has changed, by server-sent events (HTML Living Standard,
/// 9.2).
///
/// Each answer ends with its one event; the browser comes again by itself, and says what it knows
/// (`Last-Event-ID`). So a page that waits is a request that waits, as a device's long poll is, and
/// a proxy needs to know nothing. The revision is asked for while somebody waits, and at no other
/// time.
final class ConsoleEvents: Sendable {
  private struct Waiting {
    let session: String
    let known: String
    let deadline: Int64
    let give: HubConsole.Give
  }

  private struct State {
    var waiting: [UInt64: Waiting] = [:]
    var next: UInt64 = 1
    var revision: String?
    var isAsking = false
    var isStopped = false
  }

  /// Below the time after which proxies give a quiet answer up.
  static let waitMilliseconds: Int64 = 25_000
  static let waitingMax = 64
  /// Of one session. A browser keeps six connections to one place, and has to load pages as well.
  static let waitingOfSessionMax = 4

  private let state = Lock(State())
  private let clock: any Clock
  private let askRevision: @Sendable (@escaping HubConsole.Answer) -> Void

  init(clock: any Clock, askRevision: @escaping @Sendable (@escaping HubConsole.Answer) -> Void) {
    self.clock = clock
    self.askRevision = askRevision
  }

  /// Where no place is left, it is answered at once, and the page asks every few seconds.
  func wait(
    _ request: HTTPRequest, of session: String,
    onGone: (@escaping @Sendable () -> Void) -> Void, _ give: @escaping HubConsole.Give
  ) {
    let known = request.headers["Last-Event-ID"] ?? request.queryValue("revision") ?? ""
    let deadline = clock.bootMilliseconds() + Self.waitMilliseconds
    let place = state.withLock { state -> (number: UInt64?, revision: String?) in
      let own = state.waiting.values.count { $0.session == session }
      guard !state.isStopped, state.waiting.count < Self.waitingMax,
        own < Self.waitingOfSessionMax
      else { return (nil, state.revision) }
      defer { state.next += 1 }
      state.waiting[state.next] = Waiting(
        session: session, known: known, deadline: deadline, give: give)
      return (state.next, nil)
    }
    guard let number = place.number else {
      let news = place.revision == known ? nil : place.revision
      return give(Self.event(news, againMilliseconds: 5_000))
    }
    onGone { [self] in state.withLock { _ = $0.waiting.removeValue(forKey: number) } }
  }

  /// To be called every second or so.
  func tick() {
    let asks = state.withLock { state -> Bool in
      guard !state.waiting.isEmpty, !state.isAsking else { return false }
      state.isAsking = true
      return true
    }
    guard asks else { return }
    askRevision { [self] result in
      // A hub that is too busy to say is asked again at the next tick.
      let revision = (try? result.get())?["revision"]?.stringValue
      for (waiting, revision) in due(revision) { waiting.give(Self.event(revision)) }
    }
  }

  /// Those that there is news for, or that have waited long enough.
  private func due(_ revision: String?) -> [(Waiting, String?)] {
    let now = clock.bootMilliseconds()
    return state.withLock { state in
      state.isAsking = false
      state.revision = revision ?? state.revision
      var due: [(Waiting, String?)] = []
      for (number, waiting) in state.waiting {
        let isNews = revision != nil && revision != waiting.known
        guard isNews || now >= waiting.deadline else { continue }
        state.waiting[number] = nil
        due.append((waiting, isNews ? revision : nil))
      }
      return due
    }
  }

  func stop() {
    let left = state.withLock { state in
      defer { state.waiting = [:] }
      state.isStopped = true
      return state.waiting.values
    }
    for waiting in left { waiting.give(Self.event(nil)) }
  }

  private static func event(
    _ revision: String?, againMilliseconds: Int = 1_000
  ) -> HTTPResponse {
    let text = revision.map { "id: \($0)\nevent: revision\ndata: \($0)\n\n" } ?? ": nothing new\n\n"
    return HTTPResponse(
      status: 200,
      headers: [
        "Content-Type": "text/event-stream", "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
      ],
      body: Array(("retry: \(againMilliseconds)\n" + text).utf8))
  }
}
