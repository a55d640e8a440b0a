import Glibc

/// Addresses of browsers, as the proxy names them.
enum ClientAddress {
  /// What one subscriber has: an IPv4 address, or the first 64 bits of an IPv6 address. Blank for
  /// what is neither.
  static func network(of text: String) -> String {
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 { return text }
    var six = in6_addr()
    guard inet_pton(AF_INET6, text, &six) == 1 else { return "" }
    return withUnsafeBytes(of: &six) { bytes in
      bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
    }
  }
}
