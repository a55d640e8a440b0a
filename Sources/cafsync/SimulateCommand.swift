import Glibc
import Operations
import Simulation

/// `cafsync simulate`: what is simulated is told in `Simulation`.
enum SimulateCommand {
  static let command = Command(
    "simulate", "play invented districts full of faults, and check every promise at every step",
    discussion: """
      Each seed is one history of a hub and its agencies, in this process and in memory. The same \
      seed gives the same history. A failure is shown with its seed, its last events, and a \
      shorter history that fails alike.
      """,
    [
      .option("seed", "N", "The first seed.", standard: "1"),
      .option("steps", "M", "How many events a history has.", standard: "150"),
      .option("seeds", "K", "How many histories.", standard: "100"),
      .option(
        "every", "L", "Instead, every order of up to L events in a district of two devices."),
      .option("kinds", "N", "With --every: of the N most telling kinds of event only."),
      .option("jobs", "J", "How many at a time.", standard: "2"),
      .option("seconds", "S", "Begin no further history after so many seconds."),
      .option("failures", "F", "Stop after so many failures.", standard: "1"),
      .option(
        "commit", "ID", "What the program was built from, to be shown with a failure.",
        standard: "unknown"),
      .flag(
        "two-worlds",
        "Instead, pairs of histories that differ in what one agency may not know: it must be sent "
          + "the same bytes."),
      .flag("directed", "More of the rare histories, and small pages."),
      .flag("brief", "Look for no shorter history where one fails."),
      .json,
      .flag("trace", "Print a digest of all that happened in the first seed, and nothing else."),
    ]
  ) { invocation in
    let first = UInt64(try invocation.integer("seed", in: 0...Int.max) ?? 1)
    let steps = try invocation.integer("steps", in: 1...100_000) ?? 150
    if invocation.flag("trace") {
      let digest = try Campaign.traceDigest(seed: first, steps: steps)
      Terminal.print(digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
      return .success
    }
    let jobs = try invocation.integer("jobs", in: 1...64) ?? 2
    let shrinks = !invocation.flag("brief")
    let options: Campaign.Options
    if let length = try invocation.integer("every", in: 1...8) {
      let all = SmallScope.kindsMax
      let scope = SmallScope(
        length: length, kinds: try invocation.integer("kinds", in: 1...all) ?? all)
      options = Campaign.Options(
        .every(scope), firstSeed: 0, seeds: scope.count, jobs: jobs, shrinks: shrinks)
    } else {
      options = Campaign.Options(
        invocation.flag("two-worlds")
          ? .twoWorlds(steps: steps)
          : .random(steps: steps, isDirected: invocation.flag("directed")), firstSeed: first,
        seeds: try invocation.integer("seeds", in: 1...Int.max) ?? 100, jobs: jobs,
        shrinks: shrinks)
    }
    let seconds = try invocation.integer("seconds", in: 1...Int.max)
    let failuresMax = try invocation.integer("failures", in: 1...1_000) ?? 1
    let clock = SystemClock()
    let begun = clock.bootMilliseconds()
    let report = try Campaign.run(options) { report in
      let isOver = seconds.map { clock.bootMilliseconds() - begun > Int64($0) * 1_000 } ?? false
      return isOver || report.failures.count >= failuresMax
    } note: { report in
      if report.seedsRun % 500 == 0 {
        Log.standardError("\(report.seedsRun) seeds, \(report.failures.count) failures")
      }
    }
    let taken = clock.bootMilliseconds() - begun
    let commit = invocation.value("commit") ?? "unknown"
    if invocation.flag("json") {
      Terminal.print(json(report, options, commit: commit, milliseconds: taken).text())
    } else {
      show(report, commit: commit, seconds: Double(taken) / 1_000)
    }
    return report.failures.isEmpty ? .success : .failure
  }

  private static func show(_ report: Campaign.Report, commit: String, seconds: Double) {
    for failing in report.failures {
      Terminal.print("seed \(failing.seed) at commit \(commit): \(failing.failure)")
      Terminal.print("  the last events:")
      for event in failing.lastEvents { Terminal.print("    \(event)") }
      if !failing.history.isEmpty { Terminal.print("  a shorter history that fails alike:") }
      for event in failing.history { Terminal.print("    \(event)") }
      if let end = failing.shortFailure { Terminal.print("  which ends in: \(end)") }
    }
    let rate = Double(report.played) / max(seconds, 0.001)
    Terminal.print(
      "\(report.played) histories, \(report.tally.steps) steps, "
        + "\(report.tally.exchanges) exchanges, \(report.failures.count) failures "
        + "in \(Int(seconds)) s (\(Int(rate * 10)) in 10 s)")
    table("effective injections", report.tally.injections)
    table("rare branches", report.tally.marks)
    let missed = report.tally.marksMissed
    if !missed.isEmpty { Terminal.print("never reached: " + missed.joined(separator: ", ")) }
  }

  /// One line of a campaign's ledger.
  private static func json(
    _ report: Campaign.Report, _ options: Campaign.Options, commit: String, milliseconds: Int64
  ) -> JSON {
    let failures = report.failures.map { failing -> JSON in
      [
        "seed": .count(failing.seed), "invariant": .string(failing.failure.invariant),
        "detail": .string(failing.failure.detail),
      ]
    }
    return [
      "commit": .string(commit), "isDirected": .bool(options.isDirected),
      "firstSeed": .count(options.firstSeed),
      "nextSeed": .count(options.firstSeed + UInt64(report.seedsRun)),
      "played": .count(report.played), "steps": .count(report.tally.steps),
      "exchanges": .count(report.tally.exchanges), "milliseconds": .count(milliseconds),
      "failures": .array(failures), "injections": counts(report.tally.injections),
      "marks": counts(report.tally.marks),
    ]
  }

  private static func counts(_ counts: [String: Int]) -> JSON {
    var object = JSON.Object()
    for (name, count) in counts.sorted(by: { $0.key < $1.key }) { object[name] = .count(count) }
    return .object(object)
  }

  private static func table(_ title: String, _ counts: [String: Int]) {
    Terminal.print(
      Terminal.table(
        [title, "count"], counts.sorted { $0.key < $1.key }.map { [$0.key, "\($0.value)"] }))
  }
}
