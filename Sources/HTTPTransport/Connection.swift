import CLinux
import Glibc
import HTTPWire

/// One client, as the loop sees it. Only the loop's thread touches it.
///
/// While a long poll waits, all arrays here are empty: what remains is this object and the kernel's
/// socket.
final class Connection {
  enum Phase: Equatable {
    /// Between requests; ends by the idle timeout.
    case idle
    case receivingHead
    case receivingBody
    /// A handler has the request; nothing is read until it is answered.
    case handling
    case sending
    /// All is sent and our half is closed; whatever still comes is dropped.
    case lingering
  }

  let identifier: UInt64
  let descriptor: Int32
  let peer: Peer
  var parser: HTTPRequestParser
  var phase = Phase.idle
  /// Counts the requests, so that a late answer to an earlier one is recognised.
  var serial: UInt64 = 0
  var answersHead = false
  var closesAfterSending = false
  /// Received behind the request that is being handled.
  var pending: [UInt8] = []
  /// Called if the peer goes before it is answered.
  var watchers: [@Sendable () -> Void] = []
  /// When this phase ends by itself, by the boot clock.
  var deadline = Int64.max
  /// The earliest entry that the deadline queue holds for this connection.
  var scheduled = Int64.max
  /// What epoll was last told to look for.
  var watchedEvents: UInt32 = 0
  private var output: [UInt8] = []
  private var outputSent = 0

  init(identifier: UInt64, descriptor: Int32, peer: Peer, limits: HTTPLimits) {
    self.identifier = identifier
    self.descriptor = descriptor
    self.peer = peer
    parser = HTTPRequestParser(limits: limits)
  }

  deinit {
    close(descriptor)
  }

  var hasOutput: Bool {
    !output.isEmpty
  }

  /// What epoll should look for in this phase. While a request is handled only the peer's leaving
  /// is of interest; while output waits, only room for it.
  var wantedEvents: UInt32 {
    if hasOutput { return EPOLLOUT.rawValue }
    return phase == .handling ? EPOLLRDHUP.rawValue : EPOLLIN.rawValue
  }

  func enqueue(_ bytes: [UInt8]) {
    if output.isEmpty { output = bytes } else { output.append(contentsOf: bytes) }
  }

  enum SendResult {
    case all
    /// The socket is full.
    case some(progressed: Bool)
    case gone
  }

  /// Sends as much as the socket takes.
  func sendOutput() -> SendResult {
    var progressed = false
    while outputSent < output.count {
      let count = output.withUnsafeBytes { bytes in
        send(
          descriptor, bytes.baseAddress?.advanced(by: outputSent), bytes.count - outputSent,
          Int32(MSG_NOSIGNAL))
      }
      if count < 0 {
        if errno == EINTR { continue }
        return errno == EAGAIN ? .some(progressed: progressed) : .gone
      }
      outputSent += count
      progressed = true
    }
    output = []
    outputSent = 0
    return .all
  }
}
