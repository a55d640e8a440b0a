import Glibc
import HTTPWire
import Operations

/// A connection to a port of this machine with neither thread nor library behind it, so that one
/// process can hold thousands that wait.
final class PlainConnection {
  /// To wait for, together with others.
  let descriptor: Int32
  private let host: String
  private var parser = HTTPResponseParser()
  private var buffer = [UInt8](repeating: 0, count: 65_536)

  init(port: UInt16) throws(FileError) {
    host = "127.0.0.1:\(port)"
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw FileError(.create, "a socket", errno: errno) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw FileError(.read, "port \(port)", errno: errno) }
    // A small message that waits for company would measure the wait.
    var on: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  deinit { close(descriptor) }

  func send(_ request: HTTPRequest) throws {
    var rest = request.serialised(host: host)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw FileError(.write, "the hub's socket", errno: errno) }
      rest = rest.dropFirst(count)
    }
  }

  func receive() throws -> HTTPResponse {
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw FileError(.read, "the hub's socket", errno: errno) }
      var bytes = buffer[..<count]
      while !bytes.isEmpty {
        if case .response(let response) = try parser.consume(&bytes) { return response }
      }
    }
  }

  func ask(_ request: HTTPRequest) throws -> HTTPResponse {
    try send(request)
    return try receive()
  }
}
