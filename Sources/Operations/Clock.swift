import Glibc

/// Where the time comes from: injected everywhere, so that a test decides what time it is.
package protocol Clock: Sendable {
  /// Milliseconds since 1970-01-01T00:00:00Z. Jumps whenever a person or NTP sets the clock,
  /// backwards too.
  func wallMilliseconds() -> Int64
  /// Milliseconds since the machine started, time asleep included (`CLOCK_BOOTTIME`). Never goes
  /// back while the machine runs, and starts again at zero after a restart.
  func bootMilliseconds() -> Int64
}

/// The machine's own clocks.
package struct SystemClock: Clock {
  package init() {}

  package func wallMilliseconds() -> Int64 { Self.milliseconds(of: CLOCK_REALTIME) }

  package func bootMilliseconds() -> Int64 { Self.milliseconds(of: CLOCK_BOOTTIME) }

  private static func milliseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    let status = clock_gettime(clock, &time)
    precondition(status == 0, "this kernel lacks a clock that Linux has had since 2.6.39")
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}

/// A clock that moves only when it is told to.
package final class ManualClock: Clock {
  private let times: Lock<(wall: Int64, boot: Int64)>

  package init(wallMilliseconds: Int64 = 1_764_000_000_000, bootMilliseconds: Int64 = 0) {
    times = Lock((wallMilliseconds, bootMilliseconds))
  }

  package func wallMilliseconds() -> Int64 { times.withLock { $0.wall } }

  package func bootMilliseconds() -> Int64 { times.withLock { $0.boot } }

  /// Time passes: both clocks move.
  package func advance(milliseconds: Int64) {
    times.withLock {
      $0.wall += milliseconds
      $0.boot += milliseconds
    }
  }

  /// Somebody sets the wall clock; boot time goes on as before.
  package func setWall(milliseconds: Int64) {
    times.withLock { $0.wall = milliseconds }
  }

  /// The machine restarts: boot time begins again at zero.
  package func restartMachine() {
    times.withLock { $0.boot = 0 }
  }
}
