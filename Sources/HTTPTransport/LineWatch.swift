import CLinux
import Glibc
import Operations

/// Watches this machine's links, addresses and routes, and its sleep, and tells what may have
/// become of the line: so that nobody waits out a pause of minutes after the line is back.
///
/// It only gives hints. The line itself is tried by whoever is told; a hint too many costs one
/// attempt, so there are at most two a second.
package final class LineWatch: Sendable {
  /// How long news is collected before more is told.
  private static let pauseMilliseconds: Int32 = 500
  /// A timer on the clock that counts sleep: it is due at once on waking.
  private static let sleepCheckSeconds = 10
  private static let groups =
    UInt32(RTMGRP_LINK) | UInt32(RTMGRP_IPV4_IFADDR) | UInt32(RTMGRP_IPV4_ROUTE)
    | UInt32(RTMGRP_IPV6_IFADDR) | UInt32(RTMGRP_IPV6_ROUTE)

  private let netlink: Int32
  private let timer: Int32
  private let ending: Int32
  private let thread: WorkerThread
  private let isStopped = Lock(false)

  /// Watches the network namespace of the calling thread. `tell` is called on a thread of its own,
  /// and must not block.
  package init(tell: @escaping @Sendable (LineNews) -> Void) throws {
    netlink = clinux_netlink_open(Self.groups)
    guard netlink >= 0 else { throw FileError(.create, "netlink", errno: errno) }
    timer = timerfd_create(CLOCK_BOOTTIME, Int32(TFD_CLOEXEC | TFD_NONBLOCK))
    ending = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    var interval = itimerspec()
    interval.it_interval.tv_sec = Self.sleepCheckSeconds
    interval.it_value.tv_sec = Self.sleepCheckSeconds
    guard timer >= 0, ending >= 0, timerfd_settime(timer, 0, &interval, nil) == 0 else {
      let code = errno
      for descriptor in [netlink, timer, ending] where descriptor >= 0 { close(descriptor) }
      throw FileError(.create, "timerfd", errno: code)
    }
    thread = WorkerThread(name: "line", capacity: 1)
    let descriptors = (netlink: netlink, timer: timer, ending: ending)
    try thread.submit { Self.watch(descriptors, tell: tell) }
  }

  /// Ends the watching; nothing is told afterwards. Doing it twice is harmless.
  package func stop() {
    let wasStopped = isStopped.withLock { stopped in
      defer { stopped = true }
      return stopped
    }
    guard !wasStopped else { return }
    var one: UInt64 = 1
    // An eventfd that has just been made takes it.
    _ = write(ending, &one, MemoryLayout<UInt64>.size)
    thread.stop()
    for descriptor in [netlink, timer, ending] { close(descriptor) }
  }

  deinit { stop() }

  private static func watch(
    _ descriptors: (netlink: Int32, timer: Int32, ending: Int32),
    tell: @Sendable (LineNews) -> Void
  ) {
    var messages = LineMessages()
    var sleep = SleepNotice()
    _ = hasSlept(&sleep)
    // Unasked, a link is known only from its first change. A question that is lost costs no more.
    _ = write(descriptors.netlink, LineMessages.linksQuestion, LineMessages.linksQuestion.count)
    while true {
      var queries = [descriptors.ending, descriptors.netlink, descriptors.timer].map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      guard poll(&queries, 3, -1) >= 0 || errno == EINTR else { return }
      if queries[0].revents != 0 { return }
      var news = read(descriptors.netlink, &messages)
      if queries[2].revents != 0 {
        var count: UInt64 = 0
        _ = Glibc.read(descriptors.timer, &count, MemoryLayout<UInt64>.size)
      }
      if hasSlept(&sleep) { news.insert(.resumed) }
      for one in LineNews.allCases where news.contains(one) { tell(one) }
      if !news.isEmpty {
        var query = pollfd(fd: descriptors.ending, events: Int16(POLLIN), revents: 0)
        if poll(&query, 1, pauseMilliseconds) > 0 { return }
      }
    }
  }

  /// Everything that has come. When it was more than the kernel keeps for us, anything may have
  /// happened.
  private static func read(_ netlink: Int32, _ messages: inout LineMessages) -> Set<LineNews> {
    var news: Set<LineNews> = []
    var buffer = [UInt8](repeating: 0, count: 32_768)
    while true {
      let count = Glibc.read(netlink, &buffer, buffer.count)
      if count > 0 {
        buffer.withUnsafeBytes {
          news.formUnion(messages.take(UnsafeRawBufferPointer(rebasing: $0[..<count])))
        }
      } else if count < 0 && errno == ENOBUFS {
        news.formUnion([.mayBeBack, .mayBeGone])
      } else if count < 0 && errno == EINTR {
        continue
      } else {
        return news
      }
    }
  }

  private static func hasSlept(_ sleep: inout SleepNotice) -> Bool {
    sleep.hasSlept(
      bootMilliseconds: milliseconds(of: CLOCK_BOOTTIME),
      monotonicMilliseconds: milliseconds(of: CLOCK_MONOTONIC))
  }

  private static func milliseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}
