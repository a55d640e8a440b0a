/// The methods this server knows (RFC 9110 §9, RFC 5789); any other gets 501.
package enum HTTPMethod: String, Sendable, CaseIterable {
  case get = "GET"
  case head = "HEAD"
  case post = "POST"
  case put = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
  case options = "OPTIONS"
}

/// One complete request.
package struct HTTPRequest: Sendable, Equatable {
  package var method: HTTPMethod
  /// As it was sent, still percent-encoded; of an absolute target only what follows the authority.
  package var target: String
  package var headers: HTTPHeaders
  package var body: [UInt8]

  package init(
    _ method: HTTPMethod, _ target: String, headers: HTTPHeaders = [:], body: [UInt8] = []
  ) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
  }

  /// The target before the first question mark, still percent-encoded.
  package var path: Substring {
    target.prefix { $0 != "?" }
  }

  /// The target behind the first question mark, still percent-encoded.
  package var query: Substring? {
    target.firstIndex(of: "?").map { target[target.index(after: $0)...] }
  }

  /// The first value under `name` in a query of `name=value` pairs, percent-decoded. `nil` if it is
  /// absent or no valid UTF-8 after decoding.
  package func queryValue(_ name: String) -> String? {
    for pair in (query ?? "").split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if HTTPRequest.percentDecoded(parts[0]) == name {
        return parts.count == 2 ? HTTPRequest.percentDecoded(parts[1]) : ""
      }
    }
    return nil
  }

  /// The text behind RFC 3986 percent-encoding; `nil` for a broken escape or bytes that are no
  /// UTF-8.
  package static func percentDecoded(_ text: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8.makeIterator()
    while let byte = rest.next() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.next().flatMap(ASCII.hexadecimalValue),
        let low = rest.next().flatMap(ASCII.hexadecimalValue)
      else { return nil }
      bytes.append(UInt8(high << 4 | low))
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// Whether the sender will close the connection after this exchange (RFC 9112 §9.6).
  package var wantsClose: Bool {
    headers.contains(token: "close", in: "Connection")
  }
}

/// One complete response.
package struct HTTPResponse: Sendable, Equatable {
  /// 100 to 599.
  package var status: Int
  package var headers: HTTPHeaders
  package var body: [UInt8]

  package init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// Plain text in UTF-8, for errors and probes.
  package static func text(_ status: Int, _ text: String) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: ["Content-Type": "text/plain; charset=utf-8"],
      body: Array((text + "\n").utf8))
  }

  /// Whether a response of this status never has a body (RFC 9112 §6.3).
  static func isBodiless(status: Int) -> Bool {
    (100..<200).contains(status) || status == 204 || status == 304
  }
}
