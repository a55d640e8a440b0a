// A bad network on loopback: a TCP proxy that cuts, stalls, half-opens, slows down or refuses.
//
// The kernels this is tested on have no netem, and a user-space proxy needs no rights. Faults count
// the bytes of one connection in one direction, so "the answer is lost after 40 bytes" is exact and
// repeatable; they apply to running connections too, at once, and `heal` lets what was stalled go
// on. A connection that has carried much already may never meet a fault, and an idle one meets none
// until somebody speaks: whoever needs the very next exchange to be struck cuts what runs when he
// sets the fault, lets it fall inside the first message, and reads in the figures that it struck.
// One thread and poll(2): bounded buffers, no sleeping.
import CLinux
import Glibc
package import Operations

package final class FaultProxy: Sendable {
  /// What befalls one direction of every connection, after so many of its bytes.
  package enum Fault: Sendable, Equatable {
    /// Both sides see an orderly end.
    case cut(afterBytes: Int)
    /// Both sides see a reset.
    case reset(afterBytes: Int)
    /// Nothing moves in this direction any more; the connection stays.
    case stall(afterBytes: Int)
    /// The receiving side of this direction sees an open, silent connection for ever; the sending
    /// side sees its end.
    case halfOpen(afterBytes: Int)

    var afterBytes: Int {
      switch self {
      case .cut(let bytes), .reset(let bytes), .stall(let bytes), .halfOpen(let bytes): bytes
      }
    }
  }

  package struct Faults: Sendable, Equatable {
    /// From the client to the server.
    package var up: Fault?
    /// From the server to the client.
    package var down: Fault?
    /// In each direction of each connection; `nil` is as fast as it goes.
    package var bytesPerSecond: Int?
    /// New connections are refused by the system, as if nobody listened.
    package var refuses: Bool
    /// The places of the faults are taken modulo the length of the first HTTP message of their
    /// direction, so that any number falls inside it: after its first byte, before its last. For
    /// connections that begin thereafter.
    package var fallInsideFirstMessage: Bool

    package init(
      up: Fault? = nil, down: Fault? = nil, bytesPerSecond: Int? = nil, refuses: Bool = false,
      fallInsideFirstMessage: Bool = false
    ) {
      self.fallInsideFirstMessage = fallInsideFirstMessage
      self.up = up
      self.down = down
      self.bytesPerSecond = bytesPerSecond
      self.refuses = refuses
    }
  }

  /// What went through so far, over all connections.
  package struct Figures: Sendable, Equatable {
    package var connections = 0
    package var bytesUp = 0
    package var bytesDown = 0
    /// How often a fault has struck: once for each direction of a connection that met it.
    package var strikes = 0
  }

  /// What one connection carried, as far as it came in here.
  package struct Recording: Sendable {
    package fileprivate(set) var up: [UInt8] = []
    package fileprivate(set) var down: [UInt8] = []

    mutating func append(_ bytes: ArraySlice<UInt8>, isUp: Bool) {
      if isUp { up += bytes } else { down += bytes }
    }
  }

  struct State {
    /// By the number of the connection, if the proxy records.
    var recordings: [Recording] = []
    var faults = Faults()
    var figures = Figures()
    var cutsAll = false
    var isStopped = false
    /// Callers that wait until the loop has applied what they set.
    var waiting: UInt64 = 0
  }

  /// Where clients connect, on 127.0.0.1.
  package let port: UInt16
  private let state = Lock(State())
  private let wake: Int32
  /// Counts what the loop has applied; each waiting caller takes one.
  private let applied: Int32
  private let thread: WorkerThread

  /// - Parameters:
  ///   - port: where the server listens, on 127.0.0.1.
  ///   - isRecording: keeps every byte that comes in, for `recordings`.
  package init(forwardingTo port: UInt16, isRecording: Bool = false) throws(FileError) {
    let listener = try LoopbackSocket.listen()
    wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    applied = eventfd(0, Int32(EFD_CLOEXEC | EFD_SEMAPHORE))
    guard wake >= 0, applied >= 0 else { throw FileError(.create, "eventfd", errno: errno) }
    self.port = listener.port
    thread = WorkerThread(name: "fault-proxy", capacity: 1)
    let (state, wake, applied) = (state, wake, applied)
    do throws(WorkerThreadError) {
      try thread.submit {
        ProxyLoop(
          listener: listener.descriptor, port: listener.port, serverPort: port, wake: wake,
          applied: applied, isRecording: isRecording, state: state
        ).run()
      }
    } catch {
      throw FileError(.create, "thread", errno: EAGAIN)
    }
  }

  deinit {
    stop()
    close(wake)
    close(applied)
  }

  /// Changes the faults, for running connections as well. When it returns, they hold.
  ///
  /// - Parameter cuttingAll: resets what runs first, so that the next exchange begins a connection.
  package func set(_ faults: Faults, cuttingAll: Bool = false) {
    change {
      $0.faults = faults
      if cuttingAll { $0.cutsAll = true }
    }
  }

  /// A good network again: what was stalled goes on.
  package func heal() {
    set(Faults())
  }

  /// Resets every running connection; new ones are unaffected.
  package func cutAll() {
    change { $0.cutsAll = true }
  }

  private func change(_ body: (inout State) -> Void) {
    let isRunning = state.withLock { state in
      if state.isStopped { return false }
      body(&state)
      state.waiting += 1
      return true
    }
    guard isRunning else { return }
    eventfd_write(wake, 1)
    var count: eventfd_t = 0
    eventfd_read(applied, &count)
  }

  package var figures: Figures {
    state.withLock { $0.figures }
  }

  /// One for each connection so far, in their order; empty unless the proxy records.
  package var recordings: [Recording] {
    state.withLock { $0.recordings }
  }

  /// Closes everything. Doing it twice is harmless.
  package func stop() {
    state.withLock { $0.isStopped = true }
    eventfd_write(wake, 1)
    thread.stop()
  }
}
