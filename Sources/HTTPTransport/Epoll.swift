import CLinux
import Glibc

/// The kernel's list of what to wait for (`epoll(7)`), level-triggered.
final class Epoll: Sendable {
  struct Ready {
    let identifier: UInt64
    let events: UInt32
  }

  private let descriptor: Int32

  init() throws(SystemCallError) {
    descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard descriptor >= 0 else { throw SystemCallError(code: errno) }
  }

  deinit {
    close(descriptor)
  }

  /// False if the kernel has no room for another.
  func add(_ watched: Int32, events: UInt32, identifier: UInt64) -> Bool {
    clinux_epoll_control(descriptor, EPOLL_CTL_ADD, watched, events, identifier) == 0
  }

  func change(_ watched: Int32, events: UInt32, identifier: UInt64) {
    let status = clinux_epoll_control(descriptor, EPOLL_CTL_MOD, watched, events, identifier)
    precondition(status == 0, "a descriptor left epoll behind the loop's back")
  }

  func remove(_ watched: Int32) {
    let status = clinux_epoll_control(descriptor, EPOLL_CTL_DEL, watched, 0, 0)
    precondition(status == 0, "a descriptor left epoll behind the loop's back")
  }

  /// Waits for events, at most `timeoutMilliseconds`; −1 waits for ever. Empty after a time-out or
  /// an interruption.
  func wait(timeoutMilliseconds: Int32, into buffer: inout [epoll_event]) -> ArraySlice<Ready> {
    let count = epoll_wait(descriptor, &buffer, Int32(buffer.count), timeoutMilliseconds)
    guard count > 0 else { return [] }
    return buffer[..<Int(count)].map { Ready(identifier: $0.data.u64, events: $0.events) }[...]
  }
}
