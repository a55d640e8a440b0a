import Glibc
package import Operations
import Synchronization

/// A server for HTTP/1.1 on one thread of its own.
package final class HTTPServer: Sendable {
  /// Called on the loop's thread for every complete request. It must not block: slow work belongs
  /// to another thread, which then answers through the responder.
  package typealias Handler = @Sendable (IncomingRequest, HTTPResponder) -> Void

  /// Where it listens, with the ports that the system chose, in the order given.
  package let addresses: [ListenAddress]
  /// What it has done so far.
  package let counters: HTTPServerCounters
  private let mailbox: Mailbox
  private let thread: WorkerThread
  private let clock: any Clock

  /// Listens and starts. When it returns, connections are accepted.
  package init(
    on addresses: [ListenAddress], options: HTTPServerOptions = HTTPServerOptions(),
    clock: any Clock = SystemClock(), handler: @escaping Handler
  ) throws(HTTPServerError) {
    for address in addresses { try options.listenPolicy.check(address) }
    var listeners: [Listener] = []
    for address in addresses { listeners.append(try Listener.open(address)) }
    let names = addresses.map(\.description).joined(separator: ", ")
    let mailbox: Mailbox
    let epoll: Epoll
    do throws(SystemCallError) {
      mailbox = try Mailbox()
      epoll = try Epoll()
    } catch {
      throw .system(address: names, call: "epoll", code: error.code)
    }
    // A peer that went away is an error of `send`, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    let counters = HTTPServerCounters()
    let thread = WorkerThread(name: "http", capacity: 1)
    let opened = listeners
    do throws(WorkerThreadError) {
      try thread.submit {
        ServerLoop(
          listeners: opened, epoll: epoll, mailbox: mailbox, options: options, clock: clock,
          counters: counters, handler: handler
        ).run()
      }
    } catch {
      throw .system(address: names, call: "thread", code: EAGAIN)
    }
    self.addresses = listeners.map(\.address)
    self.counters = counters
    self.mailbox = mailbox
    self.thread = thread
    self.clock = clock
  }

  deinit {
    mailbox.post(.stop(atBootMilliseconds: 0))
  }

  /// The port of the first TCP address.
  package var port: UInt16? {
    addresses.lazy.compactMap { if case .tcp(_, let port) = $0 { port } else { nil } }.first
  }

  /// Accepts nothing more, lets what runs finish for up to `graceMilliseconds`, then closes
  /// everything; returns when that is done. Requests that wait for something (long polls) should be
  /// answered by their owner first. Doing it twice is harmless. Never call it from a handler.
  package func stop(graceMilliseconds: Int64) {
    mailbox.post(.stop(atBootMilliseconds: clock.bootMilliseconds() + graceMilliseconds))
    thread.stop()
  }
}

/// What a server has done, for its metrics. Readable from any thread at any time.
package final class HTTPServerCounters: Sendable {
  private let open = Atomic(0)
  private let accepted = Atomic(0)
  private let requests = Atomic(0)
  private let refusals = Atomic(0)
  private let timeouts = Atomic(0)

  init() {}

  package var connectionsOpen: Int { open.load(ordering: .relaxed) }
  package var connectionsAccepted: Int { accepted.load(ordering: .relaxed) }
  /// Complete requests that reached the handler.
  package var requestsReceived: Int { requests.load(ordering: .relaxed) }
  /// Requests refused as malformed, too large or unsupported.
  package var requestsRefused: Int { refusals.load(ordering: .relaxed) }
  /// Requests and responses cut because the peer was too slow.
  package var timeoutsReached: Int { timeouts.load(ordering: .relaxed) }

  func connectionOpened() {
    open.add(1, ordering: .relaxed)
    accepted.add(1, ordering: .relaxed)
  }

  func connectionClosed() { open.subtract(1, ordering: .relaxed) }
  func requestReceived() { requests.add(1, ordering: .relaxed) }
  func requestRefused() { refusals.add(1, ordering: .relaxed) }
  func timeoutReached() { timeouts.add(1, ordering: .relaxed) }
}
