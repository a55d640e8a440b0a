import Cryptography
import HTTPTransport
import HTTPWire
import Operations

/// What the daemon serves on loopback: the practitioners' pages (`PractitionerApp`), and the
/// operations as a JSON API for programs of this user: `POST /api/<name>`.
///
/// A page of another origin must not be able to ask: each request shows the token of the folder,
/// the `Host` has to be this address (a foreign name that resolves to 127.0.0.1 is turned away),
/// and no header ever invites another origin.
final class LocalAPI: Sendable {
  typealias Handler =
    @Sendable (
      _ name: String, _ input: JSON,
      _ give: @escaping @Sendable (Result<JSON, OperationError>) -> Void
    ) -> Void

  private static let prefix = "/api/"

  private let server: HTTPServer
  private let bound = Lock<UInt16>(0)

  /// `app`: the pages, which take every path but those of the operations.
  init(port: UInt16, token: String, app: PractitionerApp, handler: @escaping Handler) throws {
    let bound = bound
    server = try HTTPServer(
      on: [.tcp(host: "127.0.0.1", port: port)],
      options: HTTPServerOptions(
        limits: HTTPLimits(bodyBytesMax: LocalControl.bodyBytesMax), connectionsMax: 256)
    ) { incoming, responder in
      do throws(OperationError) {
        let (request, port) = (incoming.request, bound.withLock { $0 })
        try Self.requireUser(of: incoming.peer, port: port)
        try Self.requireHost(of: request, port: port)
        guard request.path.hasPrefix(Self.prefix) else {
          return app.answer(request, port: port) { responder.respond($0) }
        }
        let (name, input) = try Self.question(request, token: token)
        handler(name, input) { result in responder.respond(Self.response(result)) }
      } catch {
        responder.respond(Self.response(.failure(error)))
      }
    }
    bound.withLock { $0 = server.port ?? 0 }
  }

  var port: UInt16 { bound.withLock { $0 } }

  func stop(graceMilliseconds: Int64) { server.stop(graceMilliseconds: graceMilliseconds) }

  /// Another user's process on this machine gets nothing, whatever cookie or token it has come by.
  private static func requireUser(of peer: Peer, port: UInt16) throws(OperationError) {
    guard case .network(_, let peerPort) = peer,
      LoopbackPeer.isAllowed(LoopbackPeer.user(port: peerPort, serverPort: port))
    else { throw OperationError(.refused, "These pages are for the user who serves them.") }
  }

  static func requireHost(of request: HTTPRequest, port: UInt16) throws(OperationError) {
    let host = request.headers["Host"]?.lowercased()
    guard host == "127.0.0.1:\(port)" || host == "localhost:\(port)" else {
      throw OperationError(.refused, "This address is for this machine alone.")
    }
  }

  /// What is asked, or why it is not listened to.
  static func question(
    _ request: HTTPRequest, token: String
  ) throws(OperationError) -> (name: String, input: JSON) {
    let shown = Array((request.headers["Authorization"] ?? "").utf8)
    guard constantTimeEquals(shown, Array("Bearer \(token)".utf8)) else {
      throw OperationError(.refused, "Show the token of the data folder (api.token).")
    }
    guard request.method == .post else {
      throw OperationError(.usage, "Ask with POST \(prefix)<operation>.")
    }
    let name = String(request.path.dropFirst(prefix.count))
    if request.body.isEmpty { return (name, [:]) }
    do throws(JSONError) {
      return (
        name, try JSON.parse(request.body, JSON.Reading(maximumBytes: LocalControl.bodyBytesMax))
      )
    } catch {
      throw OperationError(.usage, "The body is no JSON: \(error)")
    }
  }

  private static func response(_ result: Result<JSON, OperationError>) -> HTTPResponse {
    let (status, body): (Int, JSON) =
      switch result {
      case .success(let json): (200, json)
      case .failure(let error): (error.httpStatus, error.json)
      }
    return HTTPResponse(
      status: status,
      headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
      body: body.bytes())
  }
}
