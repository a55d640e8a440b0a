package import HTTPWire
import Operations

/// How one client reaches one server. Nothing here comes from the environment: proxy variables and
/// the like are not read.
package struct HTTPClientOptions: Sendable {
  /// What request targets are appended to, for example `https://hub.example.org`. `http` is
  /// accepted for a loopback host, or through a Unix socket.
  package var baseURL: String
  /// Certificates to trust instead of the system's, as a PEM file.
  package var caFile: String?
  package var clientCertificateFile: String?
  package var clientKeyFile: String?
  /// The URL of a proxy; empty for none.
  package var proxyURL: String
  /// Connects here instead of to the URL's host.
  package var unixSocketPath: String?
  package var userAgent: String
  package var connectTimeoutMilliseconds: Int
  /// A transfer that moves no byte for this long is given up. A long poll needs more than it waits.
  package var stallSeconds: Int
  /// Every request ends by then, whatever it is doing.
  package var deadlineMilliseconds: Int
  package var responseBytesMax: Int

  /// Says which version speaks: the hub's operator sees who has yet to upgrade.
  package static let ownUserAgent = "cafsync/" + ProgramVersion.text

  package init(
    baseURL: String,
    caFile: String? = nil,
    clientCertificateFile: String? = nil,
    clientKeyFile: String? = nil,
    proxyURL: String = "",
    unixSocketPath: String? = nil,
    userAgent: String = HTTPClientOptions.ownUserAgent,
    connectTimeoutMilliseconds: Int = 10_000,
    stallSeconds: Int = 30,
    deadlineMilliseconds: Int = 300_000,
    responseBytesMax: Int = 16 * 1_024 * 1_024
  ) {
    self.baseURL = baseURL
    self.caFile = caFile
    self.clientCertificateFile = clientCertificateFile
    self.clientKeyFile = clientKeyFile
    self.proxyURL = proxyURL
    self.unixSocketPath = unixSocketPath
    self.userAgent = userAgent
    self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
    self.stallSeconds = stallSeconds
    self.deadlineMilliseconds = deadlineMilliseconds
    self.responseBytesMax = responseBytesMax
  }
}

/// One request of a client.
package struct HTTPClientRequest: Sendable {
  package var method: HTTPMethod
  /// Path and query, from the slash on, percent-encoded.
  package var target: String
  package var headers: HTTPHeaders
  package var body: [UInt8]
  /// Instead of the client's, for a long poll.
  package var stallSeconds: Int?
  package var deadlineMilliseconds: Int?

  package init(
    _ method: HTTPMethod, _ target: String, headers: HTTPHeaders = [:], body: [UInt8] = [],
    stallSeconds: Int? = nil, deadlineMilliseconds: Int? = nil
  ) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
    self.stallSeconds = stallSeconds
    self.deadlineMilliseconds = deadlineMilliseconds
  }
}

/// What a transfer cost: a page size adapts by it.
package struct TransferFigures: Sendable, Equatable {
  /// Of the body.
  package var bytesSent = 0
  /// Of the body.
  package var bytesReceived = 0
  package var totalMilliseconds = 0
  /// Until the first byte of the response; a long poll has spent it waiting.
  package var firstByteMilliseconds = 0

  package init() {}
}

/// A complete response. Complete means that the server's own framing says so: a digest inside the
/// body is the only proof.
package struct HTTPClientResponse: Sendable {
  package let status: Int
  package let headers: HTTPHeaders
  package let body: [UInt8]
  package let figures: TransferFigures
}

/// Why there is no response.
package struct HTTPClientError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Kind: String, Sendable, CaseIterable {
    /// Never sent: the URL is no URL, or would put plain HTTP on a network.
    case refusedURL
    /// Nobody answered there. Nothing was sent.
    case cannotConnect
    /// A limit of time was reached. The server may have acted on the request.
    case timedOut
    /// The connection ended inside the exchange. The server may have acted on the request.
    case truncated
    /// The two do not trust each other.
    case tls
    /// `HTTPClient.abort` ended it. The server may have acted on the request.
    case aborted
    /// The response is longer than the client allows.
    case tooLarge
    case other
  }

  package let kind: Kind
  /// A sentence that says what happened and what to do.
  package let description: String
  package let figures: TransferFigures

  init(_ kind: Kind, _ description: String, figures: TransferFigures = TransferFigures()) {
    self.kind = kind
    self.description = description
    self.figures = figures
  }
}
