import CLinux
import Glibc
import HTTPWire

/// What happens to one connection.
extension ServerLoop {
  func handle(_ events: UInt32, of connection: Connection) {
    touched.append(connection)
    if events & EPOLLERR.rawValue != 0 { return close(connection) }
    switch connection.phase {
    case .handling where !connection.hasOutput:
      // Only its leaving was asked for.
      close(connection)
    case .lingering: dropInput(of: connection)
    default:
      if connection.hasOutput { flush(connection) } else { receive(connection) }
    }
  }

  /// Its time is over.
  func expire(_ connection: Connection) {
    touched.append(connection)
    switch connection.phase {
    case .handling: break
    case .idle, .lingering: close(connection)
    case .sending:
      counters.timeoutReached()
      close(connection)
    case .receivingHead, .receivingBody:
      counters.timeoutReached()
      send(.text(408, "The request took too long: send it again."), to: connection, closes: true)
    }
  }

  func respond(to name: RequestName, _ response: HTTPResponse) {
    guard let connection = connections[name.connection], connection.serial == name.serial,
      connection.phase == .handling
    else { return }
    touched.append(connection)
    send(response, to: connection, closes: connection.closesAfterSending || isStopping)
  }

  func watch(_ name: RequestName, _ action: @escaping @Sendable () -> Void) {
    guard let connection = connections[name.connection], connection.serial == name.serial else {
      return action()
    }
    // An answered request cannot lose its client any more.
    if connection.phase == .handling { connection.watchers.append(action) }
  }

  private func receive(_ connection: Connection) {
    let count = readBuffer.withUnsafeMutableBytes { buffer in
      recv(connection.descriptor, buffer.baseAddress, buffer.count, 0)
    }
    if count < 0 {
      if errno != EINTR && errno != EAGAIN { close(connection) }
      return
    }
    if count == 0 { return close(connection) }
    process(readBuffer[..<count], of: connection)
  }

  /// Feeds the parser until it has a request, wants more, or refuses.
  private func process(_ bytes: ArraySlice<UInt8>, of connection: Connection) {
    var rest = bytes
    do throws(HTTPWireError) {
      while let event = try connection.parser.consume(&rest) {
        switch event {
        case .expectsContinue:
          connection.enqueue(HTTPResponse.continueBytes)
          if case .gone = connection.sendOutput() { return close(connection) }
        case .request(let request):
          connection.pending = Array(rest)
          return hand(request, of: connection)
        }
      }
      updateReceivingPhase(of: connection)
    } catch {
      counters.requestRefused()
      send(.text(error.status, error.description), to: connection, closes: true)
    }
  }

  /// A deadline starts with its phase: bytes that trickle in do not prolong it.
  private func updateReceivingPhase(of connection: Connection) {
    let phase: Connection.Phase =
      connection.parser.isIdle
      ? .idle : connection.parser.stage == .body ? .receivingBody : .receivingHead
    // A new connection is already under the limit for heads.
    let isFirstHead =
      connection.serial == 0 && connection.phase == .idle && phase == .receivingHead
    guard phase != connection.phase else { return }
    connection.phase = phase
    if isFirstHead { return }
    setDeadline(
      connection,
      afterMilliseconds: phase == .receivingBody
        ? options.bodyTimeoutMilliseconds : options.headerTimeoutMilliseconds)
  }

  private func hand(_ request: HTTPRequest, of connection: Connection) {
    counters.requestReceived()
    connection.phase = .handling
    connection.serial += 1
    connection.answersHead = request.method == .head
    connection.closesAfterSending = request.wantsClose
    setDeadline(connection, afterMilliseconds: nil)
    let name = RequestName(connection: connection.identifier, serial: connection.serial)
    handler(
      IncomingRequest(request: request, peer: connection.peer),
      HTTPResponder(name: name, mailbox: mailbox))
  }

  private func send(_ response: HTTPResponse, to connection: Connection, closes: Bool) {
    connection.watchers = []
    connection.closesAfterSending = closes
    connection.phase = .sending
    connection.enqueue(
      response.serialised(closes: closes, answersHead: connection.answersHead, date: date))
    setDeadline(connection, afterMilliseconds: options.writeTimeoutMilliseconds)
    flush(connection)
  }

  private func flush(_ connection: Connection) {
    switch connection.sendOutput() {
    case .gone: close(connection)
    case .some(let progressed):
      if progressed && connection.phase == .sending {
        setDeadline(connection, afterMilliseconds: options.writeTimeoutMilliseconds)
      }
    case .all:
      // Output that is no response was `100 Continue`: the body is still to come.
      if connection.phase == .sending { finishResponse(connection) }
    }
  }

  private func finishResponse(_ connection: Connection) {
    if connection.closesAfterSending {
      // Closing at once would reset the connection if unread bytes wait, and destroy the response.
      connection.pending = []
      connection.phase = .lingering
      shutdown(connection.descriptor, Int32(SHUT_WR))
      return setDeadline(connection, afterMilliseconds: options.lingerMilliseconds)
    }
    connection.phase = .idle
    connection.answersHead = false
    setDeadline(connection, afterMilliseconds: options.idleTimeoutMilliseconds)
    let pending = connection.pending
    connection.pending = []
    if !pending.isEmpty {
      process(pending[...], of: connection)
    } else if isStopping {
      close(connection)
    }
  }

  private func dropInput(of connection: Connection) {
    let count = readBuffer.withUnsafeMutableBytes { buffer in
      recv(connection.descriptor, buffer.baseAddress, buffer.count, 0)
    }
    if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) { close(connection) }
  }
}
