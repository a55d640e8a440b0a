import Foundation
import HTTPTransport
import HTTPWire
import TestSupport
import Testing

/// The error that a send ends with, or nil if it ends with a response.
func failure(_ client: HTTPClient, _ request: HTTPClientRequest) -> HTTPClientError? {
  do throws(HTTPClientError) {
    _ = try client.send(request)
    return nil
  } catch {
    return error
  }
}

@Suite("The client exchanges whole messages with one server")
struct HTTPClientTests {
  @Test("all methods, with and without a body, over one connection")
  func methods() throws {
    let sample = try SampleServer()
    let client = try HTTPClient(HTTPClientOptions(baseURL: "http://127.0.0.1:\(sample.port)/"))
    for method in HTTPMethod.allCases {
      let response = try client.send(HTTPClientRequest(method, "/echo"))
      #expect(response.status == 200 && response.body.isEmpty, "\(method)")
      #expect(response.headers["x-method"] == method.rawValue, "\(method)")
      if method == .head { continue }
      let body = Array("\0\r\nbody".utf8)
      let echoed = try client.send(HTTPClientRequest(method, "/echo", body: body))
      #expect(echoed.body == body && echoed.headers["X-Method"] == method.rawValue, "\(method)")
    }
    #expect(sample.server.counters.connectionsAccepted == 1)
  }

  @Test("a large body goes up and comes back, and the figures say so")
  func large() throws {
    let sample = try SampleServer()
    let client = try HTTPClient(HTTPClientOptions(baseURL: "http://127.0.0.1:\(sample.port)"))
    let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) }
    let response = try client.send(HTTPClientRequest(.post, "/echo", body: body))
    #expect(response.body == body)
    #expect(response.figures.bytesSent == body.count)
    #expect(response.figures.bytesReceived == body.count)
    #expect(response.figures.totalMilliseconds >= response.figures.firstByteMilliseconds)
  }

  @Test("any status is a response, and a redirect is not followed")
  func statuses() throws {
    let sample = try SampleServer()
    let client = try HTTPClient(HTTPClientOptions(baseURL: "http://127.0.0.1:\(sample.port)"))
    #expect(try client.send(HTTPClientRequest(.get, "/none")).status == 404)
    let redirect = try client.send(HTTPClientRequest(.post, "/redirect", body: [1]))
    #expect(redirect.status == 307 && redirect.headers["Location"] == "/echo")
    #expect(sample.server.counters.requestsReceived == 2)
  }

  @Test("addresses that would put plain HTTP on a network, or are none, are refused unsent")
  func refusedURLs() throws {
    let bases = [
      "http://example.org", "http://192.0.2.1", "http://127.0.0.1.example.org",
      "http://localhost.example.org", "http://[2001:db8::1]", "ftp://127.0.0.1", "file:///etc",
      "https://user:secret@127.0.0.1", "", "127.0.0.1:80/?", "http://", "http://exa mple",
    ]
    for base in bases {
      let client = try HTTPClient(
        HTTPClientOptions(baseURL: base, connectTimeoutMilliseconds: 1))
      let error = failure(client, HTTPClientRequest(.get, "/"))
      #expect(error?.kind == .refusedURL, "\(base): \(String(describing: error))")
      #expect(error?.description.contains("secret") == false, "\(base)")
    }
    let client = try HTTPClient(HTTPClientOptions(baseURL: "http://127.0.0.1"))
    #expect(failure(client, HTTPClientRequest(.get, "@example.org/"))?.kind == .refusedURL)
  }

  @Test("a header cannot smuggle another")
  func headers() throws {
    let sample = try SampleServer()
    let client = try HTTPClient(HTTPClientOptions(baseURL: "http://127.0.0.1:\(sample.port)"))
    let request = HTTPClientRequest(.get, "/echo", headers: ["A": "b\r\nC: d"])
    #expect(failure(client, request)?.kind == .other)
    #expect(sample.server.counters.connectionsAccepted == 0)
  }

  @Test("a response of exactly the limit passes, one byte more does not")
  func tooLarge() throws {
    let sample = try SampleServer()
    let client = try HTTPClient(
      HTTPClientOptions(baseURL: "http://127.0.0.1:\(sample.port)", responseBytesMax: 1_000))
    #expect(try client.send(HTTPClientRequest(.get, "/bytes?count=1000")).body.count == 1_000)
    #expect(failure(client, HTTPClientRequest(.get, "/bytes?count=1001"))?.kind == .tooLarge)
  }

  @Test("proxy variables of the environment are not read")
  func environment() throws {
    setenv("http_proxy", "http://127.0.0.1:1", 1)
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1)
    defer {
      unsetenv("http_proxy")
      unsetenv("ALL_PROXY")
    }
    let sample = try SampleServer()
    let client = try HTTPClient(HTTPClientOptions(baseURL: "http://127.0.0.1:\(sample.port)"))
    #expect(try client.send(HTTPClientRequest(.get, "/echo")).status == 200)
  }

  @Test("a proxy that is named is used")
  func proxy() throws {
    let sample = try SampleServer()
    let client = try HTTPClient(
      HTTPClientOptions(
        baseURL: "http://127.0.0.1:1", proxyURL: "http://127.0.0.1:\(sample.port)"))
    #expect(try client.send(HTTPClientRequest(.get, "/bytes?count=2")).body.count == 2)
  }

  @Test("a server that does not speak TLS is an error of trust")
  func tls() throws {
    let sample = try SampleServer()
    let client = try HTTPClient(HTTPClientOptions(baseURL: "https://127.0.0.1:\(sample.port)"))
    #expect(failure(client, HTTPClientRequest(.get, "/"))?.kind == .tls)
    let other = try HTTPClient(
      HTTPClientOptions(
        baseURL: "https://127.0.0.1:\(sample.port)", caFile: "/nonexistent/ca.pem"))
    #expect(failure(other, HTTPClientRequest(.get, "/"))?.kind == .tls)
  }
}
