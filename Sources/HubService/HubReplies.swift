import HTTPWire
import SyncProtocol

/// The hub's answers that need no engine. Each is a message of the protocol under a status that
/// says the same to whatever stands between.
enum HubReplies {
  static let contentType = "application/cbor"

  enum Message { case exchange, enrolment }

  static func encoded(_ status: Int, _ body: [UInt8]) -> HTTPResponse {
    HTTPResponse(status: status, headers: ["Content-Type": contentType], body: body)
  }

  static func refusal(
    of message: Message, _ code: RefusalCode, _ sentence: String, _ whatToDo: String
  ) -> HTTPResponse {
    let body =
      switch message {
      case .exchange:
        ExchangeReply.refused(code, sentence: sentence, whatToDo: whatToDo).encoded()
      case .enrolment:
        EnrolmentReply.refused(code, sentence: sentence, whatToDo: whatToDo).encoded()
      }
    return encoded(status(code), body)
  }

  /// One answer for an unknown device and for a wrong secret.
  static var notEnrolled: HTTPResponse {
    refusal(
      of: .exchange, .notEnrolled, "The hub does not know this device, or its secret is another.",
      "Ask the hub operator for an enrolment code, and join again in a new folder.")
  }

  static var tooManyEnrolments: HTTPResponse {
    refusal(
      of: .enrolment, .busy, "Too many codes are being tried at the moment.",
      "Wait a minute, then try again.")
  }

  static func busy(_ message: Message) -> HTTPResponse {
    refusal(
      of: message, .busy, "The hub has more to do than it can take.",
      "Nothing was lost: send it again in a while.")
  }

  static func stopping(_ message: Message) -> HTTPResponse {
    refusal(
      of: message, .busy, "The hub is shutting down.", "Nothing was lost: send it again in a while."
    )
  }

  /// The disk or the database failed; the operator's log says how.
  static func fault(_ message: Message) -> HTTPResponse {
    refusal(
      of: message, .hubFault, "The hub could not keep this.",
      "Nothing was lost: it will be sent again. The hub operator has to look at the hub's log.")
  }

  static func unreadable(_ message: Message, _ error: MessageError) -> HTTPResponse {
    switch error.reason {
    case .newerProtocol(let version):
      refusal(
        of: message, .newerProtocol,
        "The hub speaks protocol version \(SyncLimits.protocolVersion), not \(version).",
        "Ask the hub operator to upgrade the hub, or use an earlier version here.")
    case .envelope(.tooLarge):
      refusal(
        of: message, .tooLarge, "The body is longer than \(SyncLimits.bodyBytesMax) bytes.",
        "Send smaller pages.")
    default: refusal(of: message, .malformed, error.description, "Send it again, whole.")
    }
  }

  private static func status(_ code: RefusalCode) -> Int {
    switch code {
    case .malformed: 400
    case .notEnrolled: 401
    case .wrongCode, .expiredCode, .tooManyTries, .tooManyIncarnations: 403
    case .tooLarge: 413
    case .newerProtocol: 426
    case .busy: 503
    case .hubFault: 500
    }
  }
}
