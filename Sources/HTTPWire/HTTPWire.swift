// HTTP/1.1 as pure values: bytes in, events out, no sockets, no clock, no dependencies.
//
// The idea: a parser is a value with one mutating method. `consume` takes the bytes it needs from
// the front of a slice and answers with at most one event; what lies behind the event stays in the
// slice. So nothing is buffered twice, pipelined requests are simply the rest of the slice, and
// every split of the input yields the same events — a test tries them all.
//
// Strictness is the security model. The hub stands behind a TLS proxy, and where a proxy and a
// server disagree about where a message ends, a stranger's bytes become another agency's request
// (request smuggling). RFC 9112 leaves a recipient the choice to repair doubtful framing; this
// parser never repairs. Whatever it does not understand in exactly one way is an `HTTPWireError`,
// which names the status to answer with, and after which the connection must be closed. Lengths are
// bounded before any arithmetic (`HTTPLimits`), since Swift traps on overflow.
//
// `HeadParser` reads lines and fields, `BodyParser` the three framings of a body;
// `HTTPRequestParser` and `HTTPResponseParser` put them together. The way out is
// `HTTPResponse.serialised` and `HTTPRequest.serialised`.

/// Why bytes were refused. After any of these the stream has no trustworthy message boundary any
/// more: answer with `status`, then close.
package enum HTTPWireError: Error, Equatable, Sendable {
  case lineEndsWithBareLineFeed
  case malformedStartLine
  case invalidMethodToken
  case unsupportedMethod
  case invalidTarget
  case unsupportedVersion
  case startLineTooLong(bytesMax: Int)
  case foldedHeader
  case invalidHeaderName
  case invalidHeaderValue
  case headersTooLong(bytesMax: Int)
  case tooManyHeaders(countMax: Int)
  case missingHost
  case duplicateHost
  case invalidHost
  case duplicateContentLength
  case invalidContentLength
  case contentLengthWithTransferEncoding
  case duplicateTransferEncoding
  case unsupportedTransferEncoding
  case unsupportedExpectation
  case invalidChunkSize
  case invalidChunkEnd
  case chunkExtensionsTooLong(bytesMax: Int)
  case trailersTooLong(bytesMax: Int)
  case bodyTooLong(bytesMax: Int)
  case invalidStatus
  /// The stream ended inside a message (responses only: a server just closes).
  case truncated
  /// `consume` was called again after an error.
  case alreadyFailed

  /// The status to answer a refused request with (RFC 9110 §15).
  package var status: Int {
    switch self {
    case .unsupportedMethod, .unsupportedTransferEncoding: 501
    case .unsupportedVersion: 505
    case .startLineTooLong: 414
    case .headersTooLong, .tooManyHeaders: 431
    case .bodyTooLong: 413
    case .unsupportedExpectation: 417
    default: 400
    }
  }
}

extension HTTPWireError: CustomStringConvertible {
  /// One sentence that says what to change; it never repeats bytes of the message.
  package var description: String {
    switch self {
    case .lineEndsWithBareLineFeed: "End every line of the head with CR LF."
    case .malformedStartLine:
      "Send a start line of three parts with one space between them, as RFC 9112 says."
    case .invalidMethodToken: "Use only token characters in the method."
    case .unsupportedMethod: "Use GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS."
    case .invalidTarget: "Send a target that starts with '/' and holds visible ASCII only."
    case .unsupportedVersion:
      "Speak HTTP/1.1 (with nginx before this server: proxy_http_version 1.1)."
    case .startLineTooLong(let bytesMax): "Keep the start line within \(bytesMax) bytes."
    case .foldedHeader: "Send each header on one line: folded headers are refused."
    case .invalidHeaderName:
      "Use only token characters in a header's name, directly followed by a colon."
    case .invalidHeaderValue: "Send header values as UTF-8 without control characters."
    case .headersTooLong(let bytesMax): "Keep all headers together within \(bytesMax) bytes."
    case .tooManyHeaders(let countMax): "Send at most \(countMax) headers."
    case .missingHost: "Send a Host header."
    case .duplicateHost: "Send exactly one Host header."
    case .invalidHost: "Send a Host header of the form name or name:port."
    case .duplicateContentLength: "Send Content-Length once."
    case .invalidContentLength: "Send Content-Length as plain decimal digits."
    case .contentLengthWithTransferEncoding:
      "Send either Content-Length or Transfer-Encoding, never both."
    case .duplicateTransferEncoding: "Send Transfer-Encoding: chunked once."
    case .unsupportedTransferEncoding: "Use no transfer coding other than chunked."
    case .unsupportedExpectation: "Use no expectation other than 100-continue."
    case .invalidChunkSize: "Send chunk sizes as at most 15 hexadecimal digits and CR LF."
    case .invalidChunkEnd: "End every chunk with CR LF."
    case .chunkExtensionsTooLong(let bytesMax):
      "Keep all chunk extensions of a message within \(bytesMax) bytes."
    case .trailersTooLong(let bytesMax): "Keep the trailers within \(bytesMax) bytes."
    case .bodyTooLong(let bytesMax): "Keep the body within \(bytesMax) bytes."
    case .invalidStatus: "The status line holds no status from 100 to 599."
    case .truncated: "The connection ended inside a message: send the request again."
    case .alreadyFailed: "Close the connection: it was refused before."
    }
  }
}
