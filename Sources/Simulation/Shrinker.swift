/// Makes a failing history short: delta debugging (Zeller and Hildebrandt 2002) over its events.
struct Shrinker {
  let run: SimulationRun
  let failure: SimulationFailure
  let templates: World.Templates
  /// Histories played at most.
  static let attemptsMax = 300

  /// A part of the history that fails by the same invariant.
  func shrink(until failedAt: Int) -> [SimulationEvent] {
    var attempts = 0
    func fails(_ events: [SimulationEvent]) -> Bool {
      attempts += 1
      return run.with(events).play(templates).failure?.invariant == failure.invariant
    }
    var events = Array(run.events.prefix(failedAt + 1))
    if !fails(events) { events = run.events }
    var size = max(events.count / 2, 1)
    while attempts < Self.attemptsMax {
      var start = 0
      var hasShrunk = false
      while start < events.count, attempts < Self.attemptsMax {
        var part = events
        part.removeSubrange(start..<min(start + size, events.count))
        if fails(part) {
          events = part
          hasShrunk = true
        } else {
          start += size
        }
      }
      if size == 1 && !hasShrunk { break }
      size = max(size / 2, 1)
    }
    return events
  }
}
