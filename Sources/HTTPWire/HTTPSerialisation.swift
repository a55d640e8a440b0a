/// The way out. Length and connection headers are written here and nowhere else: one that a caller
/// sets is dropped, so that what is sent can be read in one way only.
extension HTTPResponse {
  /// - Parameters:
  ///   - closes: Whether the connection ends after this response.
  ///   - answersHead: Whether the request was HEAD: the length is announced, the body is not sent.
  ///   - date: An IMF-fixdate (`HTTPDate`), sent unless the response has a Date.
  package func serialised(
    closes: Bool = false, answersHead: Bool = false, date: String? = nil
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    let bodiless = HTTPResponse.isBodiless(status: status)
    bytes.reserveCapacity(256 + body.count)
    bytes.append(contentsOf: "HTTP/1.1 \(status) \(HTTPResponse.reason(status))\r\n".utf8)
    if let date, headers["Date"] == nil { bytes.append(contentsOf: "Date: \(date)\r\n".utf8) }
    headers.serialise(into: &bytes)
    if !bodiless { bytes.append(contentsOf: "Content-Length: \(body.count)\r\n".utf8) }
    if closes { bytes.append(contentsOf: "Connection: close\r\n".utf8) }
    bytes.append(contentsOf: "\r\n".utf8)
    if !bodiless && !answersHead { bytes.append(contentsOf: body) }
    return bytes
  }

  /// The interim response that lets a client send its body.
  package static let continueBytes = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

  /// The phrase for people (RFC 9110 §15, RFC 6585); empty for a status this house never sends.
  static func reason(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 304: "Not Modified"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 411: "Length Required"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 417: "Expectation Failed"
    case 421: "Misdirected Request"
    case 422: "Unprocessable Content"
    case 426: "Upgrade Required"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    case 505: "HTTP Version Not Supported"
    case 507: "Insufficient Storage"
    default: ""
    }
  }
}

extension HTTPRequest {
  /// - Parameter host: The Host header's value.
  package func serialised(host: String) -> [UInt8] {
    var bytes = Array("\(method.rawValue) \(target) HTTP/1.1\r\nHost: \(host)\r\n".utf8)
    headers.serialise(into: &bytes)
    if !body.isEmpty || method == .post || method == .put || method == .patch {
      bytes.append(contentsOf: "Content-Length: \(body.count)\r\n".utf8)
    }
    bytes.append(contentsOf: "\r\n".utf8)
    bytes.append(contentsOf: body)
    return bytes
  }
}

extension HTTPHeaders {
  private static let framing = ["Content-Length", "Transfer-Encoding", "Connection"]

  fileprivate func serialise(into bytes: inout [UInt8]) {
    for field in fields
    where !HTTPHeaders.framing.contains(where: { HTTPHeaders.areEqual($0, field.name) }) {
      bytes.append(contentsOf: field.name.utf8.lazy.map { ASCII.isToken($0) ? $0 : 0x5F })
      bytes.append(contentsOf: ": ".utf8)
      // RFC 9110 §5.5: a control character becomes a space, so no value can start a header of its
      // own.
      bytes.append(contentsOf: field.value.utf8.lazy.map { ASCII.isFieldValue($0) ? $0 : 0x20 })
      bytes.append(contentsOf: "\r\n".utf8)
    }
  }
}
