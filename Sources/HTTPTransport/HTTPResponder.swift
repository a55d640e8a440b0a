package import HTTPWire
import Synchronization

/// A request and who sent it.
package struct IncomingRequest: Sendable {
  package let request: HTTPRequest
  package let peer: Peer
}

/// The one answer to one request: given at once or later, from any thread.
///
/// A responder that is dropped without an answer answers 500, so no client waits for ever.
package final class HTTPResponder: Sendable {
  private let name: RequestName
  private let mailbox: Mailbox
  private let isAnswered = Atomic(false)

  init(name: RequestName, mailbox: Mailbox) {
    self.name = name
    self.mailbox = mailbox
  }

  deinit {
    respond(.text(500, "The request was dropped: send it again."))
  }

  /// Sends the response. Only the first call counts; it returns true. If the client is gone by
  /// then, the response goes nowhere.
  @discardableResult
  package func respond(_ response: HTTPResponse) -> Bool {
    guard !isAnswered.exchange(true, ordering: .relaxed) else { return false }
    mailbox.post(.respond(name, response))
    return true
  }

  /// Calls `action` once if the client goes away before it is answered: for a long poll to be
  /// forgotten. It runs on the loop's thread and must not block. A client that closes only its
  /// sending half counts as gone.
  package func onDisconnect(_ action: @escaping @Sendable () -> Void) {
    if !mailbox.post(.watch(name, action)) { action() }
  }
}
