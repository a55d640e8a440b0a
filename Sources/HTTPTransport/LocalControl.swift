import Glibc
import HTTPWire
package import Operations

/// How a command asks the daemon of its folder: one question, one answer, both JSON, as
/// `POST /admin/<operation>` over a Unix socket in that folder.
///
/// Who may ask is settled by the kernel: the socket's file belongs to the daemon's user alone, and
/// each connection carries its peer's user. The same user and root are let in, nobody else.
package enum LocalControl {
  /// The socket's name in a data folder.
  package static let socketName = "cafsync.sock"
  /// No question or answer of a command is larger.
  package static let bodyBytesMax = 16 << 20
  static let prefix = "/admin/"

  package static func socketPath(inFolder folder: String) -> String {
    folder + "/" + socketName
  }

  /// Whether a connection's user may give orders to a daemon that runs as `daemonUser`.
  package static func isAllowed(_ peer: Peer, daemonUser: UInt32) -> Bool {
    guard case .local(let user) = peer else { return false }
    return user == daemonUser || user == 0
  }
}

/// Why an operation was not done: what the command prints, and how it ends.
package struct LocalFailure: Error, Equatable, Sendable, CustomStringConvertible {
  package let exit: ExitCode
  /// What is wrong and what to do about it.
  package let sentence: String
  /// What a program may want to know besides: the problems of each field, the choices there are.
  package let details: JSON?
  /// What the question named is not there.
  package private(set) var isUnknown = false

  package init(_ exit: ExitCode, _ sentence: String, details: JSON? = nil) {
    self.exit = exit
    self.sentence = sentence
    self.details = details
  }

  /// For a question about what is not there.
  package static func unknown(_ sentence: String) -> LocalFailure {
    var failure = LocalFailure(.failure, sentence)
    failure.isUnknown = true
    return failure
  }

  package var description: String { sentence }

  /// The nearest that HTTP has.
  package var httpStatus: Int {
    if isUnknown { return 404 }
    return switch exit {
    case .usage: 400
    case .refused: 403
    case .conflict: 409
    case .busy, .unreachable: 503
    case .success, .failure, .configuration, .damaged, .system: 500
    }
  }

  /// As it travels: the exit code is what counts, the status is for other clients.
  var response: HTTPResponse {
    var body = JSON.Object()
    body["error"] = .string(sentence)
    body["exitCode"] = .integer(Int64(exit.rawValue))
    body["details"] = details
    return LocalAnswer.response(httpStatus, .object(body))
  }
}

/// The one answer to one question; from any thread, at once or later. Dropped, it answers 500.
package final class LocalAnswer: Sendable {
  private let responder: HTTPResponder

  init(responder: HTTPResponder) {
    self.responder = responder
  }

  package func give(_ result: Result<JSON, LocalFailure>) {
    switch result {
    case .success(let value): responder.respond(Self.response(200, value))
    case .failure(let failure): responder.respond(failure.response)
    }
  }

  static func response(_ status: Int, _ body: JSON) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: ["Content-Type": "application/json"], body: body.bytes())
  }
}
