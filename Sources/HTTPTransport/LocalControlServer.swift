import Glibc
package import HTTPWire
package import Operations

/// The daemon's end of `LocalControl`.
package final class LocalControlServer: Sendable {
  /// Called on a loop thread for each question: it must not block.
  package typealias Handler =
    @Sendable (_ operation: String, _ arguments: JSON, _ answer: LocalAnswer) -> Void

  private let server: HTTPServer

  /// Listens in `folder`. When it returns, commands are answered.
  package init(folder: String, handler: @escaping Handler) throws(HTTPServerError) {
    let user = geteuid()
    server = try HTTPServer(
      on: [.unix(path: LocalControl.socketPath(inFolder: folder), mode: 0o600)],
      options: HTTPServerOptions(
        limits: HTTPLimits(bodyBytesMax: LocalControl.bodyBytesMax), connectionsMax: 64)
    ) { incoming, responder in
      LocalControlServer.handle(
        incoming, LocalAnswer(responder: responder), daemonUser: user, handler)
    }
  }

  /// Takes no more questions; those in hand have `graceMilliseconds`.
  package func stop(graceMilliseconds: Int64) {
    server.stop(graceMilliseconds: graceMilliseconds)
  }

  private static func handle(
    _ incoming: IncomingRequest, _ answer: LocalAnswer, daemonUser: UInt32, _ handler: Handler
  ) {
    do throws(LocalFailure) {
      let (operation, arguments) = try question(
        of: incoming.request, from: incoming.peer, daemonUser: daemonUser)
      handler(operation, arguments, answer)
    } catch {
      answer.give(.failure(error))
    }
  }

  /// What is asked, or why it is not listened to.
  package static func question(
    of request: HTTPRequest, from peer: Peer, daemonUser: UInt32
  ) throws(LocalFailure) -> (operation: String, arguments: JSON) {
    guard LocalControl.isAllowed(peer, daemonUser: daemonUser) else {
      throw LocalFailure(
        .refused, "Only the user that runs this daemon, and root, may give it orders.")
    }
    guard request.method == .post, request.path.hasPrefix(LocalControl.prefix) else {
      throw LocalFailure(.usage, "Ask with POST \(LocalControl.prefix)<operation>.")
    }
    let operation = String(request.path.dropFirst(LocalControl.prefix.count))
    if request.body.isEmpty { return (operation, [:]) }
    do throws(JSONError) {
      return (
        operation,
        try JSON.parse(
          request.body, JSON.Reading(maximumBytes: LocalControl.bodyBytesMax))
      )
    } catch {
      throw LocalFailure(.usage, "The question is no JSON: \(error)")
    }
  }
}
