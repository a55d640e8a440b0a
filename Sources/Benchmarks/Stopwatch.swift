import Glibc

/// Wall and processor time since it was made, the processor's of all threads of this process.
package struct Stopwatch {
  private let wall = Stopwatch.seconds(CLOCK_MONOTONIC)
  private let processor = Stopwatch.seconds(CLOCK_PROCESS_CPUTIME_ID)

  package init() {}

  package var wallSeconds: Double { Stopwatch.seconds(CLOCK_MONOTONIC) - wall }
  var processorSeconds: Double { Stopwatch.seconds(CLOCK_PROCESS_CPUTIME_ID) - processor }
  var cost: Cost { Cost(wallSeconds: wallSeconds, processorSeconds: processorSeconds) }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    let status = clock_gettime(clock, &time)
    precondition(status == 0, "this kernel lacks a clock that Linux has had since 2.6.12")
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// What something took.
struct Cost {
  var wallSeconds: Double
  var processorSeconds: Double

  static func + (left: Cost, right: Cost) -> Cost {
    Cost(
      wallSeconds: left.wallSeconds + right.wallSeconds,
      processorSeconds: left.processorSeconds + right.processorSeconds)
  }
}

/// A step as it came out in each round, beside the limit of the same round.
struct MeasuredRounds {
  private var costs: [Cost] = []
  private var limits: [Cost] = []

  mutating func add(_ cost: Cost, limit: Cost) {
    costs.append(cost)
    limits.append(limit)
  }

  var wallSeconds: [Double] { costs.map(\.wallSeconds) }
  var limitSeconds: [Double] { limits.map(\.wallSeconds) }

  /// Wall and processor time. The second is what a busy machine falsifies least.
  func figures(_ workload: String, _ name: String) -> [Figure] {
    [
      Figure(workload, name, wallSeconds, "s", limits: limitSeconds),
      Figure(
        workload, name + ": processor", costs.map(\.processorSeconds), "s",
        limits: limits.map(\.processorSeconds)),
    ]
  }
}
