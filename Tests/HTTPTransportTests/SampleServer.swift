import Foundation
import HTTPTransport
import HTTPWire
import Operations

/// A server whose paths do what the tests need, and what it remembers.
final class SampleServer: Sendable {
  /// The long polls that wait, in order of arrival.
  final class Waiting: Sendable {
    let responders = Lock<[HTTPResponder]>([])
    let arrived = DispatchSemaphore(value: 0)
    let left = DispatchSemaphore(value: 0)

    /// Waits until `count` more have arrived; false if they do not.
    func waitForArrival(count: Int = 1) -> Bool {
      (0..<count).allSatisfy { _ in arrived.wait(timeout: .now() + 10) == .success }
    }

    /// Waits until one more has gone away unanswered.
    func waitForLeaving() -> Bool {
      left.wait(timeout: .now() + 10) == .success
    }

    func answerAll() {
      let all = responders.withLock { responders in
        defer { responders = [] }
        return responders
      }
      for responder in all { responder.respond(.text(200, "news")) }
    }
  }

  let server: HTTPServer
  let waiting = Waiting()

  init(
    on address: ListenAddress = .tcp(host: "127.0.0.1", port: 0),
    options: HTTPServerOptions = HTTPServerOptions()
  ) throws {
    let waiting = waiting
    let worker = WorkerThread(name: "sample")
    server = try HTTPServer(on: [address], options: options) { incoming, responder in
      let request = incoming.request
      switch request.path {
      case "/echo":
        responder.respond(
          HTTPResponse(
            status: 200, headers: ["X-Method": request.method.rawValue], body: request.body))
      case "/later":
        do {
          try worker.submit { responder.respond(.text(200, "later")) }
        } catch {
          responder.respond(.text(503, "\(error)"))
        }
      case "/twice":
        let first = responder.respond(.text(200, "first"))
        let second = responder.respond(.text(200, "second"))
        if !first || second { waiting.left.signal() }
      case "/poll":
        responder.onDisconnect { waiting.left.signal() }
        waiting.responders.withLock { $0.append(responder) }
        waiting.arrived.signal()
      case "/bytes":
        let count = request.queryValue("count").flatMap { Int($0) } ?? 0
        responder.respond(
          HTTPResponse(status: 200, body: [UInt8](repeating: 0x61, count: count)))
      case "/redirect":
        responder.respond(HTTPResponse(status: 307, headers: ["Location": "/echo"]))
      case "/peer":
        responder.respond(.text(200, "\(incoming.peer)"))
      case "/dropped":
        break
      default:
        responder.respond(.text(404, "Nothing is here."))
      }
    }
  }

  deinit {
    server.stop(graceMilliseconds: 0)
  }

  var port: UInt16 { server.port ?? 0 }
}

/// A request without a body.
func plain(_ path: String, _ method: String = "GET") -> String {
  "\(method) \(path) HTTP/1.1\r\nHost: h\r\n\r\n"
}
