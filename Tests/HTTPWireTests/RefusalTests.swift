import HTTPWire
import Testing

private let get = "GET / HTTP/1.1\r\nHost: hub\r\n"
private let post = "POST / HTTP/1.1\r\nHost: hub\r\n"
private let chunked = post + "Transfer-Encoding: chunked\r\n\r\n"
private let bodyMax = HTTPLimits().bodyBytesMax

/// Bytes that some server or proxy somewhere reads in another way, or that nobody should send.
private let refusals: [(name: String, text: String, error: HTTPWireError, status: Int)] = [
  // Where does the message end?
  (
    "two equal lengths", post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    .duplicateContentLength, 400
  ),
  (
    "two different lengths", post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
    .duplicateContentLength, 400
  ),
  (
    "a list of lengths", post + "Content-Length: 3, 3\r\n\r\nabc", .invalidContentLength, 400
  ),
  ("a signed length", post + "Content-Length: +3\r\n\r\nabc", .invalidContentLength, 400),
  ("a negative length", post + "Content-Length: -1\r\n\r\n", .invalidContentLength, 400),
  ("a hexadecimal length", post + "Content-Length: 0x3\r\n\r\n", .invalidContentLength, 400),
  ("an empty length", post + "Content-Length:\r\n\r\n", .invalidContentLength, 400),
  ("a length with a fraction", post + "Content-Length: 3.0\r\n\r\n", .invalidContentLength, 400),
  (
    "a length beyond 64 bits", post + "Content-Length: 99999999999999999999\r\n\r\n",
    .bodyTooLong(bytesMax: bodyMax), 413
  ),
  (
    "length and chunked", post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    .contentLengthWithTransferEncoding, 400
  ),
  (
    "chunked and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
    .contentLengthWithTransferEncoding, 400
  ),
  (
    "chunked twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    .duplicateTransferEncoding, 400
  ),
  (
    "chunked twice in a list", post + "Transfer-Encoding: chunked, chunked\r\n\r\n",
    .unsupportedTransferEncoding, 501
  ),
  (
    "another coding", post + "Transfer-Encoding: gzip, chunked\r\n\r\n",
    .unsupportedTransferEncoding, 501
  ),
  (
    "almost chunked", post + "Transfer-Encoding: xchunked\r\n\r\n", .unsupportedTransferEncoding,
    501
  ),
  (
    "chunked in quotes", post + "Transfer-Encoding: \"chunked\"\r\n\r\n",
    .unsupportedTransferEncoding, 501
  ),
  // Chunks
  ("a chunk size without digits", chunked + "\r\n", .invalidChunkSize, 400),
  ("a chunk size with a prefix", chunked + "0x3\r\nabc\r\n", .invalidChunkSize, 400),
  ("a signed chunk size", chunked + "-3\r\nabc\r\n", .invalidChunkSize, 400),
  ("white space before a chunk size", chunked + " 3\r\nabc\r\n", .invalidChunkSize, 400),
  ("white space behind a chunk size", chunked + "3 \r\nabc\r\n", .invalidChunkSize, 400),
  ("a chunk size of 16 digits", chunked + "0000000000000003\r\n", .invalidChunkSize, 400),
  ("a chunk size beyond 64 bits", chunked + "FFFFFFFFFFFFFFFFF\r\n", .invalidChunkSize, 400),
  (
    "the largest chunk size", chunked + "FFFFFFFFFFFFFFF\r\n", .bodyTooLong(bytesMax: bodyMax), 413
  ),
  (
    "a chunk line with a bare line feed", chunked + "3\nabc\r\n", .lineEndsWithBareLineFeed, 400
  ),
  ("a chunk longer than its size", chunked + "3\r\nabcd\r\n", .invalidChunkEnd, 400),
  ("a chunk ended by a line feed", chunked + "3\r\nabc\n", .lineEndsWithBareLineFeed, 400),
  ("a control character in an extension", chunked + "3;a\u{1}\r\n", .invalidChunkSize, 400),
  ("a bare CR in an extension", chunked + "3;a\rb\r\n", .invalidChunkSize, 400),
  ("a trailer without a colon", chunked + "0\r\nabc\r\n\r\n", .invalidHeaderName, 400),
  // Lines and fields
  ("bare line feeds", "GET / HTTP/1.1\nHost: hub\n\n", .lineEndsWithBareLineFeed, 400),
  ("a bare CR in a value", get + "A: b\rc\r\n\r\n", .invalidHeaderValue, 400),
  ("a bare CR in a name", get + "A\rB: c\r\n\r\n", .invalidHeaderName, 400),
  ("a bare CR in the start line", "GET /\r HTTP/1.1\r\nHost: h\r\n\r\n", .invalidTarget, 400),
  ("a line that ends in CR CR LF", get + "A: b\r\r\n\r\n", .invalidHeaderValue, 400),
  ("a folded header", get + "A: b\r\n c\r\n\r\n", .foldedHeader, 400),
  ("a header folded by a tab", get + "A: b\r\n\tc\r\n\r\n", .foldedHeader, 400),
  ("white space before the colon", get + "A : b\r\n\r\n", .invalidHeaderName, 400),
  ("a header without a colon", get + "A\r\n\r\n", .invalidHeaderName, 400),
  ("a header without a name", get + ": b\r\n\r\n", .invalidHeaderName, 400),
  ("NUL in a value", get + "A: b\0c\r\n\r\n", .invalidHeaderValue, 400),
  ("NUL in a name", get + "A\0: c\r\n\r\n", .invalidHeaderName, 400),
  ("DEL in a value", get + "A: \u{7F}\r\n\r\n", .invalidHeaderValue, 400),
  ("a name beyond ASCII", get + "Ä: c\r\n\r\n", .invalidHeaderName, 400),
  // Host
  ("no host", "GET / HTTP/1.1\r\n\r\n", .missingHost, 400),
  ("two hosts", get + "Host: hub\r\n\r\n", .duplicateHost, 400),
  (
    "two hosts and an absolute target", "GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    .duplicateHost, 400
  ),
  ("an empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", .invalidHost, 400),
  ("a host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .invalidHost, 400),
  ("a host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", .invalidHost, 400),
  ("two hosts in one", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .invalidHost, 400),
  // Start line
  ("HTTP/0.9", "GET /\r\n", .malformedStartLine, 400),
  ("HTTP/1.0", "GET / HTTP/1.0\r\nHost: hub\r\n\r\n", .unsupportedVersion, 505),
  ("HTTP/1.2", "GET / HTTP/1.2\r\nHost: hub\r\n\r\n", .unsupportedVersion, 505),
  ("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion, 505),
  ("a version in lower case", "GET / http/1.1\r\nHost: hub\r\n\r\n", .malformedStartLine, 400),
  ("a version of two digits", "GET / HTTP/1.10\r\nHost: hub\r\n\r\n", .malformedStartLine, 400),
  ("two spaces", "GET  / HTTP/1.1\r\nHost: hub\r\n\r\n", .malformedStartLine, 400),
  ("a trailing space", "GET / HTTP/1.1 \r\nHost: hub\r\n\r\n", .malformedStartLine, 400),
  ("a leading space", " GET / HTTP/1.1\r\nHost: hub\r\n\r\n", .malformedStartLine, 400),
  ("a tab as separator", "GET\t/ HTTP/1.1\r\nHost: hub\r\n\r\n", .malformedStartLine, 400),
  ("two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\n", .malformedStartLine, 400),
  ("an unknown method", "BREW / HTTP/1.1\r\nHost: hub\r\n\r\n", .unsupportedMethod, 501),
  ("CONNECT", "CONNECT hub:1 HTTP/1.1\r\nHost: hub\r\n\r\n", .unsupportedMethod, 501),
  ("a method in lower case", "get / HTTP/1.1\r\nHost: hub\r\n\r\n", .unsupportedMethod, 501),
  ("a method that is no token", "G(T / HTTP/1.1\r\nHost: hub\r\n\r\n", .invalidMethodToken, 400),
  ("a relative target", "GET a HTTP/1.1\r\nHost: hub\r\n\r\n", .invalidTarget, 400),
  ("an asterisk without OPTIONS", "GET * HTTP/1.1\r\nHost: hub\r\n\r\n", .invalidTarget, 400),
  ("a fragment", "GET /#a HTTP/1.1\r\nHost: hub\r\n\r\n", .invalidTarget, 400),
  ("a target beyond ASCII", "GET /ä HTTP/1.1\r\nHost: hub\r\n\r\n", .invalidTarget, 400),
  ("NUL in the target", "GET /\0 HTTP/1.1\r\nHost: hub\r\n\r\n", .invalidTarget, 400),
  ("another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: hub\r\n\r\n", .invalidTarget, 400),
  (
    "another expectation", post + "Expect: 200-maybe\r\nContent-Length: 1\r\n\r\n",
    .unsupportedExpectation, 417
  ),
]

@Suite("Doubtful framing is refused")
struct RefusalTests {
  @Test("every case of the table is refused for its reason and with its status")
  func table() {
    for refusal in refusals {
      #expect(parse(refusal.text) == [.refused(refusal.error)], "\(refusal.name)")
      #expect(refusal.error.status == refusal.status, "\(refusal.name)")
      #expect(refusal.error.description.hasSuffix("."), "\(refusal.name)")
    }
  }

  @Test("a value that is no UTF-8 is refused")
  func invalidUTF8() {
    let bytes = Array(get.utf8) + Array("A: ".utf8) + [0xC3, 0x28] + Array("\r\n\r\n".utf8)
    #expect(parse([bytes[...]]) == [.refused(.invalidHeaderValue)])
  }

  @Test("nothing is read after a refusal")
  func staysRefused() {
    var parser = HTTPRequestParser()
    var bad = Array("GET /\r\n".utf8)[...]
    #expect(throws: HTTPWireError.malformedStartLine) { try parser.consume(&bad) }
    var good = Array((get + "\r\n").utf8)[...]
    #expect(throws: HTTPWireError.alreadyFailed) { try parser.consume(&good) }
  }
}
