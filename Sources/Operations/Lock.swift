import Glibc

/// A value that only one thread at a time can touch.
///
/// Backed by `pthread_mutex` and not by `Synchronization.Mutex`, because ThreadSanitizer does not
/// understand the latter's futex on Linux and reports races that are none; with this one a report
/// means something. The lock is not recursive: taking it again inside `withLock` is a programmer
/// error and stops the process.
///
/// Proof for `@unchecked Sendable`: `mutex` and `state` are set once in `init` and freed in
/// `deinit`, when nobody else can hold a reference. In between, `state` is reached only in
/// `withLock`, that is between lock and unlock. `sending` keeps what the value refers to from being
/// shared with the caller, on the way in and on the way out.
package final class Lock<State: ~Copyable>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let state: UnsafeMutablePointer<State>

  package init(_ initial: consuming sending State) {
    mutex = .allocate(capacity: 1)
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_ERRORCHECK))
    let status = pthread_mutex_init(mutex, &attributes)
    pthread_mutexattr_destroy(&attributes)
    precondition(status == 0, "the system has no room for another lock")
    state = .allocate(capacity: 1)
    state.initialize(to: initial)
  }

  deinit {
    state.deinitialize(count: 1)
    state.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs `body` alone with the value. Keep it short, and never wait for anything inside.
  package func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout sending State) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    let status = pthread_mutex_lock(mutex)
    precondition(status == 0, "a thread took a lock that it already holds")
    defer { pthread_mutex_unlock(mutex) }
    return try body(&state.pointee)
  }
}
