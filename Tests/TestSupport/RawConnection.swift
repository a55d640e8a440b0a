import Glibc

/// One TCP connection that a test speaks byte by byte. Every wait is bounded.
package final class RawConnection {
  package enum Failure: Error {
    case cannotConnect
    /// The other side said nothing for `limitMilliseconds`.
    case silent
  }

  private static let limitMilliseconds: Int32 = 10_000

  private let descriptor: Int32
  private var buffer: [UInt8] = []

  package init(port: UInt16) throws {
    guard let descriptor = LoopbackSocket.connect(port: port) else { throw Failure.cannotConnect }
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  /// Sends what the socket takes at once; returns how many bytes that were.
  @discardableResult
  package func send(_ bytes: [UInt8]) -> Int {
    Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  package func send(_ text: String) {
    send(Array(text.utf8))
  }

  /// Waits for `end` and returns everything up to it.
  package func receive(through end: String) throws -> String {
    let pattern = Array(end.utf8)
    while true {
      if let range = firstRange(of: pattern) {
        let bytes = buffer[..<range]
        buffer.removeFirst(range)
        return String(decoding: bytes, as: UTF8.self)
      }
      guard try receiveMore() else {
        return String(decoding: buffer, as: UTF8.self)
      }
    }
  }

  /// Waits for the end of the connection, orderly or by a reset, and returns everything before it.
  package func receiveAll() throws -> String {
    while try receiveMore() {}
    return String(decoding: buffer, as: UTF8.self)
  }

  /// Closes the sending half.
  package func endSending() {
    shutdown(descriptor, Int32(SHUT_WR))
  }

  private func firstRange(of pattern: [UInt8]) -> Int? {
    guard buffer.count >= pattern.count else { return nil }
    return (0...(buffer.count - pattern.count)).first {
      buffer[$0..<($0 + pattern.count)].elementsEqual(pattern)
    }.map { $0 + pattern.count }
  }

  private func receiveMore() throws -> Bool {
    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&polled, 1, RawConnection.limitMilliseconds) == 1 else { throw Failure.silent }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return false }
    buffer.append(contentsOf: bytes[..<count])
    return true
  }
}
