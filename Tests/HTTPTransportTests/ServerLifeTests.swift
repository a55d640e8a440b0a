import Foundation
import HTTPTransport
import HTTPWire
import TestSupport
import Testing

@Suite("The server listens where it may, and stops in an orderly way")
struct ServerLifeTests {
  private func start(
    _ address: ListenAddress, policy: ListenPolicy = .loopbackOnly
  ) throws -> HTTPServer {
    try HTTPServer(on: [address], options: HTTPServerOptions(listenPolicy: policy)) {
      _, responder in
      responder.respond(.text(200, "here"))
    }
  }

  private func temporaryPath() -> String {
    "/tmp/cafsync-\(UInt64.random(in: 0 ... .max)).socket"
  }

  @Test("a port in use is an error that names it")
  func portInUse() throws {
    let sample = try SampleServer()
    let address = ListenAddress.tcp(host: "127.0.0.1", port: sample.port)
    let error = #expect(throws: HTTPServerError.self) { try start(address) }
    #expect(error == .addressInUse(address: "127.0.0.1:\(sample.port)"))
  }

  @Test("plain HTTP beyond loopback needs the word that a TLS proxy stands before it")
  func policy() throws {
    for host in ["0.0.0.0", "192.0.2.1", "::", "2001:db8::1"] {
      let address = ListenAddress.tcp(host: host, port: 80)
      let error = #expect(throws: HTTPServerError.self) {
        try ListenPolicy.loopbackOnly.check(address)
      }
      #expect(error == .notLoopback(address: "\(address)"))
      try ListenPolicy.behindTLSProxy.check(address)
    }
    for host in ["127.0.0.1", "127.9.9.9", "::1", "localhost"] {
      try ListenPolicy.loopbackOnly.check(.tcp(host: host, port: 80))
    }
    try ListenPolicy.loopbackOnly.check(.unix(path: "/run/cafsync.socket"))
    for policy in [ListenPolicy.loopbackOnly, .behindTLSProxy] {
      #expect(throws: HTTPServerError.invalidAddress(address: "hub.example.org:80")) {
        try policy.check(.tcp(host: "hub.example.org", port: 80))
      }
    }
    #expect(throws: HTTPServerError.notLoopback(address: "0.0.0.0:0")) {
      try start(.tcp(host: "0.0.0.0", port: 0))
    }
  }

  @Test("several listeners serve at once, version 6 and Unix sockets among them")
  func listeners() throws {
    let path = temporaryPath()
    let server = try HTTPServer(
      on: [
        .tcp(host: "127.0.0.1", port: 0), .unix(path: path), .tcp(host: "::1", port: 0),
      ]
    ) { incoming, responder in responder.respond(.text(200, "\(incoming.peer)")) }
    defer { server.stop(graceMilliseconds: 0) }
    guard case .tcp(_, let port) = server.addresses[2] else {
      Issue.record("\(server.addresses)")
      return
    }
    let cases: [(HTTPClientOptions, String)] = [
      (HTTPClientOptions(baseURL: "http://127.0.0.1:\(server.port ?? 0)"), "127.0.0.1"),
      (HTTPClientOptions(baseURL: "http://[::1]:\(port)"), "::1"),
      (HTTPClientOptions(baseURL: "http://local", unixSocketPath: path), "user: \(getuid())"),
    ]
    for (options, peer) in cases {
      let response = try HTTPClient(options).send(HTTPClientRequest(.get, "/"))
      #expect(String(decoding: response.body, as: UTF8.self).contains(peer))
    }
  }

  @Test(
    "a socket file: mode, a live one is in use, a stale one is replaced, it goes with the server")
  func socketFile() throws {
    let path = temporaryPath()
    let first = try start(.unix(path: path, mode: 0o660))
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o660)
    #expect(throws: HTTPServerError.addressInUse(address: path)) { try start(.unix(path: path)) }
    first.stop(graceMilliseconds: 0)
    #expect(stat(path, &status) != 0)

    // A file whose process was killed: bound, and nobody listens.
    let orphan = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(orphan, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0)
    close(orphan)
    let second = try start(.unix(path: path))
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    second.stop(graceMilliseconds: 0)
  }

  @Test("a file that is no socket stays, and a path has its limit")
  func otherFile() throws {
    let path = temporaryPath()
    try "precious".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(throws: HTTPServerError.notASocket(path: path)) { try start(.unix(path: path)) }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    unlink(path)

    let limit = "/tmp/" + String(repeating: "a", count: 102)
    try start(.unix(path: limit)).stop(graceMilliseconds: 0)
    #expect(throws: HTTPServerError.pathTooLong(path: limit + "a", bytesMax: 107)) {
      try start(.unix(path: limit + "a"))
    }
  }

  @Test("stopping lets a waiting request be answered, then refuses connections")
  func graceful() throws {
    let sample = try SampleServer()
    let idle = try RawConnection(port: sample.port)
    let poll = try RawConnection(port: sample.port)
    poll.send(plain("/poll"))
    #expect(sample.waiting.waitForArrival())
    let stopped = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      sample.server.stop(graceMilliseconds: 10_000)
      stopped.signal()
    }
    // Idle connections go first: their end says that stopping has begun.
    #expect(try idle.receiveAll().isEmpty)
    #expect(throws: RawConnection.Failure.cannotConnect) { try RawConnection(port: sample.port) }
    sample.waiting.answerAll()
    #expect(try poll.receive(through: "news\n").contains("Connection: close"))
    poll.endSending()
    #expect(stopped.wait(timeout: .now() + 5) == .success)
  }

  @Test("stopping without grace cuts what waits and says so")
  func abrupt() throws {
    let sample = try SampleServer()
    let poll = try RawConnection(port: sample.port)
    poll.send(plain("/poll"))
    #expect(sample.waiting.waitForArrival())
    sample.server.stop(graceMilliseconds: 0)
    #expect(sample.waiting.waitForLeaving())
    #expect(try poll.receiveAll().isEmpty)
    // An answer that comes too late goes nowhere, quietly.
    sample.waiting.answerAll()
    sample.server.stop(graceMilliseconds: 0)
  }
}
