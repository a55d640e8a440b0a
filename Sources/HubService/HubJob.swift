import CaseRecords
package import HTTPTransport
package import HTTPWire
package import Operations
import SyncProtocol

/// One client of the hub that waits for an answer: what the worker needs to know of a connection.
package struct HubClient: Sendable {
  /// Answers. Only the first answer counts.
  package let respond: @Sendable (HTTPResponse) -> Void
  /// Has something done once if the client goes away before it is answered.
  package let onDisconnect: @Sendable (@escaping @Sendable () -> Void) -> Void
  /// Its program and version, by its own word.
  var program = ""
  /// By the boot clock: when its request was there.
  var arrivedMilliseconds: Int64 = 0

  package init(
    respond: @escaping @Sendable (HTTPResponse) -> Void,
    onDisconnect: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
  ) {
    self.respond = respond
    self.onDisconnect = onDisconnect
  }
}

/// What the worker is asked to do, in the order in which it came.
package enum HubJob: Sendable {
  case exchange(HubCredentials, body: [UInt8], client: HubClient)
  case enrolment(body: [UInt8], client: HubClient)
  /// The operator's command, and who gives it.
  case operation(String, JSON, who: String, answer: @Sendable (Result<JSON, LocalFailure>) -> Void)
  /// What the upkeep beside the worker has to write down.
  case note(HubNote, answer: @Sendable (Result<JSON, LocalFailure>) -> Void)
  /// A parked poll that news has come for, or the client of which is gone.
  case wake(ParkedPoll)
  case forget(parked: UInt64)
  /// Time has passed.
  case tick

  /// How much of the inbox it takes.
  var bytes: Int {
    switch self {
    case .exchange(_, let body, _), .enrolment(let body, _): body.count + 512
    case .operation, .note, .wake, .forget, .tick: 512
    }
  }
}
