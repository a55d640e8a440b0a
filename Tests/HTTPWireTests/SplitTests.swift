import HTTPWire
import Testing

/// Recorded sessions: good, pipelined, chunked, and refused ones.
private let sessions: [(name: String, text: String, limits: HTTPLimits, events: Int)] = [
  (
    "three pipelined requests",
    "GET /probe HTTP/1.1\r\nHost: hub\r\n\r\nPOST /v1/exchange HTTP/1.1\r\nHost: hub\r\n"
      + "Content-Length: 5\r\n\r\nhelloGET /last?x=%20 HTTP/1.1\r\nhost:hub:80\r\n\r\n",
    HTTPLimits(), 3
  ),
  (
    "a chunked upload with extensions and trailers, then another request",
    "PUT /a HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\nabc\r\n"
      + "00A\r\n0123456789\r\n0\r\nDigest: none\r\n\r\nGET / HTTP/1.1\r\nHost: hub\r\n\r\n",
    HTTPLimits(), 2
  ),
  (
    "an upload that waits for 100-continue",
    "POST /a HTTP/1.1\r\nHost: hub\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\nabc",
    HTTPLimits(), 2
  ),
  (
    "an empty line before the request",
    "\r\nGET / HTTP/1.1\r\nHost: hub\r\n\r\n", HTTPLimits(), 1
  ),
  (
    "a good request before one that is refused",
    "GET / HTTP/1.1\r\nHost: hub\r\n\r\nGET / HTTP/1.1\r\nHost : hub\r\n\r\n", HTTPLimits(), 2
  ),
  (
    "a request line beyond its limit",
    "GET /0123456789 HTTP/1.1\r\nHost: hub\r\n\r\n", HTTPLimits(requestLineBytesMax: 20), 1
  ),
  (
    "headers beyond their limit",
    "GET / HTTP/1.1\r\nHost: hub\r\nA: 0123456789\r\n\r\n", HTTPLimits(headerBytesMax: 25), 1
  ),
  (
    "a chunked body beyond its limit",
    "PUT / HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\nabc\r\n",
    HTTPLimits(bodyBytesMax: 5), 1
  ),
  (
    "a bare line feed in the headers",
    "GET / HTTP/1.1\r\nHost: hub\nA: b\r\n\r\n", HTTPLimits(), 1
  ),
]

@Suite("A stream means the same however it is cut")
struct SplitTests {
  @Test("every split of a session into two pieces yields the same events")
  func everySplit() {
    for session in sessions {
      let bytes = Array(session.text.utf8)
      let whole = parse([bytes[...]], limits: session.limits)
      #expect(whole.count == session.events, "\(session.name)")
      for cut in 0...bytes.count {
        let split = parse([bytes[..<cut], bytes[cut...]], limits: session.limits)
        #expect(split == whole, "\(session.name), cut at \(cut)")
      }
    }
  }

  @Test("byte by byte yields the same events")
  func byteByByte() {
    for session in sessions {
      let bytes = Array(session.text.utf8)
      let pieces = bytes.indices.map { bytes[$0...$0] }
      #expect(
        parse(pieces, limits: session.limits) == parse([bytes[...]], limits: session.limits),
        "\(session.name)")
    }
  }

  @Test("bytes behind a request stay with the caller")
  func restStays() throws {
    var parser = HTTPRequestParser()
    var bytes = Array("GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b".utf8)[...]
    #expect(try parser.consume(&bytes) == .request(HTTPRequest(.get, "/a", headers: ["Host": "h"])))
    #expect(bytes.elementsEqual("GET /b".utf8))
    #expect(parser.isIdle)
    #expect(try parser.consume(&bytes) == nil)
    #expect(bytes.isEmpty && !parser.isIdle)
  }

  @Test("an idle parser holds no memory beyond its own value")
  func stages() throws {
    var parser = HTTPRequestParser()
    #expect(parser.isIdle)
    var head = Array("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n".utf8)[...]
    #expect(try parser.consume(&head) == nil)
    #expect(parser.stage == .body && !parser.isIdle)
    var body: ArraySlice<UInt8> = [0x61]
    #expect(try parser.consume(&body) != nil)
    #expect(parser.stage == .head && parser.isIdle)
  }
}
