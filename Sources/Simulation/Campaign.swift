import Operations

/// Many histories on several threads.
package struct Campaign: Sendable {
  /// Which histories there are. Each has a number, its seed.
  package enum Histories: Sendable {
    case random(steps: Int, isDirected: Bool = false)
    case every(SmallScope)
    case twoWorlds(steps: Int)

    /// Nil: it would tell nothing that another one does not.
    func run(_ seed: UInt64) -> SimulationRun? {
      switch self {
      case .random(let steps, let isDirected):
        let generator = EventGenerator(seed: seed, steps: steps, isDirected: isDirected)
        return SimulationRun(seed: seed, shape: generator.shape, events: generator.events)
      case .twoWorlds(let steps): return EventGenerator.twoWorlds(seed: seed, steps: steps)
      case .every(let scope):
        return scope.history(Int(seed)).map {
          SimulationRun(seed: seed, shape: SmallScope.shape, events: $0)
        }
      }
    }
  }

  package struct Options: Sendable {
    package let histories: Histories
    package var isDirected: Bool {
      if case .random(_, let isDirected) = histories { isDirected } else { false }
    }
    package let firstSeed: UInt64
    package let seeds: Int
    package let jobs: Int
    /// A history that fails is played again and again until a shorter one is found.
    package let shrinks: Bool

    package init(
      _ histories: Histories, firstSeed: UInt64, seeds: Int, jobs: Int, shrinks: Bool = true
    ) {
      self.histories = histories
      self.firstSeed = firstSeed
      self.seeds = seeds
      self.jobs = jobs
      self.shrinks = shrinks
    }
  }

  /// One history that failed.
  package struct Failing: Sendable {
    package let seed: UInt64
    package let failure: SimulationFailure
    /// What the shorter history ends in.
    package let shortFailure: SimulationFailure?
    /// The last things that happened in the whole history.
    package let lastEvents: [String]
    /// The events of the shrunk one; none where it was not to be shrunk.
    package let history: [String]
  }

  package struct Report: Sendable {
    package var seedsRun = 0
    /// Without those that were left out.
    package var played = 0
    package var tally = Tally()
    package var failures: [Failing] = []
  }

  private struct Progress {
    var next = 0
    var report = Report()
    /// Why a thread could not begin. The others stop as well: a campaign that is short of seeds
    /// must not pass for one that found nothing.
    var error: (any Error)?
  }

  /// Runs until all seeds have run or `shouldStop` says so. `note` hears of each seed as it ends.
  ///
  /// Throws what kept a thread from beginning, a database that cannot be made for one.
  package static func run(
    _ options: Options, shouldStop: @escaping @Sendable (Report) -> Bool,
    note: @escaping @Sendable (Report) -> Void
  ) throws -> Report {
    try run(options, templates: { try World.Templates() }, shouldStop: shouldStop, note: note)
  }

  static func run(
    _ options: Options, templates: @escaping @Sendable () throws -> World.Templates,
    shouldStop: @escaping @Sendable (Report) -> Bool, note: @escaping @Sendable (Report) -> Void
  ) throws -> Report {
    let progress = Lock(Progress())
    let workers = (0..<options.jobs).map { WorkerThread(name: "seeds \($0)", capacity: 1) }
    for worker in workers {
      try worker.submit {
        do {
          work(options, progress, try templates(), shouldStop, note)
        } catch {
          progress.withLock { $0.error = $0.error ?? error }
        }
      }
    }
    for worker in workers { worker.stop() }
    return try progress.withLock { progress in
      if let error = progress.error { throw error }
      return progress.report
    }
  }

  private static func work(
    _ options: Options, _ progress: Lock<Progress>, _ templates: World.Templates,
    _ shouldStop: (Report) -> Bool, _ note: (Report) -> Void
  ) {
    while true {
      let next = progress.withLock { progress -> Int? in
        if progress.error != nil { return nil }
        if progress.next == options.seeds || shouldStop(progress.report) { return nil }
        defer { progress.next += 1 }
        return progress.next
      }
      guard let next else { return }
      let seed = options.firstSeed &+ UInt64(next)
      let run = options.histories.run(seed)
      let (tally, failing) = run.map { play($0, shrinks: options.shrinks, templates) } ?? (nil, nil)
      progress.withLock { progress in
        progress.report.seedsRun += 1
        if let tally {
          progress.report.played += 1
          progress.report.tally.add(tally)
        }
        if let failing { progress.report.failures.append(failing) }
        note(progress.report)
      }
    }
  }

  private static func play(
    _ run: SimulationRun, shrinks: Bool, _ templates: World.Templates
  ) -> (Tally?, Failing?) {
    let result = run.play(templates)
    guard let failure = result.failure else { return (result.tally, nil) }
    let again = run.play(templates, keepsTrace: true)
    guard again.failure == failure else {
      let other = again.failure.map { "\($0)" } ?? "nothing"
      let unsteady = SimulationFailure("a seed replays", "first \(failure), then \(other)")
      return (
        result.tally,
        Failing(
          seed: run.seed, failure: unsteady, shortFailure: nil,
          lastEvents: again.trace.lines.suffix(40).map(plain), history: [])
      )
    }
    var short: SimulationRun.Result?
    if shrinks {
      let shrunk = Shrinker(run: run, failure: failure, templates: templates)
        .shrink(until: result.failedAt)
      short = run.with(shrunk).play(templates, keepsTrace: true)
    }
    return (
      result.tally,
      Failing(
        seed: run.seed, failure: failure, shortFailure: short?.failure,
        lastEvents: again.trace.lines.suffix(40).map(plain),
        history: (short?.trace.lines ?? []).map(plain))
    )
  }

  /// An event without the names of its types.
  private static func plain(_ event: String) -> String { event.replacing(/[A-Z]\w*\./, with: "") }

  /// The digest of everything that happened in one history: equal for equal seed and program.
  package static func traceDigest(seed: UInt64, steps: Int) throws -> [UInt8] {
    let generator = EventGenerator(seed: seed, steps: steps)
    return SimulationRun(seed: seed, shape: generator.shape, events: generator.events)
      .play(try World.Templates(), keepsTrace: true).trace.digest
  }
}
