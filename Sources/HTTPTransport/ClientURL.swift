import CCurl

/// A URL that the client may use, parsed by libcurl itself: two parsers could read two hosts.
final class ClientURL {
  let handle: OpaquePointer
  /// `https`, or `http` where that never leaves the machine.
  let scheme: String

  /// Checks before anything connects.
  init(base: String, target: String, isUnixSocket: Bool) throws(HTTPClientError) {
    guard target.hasPrefix("/") else {
      throw HTTPClientError(.refusedURL, "The target must start with a slash.")
    }
    guard let handle = curl_url() else {
      throw HTTPClientError(.other, "There is no memory for a URL.")
    }
    self.handle = handle
    let trimmed = base.hasSuffix("/") ? String(base.dropLast()) : base
    let status = curl_url_set(handle, CURLUPART_URL, trimmed + target, 0)
    guard status == CURLUE_OK, let scheme = ClientURL.part(CURLUPART_SCHEME, of: handle),
      let host = ClientURL.part(CURLUPART_HOST, of: handle)
    else {
      self.scheme = ""
      throw HTTPClientError(
        .refusedURL, "The hub's address is no URL. Write it as https://hub.example.org.")
    }
    self.scheme = scheme
    guard ClientURL.part(CURLUPART_USER, of: handle) == nil else {
      throw HTTPClientError(.refusedURL, "Put no user or password into the hub's address.")
    }
    // Brackets stand around version 6 in a URL and nowhere else.
    let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    guard scheme == "https" || scheme == "http" else {
      throw HTTPClientError(.refusedURL, "Use https:// for the hub's address.")
    }
    guard scheme == "https" || isUnixSocket || IPAddress.isLoopback(host: bare) else {
      throw HTTPClientError(
        .refusedURL,
        "Use https:// for \(bare): plain http:// is accepted for this machine (127.0.0.1) only.")
    }
  }

  deinit {
    curl_url_cleanup(handle)
  }

  private static func part(_ part: CURLUPart, of handle: OpaquePointer) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(handle, part, &text, 0) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }
}
