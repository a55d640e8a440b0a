import CCurl
import HTTPWire

/// Sets options on an easy handle and remembers the first refusal.
final class EasySetup {
  private let easy: UnsafeMutableRawPointer
  private(set) var status = CURLE_OK

  init(easy: UnsafeMutableRawPointer) {
    self.easy = easy
  }

  func set(_ option: CURLoption, _ value: Int) {
    note(ccurl_set_long(easy, option, value))
  }

  func set(_ option: CURLoption, _ value: String) {
    note(ccurl_set_string(easy, option, value))
  }

  func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer) {
    note(ccurl_set_pointer(easy, option, pointer))
  }

  func set(_ option: CURLoption, bytes: UnsafeRawPointer) {
    note(ccurl_set_bytes(easy, option, bytes))
  }

  func set(_ option: CURLoption, list: UnsafeMutablePointer<curl_slist>?) {
    note(ccurl_set_list(easy, option, list))
  }

  /// What holds for every request of a client.
  func apply(_ options: HTTPClientOptions, scheme: String) {
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_PROTOCOLS_STR, scheme)
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_3)
    // Set even when empty: otherwise libcurl would look into the environment.
    set(CURLOPT_PROXY, options.proxyURL)
    set(CURLOPT_NOPROXY, "")
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    set(CURLOPT_USERAGENT, options.userAgent)
    set(CURLOPT_CONNECTTIMEOUT_MS, options.connectTimeoutMilliseconds)
    // An abort while a name is looked up must not wait for the resolver's thread.
    set(CURLOPT_QUICK_EXIT, 1)
    if let caFile = options.caFile {
      set(CURLOPT_CAINFO, caFile)
      // Trust the file alone, not the system's folder beside it. An empty text would be a folder
      // that cannot be read.
      note(ccurl_set_pointer(easy, CURLOPT_CAPATH, nil))
    }
    if let file = options.clientCertificateFile { set(CURLOPT_SSLCERT, file) }
    if let file = options.clientKeyFile { set(CURLOPT_SSLKEY, file) }
    if let path = options.unixSocketPath { set(CURLOPT_UNIX_SOCKET_PATH, path) }
  }

  func apply(_ request: HTTPClientRequest, options: HTTPClientOptions) {
    set(CURLOPT_LOW_SPEED_LIMIT, 1)
    set(CURLOPT_LOW_SPEED_TIME, request.stallSeconds ?? options.stallSeconds)
    set(CURLOPT_TIMEOUT_MS, request.deadlineMilliseconds ?? options.deadlineMilliseconds)
    if !request.body.isEmpty || request.method == .post {
      set(CURLOPT_POST, 1)
      note(
        ccurl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
      // Without this libcurl would ask a callback for an empty body.
      if request.body.isEmpty { set(CURLOPT_COPYPOSTFIELDS, "") }
    }
    switch request.method {
    case .get where request.body.isEmpty: set(CURLOPT_HTTPGET, 1)
    case .head: set(CURLOPT_NOBODY, 1)
    case .post: break
    case .get, .put, .patch, .delete, .options:
      set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
  }

  /// - Parameter transfer: must live until the handle leaves the multi handle.
  func apply(_ transfer: Transfer) {
    let context = Unmanaged.passUnretained(transfer).toOpaque()
    note(ccurl_set_callback(easy, CURLOPT_WRITEFUNCTION, Transfer.bodyCallback))
    set(CURLOPT_WRITEDATA, pointer: context)
    note(ccurl_set_callback(easy, CURLOPT_HEADERFUNCTION, Transfer.headerCallback))
    set(CURLOPT_HEADERDATA, pointer: context)
  }

  private func note(_ code: CURLcode) {
    if status == CURLE_OK { status = code }
  }
}

/// Request headers as the list that libcurl wants; freed with this object.
final class HeaderList {
  private(set) var first: UnsafeMutablePointer<curl_slist>?

  init(_ headers: HTTPHeaders) throws(HTTPClientError) {
    for field in headers.fields {
      guard (field.name + field.value).utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
        throw HTTPClientError(.other, "A header of the request holds a control character.")
      }
      // A semicolon is libcurl's way to send a header without a value.
      append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
    }
    // Otherwise libcurl would claim that a body is a web form.
    if headers["Content-Type"] == nil { append("Content-Type:") }
  }

  deinit {
    curl_slist_free_all(first)
  }

  private func append(_ line: String) {
    // Without memory the list stays as it was; libcurl fails soon after.
    if let longer = curl_slist_append(first, line) { first = longer }
  }
}
