package import HTTPWire

/// The bounds of one server. All times are in milliseconds.
package struct HTTPServerOptions: Sendable {
  package var limits: HTTPLimits
  package var listenPolicy: ListenPolicy
  /// Connections at once; beyond it newcomers wait in the kernel's queue.
  package var connectionsMax: Int
  /// From a new connection, or a request's first byte, to the end of its head.
  package var headerTimeoutMilliseconds: Int64
  /// From the end of the head to the end of the body.
  package var bodyTimeoutMilliseconds: Int64
  /// How long a connection may wait for its next request.
  package var idleTimeoutMilliseconds: Int64
  /// How long the peer may take no byte of a response.
  package var writeTimeoutMilliseconds: Int64
  /// How long a closing connection waits for the peer to notice, so that the last response is not
  /// lost to a reset.
  package var lingerMilliseconds: Int64

  package init(
    limits: HTTPLimits = HTTPLimits(),
    listenPolicy: ListenPolicy = .loopbackOnly,
    connectionsMax: Int = 16_384,
    headerTimeoutMilliseconds: Int64 = 10_000,
    bodyTimeoutMilliseconds: Int64 = 120_000,
    idleTimeoutMilliseconds: Int64 = 75_000,
    writeTimeoutMilliseconds: Int64 = 30_000,
    lingerMilliseconds: Int64 = 2_000
  ) {
    self.limits = limits
    self.listenPolicy = listenPolicy
    self.connectionsMax = connectionsMax
    self.headerTimeoutMilliseconds = headerTimeoutMilliseconds
    self.bodyTimeoutMilliseconds = bodyTimeoutMilliseconds
    self.idleTimeoutMilliseconds = idleTimeoutMilliseconds
    self.writeTimeoutMilliseconds = writeTimeoutMilliseconds
    self.lingerMilliseconds = lingerMilliseconds
  }
}
