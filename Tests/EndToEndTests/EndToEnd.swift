import Foundation
import SampleDistrict
import Testing

/// `make soak` runs the full counts, `make test` a tenth of them.
let soaks = ProcessInfo.processInfo.environment["CAFSYNC_SOAK"] == "1"

/// All end-to-end suites, one test after another: they share the machine's two cores with daemons.
@Suite("End to end, on real processes", .serialized)
enum EndToEnd {}

/// What a test waits for in vain.
struct Overdue: Error, CustomStringConvertible {
  let description: String
}

/// Asks again every few milliseconds until there is an answer; throws when the deadline has passed.
/// It is generous: nothing that works comes near it on a loaded machine.
func awaited<Answer>(
  _ what: String, seconds: Double = 60, _ answer: () throws -> Answer?
) throws -> Answer {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while true {
    if let found = try answer() { return found }
    if ContinuousClock.now > deadline {
      throw Overdue(description: "Waited \(seconds) s in vain for \(what).")
    }
    poll(nil, 0, 5)
  }
}

/// Returns when it is so.
func awaited(_ what: String, until isSo: () throws -> Bool) throws {
  _ = try awaited(what) { try isSo() ? true : nil }
}

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
