import CCurl
import Glibc

/// What libcurl's result codes mean for a caller.
enum ClientFailure {
  /// - Parameter verification: What OpenSSL found of the certificate, `X509_V_ERR_…`; 0: nothing.
  static func error(
    _ code: CURLcode, systemError: Int32, verification: Int = 0, figures: TransferFigures
  ) -> HTTPClientError {
    let cause =
      systemError == 0 ? text(code) : "\(text(code)) (\(String(cString: strerror(systemError))))"
    switch code {
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT:
      return HTTPClientError(
        .refusedURL, "\(cause). Check the hub's address.", figures: figures)
    case CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,
      CURLE_PROXY, CURLE_INTERFACE_FAILED:
      return HTTPClientError(
        .cannotConnect,
        "\(cause). Check the network and the hub's address; it will be tried again.",
        figures: figures)
    case CURLE_OPERATION_TIMEDOUT:
      return HTTPClientError(
        .timedOut, "\(cause). The line is slow or dead; it will be tried again.",
        figures: figures)
    case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR,
      CURLE_HTTP2, CURLE_HTTP2_STREAM:
      return HTTPClientError(
        .truncated, "\(cause). The connection broke; it will be tried again.", figures: figures)
    // A connection that is cut in the middle of the handshake is no question of trust.
    case CURLE_SSL_CONNECT_ERROR where systemError == ECONNRESET || systemError == EPIPE:
      return HTTPClientError(
        .cannotConnect, "\(cause). The connection broke; it will be tried again.",
        figures: figures)
    case CURLE_PEER_FAILED_VERIFICATION:
      return HTTPClientError(.tls, distrust(verification), figures: figures)
    case CURLE_SSL_CACERT_BADFILE:
      return HTTPClientError(
        .tls, "The file of the hub's CA cannot be read: name a PEM file with --ca.",
        figures: figures)
    case CURLE_SSL_CONNECT_ERROR:
      return HTTPClientError(
        .tls,
        "No TLS 1.3 connection came about, and nothing was sent. The line broke, or what answers "
          + "at the hub's address does not speak TLS 1.3: if this stays so, check the address, "
          + "and tell the hub's operator.",
        figures: figures)
    case CURLE_SSL_CERTPROBLEM:
      return HTTPClientError(
        .tls,
        "This device's own certificate or its key cannot be used: name two PEM files that belong "
          + "together with --certificate and --certificate-key.",
        figures: figures)
    case CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE,
      CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT,
      CURLE_USE_SSL_FAILED, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED:
      return HTTPClientError(
        .tls, "\(cause). Check the certificates, the CA file and this machine's clock.",
        figures: figures)
    default:
      return HTTPClientError(
        .other, "\(cause) (libcurl code \(code.rawValue)).", figures: figures)
    }
  }

  /// Why the certificate that was shown is not the hub's, as far as this device can tell. The
  /// numbers are those of openssl/x509_vfy.h, part of OpenSSL's stable interface.
  private static func distrust(_ verification: Int) -> String {
    switch verification {
    case 9:
      "The hub's certificate is not valid yet. Set this computer's clock right."
    case 10:
      "The hub's certificate has expired. If this computer's clock is right, tell the hub's "
        + "operator."
    case 2, 18, 19, 20, 21:
      "The hub's certificate is of a CA that is not trusted here. Nothing was sent. Give the "
        + "hub's CA with --ca FILE when joining, or find out who answers at this address."
    // libcurl compares the name itself and leaves 1, which it begins with.
    case 0, 1, 62, 64:
      "The certificate that was shown is for another name than the hub's address. Nothing was "
        + "sent. Check the address."
    default:
      "The hub's certificate is not to be trusted (OpenSSL reason \(verification)). Nothing was "
        + "sent. Tell the hub's operator."
    }
  }

  static func text(_ code: CURLcode) -> String {
    String(cString: curl_easy_strerror(code))
  }
}
