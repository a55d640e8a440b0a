import CLinux
import Glibc

/// Why a piece of work was not taken.
package enum WorkerThreadError: Error, Equatable, Sendable, CustomStringConvertible {
  /// As many pieces wait as are allowed.
  case full(capacity: Int)
  case stopped

  package var description: String {
    switch self {
    case .full(let capacity): "busy: \(capacity) pieces of work are waiting. Try again shortly."
    case .stopped: "shutting down."
    }
  }
}

/// One thread of its own that does what it is given, in order.
///
/// Work that blocks (SQLite, files, curl) must not run on Swift's cooperative pool, which has one
/// thread per core; on such a thread it may block as long as it likes. The queue is bounded:
/// whoever gives work learns that there is too much of it, instead of the memory growing.
package final class WorkerThread: Sendable {
  package typealias Work = @Sendable () -> Void

  private let name: String
  private let capacity: Int
  private let queue: WorkQueue
  private let thread: Lock<pthread_t?>

  /// - Parameter name: shown by `ps -L` and debuggers, which see its first 15 bytes.
  /// - Parameter capacity: how many pieces may wait, besides the one being done.
  package init(name: String, capacity: Int = 1_024) {
    precondition(capacity > 0)
    self.name = name
    self.capacity = capacity
    let queue = WorkQueue(capacity: capacity)
    self.queue = queue
    thread = Lock(Self.start(name: name, queue: queue))
  }

  /// Gives work, and does not wait for it.
  package func submit(_ work: @escaping Work) throws(WorkerThreadError) {
    try queue.add(work)
  }

  /// Gives work and waits for its result, blocking the calling thread. Never call it from the
  /// worker itself.
  package func perform<Success: Sendable, Failure: Error>(
    _ work: @escaping @Sendable () throws(Failure) -> Success
  ) throws(WorkerThreadError) -> Result<Success, Failure> {
    precondition(!isCurrent, "the worker would wait for itself for ever")
    let answer = Answer<Result<Success, Failure>>()
    try queue.add {
      do throws(Failure) { answer.give(.success(try work())) } catch {
        answer.give(.failure(error))
      }
    }
    return answer.wait()
  }

  /// Gives work and waits for its result without blocking a thread.
  package func run<Success: Sendable, Failure: Error>(
    _ work: @escaping @Sendable () throws(Failure) -> Success
  ) async throws(WorkerThreadError) -> Result<Success, Failure> {
    let outcome: Result<Result<Success, Failure>, WorkerThreadError> =
      await withCheckedContinuation { continuation in
        do throws(WorkerThreadError) {
          try queue.add {
            do throws(Failure) {
              continuation.resume(returning: .success(.success(try work())))
            } catch {
              continuation.resume(returning: .success(.failure(error)))
            }
          }
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    return try outcome.get()
  }

  /// Takes no more work, finishes what waits, and returns when the thread has ended. Doing it twice
  /// is harmless.
  package func stop() {
    precondition(!isCurrent, "the worker cannot wait for its own end")
    queue.close()
    let ending = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    if let ending { pthread_join(ending, nil) }
  }

  /// Whether the caller runs on this thread.
  package var isCurrent: Bool {
    thread.withLock { thread in
      guard let thread else { return false }
      return pthread_equal(thread, pthread_self()) != 0
    }
  }

  deinit {
    // The thread owns the queue, not the worker, so it may outlive it: it finishes what waits and
    // ends.
    queue.close()
    thread.withLock { thread in
      if let thread { pthread_detach(thread) }
    }
  }

  private static func start(name: String, queue: WorkQueue) -> pthread_t {
    final class Start: Sendable {
      let name: String
      let queue: WorkQueue
      init(name: String, queue: WorkQueue) {
        self.name = name
        self.queue = queue
      }
    }
    let start = Unmanaged.passRetained(Start(name: name, queue: queue))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        _ = clinux_name_thread(start.name)
        start.queue.drain()
        return nil
      }, start.toOpaque())
    precondition(status == 0, "the system has no room for another thread")
    return thread
  }
}
