import Glibc
import Operations

/// What the process takes of the machine, as the kernel has it.
struct ProcessFigures {
  let residentBytes: UInt64?
  let processorSeconds: Double

  init() {
    residentBytes = Self.pages().map { $0 * UInt64(max(sysconf(Int32(_SC_PAGESIZE)), 0)) }
    var usage = rusage()
    // It fails for no argument that stands here.
    getrusage(RUSAGE_SELF.rawValue, &usage)
    processorSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
  }

  /// The second number of `/proc/self/statm`.
  private static func pages() -> UInt64? {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = read(descriptor, &buffer, buffer.count)
    guard count > 0 else { return nil }
    let words = String(decoding: buffer[..<count], as: UTF8.self).split(separator: " ")
    return words.count > 1 ? UInt64(words[1]) : nil
  }
}
