import Foundation
import HTTPTransport
import HTTPWire
import Operations
import TestDaemons

/// A `chromedriver` of one's own on a free port, and one session of it: WebDriver (W3C, 2018) is
/// JSON over HTTP.
final class WebDriver {
  /// What the browser or its driver would not do.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let process: DaemonProcess
  private let client: HTTPClient
  private let session: String
  /// The browser's own.
  let browserIdentifier: pid_t

  /// - Parameters:
  ///   - folder: for the driver's log; the profile is where the capabilities say.
  ///   - capabilities: what the session has to offer.
  init(in folder: String, capabilities: JSON) throws {
    let (process, port) = try Self.start(in: folder)
    self.process = process
    client = try HTTPClient(
      HTTPClientOptions(
        baseURL: "http://127.0.0.1:\(port)", stallSeconds: Self.seconds,
        deadlineMilliseconds: Self.seconds * 1_000))
    let opened = try Self.send(
      client, .post, "/session", ["capabilities": ["alwaysMatch": capabilities]])
    guard let session = opened["sessionId"]?.stringValue,
      let browser = opened["capabilities"]?["goog:processID"]?.integerValue
    else { throw Failure(description: "chromedriver opened no session: \(opened)") }
    self.session = session
    browserIdentifier = pid_t(browser)
  }

  /// A driver that listens. It wants one port for both kinds of addresses, takes one that is free
  /// in IPv6, and ends when IPv4 has it in use; beside a test that floods the proxy with
  /// connections most of them are.
  private static func start(in folder: String) throws -> (DaemonProcess, port: String) {
    var said = ""
    for _ in 0..<startsMax {
      let log = folder + "/chromedriver-\(UUID().uuidString).log"
      let process = try DaemonProcess(
        program: "chromedriver", arguments: [Array("--port=0".utf8)], log: log)
      let port = try awaited("chromedriver to listen, or to end") { () throws -> String? in
        // Looked at before its words: it may say them and end in between.
        let isRunning = process.isRunning
        said = try String(contentsOfFile: log, encoding: .utf8)
        let found = said.firstMatch(of: #/successfully on port ([0-9]+)/#)
        return found.map { String($0.1) } ?? (isRunning ? nil : "")
      }
      if !port.isEmpty { return (process, port) }
      Thread.sleep(forTimeInterval: 2)
    }
    throw Failure(description: "chromedriver ended \(startsMax) times: \(said)")
  }

  /// The kernel keeps the port of a closed connection for a minute.
  private static let startsMax = 60

  /// Nothing that works comes near it.
  private static let seconds = 120

  deinit {
    do {
      _ = try Self.send(client, .delete, "/session/" + session)
    } catch {
      // The browser does not listen any more; its driver ends below.
      kill(browserIdentifier, SIGKILL)
    }
    process.destroy()
  }

  /// A command of the session: posts `body`, or reads.
  @discardableResult
  func ask(_ command: String, _ body: JSON? = nil) throws -> JSON {
    try Self.send(client, body == nil ? .get : .post, "/session/\(session)/\(command)", body)
  }

  @discardableResult
  func delete(_ command: String) throws -> JSON {
    try Self.send(client, .delete, "/session/\(session)/\(command)")
  }

  private static func send(
    _ client: HTTPClient, _ method: HTTPMethod, _ target: String, _ body: JSON? = nil
  ) throws -> JSON {
    let response = try client.send(
      HTTPClientRequest(
        method, target, headers: ["Content-Type": "application/json"], body: body?.bytes() ?? []))
    let answer = try JSON.parse(response.body, JSON.Reading(maximumBytes: 64 << 20))["value"]
    guard response.status == 200 else {
      let message = answer?["message"]?.stringValue ?? "\(response.status)"
      throw Failure(description: String(message.prefix { $0 != "\n" }))
    }
    return answer ?? .null
  }
}
