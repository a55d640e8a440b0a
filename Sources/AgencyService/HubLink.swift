import Causality
import HTTPTransport
import HTTPWire
import Operations
import SyncEngine
import SyncProtocol

/// The line to the hub: messages in, messages out. What came of it is for the engine to judge.
final class HubLink: Sendable {
  private let client: HTTPClient
  /// The whole value of the header: scheme, device and secret.
  private let credential: String

  /// `identity` is nil before the device is enrolled.
  init(_ hub: HubAddress, proxyURL: String, identity: AgencyIdentity?) throws(HTTPClientError) {
    client = try HTTPClient(
      HTTPClientOptions(
        baseURL: hub.url, caFile: hub.caFile, clientCertificateFile: hub.certificateFile,
        clientKeyFile: hub.certificateKeyFile, proxyURL: proxyURL,
        responseBytesMax: SyncLimits.bodyBytesMax))
    credential =
      identity.map { "CAFSync " + $0.device.text + "." + Hex.text($0.secret) } ?? ""
  }

  /// What the loop needs of it.
  var forExchanges: SyncLoop.Link {
    SyncLoop.Link(
      exchange: { request in
        do {
          return try self.exchange(request)
        } catch let error as HTTPClientError where error.kind == .aborted {
          throw SyncLoop.Aborted()
        }
      }, abort: { self.client.abort() }, forgetAbort: { self.client.forgetAbort() })
  }

  func enrol(_ request: EnrolmentRequest) throws -> EnrolmentReply {
    let response = try client.send(
      HTTPClientRequest(.post, "/v1/enrol", headers: Self.headers, body: request.encoded()))
    try check(response)
    return try EnrolmentReply(encoded: response.body)
  }

  private func exchange(_ request: ExchangeRequest) throws -> ExchangeReply {
    var headers = Self.headers
    headers["Authorization"] = credential
    let waitSeconds = Int(request.waitMilliseconds / 1_000)
    let response = try client.send(
      HTTPClientRequest(
        .post, "/v1/exchange", headers: headers, body: request.encoded(),
        stallSeconds: waitSeconds + 30, deadlineMilliseconds: (waitSeconds + 300) * 1_000))
    try check(response)
    return try ExchangeReply(encoded: response.body)
  }

  private static let headers: HTTPHeaders = ["Content-Type": "application/cbor"]

  private func check(_ response: HTTPClientResponse) throws(OperationError) {
    // Every status of the hub's own carries a body in its envelope; a proxy's does not.
    guard response.status == 200 || response.body.starts(with: Array("CAF1".utf8)) else {
      throw OperationError(.unreachable, Self.sentence(ofProxy: response.status))
    }
  }

  /// What a status means that is not the hub's own.
  private static func sentence(ofProxy status: Int) -> String {
    switch status {
    case 400, 403:
      "The proxy before the hub refuses this device (status \(status)). If the hub's operator asks "
        + "for client certificates, name yours with --certificate when joining."
    case 429:
      "The proxy before the hub hears too many requests from here (status 429). Wait a minute and "
        + "try again."
    case 502, 503, 504:
      "The proxy answers, but the hub behind it does not (status \(status)). Try later; if it "
        + "stays so, tell the hub's operator."
    default: "The hub's address answered with status \(status): check it, or try later."
    }
  }
}
