import Glibc
import Operations
import Testing

@Suite struct LockTests {
  @Test func `many threads count without losing one`() {
    let count = Lock(0)
    let workers = (0..<4).map { WorkerThread(name: "count-\($0)") }
    for worker in workers {
      for _ in 0..<250 {
        #expect(throws: Never.self) { try worker.submit { count.withLock { $0 += 1 } } }
      }
    }
    for worker in workers { worker.stop() }
    #expect(count.withLock { $0 } == 1_000)
  }

  @Test func `an error passes through and frees the lock`() {
    struct Failed: Error, Equatable {}
    let lock = Lock(1)
    #expect(throws: Failed()) { try lock.withLock { (_) throws(Failed) in throw Failed() } }
    #expect(lock.withLock { $0 } == 1)
  }
}

@Suite struct WorkerThreadTests {
  private enum Refused: Error { case always }

  @Test func `work is done in order, on one named thread`() throws {
    let worker = WorkerThread(name: "test-worker-with-a-long-name")
    let order = Lock<[Int]>([])
    for number in 0..<100 { try worker.submit { order.withLock { $0.append(number) } } }
    let comm = try worker.perform { () throws(FileError) in
      try AtomicFile.read("/proc/thread-self/comm", maximumBytes: 64)
    }.get()
    #expect(String(decoding: comm, as: UTF8.self) == "test-worker-wit\n")
    #expect(try worker.perform { worker.isCurrent }.get() && !worker.isCurrent)
    worker.stop()
    #expect(order.withLock { $0 } == Array(0..<100))
  }

  @Test func `results and errors come back to whoever waits`() async throws {
    let worker = WorkerThread(name: "results")
    #expect(try await worker.run { 7 }.get() == 7)
    let failed = try await worker.run { () throws(Refused) -> Int in throw .always }
    #expect(throws: Refused.always) { try failed.get() }
    let failedToo = try worker.perform { () throws(Refused) -> Int in throw .always }
    #expect(throws: Refused.always) { try failedToo.get() }
    worker.stop()
    await #expect(throws: WorkerThreadError.stopped) { try await worker.run { 7 } }
  }

  @Test func `the queue is bounded at its capacity`() throws {
    let worker = WorkerThread(name: "bounded", capacity: 2)
    let began = Gate()
    let gate = Gate()
    try worker.submit {
      began.open()
      gate.pass()
    }
    began.pass()
    try worker.submit {}
    try worker.submit {}
    #expect(throws: WorkerThreadError.full(capacity: 2)) { try worker.submit {} }
    gate.open()
    worker.stop()
    #expect(throws: WorkerThreadError.stopped) { try worker.submit {} }
  }

  @Test func `stopping finishes what waits, and may be repeated`() throws {
    let done = Lock(0)
    let worker = WorkerThread(name: "stopping")
    for _ in 0..<50 { try worker.submit { done.withLock { $0 += 1 } } }
    worker.stop()
    worker.stop()
    #expect(done.withLock { $0 } == 50)
  }
}

/// Opens once; a pipe, so that waiting needs neither sleeping nor spinning.
private final class Gate: Sendable {
  private let ends: (read: Int32, write: Int32)

  init() {
    var descriptors: [Int32] = [0, 0]
    let status = pipe(&descriptors)
    precondition(status == 0)
    ends = (descriptors[0], descriptors[1])
  }

  deinit {
    close(ends.read)
    close(ends.write)
  }

  func open() {
    var byte: UInt8 = 1
    #expect(write(ends.write, &byte, 1) == 1)
  }

  func pass() {
    var byte: UInt8 = 0
    #expect(read(ends.read, &byte, 1) == 1)
  }
}

@Suite struct SignalsTests {
  /// Blocking is per thread, so this stays within a thread of its own and touches no other test.
  @Test func `signals arrive as events and SIGPIPE does not kill`() throws {
    let worker = WorkerThread(name: "signals")
    let events = try worker.perform { () throws(FileError) -> [Signals.Event?] in
      let signals = try Signals.take()
      defer { close(signals.descriptor) }
      var events = [try signals.next(limitMilliseconds: 0)]
      for number in [SIGTERM, SIGHUP, SIGINT] {
        pthread_kill(pthread_self(), number)
        events.append(try signals.next(limitMilliseconds: 1_000))
      }
      pthread_kill(pthread_self(), SIGPIPE)
      events.append(try signals.next(limitMilliseconds: 0))
      return events
    }.get()
    worker.stop()
    #expect(events == [nil, .stop, .reload, .stop, nil])
  }
}
