/// A server's half of HTTP/1.1 (RFC 9112 §3): one value per connection, through all its requests.
package struct HTTPRequestParser: Sendable {
  package enum Event: Sendable, Equatable {
    /// The head is accepted and the client waits for `100 Continue` before it sends the body (RFC
    /// 9110 §10.1.1).
    case expectsContinue
    case request(HTTPRequest)
  }

  package enum Stage: Sendable, Equatable {
    case head
    case body
    case failed
  }

  private let limits: HTTPLimits
  /// How far the next request has come; a server's time limits differ by it.
  package private(set) var stage = Stage.head
  // Changed in place: as payloads of an enum they would be copied with all their bytes.
  private var head = HeadParser()
  private var body = BodyParser(.none)
  private var request: HTTPRequest?

  package init(limits: HTTPLimits = HTTPLimits()) {
    self.limits = limits
  }

  /// Whether nothing of a further request has arrived.
  package var isIdle: Bool {
    stage == .head && head.isEmpty
  }

  /// Takes bytes from the front of `bytes` up to the next event; what follows it stays in `bytes`.
  /// `nil` means that all bytes are taken and more are needed. After an error the connection must
  /// be answered and closed.
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

  private mutating func consumeHead(
    _ bytes: inout ArraySlice<UInt8>
  ) throws(HTTPWireError) -> Event? {
    guard
      try head.consume(&bytes, limits: limits, checkStartLine: RequestHead.checkStartLine)
    else { return nil }
    let request = try RequestHead.request(startLine: head.startLine ?? [], headers: head.headers)
    let framing = try BodyFraming.announced(request.headers, limits: limits) ?? .none
    let expectsContinue = try RequestHead.expectsContinue(request.headers)
    self.request = request
    head = HeadParser()
    body = BodyParser(framing)
    stage = .body
    let hasBody = framing != .none && framing != .length(0)
    return expectsContinue && hasBody ? .expectsContinue : try consumeBody(&bytes)
  }

  private mutating func consumeBody(
    _ bytes: inout ArraySlice<UInt8>
  ) throws(HTTPWireError) -> Event? {
    guard try body.consume(&bytes, limits: limits), var complete = request else { return nil }
    complete.body = body.body
    request = nil
    body = BodyParser(.none)
    stage = .head
    return .request(complete)
  }
}

/// The rules for a request's head as a whole.
private enum RequestHead {
  static func checkStartLine(_ line: [UInt8]) throws(HTTPWireError) {
    _ = try parts(line)
  }

  /// `method SP request-target SP HTTP-version`, the target still unchecked.
  private static func parts(
    _ line: [UInt8]
  ) throws(HTTPWireError) -> (method: HTTPMethod, target: ArraySlice<UInt8>) {
    let parts = line.split(separator: ASCII.space, omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw .malformedStartLine }
    guard !parts[0].isEmpty, parts[0].allSatisfy(ASCII.isToken) else { throw .invalidMethodToken }
    try checkVersion(parts[2])
    guard let method = HTTPMethod(rawValue: String(decoding: parts[0], as: UTF8.self)) else {
      throw .unsupportedMethod
    }
    return (method, parts[1])
  }

  static func request(
    startLine: [UInt8], headers: HTTPHeaders
  ) throws(HTTPWireError) -> HTTPRequest {
    let (method, rawTarget) = try parts(startLine)
    var headers = headers
    let target = try target(rawTarget, method: method, headers: &headers)
    try checkHost(headers)
    return HTTPRequest(method, target, headers: headers)
  }

  private static func checkVersion(_ version: ArraySlice<UInt8>) throws(HTTPWireError) {
    if version.elementsEqual("HTTP/1.1".utf8) { return }
    guard version.count == 8, version.starts(with: "HTTP/".utf8),
      ASCII.isDigit(version[version.startIndex + 5]),
      version[version.startIndex + 6] == UInt8(ascii: "."),
      ASCII.isDigit(version[version.startIndex + 7])
    else { throw .malformedStartLine }
    throw .unsupportedVersion
  }

  /// Origin form, `*` for OPTIONS, or absolute form, whose authority then replaces Host (RFC 9112
  /// §3.2).
  private static func target(
    _ bytes: ArraySlice<UInt8>, method: HTTPMethod, headers: inout HTTPHeaders
  ) throws(HTTPWireError) -> String {
    guard bytes.allSatisfy({ ASCII.isVisible($0) && $0 != UInt8(ascii: "#") }) else {
      throw .invalidTarget
    }
    let text = String(decoding: bytes, as: UTF8.self)
    if text.utf8.first == UInt8(ascii: "/") { return text }
    if text == "*", method == .options { return text }
    for scheme in ["http://", "https://"]
    where HTTPHeaders.areEqual(String(text.prefix(scheme.utf8.count)), scheme) {
      let rest = text.dropFirst(scheme.utf8.count)
      let authority = rest.prefix { $0 != "/" && $0 != "?" }
      // Two hosts in one request are still refused: they are checked before they are replaced.
      try checkHost(headers)
      headers["Host"] = String(authority)
      let path = rest[authority.endIndex...]
      return path.utf8.first == UInt8(ascii: "/") ? String(path) : "/" + path
    }
    throw .invalidTarget
  }

  private static func checkHost(_ headers: HTTPHeaders) throws(HTTPWireError) {
    let hosts = headers.values("Host")
    guard let host = hosts.first else { throw .missingHost }
    guard hosts.count == 1 else { throw .duplicateHost }
    guard !host.isEmpty, host.utf8.allSatisfy(ASCII.isHost) else { throw .invalidHost }
  }

  static func expectsContinue(_ headers: HTTPHeaders) throws(HTTPWireError) -> Bool {
    guard let expectation = headers["Expect"] else { return false }
    guard HTTPHeaders.areEqual(expectation, "100-continue") else { throw .unsupportedExpectation }
    return true
  }
}
