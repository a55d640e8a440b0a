import Foundation
import HTTPTransport
import TestSupport
import Testing

/// An independent client: whatever the curl command says about our server was not said by our own
/// parser.
@Suite("The curl command understands the server")
struct CurlCommandTests {
  private func curl(_ arguments: [String], input: Data = Data()) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
    process.arguments =
      ["--silent", "--show-error", "--max-time", "10", "--noproxy", "*"] + arguments
    let (stdin, stdout) = (Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    process.standardError = stdout
    try process.run()
    try stdin.fileHandleForWriting.write(contentsOf: input)
    try stdin.fileHandleForWriting.close()
    let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self)
  }

  @Test("two requests use one connection")
  func keepAlive() throws {
    let sample = try SampleServer()
    let base = "http://127.0.0.1:\(sample.port)"
    let output = try curl([
      "-w", "[%{http_code} %{num_connects}]", "\(base)/bytes?count=3", "\(base)/later",
    ])
    #expect(output == "aaa[200 1]later\n[200 0]")
  }

  @Test("a chunked upload arrives whole")
  func chunked() throws {
    let sample = try SampleServer()
    let body = Data((0..<100_000).map { UInt8($0 % 26) + 97 })
    let output = try curl(
      ["-T", "-", "-H", "Expect:", "http://127.0.0.1:\(sample.port)/echo"], input: body)
    #expect(output == String(decoding: body, as: UTF8.self))
  }

  @Test("an upload that waits for 100-continue is let in")
  func expectContinue() throws {
    let sample = try SampleServer()
    let output = try curl([
      "-v", "-H", "Expect: 100-continue", "-d", "hello", "http://127.0.0.1:\(sample.port)/echo",
    ])
    #expect(output.contains("< HTTP/1.1 100 Continue") && output.contains("< HTTP/1.1 200 OK"))
    #expect(!output.contains("Done waiting for 100-continue"))
  }

  @Test("a Unix socket, a HEAD, an unknown method")
  func others() throws {
    let path = "/tmp/cafsync-\(UInt64.random(in: 0 ... .max)).socket"
    let sample = try SampleServer(on: .unix(path: path))
    let url = "http://local/bytes?count=3"
    #expect(try curl(["--unix-socket", path, url]) == "aaa")
    #expect(try curl(["--unix-socket", path, "-I", url]).contains("Content-Length: 3"))
    let refused = try curl(["--unix-socket", path, "-X", "BREW", "-w", "%{http_code}", url])
    #expect(refused.hasSuffix("501"))
    #expect(sample.server.port == nil)
  }
}
