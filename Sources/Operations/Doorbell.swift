import CLinux
import Glibc

/// Something to wait for, rung from any thread. A ring that nobody waits for ends the next wait.
///
/// The descriptor is made once and closed with the object; the kernel does the rest (`eventfd(2)`).
package final class Doorbell: Sendable {
  private let descriptor: Int32

  package init() {
    descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    precondition(descriptor >= 0, "the system has no room for another descriptor")
  }

  deinit { close(descriptor) }

  package func ring() {
    var one: UInt64 = 1
    // It fails only when it has been rung 2⁶⁴ − 2 times, and is then ringing.
    _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
  }

  /// Waits for a ring, at most so long.
  package func wait(milliseconds: Int64) {
    var query = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&query, 1, Int32(clamping: milliseconds)) > 0 else { return }
    var count: UInt64 = 0
    _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
  }
}
