import Glibc

/// The service manager that has started this daemon, if one has and wants to be told how it is.
///
/// systemd names a datagram socket in the environment, and each message is one line (sd_notify(3)):
/// that is a promise of systemd's, and little enough to do without its library.
package struct ServiceManager: Sendable {
  package enum News: String, Sendable {
    /// It serves from now on.
    case ready = "READY=1"
    /// It still does its work.
    case alive = "WATCHDOG=1"
    case stopping = "STOPPING=1"
  }

  private let socketPath: String?
  /// It is given up, and started again, when it has not been alive for so long; nil: never.
  package let patienceMilliseconds: Int64?

  /// As the environment of this process says.
  package init() {
    func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    socketPath = variable("NOTIFY_SOCKET")
    // A parent may have left its own.
    let isMeant = variable("WATCHDOG_PID").map { $0 == "\(getpid())" } ?? true
    patienceMilliseconds =
      isMeant ? variable("WATCHDOG_USEC").flatMap { Int64($0) }.map { $0 / 1_000 } : nil
  }

  /// Does nothing where nobody wants to know.
  package func tell(_ news: News) throws(FileError) {
    guard let socketPath else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var path = Array(socketPath.utf8)
    // A name that begins with @ stands for one that begins with 0, and is in no folder.
    if path.first == UInt8(ascii: "@") { path[0] = 0 }
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    guard path.count < capacity else {
      throw FileError(.write, socketPath, .tooLong(limitBytes: capacity - 1))
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    // Of a name that is in no folder every byte counts, so it ends where the path does.
    let length = MemoryLayout<sockaddr_un>.size - capacity + path.count
    let descriptor = socket(
      AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw FileError(.create, "a socket", errno: errno) }
    defer { close(descriptor) }
    let line = Array(news.rawValue.utf8)
    let sent = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, line, line.count, Int32(MSG_NOSIGNAL), $0, socklen_t(length))
      }
    }
    guard sent == line.count else { throw FileError(.write, socketPath, errno: errno) }
  }
}
