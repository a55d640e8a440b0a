/// How fast the exchange is, and how far that is from what SQLite alone could do.
///
/// Everything measured is the production code: file stores with sealed registers and full
/// synchronisation, both engines, and every message encoded and decoded as on the wire. Only the
/// socket is left out, so that one process can run both ends and a figure is the program's own.
/// Machines differ and are shared, so each figure stands beside a limit taken in the same run:
/// prepared inserts of the same bytes into a plain table. The ratio is what can be compared.
import Glibc
package import Operations

package enum Benchmarks {
  /// The workloads, in the order in which they run.
  package static let names = ["fill", "offline", "idle", "edit"]

  /// - Parameters:
  ///   - only: The names of those to run; all when empty.
  ///   - isQuick: A twentieth of the records: to see that it works, not to compare.
  ///   - folder: An existing folder for the files, which are left to the caller to remove.
  /// - Returns: One object for each figure, in order.
  package static func run(
    only: [String], isQuick: Bool, folder: String, progress: (Figure) -> Void
  ) throws {
    let scale = isQuick ? 20 : 1
    let wanted = only.isEmpty ? Set(names) : Set(only)
    if wanted.contains("fill") {
      try FirstFill(folder: folder, records: 100_000 / scale).run().forEach(progress)
    }
    if wanted.contains("offline") {
      try OfflineEdits(folder: folder, records: 5_000 / scale, edits: 2_000 / scale).run()
        .forEach(progress)
    }
    if wanted.contains("idle") {
      try IdleExchange(folder: folder, rounds: 2_000 / scale).run().forEach(progress)
    }
    if wanted.contains("edit") {
      try OneEdit(folder: folder, rounds: 400 / scale).run().forEach(progress)
    }
  }
}

/// One number that was measured.
package struct Figure: Hashable, Sendable {
  package let name: String
  package let value: Double
  package let unit: String
  /// The same work by SQLite alone, in the same unit; nil where there is no such thing.
  package let limit: Double?

  package init(_ name: String, _ value: Double, _ unit: String, limit: Double? = nil) {
    self.name = name
    self.value = value
    self.unit = unit
    self.limit = limit
  }

  package var ratio: Double? { limit.map { value / max($0, .leastNormalMagnitude) } }

  package var json: JSON {
    var object = JSON.Object()
    object["name"] = .string(name)
    object["value"] = .number(value)
    object["unit"] = .string(unit)
    object["sqliteLimit"] = limit.map { .number($0) }
    object["ratio"] = ratio.map { .number($0) }
    return .object(object)
  }
}

/// Wall and processor time since it was made.
struct Stopwatch {
  private let wall = Stopwatch.seconds(CLOCK_MONOTONIC)
  private let processor = Stopwatch.seconds(CLOCK_PROCESS_CPUTIME_ID)

  var wallSeconds: Double { Stopwatch.seconds(CLOCK_MONOTONIC) - wall }
  var processorSeconds: Double { Stopwatch.seconds(CLOCK_PROCESS_CPUTIME_ID) - processor }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    let status = clock_gettime(clock, &time)
    precondition(status == 0, "this kernel lacks a clock that Linux has had since 2.6.12")
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
