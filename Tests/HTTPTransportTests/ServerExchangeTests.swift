import Foundation
import HTTPTransport
import HTTPWire
import TestSupport
import Testing

@Suite("The server answers each request once, in order")
struct ServerExchangeTests {
  @Test("pipelined requests on one connection are answered in order")
  func pipelining() throws {
    let sample = try SampleServer()
    let connection = try RawConnection(port: sample.port)
    connection.send(plain("/bytes?count=1") + plain("/later") + plain("/redirect"))
    #expect(try connection.receive(through: "\r\n\r\na").hasPrefix("HTTP/1.1 200 OK\r\nDate: "))
    #expect(try connection.receive(through: "later\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(try connection.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 307"))
    #expect(sample.server.counters.connectionsAccepted == 1)
    #expect(sample.server.counters.requestsReceived == 3)
  }

  @Test("a request in many small pieces is one request")
  func pieces() throws {
    let sample = try SampleServer()
    let connection = try RawConnection(port: sample.port)
    for byte in "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc".utf8 {
      connection.send([byte])
    }
    #expect(try connection.receive(through: "abc").contains("Content-Length: 3"))
  }

  @Test("a responder that is dropped answers 500")
  func dropped() throws {
    let sample = try SampleServer()
    let connection = try RawConnection(port: sample.port)
    connection.send(plain("/dropped"))
    #expect(try connection.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 500"))
  }

  @Test("only the first answer counts")
  func twice() throws {
    let sample = try SampleServer()
    let connection = try RawConnection(port: sample.port)
    connection.send(plain("/twice") + plain("/peer"))
    #expect(try connection.receive(through: "first\n").hasPrefix("HTTP/1.1 200"))
    #expect(try connection.receive(through: "127.0.0.1").hasPrefix("HTTP/1.1 200"))
    #expect(sample.waiting.left.wait(timeout: .now()) == .timedOut)
  }

  @Test("Connection: close is honoured after the answer")
  func close() throws {
    let sample = try SampleServer()
    let connection = try RawConnection(port: sample.port)
    connection.send("GET /bytes?count=3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    let all = try connection.receiveAll()
    #expect(all.hasSuffix("Connection: close\r\n\r\naaa"))
  }

  @Test("the answer to HEAD has a length and no body")
  func head() throws {
    let sample = try SampleServer()
    let connection = try RawConnection(port: sample.port)
    connection.send(plain("/bytes?count=3", "HEAD") + plain("/redirect"))
    #expect(try connection.receive(through: "\r\n\r\n").contains("Content-Length: 3\r\n"))
    #expect(try connection.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 307"))
  }

  @Test("a long poll whose client leaves is forgotten")
  func leaving() throws {
    let sample = try SampleServer()
    for _ in 0..<3 {
      let connection = try RawConnection(port: sample.port)
      connection.send(plain("/poll"))
      #expect(sample.waiting.waitForArrival())
      connection.endSending()
      #expect(sample.waiting.waitForLeaving())
      #expect(try connection.receiveAll().isEmpty)
    }
    sample.waiting.answerAll()
  }

  @Test("500 long polls wait at once and are all answered")
  func manyPolls() throws {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let sample = try SampleServer()
    let connections = try (0..<500).map { _ in try RawConnection(port: sample.port) }
    for connection in connections { connection.send(plain("/poll")) }
    #expect(sample.waiting.waitForArrival(count: connections.count))
    #expect(sample.server.counters.connectionsOpen == connections.count)
    sample.waiting.answerAll()
    for connection in connections {
      #expect(try connection.receive(through: "news\n").hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test("a response far beyond the socket's buffers arrives whole")
  func backPressure() throws {
    let sample = try SampleServer()
    let connection = try RawConnection(port: sample.port)
    connection.send(
      "GET /bytes?count=20000000 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    let all = try connection.receiveAll()
    let body = try #require(all.utf8.count > 20_000_000 ? all.utf8.count - 20_000_000 : nil)
    #expect(body < 200)
  }
}
