import Foundation
import HTTPTransport
import HTTPWire
import TestSupport
import Testing

@Suite("The client names each fault of the network, and works again after it")
struct ClientFaultTests {
  private let sample: SampleServer
  private let proxy: FaultProxy
  private let client: HTTPClient
  private let get = HTTPClientRequest(.get, "/bytes?count=5000")

  init() throws {
    sample = try SampleServer()
    proxy = try FaultProxy(forwardingTo: sample.port)
    client = try HTTPClient(
      HTTPClientOptions(baseURL: "http://127.0.0.1:\(proxy.port)", deadlineMilliseconds: 10_000))
  }

  /// The fault shows as `kind`; without it the same client succeeds.
  private func expect(
    _ faults: FaultProxy.Faults, _ kind: HTTPClientError.Kind, _ request: HTTPClientRequest
  ) throws {
    proxy.set(faults)
    let error = failure(client, request)
    #expect(error?.kind == kind, "\(faults): \(String(describing: error))")
    proxy.heal()
    #expect(try client.send(get).body.count == 5_000, "\(faults)")
  }

  @Test("cut or reset anywhere in the answer: truncated")
  func truncated() throws {
    // Inside the status line, at its end, inside headers, inside the body, before its last bytes.
    for bytes in [0, 1, 15, 17, 20, 54, 60, 74, 76, 78, 79, 500, 5_000] {
      try expect(FaultProxy.Faults(down: .cut(afterBytes: bytes)), .truncated, get)
      // A reset before the first byte may come before the client knows that it is connected.
      if bytes == 0 { continue }
      try expect(FaultProxy.Faults(down: .reset(afterBytes: bytes)), .truncated, get)
    }
  }

  @Test("a place beyond the answer's end falls inside it, and it is counted that it struck")
  func insideFirstMessage() throws {
    for (number, bytes) in [0, 4_999, 5_000, 1_000_000, .max].enumerated() {
      for faults in [
        FaultProxy.Faults(down: .cut(afterBytes: bytes), fallInsideFirstMessage: true),
        FaultProxy.Faults(up: .cut(afterBytes: bytes), fallInsideFirstMessage: true),
      ] {
        let before = proxy.figures.strikes
        proxy.set(faults, cuttingAll: true)
        #expect(failure(client, get)?.kind == .truncated, "\(number) \(faults)")
        #expect(proxy.figures.strikes == before + 1, "\(number) \(faults)")
      }
    }
    proxy.heal()
    #expect(try client.send(get).body.count == 5_000)
  }

  @Test("cut in the request: truncated")
  func cutRequest() throws {
    let post = HTTPClientRequest(.post, "/echo", body: [UInt8](repeating: 1, count: 100_000))
    for bytes in [0, 50, 20_000] {
      try expect(FaultProxy.Faults(up: .cut(afterBytes: bytes)), .truncated, post)
    }
  }

  @Test("stalled or half-open: timed out by the deadline")
  func deadline() throws {
    var request = get
    request.deadlineMilliseconds = 100
    for bytes in [0, 1_000] {
      try expect(FaultProxy.Faults(down: .stall(afterBytes: bytes)), .timedOut, request)
      try expect(FaultProxy.Faults(down: .halfOpen(afterBytes: bytes)), .timedOut, request)
    }
    try expect(FaultProxy.Faults(up: .stall(afterBytes: 0)), .timedOut, request)
    try expect(FaultProxy.Faults(bytesPerSecond: 1_000), .timedOut, request)
  }

  @Test("stalled: timed out by the stall limit, long before the deadline")
  func stall() throws {
    var request = get
    request.stallSeconds = 1
    try expect(FaultProxy.Faults(down: .stall(afterBytes: 0)), .timedOut, request)
  }

  @Test("refused: cannot connect")
  func refused() throws {
    try expect(FaultProxy.Faults(refuses: true), .cannotConnect, get)
  }

  @Test("a kept connection that died in between is replaced unnoticed")
  func deadConnection() throws {
    for _ in 0..<3 {
      #expect(try client.send(get).status == 200)
      proxy.cutAll()
    }
    #expect(try client.send(get).status == 200)
  }

  @Test("a slow line delivers everything, and what was stalled goes on once it heals")
  func slow() throws {
    proxy.set(FaultProxy.Faults(bytesPerSecond: 20_000))
    #expect(try client.send(get).body.count == 5_000)
    proxy.set(FaultProxy.Faults(down: .stall(afterBytes: 100)))
    let poll = HTTPClientRequest(.get, "/poll")
    let (proxy, sample) = (proxy, sample)
    Thread.detachNewThread {
      if sample.waiting.waitForArrival() {
        sample.waiting.answerAll()
        proxy.heal()
      }
    }
    #expect(try client.send(poll).body == Array("news\n".utf8))
  }

  @Test("aborting ends a long poll, the server notices, and the next request works")
  func abort() throws {
    let (client, sample) = (client, sample)
    for _ in 0..<5 {
      Thread.detachNewThread { if sample.waiting.waitForArrival() { client.abort() } }
      #expect(failure(client, HTTPClientRequest(.get, "/poll"))?.kind == .aborted)
      #expect(sample.waiting.waitForLeaving())
      #expect(try client.send(get).status == 200)
    }
  }

  @Test("an abort before a request ends the next one, exactly once, unless it is forgotten")
  func abortFirst() throws {
    client.abort()
    client.abort()
    #expect(failure(client, get)?.kind == .aborted)
    #expect(try client.send(get).status == 200)
    client.abort()
    client.forgetAbort()
    #expect(try client.send(get).status == 200)
    #expect(sample.server.counters.requestsReceived == 2)
  }

  @Test("every kind of error says what to do in a sentence")
  func sentences() throws {
    var request = get
    request.deadlineMilliseconds = 50
    proxy.set(FaultProxy.Faults(down: .stall(afterBytes: 1_000)))
    let error = try #require(failure(client, request))
    #expect(error.description.hasSuffix("."))
    #expect(error.figures.bytesReceived < 5_000)
    #expect(error.figures.totalMilliseconds >= 50)
  }
}
