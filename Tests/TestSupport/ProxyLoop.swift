import CLinux
import Glibc
import Operations

/// The proxy's thread.
final class ProxyLoop {
  /// −1 while connections are refused.
  private var listener: Int32
  private let port: UInt16
  private let serverPort: UInt16
  private let wake: Int32
  private let applied: Int32
  private let state: Lock<FaultProxy.State>
  private let isRecording: Bool
  private var connections: [ProxiedConnection] = []

  init(
    listener: Int32, port: UInt16, serverPort: UInt16, wake: Int32, applied: Int32,
    isRecording: Bool, state: Lock<FaultProxy.State>
  ) {
    self.isRecording = isRecording
    self.applied = applied
    self.listener = listener
    self.port = port
    self.serverPort = serverPort
    self.wake = wake
    self.state = state
  }

  func run() {
    while true {
      let (faults, cutsAll, isStopped, waiting) = state.withLock { state in
        defer {
          state.cutsAll = false
          state.waiting = 0
        }
        return (state.faults, state.cutsAll, state.isStopped, state.waiting)
      }
      if isStopped {
        if waiting > 0 { eventfd_write(applied, waiting) }
        break
      }
      if cutsAll { connections.removeAll { $0.reset() } }
      listen(!faults.refuses)
      let now = SystemClock().bootMilliseconds()
      for connection in connections {
        connection.apply(faults, nowMilliseconds: now) {
          state.withLock { $0.figures.strikes += 1 }
        }
      }
      connections.removeAll { $0.isClosed }
      if waiting > 0 { eventfd_write(applied, waiting) }
      wait(isRateLimited: faults.bytesPerSecond != nil)
    }
    connections.removeAll { $0.reset() }
    if listener >= 0 { close(listener) }
  }

  /// Without a listening socket the system itself refuses connections.
  private func listen(_ listens: Bool) {
    if listens == (listener >= 0) { return }
    if listens {
      do throws(FileError) {
        listener = try LoopbackSocket.listen(port: port).descriptor
      } catch {
        preconditionFailure("the proxy's port was taken while it refused: \(error)")
      }
    } else {
      close(listener)
      listener = -1
    }
  }

  private func wait(isRateLimited: Bool) {
    var polled = [
      pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
      pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
    ]
    for connection in connections {
      polled.append(connection.client.poll)
      polled.append(connection.server.poll)
    }
    // A rate limit frees a little every few milliseconds; everything else is an event.
    let ready = poll(&polled, nfds_t(polled.count), isRateLimited ? 5 : -1)
    guard ready > 0 else { return }
    if polled[0].revents != 0 {
      var count: eventfd_t = 0
      eventfd_read(wake, &count)
    }
    for (index, connection) in connections.enumerated() {
      let before = (connection.up.forwarded, connection.down.forwarded)
      connection.move(
        client: polled[2 + 2 * index].revents, server: polled[3 + 2 * index].revents)
      let moved = (connection.up.forwarded - before.0, connection.down.forwarded - before.1)
      state.withLock { state in
        state.figures.bytesUp += moved.0
        state.figures.bytesDown += moved.1
      }
    }
    if polled[1].revents & Int16(POLLIN) != 0 { accept() }
  }

  private func accept() {
    // Closed on exec: a daemon that a test starts meanwhile must not hold the connection open.
    let client = clinux_accept(listener)
    guard client >= 0 else { return }
    state.withLock { $0.figures.connections += 1 }
    guard let server = LoopbackSocket.connect(port: serverPort) else {
      close(client)
      return
    }
    LoopbackSocket.makeNonblocking(client)
    let connection = ProxiedConnection(client: client, server: server)
    if isRecording {
      let number = state.withLock { state in
        state.recordings.append(FaultProxy.Recording())
        return state.recordings.count - 1
      }
      connection.record = { [state] bytes, isUp in
        state.withLock { $0.recordings[number].append(bytes, isUp: isUp) }
      }
    }
    connections.append(connection)
  }
}
