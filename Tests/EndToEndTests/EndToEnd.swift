import Foundation
import SampleDistrict
import Testing

/// `make soak` runs the full counts, `make test` a tenth of them.
let soaks = ProcessInfo.processInfo.environment["CAFSYNC_SOAK"] == "1"

/// All end-to-end suites, one test after another: they share the machine's two cores with daemons.
@Suite("End to end, on real processes", .serialized)
enum EndToEnd {}

/// Runs with a seed of its own, or with that of the environment's `CAFSYNC_SEED`. What goes wrong
/// is recorded with the seed.
func seeded(_ body: (inout SeededGenerator, _ seed: UInt64) throws -> Void) {
  let given = ProcessInfo.processInfo.environment["CAFSYNC_SEED"].flatMap { UInt64($0) }
  let seed = given ?? .random(in: 0...UInt64.max)
  var random = SeededGenerator(seed: seed)
  do {
    try body(&random, seed)
  } catch {
    Issue.record("CAFSYNC_SEED=\(seed): \(error)")
  }
}
