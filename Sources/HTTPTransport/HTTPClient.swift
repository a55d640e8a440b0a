import CCurl
import Glibc
import HTTPWire
import Operations
import Synchronization

/// A client for one server, over libcurl. `send` blocks the thread that calls it and keeps the
/// connection for the next; `abort` ends the wait from another thread.
///
/// Proof for `@unchecked Sendable`: the two handles are used only inside `sending`, that is by one
/// thread at a time, and freed in `deinit`, when no call can be running. The exception is
/// `curl_multi_wakeup` in `abort`, which libcurl documents as callable from any thread while the
/// handle lives. Everything else is immutable, atomic or a lock.
package final class HTTPClient: @unchecked Sendable {
  /// How long one wait inside libcurl may last. Only a bound: wake-ups end it at once.
  private static let waitMilliseconds: Int32 = 1_000

  /// Once per process, before any handle. A failure shows in the handles, which then are `nil`.
  private static let globalStart: CURLcode = {
    signal(SIGPIPE, SIG_IGN)
    return curl_global_init(Int(CURL_GLOBAL_DEFAULT))
  }()

  package let options: HTTPClientOptions
  private let multi: OpaquePointer
  private let easy: UnsafeMutableRawPointer
  private let sending = Lock(())
  private let isAborted = Atomic(false)

  package init(_ options: HTTPClientOptions) throws(HTTPClientError) {
    guard HTTPClient.globalStart == CURLE_OK, let multi = curl_multi_init() else {
      throw HTTPClientError(.other, "libcurl does not start: is there memory left?")
    }
    guard let easy = curl_easy_init() else {
      curl_multi_cleanup(multi)
      throw HTTPClientError(.other, "libcurl does not start: is there memory left?")
    }
    self.options = options
    self.multi = OpaquePointer(multi)
    self.easy = easy
    ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 2)
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_multi_cleanup(UnsafeMutableRawPointer(multi))
  }

  /// Ends the `send` that is running with `.aborted`, within about a millisecond. If none is
  /// running, the next one ends so, exactly once: an abort never comes too early. Call
  /// `forgetAbort` before a request that an earlier abort was not meant for.
  package func abort() {
    isAborted.store(true, ordering: .releasing)
    curl_multi_wakeup(UnsafeMutableRawPointer(multi))
  }

  /// Takes back an abort that no `send` has consumed.
  package func forgetAbort() {
    isAborted.store(false, ordering: .releasing)
  }

  /// Sends a request and waits for its whole response. Calls from several threads wait for each
  /// other. Any status is a response, not an error; redirects are responses and never followed.
  package func send(
    _ request: HTTPClientRequest
  ) throws(HTTPClientError) -> HTTPClientResponse {
    let url = try ClientURL(
      base: options.baseURL, target: request.target, isUnixSocket: options.unixSocketPath != nil)
    return try sending.withLock { _ throws(HTTPClientError) in
      let transfer = Transfer(bodyBytesMax: options.responseBytesMax)
      let setup = EasySetup(easy: easy)
      // Every option is set anew; connections live in the multi handle and survive.
      curl_easy_reset(easy)
      setup.apply(options, scheme: url.scheme)
      setup.apply(request, options: options)
      setup.apply(transfer)
      setup.set(CURLOPT_CURLU, pointer: UnsafeMutableRawPointer(url.handle))
      let lines = try HeaderList(request.headers)
      setup.set(CURLOPT_HTTPHEADER, list: lines.first)
      guard setup.status == CURLE_OK else {
        throw HTTPClientError(
          .other, "libcurl refuses an option: \(ClientFailure.text(setup.status)).")
      }
      let outcome: Result<CURLcode, HTTPClientError> = request.body.withUnsafeBytes { body in
        // libcurl reads the body from here for as long as the transfer runs, and no longer.
        if let start = body.baseAddress, !body.isEmpty {
          setup.set(CURLOPT_POSTFIELDS, bytes: start)
        }
        return perform()
      }
      withExtendedLifetime((url, lines)) {}
      return try finish(outcome, transfer: transfer)
    }
  }

  /// Runs the transfer that is set up, until it ends or is aborted.
  private func perform() -> Result<CURLcode, HTTPClientError> {
    let multi = UnsafeMutableRawPointer(multi)
    guard curl_multi_add_handle(multi, easy) == CURLM_OK else {
      return .failure(HTTPClientError(.other, "libcurl refuses the request."))
    }
    defer { curl_multi_remove_handle(multi, easy) }
    while true {
      if isAborted.exchange(false, ordering: .acquiring) {
        return .failure(
          HTTPClientError(.aborted, "The request was aborted here.", figures: figures))
      }
      var running: Int32 = 0
      guard curl_multi_perform(multi, &running) == CURLM_OK else {
        return .failure(HTTPClientError(.other, "libcurl failed.", figures: figures))
      }
      var left: Int32 = 0
      while let message = curl_multi_info_read(multi, &left) {
        if message.pointee.msg == CURLMSG_DONE {
          return .success(ccurl_message_result(message))
        }
      }
      let status = curl_multi_poll(multi, nil, 0, HTTPClient.waitMilliseconds, nil)
      guard status == CURLM_OK else {
        return .failure(HTTPClientError(.other, "libcurl cannot wait.", figures: figures))
      }
    }
  }

  private func finish(
    _ outcome: Result<CURLcode, HTTPClientError>, transfer: Transfer
  ) throws(HTTPClientError) -> HTTPClientResponse {
    let code = try outcome.get()
    let figures = figures
    if transfer.isTooLarge {
      throw HTTPClientError(
        .tooLarge,
        "The response is longer than \(options.responseBytesMax) bytes: ask for smaller pages.",
        figures: figures)
    }
    guard code == CURLE_OK else {
      var systemError = 0
      ccurl_get_long(easy, CURLINFO_OS_ERRNO, &systemError)
      var verification = 0
      ccurl_get_long(easy, CURLINFO_SSL_VERIFYRESULT, &verification)
      throw ClientFailure.error(
        code, systemError: Int32(systemError), verification: verification, figures: figures)
    }
    guard transfer.hasWholeHead else {
      throw ClientFailure.error(CURLE_PARTIAL_FILE, systemError: 0, figures: figures)
    }
    var status = 0
    ccurl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
    return HTTPClientResponse(
      status: status, headers: transfer.headers, body: transfer.body, figures: figures)
  }

  private var figures: TransferFigures {
    var figures = TransferFigures()
    figures.bytesSent = offset(CURLINFO_SIZE_UPLOAD_T)
    figures.bytesReceived = offset(CURLINFO_SIZE_DOWNLOAD_T)
    figures.totalMilliseconds = offset(CURLINFO_TOTAL_TIME_T) / 1_000
    figures.firstByteMilliseconds = offset(CURLINFO_STARTTRANSFER_TIME_T) / 1_000
    return figures
  }

  private func offset(_ information: CURLINFO) -> Int {
    var value: curl_off_t = 0
    ccurl_get_offset(easy, information, &value)
    return Int(value)
  }
}
