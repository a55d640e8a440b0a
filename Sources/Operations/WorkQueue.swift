import Glibc

/// A mutex and the condition that goes with it, at addresses that do not move.
///
/// Proof for `@unchecked Sendable`: `pthread` made both for use by many threads; the pointers never
/// change, and are freed only when nobody refers to the object any more.
private final class Monitor: @unchecked Sendable {
  let mutex: UnsafeMutablePointer<pthread_mutex_t>
  let condition: UnsafeMutablePointer<pthread_cond_t>

  init() {
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    let status = pthread_mutex_init(mutex, nil) | pthread_cond_init(condition, nil)
    precondition(status == 0, "the system has no room for another lock")
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Runs `body` alone; `wait` inside it gives way until somebody signals.
  func alone<Success, Failure: Error>(
    _ body: (_ wait: () -> Void) throws(Failure) -> Success
  ) throws(Failure) -> Success {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body { pthread_cond_wait(condition, mutex) }
  }

  func signal() { pthread_cond_broadcast(condition) }
}

/// Work in the order in which it came, at most `capacity` pieces; one thread drains it.
///
/// Proof for `@unchecked Sendable`: `waiting`, `taken` and `isClosed` are touched only inside
/// `monitor.alone`.
final class WorkQueue: @unchecked Sendable {
  private let capacity: Int
  private let monitor = Monitor()
  private var waiting: [WorkerThread.Work] = []
  /// Pieces that left `waiting` but have not begun: they wait too.
  private var taken = 0
  private var isClosed = false

  init(capacity: Int) { self.capacity = capacity }

  func add(_ work: @escaping WorkerThread.Work) throws(WorkerThreadError) {
    try monitor.alone { (_) throws(WorkerThreadError) in
      if isClosed { throw .stopped }
      if waiting.count + taken >= capacity { throw .full(capacity: capacity) }
      waiting.append(work)
      monitor.signal()
    }
  }

  func close() {
    monitor.alone { _ in
      isClosed = true
      monitor.signal()
    }
  }

  /// Does the work until the queue is closed and empty.
  func drain() {
    while true {
      // All that waits is taken at once: removing the first of an array each time would cost its
      // length.
      let batch = monitor.alone { wait in
        while waiting.isEmpty && !isClosed { wait() }
        let batch = waiting
        waiting = []
        taken = batch.count
        return batch
      }
      if batch.isEmpty { return }
      for work in batch {
        monitor.alone { _ in taken -= 1 }
        work()
      }
    }
  }
}

/// One value, given by one thread and awaited by another.
///
/// Proof for `@unchecked Sendable`: `value` is touched only inside `monitor.alone`.
final class Answer<Value: Sendable>: @unchecked Sendable {
  private let monitor = Monitor()
  private var value: Value?

  func give(_ value: Value) {
    monitor.alone { _ in
      self.value = value
      monitor.signal()
    }
  }

  func wait() -> Value {
    monitor.alone { wait in
      while true {
        if let value { return value }
        wait()
      }
    }
  }
}
