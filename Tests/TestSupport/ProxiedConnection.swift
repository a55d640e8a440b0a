import Glibc

/// One client, one connection to the server, and what is on its way between them.
final class ProxiedConnection {
  /// One end; −1 once it is closed.
  struct End {
    var descriptor: Int32
    var events: Int16 = 0

    var poll: pollfd {
      // poll(2) reports errors even when nothing is asked for; an end of no interest is left out.
      pollfd(fd: events == 0 ? -1 : descriptor, events: events, revents: 0)
    }
  }

  /// One direction.
  struct Way {
    static let bufferBytesMax = 16_384
    var buffer: [UInt8] = []
    var hasEnded = false
    var forwarded = 0
    /// How many more bytes may be taken now.
    var allowance = 0
    var isStalled = false
    var lastRefill: Int64?

    /// Fills the allowance from what fault and rate leave over. True if the fault strikes now.
    mutating func refill(_ fault: FaultProxy.Fault?, bytesPerSecond: Int?, now: Int64) -> Bool {
      let untilFault = fault.map { max($0.afterBytes - forwarded - buffer.count, 0) } ?? Int.max
      var budget = Way.bufferBytesMax - buffer.count
      if let bytesPerSecond {
        let elapsed = Int(now - (lastRefill ?? now))
        let refilled = allowance + elapsed * bytesPerSecond / 1_000
        if refilled > allowance || lastRefill == nil { lastRefill = now }
        // Unused time saves up a tenth of a second's bytes, no more.
        budget = min(budget, refilled, max(bytesPerSecond / 10, 1))
      }
      allowance = min(budget, untilFault)
      return untilFault == 0 && buffer.isEmpty
    }
  }

  var client: End
  var server: End
  var up = Way()
  var down = Way()

  init(client: Int32, server: Int32) {
    self.client = End(descriptor: client)
    self.server = End(descriptor: server)
  }

  var isClosed: Bool {
    client.descriptor < 0 && server.descriptor < 0
  }

  /// Decides what may move until the next turn, and lets faults strike.
  func apply(_ faults: FaultProxy.Faults, nowMilliseconds: Int64) {
    let rate = faults.bytesPerSecond
    if up.refill(faults.up, bytesPerSecond: rate, now: nowMilliseconds), let fault = faults.up {
      strike(fault, sender: \.client)
    }
    if down.refill(faults.down, bytesPerSecond: rate, now: nowMilliseconds),
      let fault = faults.down
    {
      strike(fault, sender: \.server)
    }
    finish()
    client.events = events(reading: up, writing: down)
    server.events = events(reading: down, writing: up)
  }

  /// Moves what poll(2) said can move.
  func move(client clientEvents: Int16, server serverEvents: Int16) {
    let readable = Int16(POLLIN | POLLHUP | POLLERR)
    if clientEvents & readable != 0 { read(client, into: &up) }
    if serverEvents & readable != 0 { read(server, into: &down) }
    if clientEvents & Int16(POLLOUT) != 0 { write(&down, to: client) }
    if serverEvents & Int16(POLLOUT) != 0 { write(&up, to: server) }
  }

  /// Closes both ends with a reset. Always true, for `removeAll`.
  func reset() -> Bool {
    for descriptor in [client.descriptor, server.descriptor] where descriptor >= 0 {
      LoopbackSocket.reset(descriptor)
    }
    client.descriptor = -1
    server.descriptor = -1
    return true
  }

  private func strike(
    _ fault: FaultProxy.Fault, sender: ReferenceWritableKeyPath<ProxiedConnection, End>
  ) {
    switch fault {
    case .stall: break
    case .cut: end()
    case .reset: _ = reset()
    case .halfOpen:
      // The receiver stays open and hears nothing more; it is closed when it closes or at the end.
      let descriptor = self[keyPath: sender].descriptor
      if descriptor >= 0 { close(descriptor) }
      self[keyPath: sender].descriptor = -1
    }
  }

  /// Passes an orderly end on once everything before it has arrived.
  private func finish() {
    if up.hasEnded && up.buffer.isEmpty && server.descriptor >= 0 {
      shutdown(server.descriptor, Int32(SHUT_WR))
    }
    if down.hasEnded && down.buffer.isEmpty { end() }
  }

  private func end() {
    for descriptor in [client.descriptor, server.descriptor] where descriptor >= 0 {
      close(descriptor)
    }
    client.descriptor = -1
    server.descriptor = -1
  }

  private func events(reading: Way, writing: Way) -> Int16 {
    var events: Int32 = 0
    if reading.allowance > 0 && !reading.hasEnded { events |= POLLIN }
    if !writing.buffer.isEmpty { events |= POLLOUT }
    return Int16(events)
  }

  private func read(_ end: End, into way: inout Way) {
    guard end.descriptor >= 0, way.allowance > 0 else { return }
    var bytes = [UInt8](repeating: 0, count: way.allowance)
    let count = recv(end.descriptor, &bytes, bytes.count, 0)
    if count < 0 && (errno == EAGAIN || errno == EINTR) { return }
    // A reset on one side ends the other in an orderly way: enough for what is tested with it.
    guard count > 0 else {
      way.hasEnded = true
      return
    }
    way.allowance -= count
    way.buffer.append(contentsOf: bytes[..<count])
  }

  private func write(_ way: inout Way, to end: End) {
    guard end.descriptor >= 0 else { return }
    let count = send(end.descriptor, way.buffer, way.buffer.count, Int32(MSG_NOSIGNAL))
    if count < 0 && (errno == EAGAIN || errno == EINTR) { return }
    guard count > 0 else {
      way.buffer = []
      way.hasEnded = true
      return
    }
    way.buffer.removeFirst(count)
    way.forwarded += count
  }
}
