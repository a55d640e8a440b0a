import CLinux
import Glibc
import Synchronization

/// One listening socket. Closes it when it goes.
final class Listener: Sendable {
  /// How many connections the kernel may hold for us, up to its own limit.
  private static let backlog: Int32 = 4_096

  let descriptor: Int32
  /// With the port that the system chose.
  let address: ListenAddress
  private let isStopped = Atomic(false)

  private init(descriptor: Int32, address: ListenAddress) {
    self.descriptor = descriptor
    self.address = address
  }

  deinit {
    stop()
    close(descriptor)
  }

  /// Refuses connections from now on, and removes the socket file; the descriptor stays ours.
  func stop() {
    if isStopped.exchange(true, ordering: .relaxed) { return }
    shutdown(descriptor, Int32(SHUT_RDWR))
    if case .unix(let path, _) = address { unlink(path) }
  }

  static func open(_ address: ListenAddress) throws(HTTPServerError) -> Listener {
    switch address {
    case .tcp(let host, let port): try open(host: host, port: port, address: address)
    case .unix(let path, let mode): try open(path: path, mode: mode, address: address)
    }
  }

  /// The next waiting connection, or errno.
  func accept() -> Result<(descriptor: Int32, peer: Peer), SystemCallError> {
    let accepted = clinux_accept(descriptor)
    guard accepted >= 0 else { return .failure(SystemCallError(code: errno)) }
    if case .unix = address {
      return .success((accepted, Listener.localPeer(accepted)))
    }
    var on: Int32 = 1
    setsockopt(accepted, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    return .success((accepted, Listener.networkPeer(accepted)))
  }

  private static func open(
    host: String, port: UInt16, address: ListenAddress
  ) throws(HTTPServerError) -> Listener {
    let parsed = try IPAddress(host: host, of: address)
    let descriptor = try newSocket(family: parsed.family, address: address)
    // Lets a restarted server have its port while old connections linger; never two at once.
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    guard parsed.withSocketAddress(port: port, { bind(descriptor, $0, $1) }) == 0 else {
      throw failure("bind", closing: descriptor, address: address)
    }
    guard listen(descriptor, backlog) == 0 else {
      throw failure("listen", closing: descriptor, address: address)
    }
    let chosen = ListenAddress.tcp(
      host: host, port: boundPort(descriptor, family: parsed.family) ?? port)
    return Listener(descriptor: descriptor, address: chosen)
  }

  private static func open(
    path: String, mode: UInt32, address: ListenAddress
  ) throws(HTTPServerError) -> Listener {
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    let bytesMax = MemoryLayout.size(ofValue: name.sun_path) - 1
    guard !path.isEmpty, path.utf8.count <= bytesMax else {
      throw .pathTooLong(path: path, bytesMax: bytesMax)
    }
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
    try removeStaleSocket(path, name: &name)
    let descriptor = try newSocket(family: AF_UNIX, address: address)
    // The file is born with the socket's mode less the umask, so it is never more open than asked.
    fchmod(descriptor, mode)
    guard SocketAddress.withPointer(to: &name, { bind(descriptor, $0, $1) }) == 0 else {
      throw failure("bind", closing: descriptor, address: address)
    }
    guard chmod(path, mode) == 0, listen(descriptor, backlog) == 0 else {
      throw failure("listen", closing: descriptor, address: address)
    }
    return Listener(descriptor: descriptor, address: address)
  }

  /// A socket file outlives a process that was killed. It is removed only if it is a socket and
  /// nobody answers on it.
  private static func removeStaleSocket(
    _ path: String, name: inout sockaddr_un
  ) throws(HTTPServerError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
    let address = ListenAddress.unix(path: path)
    let probe = try newSocket(family: AF_UNIX, address: address)
    defer { close(probe) }
    let connected = SocketAddress.withPointer(to: &name) { connect(probe, $0, $1) }
    guard connected != 0 && errno == ECONNREFUSED else {
      throw .addressInUse(address: path)
    }
    unlink(path)
  }

  private static func newSocket(
    family: Int32, address: ListenAddress
  ) throws(HTTPServerError) -> Int32 {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(family, kind, 0)
    guard descriptor >= 0 else {
      throw .system(address: address.description, call: "socket", code: errno)
    }
    return descriptor
  }

  private static func failure(
    _ call: String, closing descriptor: Int32, address: ListenAddress
  ) -> HTTPServerError {
    let code = errno
    close(descriptor)
    return switch code {
    case EADDRINUSE: .addressInUse(address: address.description)
    case EADDRNOTAVAIL: .invalidAddress(address: address.description)
    case EACCES, EPERM: .notPermitted(address: address.description)
    default: .system(address: address.description, call: call, code: code)
    }
  }

  private static func boundPort(_ descriptor: Int32, family: Int32) -> UInt16? {
    if family == AF_INET6 {
      return SocketAddress.read(sockaddr_in6()) { getsockname(descriptor, $0, $1) }
        .map { UInt16(bigEndian: $0.sin6_port) }
    }
    return SocketAddress.read(sockaddr_in()) { getsockname(descriptor, $0, $1) }
      .map { UInt16(bigEndian: $0.sin_port) }
  }

  private static func localPeer(_ descriptor: Int32) -> Peer {
    var credentials = clinux_credentials()
    var length = socklen_t(MemoryLayout<clinux_credentials>.size)
    let status = getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length)
    // The kernel's own word for "unknown user" if it should not know: nobody is let in by mistake.
    return .local(user: status == 0 ? credentials.user : UInt32.max)
  }

  private static func networkPeer(_ descriptor: Int32) -> Peer {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard
      var address = SocketAddress.read(sockaddr_in6(), { getpeername(descriptor, $0, $1) })
    else { return .network(address: "unknown", port: 0) }
    let family = Int32(address.sin6_family)
    let converted = withUnsafeBytes(of: &address) { bytes in
      // The address stands behind family and port, and in version 6 behind the flow as well.
      let offset = family == AF_INET6 ? 8 : 4
      return inet_ntop(
        family, bytes.baseAddress?.advanced(by: offset), &text, socklen_t(text.count))
    }
    guard converted != nil else { return .network(address: "unknown", port: 0) }
    // The port stands where it does in version 4.
    return .network(
      address: String(
        decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self),
      port: UInt16(bigEndian: address.sin6_port))
  }
}

/// The errno of a failed call, so that it survives the next one.
struct SystemCallError: Error {
  let code: Int32
}
