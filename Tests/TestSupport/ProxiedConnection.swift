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
    var hasStruck = false
    var lastRefill: Int64?

    /// Nothing is passed on until it is known how long the first message is.
    var isHeld = false
    private var firstMessageBytes: Int?

    /// Fills the allowance from what fault and rate leave over. True if the fault strikes now:
    /// once.
    mutating func refill(
      _ fault: FaultProxy.Fault?, insideFirstMessage: Bool, bytesPerSecond: Int?, now: Int64
    ) -> Bool {
      isHeld = false
      let place = insideFirstMessage ? place(of: fault) : fault?.afterBytes
      let untilFault = place.map { max($0 - forwarded - buffer.count, 0) } ?? Int.max
      var budget = Way.bufferBytesMax - buffer.count
      if let bytesPerSecond {
        let elapsed = Int(now - (lastRefill ?? now))
        let refilled = allowance + elapsed * bytesPerSecond / 1_000
        if refilled > allowance || lastRefill == nil { lastRefill = now }
        // Unused time saves up a tenth of a second's bytes, no more.
        budget = min(budget, refilled, max(bytesPerSecond / 10, 1))
      }
      allowance = min(budget, untilFault)
      let strikes = untilFault == 0 && buffer.isEmpty
      defer { hasStruck = strikes }
      return strikes && !hasStruck
    }

    /// Where a fault falls that is to fall inside the first message; nil before that is known.
    private mutating func place(of fault: FaultProxy.Fault?) -> Int? {
      guard let fault else { return nil }
      if firstMessageBytes == nil, forwarded == 0 {
        firstMessageBytes = Way.messageBytes(buffer)
        isHeld = firstMessageBytes == nil
      }
      guard let firstMessageBytes else { return nil }
      let place = 1 + fault.afterBytes % (firstMessageBytes - 1)
      if forwarded + buffer.count > place { buffer.removeLast(forwarded + buffer.count - place) }
      return place
    }

    /// The length of the message that begins here, by its head; nil before its head is complete.
    private static func messageBytes(_ bytes: [UInt8]) -> Int? {
      let text = String(decoding: bytes, as: Unicode.ASCII.self).lowercased()
      guard let head = text.firstRange(of: "\r\n\r\n") else { return nil }
      let length = text[..<head.lowerBound].firstMatch(of: #/\r\ncontent-length: *([0-9]+)/#)
      let headBytes = text.utf8.distance(from: text.startIndex, to: head.upperBound)
      return headBytes + (length.flatMap { Int($0.1) } ?? 0)
    }
  }

  var client: End
  var server: End
  var up = Way()
  var down = Way()
  /// Hears of all that comes in.
  var record: ((_ bytes: ArraySlice<UInt8>, _ isUp: Bool) -> Void)?

  init(client: Int32, server: Int32) {
    self.client = End(descriptor: client)
    self.server = End(descriptor: server)
  }

  var isClosed: Bool {
    client.descriptor < 0 && server.descriptor < 0
  }

  /// Decides what may move until the next turn, and lets faults strike; `strikes` hears of each
  /// before anybody can notice it.
  func apply(_ faults: FaultProxy.Faults, nowMilliseconds: Int64, strikes: () -> Void) {
    func refill(_ way: inout Way, _ fault: FaultProxy.Fault?) -> Bool {
      way.refill(
        fault, insideFirstMessage: faults.fallInsideFirstMessage,
        bytesPerSecond: faults.bytesPerSecond, now: nowMilliseconds)
    }
    if refill(&up, faults.up), let fault = faults.up {
      strikes()
      strike(fault, sender: \.client)
    }
    if refill(&down, faults.down), let fault = faults.down {
      strikes()
      strike(fault, sender: \.server)
    }
    finish()
    client.events = events(reading: up, writing: down)
    server.events = events(reading: down, writing: up)
  }

  /// Moves what poll(2) said can move.
  func move(client clientEvents: Int16, server serverEvents: Int16) {
    let readable = Int16(POLLIN | POLLHUP | POLLERR)
    if clientEvents & readable != 0 { read(client, into: &up, isUp: true) }
    if serverEvents & readable != 0 { read(server, into: &down, isUp: false) }
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
    if !writing.buffer.isEmpty && !writing.isHeld { events |= POLLOUT }
    return Int16(events)
  }

  private func read(_ end: End, into way: inout Way, isUp: Bool) {
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
    record?(bytes[..<count], isUp)
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
