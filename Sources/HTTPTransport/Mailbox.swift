import CLinux
import Glibc
import HTTPWire
import Operations

/// What other threads, and handlers, tell the loop.
enum LoopMessage: Sendable {
  case respond(RequestName, HTTPResponse)
  case watch(RequestName, @Sendable () -> Void)
  case stop(atBootMilliseconds: Int64)
}

/// One request of one connection; a name that outlives both and never means another.
struct RequestName: Sendable, Equatable {
  let connection: UInt64
  let serial: UInt64
}

/// The only way into the loop from outside: a queue under a lock, and an eventfd that wakes it.
final class Mailbox: Sendable {
  private struct State {
    var messages: [LoopMessage] = []
    var loopThread: pthread_t?
    var isClosed = false
  }

  /// Readable when messages wait.
  let descriptor: Int32
  private let state = Lock(State())

  init() throws(SystemCallError) {
    descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard descriptor >= 0 else { throw SystemCallError(code: errno) }
  }

  deinit {
    Glibc.close(descriptor)
  }

  /// Leaves a message. False if the loop has ended and nobody will read it.
  @discardableResult
  func post(_ message: LoopMessage) -> Bool {
    let (isTaken, wakes) = state.withLock { state -> (Bool, Bool) in
      if state.isClosed { return (false, false) }
      state.messages.append(message)
      // The loop looks by itself before it sleeps; only a sleeping loop must be woken.
      let isLoop = state.loopThread.map { pthread_equal($0, pthread_self()) != 0 } ?? false
      return (true, state.messages.count == 1 && !isLoop)
    }
    // A full counter wakes the loop as well, so a failed write needs no answer.
    if wakes { eventfd_write(descriptor, 1) }
    return isTaken
  }

  /// Called by the loop once it runs.
  func open() {
    state.withLock { $0.loopThread = pthread_self() }
  }

  /// Takes all messages.
  func take() -> [LoopMessage] {
    state.withLock { state in
      let messages = state.messages
      state.messages = []
      return messages
    }
  }

  /// Makes the descriptor unreadable until the next message.
  func acknowledge() {
    var count: eventfd_t = 0
    // EAGAIN only says that nobody rang in between.
    eventfd_read(descriptor, &count)
  }

  /// Takes what is left; from now on `post` refuses.
  func close() -> [LoopMessage] {
    state.withLock { state in
      state.isClosed = true
      let messages = state.messages
      state.messages = []
      return messages
    }
  }
}
