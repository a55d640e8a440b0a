import HTTPWire
import Testing

private func repeated(_ count: Int) -> String { String(repeating: "a", count: count) }

@Suite("Every limit holds at the limit and refuses one more")
struct LimitTests {
  /// A message for a length, the limits, and the refusal beyond them.
  private struct Bound {
    let name: String
    let limits: HTTPLimits
    let limit: Int
    let error: HTTPWireError
    let message: (Int) -> String
  }

  private let bounds = [
    Bound(
      name: "request line", limits: HTTPLimits(requestLineBytesMax: 40), limit: 40,
      error: .startLineTooLong(bytesMax: 40),
      message: { "GET /\(repeated($0 - 14)) HTTP/1.1\r\nHost: h\r\n\r\n" }),
    Bound(
      name: "header bytes", limits: HTTPLimits(headerBytesMax: 60), limit: 60,
      error: .headersTooLong(bytesMax: 60),
      message: { "GET / HTTP/1.1\r\nHost: h\r\nA: \(repeated($0 - 14))\r\n\r\n" }),
    Bound(
      name: "header bytes in many lines", limits: HTTPLimits(headerBytesMax: 60), limit: 60,
      error: .headersTooLong(bytesMax: 60),
      message: {
        "GET / HTTP/1.1\r\nHost: h\r\nA:\(repeated(40))\r\nB:\(repeated($0 - 57))\r\n\r\n"
      }),
    Bound(
      name: "header count", limits: HTTPLimits(headerCountMax: 5), limit: 5,
      error: .tooManyHeaders(countMax: 5),
      message: {
        "GET / HTTP/1.1\r\nHost: h\r\n" + (1..<$0).map { "A\($0): b\r\n" }.joined() + "\r\n"
      }),
    Bound(
      name: "body by length", limits: HTTPLimits(bodyBytesMax: 30), limit: 30,
      error: .bodyTooLong(bytesMax: 30),
      message: {
        "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: \($0)\r\n\r\n" + repeated($0)
      }),
    Bound(
      name: "body by chunks", limits: HTTPLimits(bodyBytesMax: 30), limit: 30,
      error: .bodyTooLong(bytesMax: 30),
      message: {
        "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
          + String(repeating: "1\r\na\r\n", count: $0) + "0\r\n\r\n"
      }),
    Bound(
      name: "chunk extensions in one line", limits: HTTPLimits(chunkExtensionBytesMax: 20),
      limit: 20, error: .chunkExtensionsTooLong(bytesMax: 20),
      message: {
        "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0;\(repeated($0 - 1))"
          + "\r\n\r\n"
      }),
    Bound(
      name: "chunk extensions of many chunks", limits: HTTPLimits(chunkExtensionBytesMax: 20),
      limit: 20, error: .chunkExtensionsTooLong(bytesMax: 20),
      message: {
        "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
          + String(repeating: "1;\r\na\r\n", count: $0) + "0\r\n\r\n"
      }),
    Bound(
      name: "trailers", limits: HTTPLimits(trailerBytesMax: 30), limit: 30,
      error: .trailersTooLong(bytesMax: 30),
      message: {
        "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: "
          + "\(repeated($0 - 5))\r\n\r\n"
      }),
  ]

  @Test("at the limit and one beyond")
  func atAndBeyond() {
    for bound in bounds {
      let within = parse(bound.message(bound.limit), limits: bound.limits)
      guard within.count == 1, case .request = within[0] else {
        Issue.record("\(bound.name): \(within)")
        continue
      }
      #expect(
        parse(bound.message(bound.limit + 1), limits: bound.limits) == [.refused(bound.error)],
        "\(bound.name)")
    }
  }

  @Test("digits of Content-Length: leading zeros up to 18 digits")
  func contentLengthDigits() {
    let head = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: "
    let within = parse(head + String(repeating: "0", count: 17) + "1\r\n\r\na")
    guard within.count == 1, case .request(let request) = within[0] else {
      Issue.record("\(within)")
      return
    }
    #expect(request.body == [0x61])
    let beyond = parse(head + String(repeating: "0", count: 18) + "1\r\n\r\na")
    #expect(beyond == [.refused(.bodyTooLong(bytesMax: HTTPLimits().bodyBytesMax))])
  }

  @Test("digits of a chunk size: leading zeros up to 15 digits")
  func chunkSizeDigits() {
    let head = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    let within = parse(head + String(repeating: "0", count: 14) + "1\r\na\r\n0\r\n\r\n")
    guard within.count == 1, case .request(let request) = within[0] else {
      Issue.record("\(within)")
      return
    }
    #expect(request.body == [0x61])
  }

  @Test("a line without an end is refused as soon as it is too long")
  func endlessLine() {
    let limits = HTTPLimits(requestLineBytesMax: 40)
    #expect(parse(repeated(41), limits: limits) == [])
    #expect(
      parse(repeated(42), limits: limits) == [.refused(.startLineTooLong(bytesMax: 40))])
  }
}
