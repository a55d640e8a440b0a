import Glibc
import Operations

/// Whose process is at the other end of a connection on this machine. Loopback is open to everybody
/// who has a process here, and a browser sends its cookies to any port of 127.0.0.1: so a cookie or
/// a token alone does not show that its owner asks. The kernel knows (proc(5), `/proc/net/tcp`).
package enum LoopbackPeer {
  /// The user whose socket is bound to `port` of 127.0.0.1 and connected to `serverPort` of it; nil
  /// when the kernel's tables have none, as after it has gone.
  package static func user(port: UInt16, serverPort: UInt16) -> UInt32? {
    for file in ["/proc/net/tcp", "/proc/net/tcp6"] {
      // A table that cannot be read says of nobody that he is let in.
      guard let bytes = try? AtomicFile.read(file, maximumBytes: tableBytesMax),
        let user = user(
          in: String(decoding: bytes, as: UTF8.self), port: port, serverPort: serverPort)
      else { continue }
      return user
    }
    return nil
  }

  private static let tableBytesMax = 64 << 20

  /// 127.0.0.1 as both tables write it: in the order of the machine's bytes, and mapped into IPv6.
  private static let loopback = ["0100007F", "0000000000000000FFFF00000100007F"]

  /// The same from a table's text. Its lines: number, local and remote address with ports, state,
  /// queues, timers, retransmissions, user.
  static func user(in table: String, port: UInt16, serverPort: UInt16) -> UInt32? {
    for line in table.split(separator: "\n").dropFirst() {
      let words = line.split(separator: " ")
      guard words.count > 7, names(words[1], port), names(words[2], serverPort) else { continue }
      return UInt32(words[7])
    }
    return nil
  }

  private static func names(_ address: Substring, _ port: UInt16) -> Bool {
    let parts = address.split(separator: ":")
    return parts.count == 2 && loopback.contains(String(parts[0]))
      && UInt16(parts[1], radix: 16) == port
  }

  /// The daemon's own user, and root, who may everything anyway.
  package static func isAllowed(_ user: UInt32?) -> Bool {
    user == geteuid() || user == 0
  }
}
