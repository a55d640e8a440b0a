import Cryptography
import HTTPTransport
import HTTPWire
import Operations

/// The operations as a JSON API for the pages on this machine: `POST /api/<name>` on loopback.
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

  init(port: UInt16, token: String, handler: @escaping Handler) throws {
    let bound = bound
    server = try HTTPServer(
      on: [.tcp(host: "127.0.0.1", port: port)],
      options: HTTPServerOptions(
        limits: HTTPLimits(bodyBytesMax: LocalControl.bodyBytesMax), connectionsMax: 256)
    ) { incoming, responder in
      do throws(OperationError) {
        let (name, input) = try Self.question(
          incoming.request, token: token, port: bound.withLock { $0 })
        handler(name, input) { result in responder.respond(Self.response(result)) }
      } catch {
        responder.respond(Self.response(.failure(error)))
      }
    }
    bound.withLock { $0 = server.port ?? 0 }
  }

  var port: UInt16 { bound.withLock { $0 } }

  func stop(graceMilliseconds: Int64) { server.stop(graceMilliseconds: graceMilliseconds) }

  /// What is asked, or why it is not listened to.
  static func question(
    _ request: HTTPRequest, token: String, port: UInt16
  ) throws(OperationError) -> (name: String, input: JSON) {
    let host = request.headers["Host"]?.lowercased()
    guard host == "127.0.0.1:\(port)" || host == "localhost:\(port)" else {
      throw OperationError(.refused, "This address is for this machine alone.")
    }
    let shown = Array((request.headers["Authorization"] ?? "").utf8)
    guard constantTimeEquals(shown, Array("Bearer \(token)".utf8)) else {
      throw OperationError(.refused, "Show the token of the data folder (api.token).")
    }
    guard request.method == .post, request.path.hasPrefix(prefix) else {
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
