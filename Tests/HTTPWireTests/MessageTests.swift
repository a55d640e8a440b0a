import HTTPWire
import Testing

@Suite("Messages are read and written as RFC 9110 and RFC 9112 say")
struct MessageTests {
  @Test("the GET of RFC 9112 §2.1 and the targets of §3.2")
  func requestExamples() {
    let cases: [(text: String, request: HTTPRequest)] = [
      (
        "GET /hello.txt HTTP/1.1\r\nUser-Agent: curl/7.64.1\r\nHost: www.example.com\r\n"
          + "Accept-Language: en, mi\r\n\r\n",
        HTTPRequest(
          .get, "/hello.txt",
          headers: [
            "User-Agent": "curl/7.64.1", "Host": "www.example.com", "Accept-Language": "en, mi",
          ])
      ),
      (
        "GET /where?q=now HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
        HTTPRequest(.get, "/where?q=now", headers: ["Host": "www.example.org"])
      ),
      (
        "GET http://www.example.org/pub/WWW/TheProject.html HTTP/1.1\r\nHost: other\r\n\r\n",
        HTTPRequest(.get, "/pub/WWW/TheProject.html", headers: ["Host": "www.example.org"])
      ),
      (
        "GET http://www.example.org?a HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
        HTTPRequest(.get, "/?a", headers: ["Host": "www.example.org"])
      ),
      (
        "OPTIONS * HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
        HTTPRequest(.options, "*", headers: ["Host": "www.example.org"])
      ),
      (
        "GET / HTTP/1.1\r\nHost:\t [::1]:80 \r\nEmpty:\r\nInner: a\tb  c\r\n\r\n",
        HTTPRequest(.get, "/", headers: ["Host": "[::1]:80", "Empty": "", "Inner": "a\tb  c"])
      ),
    ]
    for each in cases {
      #expect(parse(each.text) == [.request(each.request)], "\(each.text)")
    }
  }

  @Test("all methods of the table are known")
  func methods() {
    for method in HTTPMethod.allCases {
      #expect(
        parse("\(method.rawValue) / HTTP/1.1\r\nHost: h\r\n\r\n")
          == [.request(HTTPRequest(method, "/", headers: ["Host": "h"]))])
    }
  }

  @Test("path, query and percent-encoding")
  func targets() {
    let request = HTTPRequest(.get, "/a%20b?x=1&name=%C3%84%26&flag&x=2&bad=%zz&worse=%ff")
    #expect(request.path == "/a%20b")
    #expect(HTTPRequest.percentDecoded(request.path) == "/a b")
    #expect(request.queryValue("x") == "1")
    #expect(request.queryValue("name") == "Ä&")
    #expect(request.queryValue("flag") == "")
    #expect(request.queryValue("absent") == nil)
    #expect(request.queryValue("bad") == nil)
    #expect(request.queryValue("worse") == nil)
    #expect(HTTPRequest(.get, "/").query == nil)
    #expect(HTTPRequest(.get, "/?").query == "")
  }

  @Test("names compare without case, tokens in lists are found, order is kept")
  func headers() {
    var headers: HTTPHeaders = ["A": "1", "b": "2", "a": "3"]
    #expect(headers["B"] == "2")
    #expect(headers.values("a") == ["1", "3"])
    headers["A"] = "4"
    #expect(headers.fields.map(\.name) == ["b", "A"])
    headers["b"] = nil
    #expect(headers == ["A": "4"])
    let request = HTTPRequest(.get, "/", headers: ["Connection": "keep-alive,\t CLOSE "])
    #expect(request.wantsClose)
    #expect(!HTTPRequest(.get, "/", headers: ["Connection": "closed"]).wantsClose)
  }

  @Test("a request comes back from its own bytes")
  func requestRoundTrip() {
    var request = HTTPRequest(.post, "/v1/exchange", headers: ["A": "b"], body: [0, 13, 10, 255])
    let said = parse([request.serialised(host: "hub")[...]])
    request.headers = ["Host": "hub", "A": "b", "Content-Length": "4"]
    #expect(said == [.request(request)])
  }

  @Test("a response as bytes, and a header that tries to smuggle")
  func responseBytes() {
    let response = HTTPResponse(
      status: 404, headers: ["X": "a\r\nSet-Cookie: b", "Content-Length": "9"],
      body: Array("no".utf8))
    #expect(
      String(decoding: response.serialised(closes: true, date: "now"), as: UTF8.self)
        == "HTTP/1.1 404 Not Found\r\nDate: now\r\nX: a  Set-Cookie: b\r\nContent-Length: 2\r\n"
        + "Connection: close\r\n\r\nno")
    #expect(
      String(decoding: response.serialised(answersHead: true), as: UTF8.self)
        .hasSuffix("Content-Length: 2\r\n\r\n"))
    #expect(
      String(decoding: HTTPResponse(status: 204).serialised(), as: UTF8.self)
        == "HTTP/1.1 204 No Content\r\n\r\n")
  }

  @Test("responses are read in every framing, at every split")
  func responses() throws {
    let stream =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
      + "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
      + "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"
      + "HTTP/1.1 200 OK\r\n\r\nuntil the end"
    let expected: [HTTPResponseParser.Event] = [
      .interim(status: 100),
      .response(
        HTTPResponse(status: 200, headers: ["Content-Length": "2"], body: Array("ok".utf8))),
      .response(
        HTTPResponse(
          status: 200, headers: ["Transfer-Encoding": "chunked"], body: Array("ok".utf8))),
      .response(HTTPResponse(status: 304, headers: ["Content-Length": "7"])),
      .response(HTTPResponse(status: 200, body: Array("until the end".utf8))),
    ]
    let bytes = Array(stream.utf8)
    for cut in 0...bytes.count {
      var parser = HTTPResponseParser()
      var events: [HTTPResponseParser.Event] = []
      for piece in [bytes[..<cut], bytes[cut...]] {
        var rest = piece
        while let event = try parser.consume(&rest) { events.append(event) }
      }
      if let last = try parser.finish() { events.append(last) }
      #expect(events == expected, "cut at \(cut)")
    }
  }

  @Test("a response cut short is an error, and so is one that is none")
  func brokenResponses() throws {
    for text in [
      "HTTP/1.1 2", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na",
    ] {
      var parser = HTTPResponseParser()
      var bytes = Array(text.utf8)[...]
      #expect(try parser.consume(&bytes) == nil)
      #expect(throws: HTTPWireError.truncated) { try parser.finish() }
    }
    for text in ["HTTP/2 200\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "200 OK\r\n\r\n"] {
      var parser = HTTPResponseParser()
      var bytes = Array(text.utf8)[...]
      #expect(throws: HTTPWireError.self) { try parser.consume(&bytes) }
    }
  }

  @Test("the answer to HEAD announces a body that never comes")
  func head() throws {
    var parser = HTTPResponseParser()
    parser.answersHead = true
    var bytes = Array("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n".utf8)[...]
    #expect(
      try parser.consume(&bytes)
        == .response(HTTPResponse(status: 200, headers: ["Content-Length": "7"])))
  }

  @Test("dates as in RFC 9110 §5.6.7")
  func dates() {
    let cases: [(Int, String)] = [
      (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
      (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
      (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
      (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
      (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
      (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ]
    for (seconds, text) in cases {
      #expect(HTTPDate.imfFixdate(secondsSince1970: seconds) == text)
    }
  }
}
