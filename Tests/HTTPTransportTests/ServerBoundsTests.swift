import Foundation
import HTTPTransport
import HTTPWire
import TestSupport
import Testing

@Suite("The server bounds what a client can cost")
struct ServerBoundsTests {
  @Test("a head that does not end is cut by its time limit")
  func slowHead() throws {
    let sample = try SampleServer(options: HTTPServerOptions(headerTimeoutMilliseconds: 50))
    let first = try RawConnection(port: sample.port)
    first.send("GET /echo HT")
    #expect(try first.receiveAll().hasPrefix("HTTP/1.1 408"))
    let second = try RawConnection(port: sample.port)
    second.send(plain("/echo") + "GET /ec")
    let all = try second.receiveAll()
    #expect(all.hasPrefix("HTTP/1.1 200") && all.contains("HTTP/1.1 408"))
    #expect(sample.server.counters.timeoutsReached == 2)
  }

  @Test("a connection that says nothing is closed silently")
  func silence() throws {
    let sample = try SampleServer(options: HTTPServerOptions(headerTimeoutMilliseconds: 50))
    #expect(try RawConnection(port: sample.port).receiveAll().isEmpty)
  }

  @Test("a body that does not end is cut by its time limit")
  func slowBody() throws {
    let sample = try SampleServer(options: HTTPServerOptions(bodyTimeoutMilliseconds: 50))
    let connection = try RawConnection(port: sample.port)
    connection.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nab")
    #expect(try connection.receiveAll().hasPrefix("HTTP/1.1 408"))
  }

  @Test("an idle connection is closed by its time limit")
  func idle() throws {
    let sample = try SampleServer(options: HTTPServerOptions(idleTimeoutMilliseconds: 50))
    let connection = try RawConnection(port: sample.port)
    connection.send(plain("/echo"))
    #expect(try connection.receiveAll().hasSuffix("Content-Length: 0\r\n\r\n"))
    #expect(sample.server.counters.timeoutsReached == 0)
  }

  @Test("a client that does not read is cut by its time limit")
  func slowReader() throws {
    let sample = try SampleServer(options: HTTPServerOptions(writeTimeoutMilliseconds: 50))
    let connection = try RawConnection(port: sample.port)
    connection.send(plain("/bytes?count=40000000"))
    // The first bytes are the proof that the response is under way.
    #expect(try connection.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
    sample.server.stop(graceMilliseconds: 10_000)
    #expect(sample.server.counters.timeoutsReached == 1)
    #expect(sample.server.counters.connectionsOpen == 0)
  }

  @Test("a body beyond the limit is answered 413 although it is still being sent")
  func longBody() throws {
    let limits = HTTPLimits(bodyBytesMax: 1_000)
    let sample = try SampleServer(options: HTTPServerOptions(limits: limits))
    for framing in ["Content-Length: 900000", "Transfer-Encoding: chunked"] {
      let connection = try RawConnection(port: sample.port)
      connection.send("POST /echo HTTP/1.1\r\nHost: h\r\n\(framing)\r\n\r\nDBBA0\r\n")
      connection.send([UInt8](repeating: 0x61, count: 500_000))
      let answer = try connection.receive(through: "1000 bytes.\n")
      #expect(answer.hasPrefix("HTTP/1.1 413") && answer.contains("Connection: close"))
      connection.endSending()
      #expect(try connection.receiveAll().isEmpty)
    }
    #expect(sample.server.counters.requestsRefused == 2)
  }

  @Test("what is malformed is answered and closed, and nothing behind it is read")
  func malformed() throws {
    let sample = try SampleServer()
    let cases = [
      ("GET /echo HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n", "400"),
      ("GET /echo HTTP/1.0\r\nHost: h\r\n\r\n", "505"),
      ("BREW / HTTP/1.1\r\nHost: h\r\n\r\n", "501"),
      ("GET /\(String(repeating: "a", count: 9_000)) HTTP/1.1\r\nHost: h\r\n\r\n", "414"),
      ("GET / HTTP/1.1\r\nHost: h\r\nA: \(String(repeating: "a", count: 17_000))\r\n\r\n", "431"),
    ]
    for (text, status) in cases {
      let connection = try RawConnection(port: sample.port)
      connection.send(text + plain("/echo"))
      connection.endSending()
      let all = try connection.receiveAll()
      #expect(all.hasPrefix("HTTP/1.1 \(status) ") && !all.contains("HTTP/1.1 200"))
    }
    #expect(sample.server.counters.requestsReceived == 0)
  }

  @Test("connections beyond the limit wait until one closes")
  func connectionLimit() throws {
    let sample = try SampleServer(options: HTTPServerOptions(connectionsMax: 2))
    var first: RawConnection? = try RawConnection(port: sample.port)
    let second = try RawConnection(port: sample.port)
    first?.send(plain("/echo"))
    second.send(plain("/echo"))
    #expect(try first?.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 200") == true)
    #expect(try second.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
    let third = try RawConnection(port: sample.port)
    third.send(plain("/echo"))
    // The loop has seen the third by the time that it answers this.
    second.send(plain("/echo"))
    #expect(try second.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
    #expect(sample.server.counters.connectionsAccepted == 2)
    first = nil
    #expect(try third.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
  }
}
