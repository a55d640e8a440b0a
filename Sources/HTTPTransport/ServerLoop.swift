import CLinux
import Glibc
import HTTPWire
import Operations

/// The server's thread: waits for events, moves bytes, keeps deadlines. Everything here belongs to
/// that thread alone, so there is nothing to lock.
///
/// One turn: take what epoll reports, then what the mailbox holds (answers of handlers that ran in
/// this turn are among it), then the deadlines that are due, then tell epoll about connections
/// whose interest changed. `ServerLoop+Connections.swift` holds what happens to one connection.
final class ServerLoop {
  /// Identifiers in epoll below this are the mailbox (0) and the listeners (1 …).
  static let firstConnection: UInt64 = 1_024
  /// After the system ran out of descriptors or memory, this long nobody is accepted.
  private static let acceptPauseMilliseconds: Int64 = 1_000
  /// Connections accepted in one turn, so that a flood of them does not starve the others.
  private static let acceptedPerTurnMax = 64

  let epoll: Epoll
  let mailbox: Mailbox
  let options: HTTPServerOptions
  let counters: HTTPServerCounters
  let handler: HTTPServer.Handler
  private let clock: any Clock
  private var listeners: [Listener]
  private var deadlines = DeadlineQueue()
  var connections: [UInt64: Connection] = [:]
  private var nextIdentifier = ServerLoop.firstConnection
  /// Connections that this turn touched.
  var touched: [Connection] = []
  /// Not `nil` while nobody is accepted; then the time to try again.
  private var acceptsAgainAt: Int64?
  /// Set once the server is to stop.
  private var stopsAt: Int64?
  /// The boot clock at the start of this turn.
  private(set) var now: Int64
  private var dateSecond: Int64 = -1
  private var dateText = ""
  var readBuffer = [UInt8](repeating: 0, count: 65_536)

  init(
    listeners: [Listener], epoll: Epoll, mailbox: Mailbox, options: HTTPServerOptions,
    clock: any Clock, counters: HTTPServerCounters, handler: @escaping HTTPServer.Handler
  ) {
    precondition(listeners.count < Int(ServerLoop.firstConnection))
    self.listeners = listeners
    self.epoll = epoll
    self.mailbox = mailbox
    self.options = options
    self.clock = clock
    self.counters = counters
    self.handler = handler
    now = clock.bootMilliseconds()
  }

  /// Runs until the server was stopped and its last connection is gone, or its grace is over.
  func run() {
    mailbox.open()
    _ = epoll.add(mailbox.descriptor, events: EPOLLIN.rawValue, identifier: 0)
    for (index, listener) in listeners.enumerated() {
      _ = epoll.add(
        listener.descriptor, events: EPOLLIN.rawValue, identifier: UInt64(index) + 1)
    }
    var buffer = [epoll_event](repeating: epoll_event(), count: 256)
    while !isDone {
      let ready = epoll.wait(timeoutMilliseconds: timeoutMilliseconds, into: &buffer)
      now = clock.bootMilliseconds()
      for event in ready { handle(event) }
      handleMessages()
      expireDeadlines()
      settleTouched()
    }
    shutDown()
  }

  var isStopping: Bool {
    stopsAt != nil
  }

  /// The date for responses, made once a second.
  var date: String {
    let second = clock.wallMilliseconds() / 1_000
    if second != dateSecond {
      dateSecond = second
      dateText = HTTPDate.imfFixdate(secondsSince1970: Int(second))
    }
    return dateText
  }

  func setDeadline(_ connection: Connection, afterMilliseconds: Int64?) {
    guard let afterMilliseconds else {
      connection.deadline = .max
      return
    }
    connection.deadline = now + afterMilliseconds
    if connection.deadline < connection.scheduled {
      connection.scheduled = connection.deadline
      deadlines.schedule(connection.identifier, atMilliseconds: connection.deadline)
    }
  }

  /// Forgets a connection and closes it; who watches it is told.
  func close(_ connection: Connection) {
    guard connections.removeValue(forKey: connection.identifier) != nil else { return }
    counters.connectionClosed()
    // The socket closes, and so leaves epoll, with its last reference: at the end of this turn.
    let watchers = connection.watchers
    connection.watchers = []
    for watcher in watchers { watcher() }
    if acceptsAgainAt != nil { resumeAccepting() }
  }

  private var isDone: Bool {
    guard let stopsAt else { return false }
    return connections.isEmpty || now >= stopsAt
  }

