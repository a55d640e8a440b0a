import HTTPWire
package import Operations

extension LocalControl {
  /// Asks the daemon of `folder` and waits for its answer.
  ///
  /// Throws `LocalFailure` with `.unreachable` when no daemon runs there, and with the daemon's own
  /// exit code and sentence when it declined.
  package static func ask(
    folder: String, operation: String, arguments: JSON = [:], deadlineMilliseconds: Int = 120_000
  ) throws(LocalFailure) -> JSON {
    let response: HTTPClientResponse
    do throws(HTTPClientError) {
      let client = try HTTPClient(
        HTTPClientOptions(
          baseURL: "http://localhost", unixSocketPath: socketPath(inFolder: folder),
          connectTimeoutMilliseconds: 5_000,
          stallSeconds: max(deadlineMilliseconds / 1_000, 1),
          deadlineMilliseconds: deadlineMilliseconds, responseBytesMax: bodyBytesMax))
      response = try client.send(
        HTTPClientRequest(
          .post, prefix + operation, headers: ["Content-Type": "application/json"],
          body: arguments.bytes()))
    } catch {
      throw failure(error, folder: folder)
    }
    let body = try parsed(response.body)
    if response.status == 200 { return body }
    let exit = body["exitCode"]?.integerValue.flatMap { ExitCode(rawValue: Int32(clamping: $0)) }
    throw LocalFailure(
      exit ?? .failure,
      body["error"]?.stringValue ?? "The daemon answered with status \(response.status).",
      details: body["details"])
  }

  private static func parsed(_ body: [UInt8]) throws(LocalFailure) -> JSON {
    do throws(JSONError) {
      return try JSON.parse(body, JSON.Reading(maximumBytes: bodyBytesMax))
    } catch {
      throw LocalFailure(
        .failure, "What answers at the daemon's socket is another program, or another version.")
    }
  }

  private static func failure(_ error: HTTPClientError, folder: String) -> LocalFailure {
    switch error.kind {
    case .cannotConnect:
      LocalFailure(
        .unreachable,
        "No daemon answers in \(folder). Start it with `serve`, or name another folder.")
    case .timedOut:
      LocalFailure(.busy, "The daemon is busy and did not answer in time. Try again.")
    case .truncated:
      LocalFailure(.unreachable, "The daemon stopped before it had answered. Start it again.")
    case .refusedURL, .tls, .aborted, .tooLarge, .other:
      LocalFailure(.failure, error.description)
    }
  }
}
