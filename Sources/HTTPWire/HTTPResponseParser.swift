/// A client's half of HTTP/1.1 (RFC 9112 §4), for tests and the load generator.
package struct HTTPResponseParser: Sendable {
  package enum Event: Sendable, Equatable {
    /// A 1xx response: the final one is still to come.
    case interim(status: Int)
    case response(HTTPResponse)
  }

  private let limits: HTTPLimits
  private var stage = HTTPRequestParser.Stage.head
  private var head = HeadParser()
  private var body = BodyParser(.none)
  private var response = HTTPResponse(status: 200)
  /// Set before the response to a HEAD request arrives: it announces a body that never comes.
  package var answersHead = false

  package init(limits: HTTPLimits = HTTPLimits()) {
    self.limits = limits
  }

  /// As `HTTPRequestParser.consume`.
  package mutating func consume(
    _ bytes: inout ArraySlice<UInt8>
  ) throws(HTTPWireError) -> Event? {
    do throws(HTTPWireError) {
      switch stage {
      case .failed: throw HTTPWireError.alreadyFailed
      case .head: return try consumeHead(&bytes)
      case .body: return try consumeBody(&bytes)
      }
    } catch {
      stage = .failed
      throw error
    }
  }

  /// The stream has ended. Returns the response whose body ends with it, `nil` between responses.
  package mutating func finish() throws(HTTPWireError) -> Event? {
    defer { stage = .failed }
    switch stage {
    case .failed: throw .alreadyFailed
    case .head where head.isEmpty: return nil
    case .body where body.endsWithStream: return completed()
    case .head, .body: throw .truncated
    }
  }

  private mutating func consumeHead(
    _ bytes: inout ArraySlice<UInt8>
  ) throws(HTTPWireError) -> Event? {
    guard
      try head.consume(
        &bytes, limits: limits,
        checkStartLine: { line throws(HTTPWireError) in _ = try HTTPResponseParser.status(line) })
    else { return nil }
    let status = try HTTPResponseParser.status(head.startLine ?? [])
    let headers = head.headers
    head = HeadParser()
    if status < 200 { return .interim(status: status) }
    let announced = try BodyFraming.announced(headers, limits: limits)
    response = HTTPResponse(status: status, headers: headers)
    let bodiless = answersHead || HTTPResponse.isBodiless(status: status)
    body = BodyParser(bodiless ? .none : announced ?? .untilClose)
    stage = .body
    return try consumeBody(&bytes)
  }

  private mutating func consumeBody(
    _ bytes: inout ArraySlice<UInt8>
  ) throws(HTTPWireError) -> Event? {
    try body.consume(&bytes, limits: limits) ? completed() : nil
  }

  private mutating func completed() -> Event {
    response.body = body.body
    body = BodyParser(.none)
    stage = .head
    return .response(response)
  }

  /// `HTTP-version SP status-code SP [ reason-phrase ]`.
  private static func status(_ line: [UInt8]) throws(HTTPWireError) -> Int {
    guard line.starts(with: "HTTP/1.".utf8), line.count >= 12,
      line[7] == UInt8(ascii: "1") || line[7] == UInt8(ascii: "0"), line[8] == ASCII.space,
      line.count == 12 || line[12] == ASCII.space,
      line[12...].allSatisfy(ASCII.isFieldValue)
    else { throw .malformedStartLine }
    guard line[9...11].allSatisfy(ASCII.isDigit) else { throw .invalidStatus }
    let status = line[9...11].reduce(0) { $0 * 10 + Int($1) - 0x30 }
    guard (100..<600).contains(status) else { throw .invalidStatus }
    return status
  }
}
