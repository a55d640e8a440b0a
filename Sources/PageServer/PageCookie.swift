package import HTTPWire

/// The cookie that a session is known by: for no script and no other site.
///
/// Behind TLS its name begins with `__Host-` (RFC 6265bis, 4.1.3.2): browsers take such a name only
/// with `Secure`, from the host itself and over TLS, so that no neighbour under the same domain,
/// and nobody on a line in the clear, can put a session of theirs in its place. On loopback there
/// is no TLS, `Secure` would keep some browsers from sending it at all, and without that they
/// refuse the name: there it goes without, and nothing but this machine can set it.
package struct PageCookie: Sendable {
  private let name: String
  /// Never to be sent in the clear: where a TLS proxy stands before the pages.
  private let isSecure: Bool

  /// - Parameter name: One of its own for each daemon, since cookies know no ports.
  package init(name: String, isSecure: Bool = false) {
    self.name = isSecure ? "__Host-" + name : name
    self.isSecure = isSecure
  }

  /// What the browser is told to keep, for as long as it runs; with `lifeSeconds` 0, to forget.
  package func set(_ secret: String, lifeSeconds: Int? = nil) -> String {
    name + "=" + secret + "; Path=/; HttpOnly; SameSite=Strict" + (isSecure ? "; Secure" : "")
      + (lifeSeconds.map { "; Max-Age=\($0)" } ?? "")
  }

  /// The secret that a request shows.
  package func secret(in request: HTTPRequest) -> String? {
    for header in request.headers.values("Cookie") {
      for pair in header.split(separator: ";") {
        let parts = pair.drop(while: \.isWhitespace).split(separator: "=", maxSplits: 1)
        if parts.count == 2, parts[0] == name { return String(parts[1]) }
      }
    }
    return nil
  }
}