  private var timeoutMilliseconds: Int32 {
    let next = min(deadlines.next ?? .max, acceptsAgainAt ?? .max, stopsAt ?? .max)
    if next == .max { return -1 }
    return Int32(clamping: max(next - clock.bootMilliseconds(), 0))
  }

  private func handle(_ event: Epoll.Ready) {
    switch event.identifier {
    case 0: mailbox.acknowledge()
    case ..<ServerLoop.firstConnection: accept(index: Int(event.identifier) - 1)
    default:
      // Gone if an earlier event of this turn closed it.
      if let connection = connections[event.identifier] { handle(event.events, of: connection) }
    }
  }

  private func handleMessages() {
    while case let messages = mailbox.take(), !messages.isEmpty {
      for message in messages {
        switch message {
        case .respond(let name, let response): respond(to: name, response)
        case .watch(let name, let action): watch(name, action)
        case .stop(let time): beginStopping(at: time)
        }
      }
    }
  }

  private func expireDeadlines() {
    while let due = deadlines.popDue(nowMilliseconds: now) {
      guard let connection = connections[due.connection],
        connection.scheduled == due.atMilliseconds
      else { continue }
      connection.scheduled = .max
      if connection.deadline <= now {
        expire(connection)
      } else if connection.deadline != .max {
        connection.scheduled = connection.deadline
        deadlines.schedule(connection.identifier, atMilliseconds: connection.deadline)
      }
    }
    if let acceptsAgainAt, acceptsAgainAt <= now { resumeAccepting() }
  }

  private func settleTouched() {
    // Closed ones are in the list too; they have left epoll already.
    for connection in touched where connections[connection.identifier] === connection {
      let wanted = connection.wantedEvents
      if wanted != connection.watchedEvents {
        connection.watchedEvents = wanted
        epoll.change(
          connection.descriptor, events: wanted, identifier: connection.identifier)
      }
    }
    touched.removeAll(keepingCapacity: true)
  }
}

// MARK: - Accepting and stopping

extension ServerLoop {
  private func accept(index: Int) {
    guard index < listeners.count, acceptsAgainAt == nil else { return }
    for _ in 0..<ServerLoop.acceptedPerTurnMax {
      if connections.count >= options.connectionsMax {
        pauseAccepting(until: .max)
        return
      }
      switch listeners[index].accept() {
      case .success(let (descriptor, peer)): begin(descriptor, peer: peer)
      case .failure(let error):
        switch error.code {
        case EAGAIN: return
        case EINTR, ECONNABORTED: continue
        // Descriptors or memory ran out: leave newcomers in the kernel's queue for a while.
        default: return pauseAccepting(until: now + ServerLoop.acceptPauseMilliseconds)
        }
      }
    }
  }

  private func begin(_ descriptor: Int32, peer: Peer) {
    let connection = Connection(
      identifier: nextIdentifier, descriptor: descriptor, peer: peer, limits: options.limits)
    nextIdentifier += 1
    connection.watchedEvents = connection.wantedEvents
    guard
      epoll.add(
        descriptor, events: connection.watchedEvents, identifier: connection.identifier)
    else { return pauseAccepting(until: now + ServerLoop.acceptPauseMilliseconds) }
    connections[connection.identifier] = connection
    counters.connectionOpened()
    setDeadline(connection, afterMilliseconds: options.headerTimeoutMilliseconds)
  }

  private func pauseAccepting(until time: Int64) {
    acceptsAgainAt = time
    for (index, listener) in listeners.enumerated() {
      epoll.change(listener.descriptor, events: 0, identifier: UInt64(index) + 1)
    }
  }

  private func resumeAccepting() {
    acceptsAgainAt = nil
    for (index, listener) in listeners.enumerated() {
      epoll.change(listener.descriptor, events: EPOLLIN.rawValue, identifier: UInt64(index) + 1)
    }
  }

  private func beginStopping(at time: Int64) {
    stopsAt = min(stopsAt ?? .max, time)
    for listener in listeners {
      epoll.remove(listener.descriptor)
      listener.stop()
    }
    listeners = []
    acceptsAgainAt = nil
    for connection in connections.values where connection.phase == .idle { close(connection) }
  }

  private func shutDown() {
    for connection in connections.values { close(connection) }
    for message in mailbox.close() {
      if case .watch(_, let action) = message { action() }
    }
  }
}
