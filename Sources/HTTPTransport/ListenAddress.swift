import Glibc

/// Where a server listens.
package enum ListenAddress: Sendable, Equatable, CustomStringConvertible {
  /// A numeric IPv4 or IPv6 address, or `localhost` (which is 127.0.0.1). Port 0 lets the system
  /// choose; `HTTPServer.addresses` then tells the port.
  case tcp(host: String, port: UInt16)
  /// A socket file of that mode; its connections carry the peer's user.
  case unix(path: String, mode: UInt32 = 0o600)

  package var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path, _): path
    }
  }
}

/// Who is on the other end of a connection.
package enum Peer: Sendable, Equatable {
  /// A numeric address and its port. Behind a proxy they are the proxy's.
  case network(address: String, port: UInt16)
  /// The user that the kernel vouches for (`SO_PEERCRED`).
  case local(user: UInt32)
}

/// Where a server may listen without TLS of its own.
package enum ListenPolicy: Sendable, Equatable {
  case loopbackOnly
  /// The operator has said that a proxy that speaks TLS stands between this address and the
  /// network.
  case behindTLSProxy

  /// Refuses an address that would put plain HTTP on a network.
  package func check(_ address: ListenAddress) throws(HTTPServerError) {
    guard case .tcp(let host, _) = address else { return }
    let parsed = try IPAddress(host: host, of: address)
    if self == .loopbackOnly && !parsed.isLoopback {
      throw .notLoopback(address: address.description)
    }
  }
}

/// Why a server does not listen. Each sentence says what to do.
package enum HTTPServerError: Error, Equatable, Sendable, CustomStringConvertible {
  case addressInUse(address: String)
  case notLoopback(address: String)
  case invalidAddress(address: String)
  case pathTooLong(path: String, bytesMax: Int)
  case notASocket(path: String)
  case notPermitted(address: String)
  case system(address: String, call: String, code: Int32)

  package var description: String {
    switch self {
    case .addressInUse(let address):
      "cannot listen on \(address): another process does. Stop it or choose another address."
    case .notLoopback(let address):
      "cannot listen on \(address): plain HTTP must not leave this machine. Listen on 127.0.0.1 "
        + "behind a TLS proxy, or say that one stands before this address."
    case .invalidAddress(let address):
      "cannot listen on \(address): give a numeric address of this machine, such as 127.0.0.1."
    case .pathTooLong(let path, let bytesMax):
      "cannot listen on \(path): choose a socket path of at most \(bytesMax) bytes."
    case .notASocket(let path):
      "cannot listen on \(path): a file that is no socket is in the way. Move it or choose another "
        + "path."
    case .notPermitted(let address):
      "cannot listen on \(address): not permitted. Choose a port above 1023, or a folder that this "
        + "user may write."
    case .system(let address, let call, let code):
      "cannot listen on \(address): \(call) failed with \(String(cString: strerror(code)))."
    }
  }
}

/// A numeric address in the form that sockets want.
struct IPAddress {
  private var version4 = in_addr()
  private var version6 = in6_addr()
  private let isVersion6: Bool

  init(host: String, of address: ListenAddress) throws(HTTPServerError) {
    let numeric = host == "localhost" ? "127.0.0.1" : host
    if inet_pton(AF_INET, numeric, &version4) == 1 {
      isVersion6 = false
    } else if inet_pton(AF_INET6, numeric, &version6) == 1 {
      isVersion6 = true
    } else {
      throw .invalidAddress(address: address.description)
    }
  }

  /// Whether a numeric host or `localhost` never leaves the machine.
  static func isLoopback(host: String) -> Bool {
    if host == "localhost" { return true }
    var version4 = in_addr()
    if inet_pton(AF_INET, host, &version4) == 1 { return isLoopback(version4) }
    var version6 = in6_addr()
    return inet_pton(AF_INET6, host, &version6) == 1 && isLoopback(version6)
  }

  var isLoopback: Bool {
    isVersion6 ? Self.isLoopback(version6) : Self.isLoopback(version4)
  }

  var family: Int32 {
    isVersion6 ? AF_INET6 : AF_INET
  }

  /// Calls `body` with the socket address for `port`.
  func withSocketAddress<Result>(
    port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    if isVersion6 {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      address.sin6_addr = version6
      return SocketAddress.withPointer(to: &address, body)
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr = version4
    return SocketAddress.withPointer(to: &address, body)
  }

  private static func isLoopback(_ address: in_addr) -> Bool {
    UInt32(bigEndian: address.s_addr) >> 24 == 127
  }

  private static func isLoopback(_ address: in6_addr) -> Bool {
    withUnsafeBytes(of: address) { bytes in
      bytes.last == 1 && bytes.dropLast().allSatisfy { $0 == 0 }
    }
  }
}

/// The one cast that every socket call needs.
enum SocketAddress {
  static func withPointer<Address, Result>(
    to address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { rebound in
        body(rebound, socklen_t(MemoryLayout<Address>.size))
      }
    }
  }

  /// Reads an address that the system fills in; `nil` if it does not fit `Address`.
  static func read<Address>(
    _ empty: Address,
    _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> Address? {
    var address = empty
    var length = socklen_t(MemoryLayout<Address>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
    }
    return status == 0 && length <= socklen_t(MemoryLayout<Address>.size) ? address : nil
  }
}
