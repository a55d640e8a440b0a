/// One history, played from its beginning to rest.
package struct SimulationRun {
  /// How many agencies, and which of them each device belongs to.
  struct Shape: Hashable, Sendable {
    let agencies: Int
    let devices: [Int]
  }

  package let seed: UInt64
  let shape: Shape
  let events: [SimulationEvent]
  /// The agency whose replies are compared where this is the history of two worlds.
  let observer: Int?

  struct Result {
    var failure: SimulationFailure?
    /// The event at which it failed; the count of events if at rest.
    var failedAt = 0
    var tally = Tally()
    var trace = Trace()
  }

  init(seed: UInt64, shape: Shape, events: [SimulationEvent], observer: Int? = nil) {
    self.seed = seed
    self.shape = shape
    self.events = events
    self.observer = observer
  }

  func with(_ events: [SimulationEvent]) -> SimulationRun {
    SimulationRun(seed: seed, shape: shape, events: events, observer: observer)
  }

  /// `keepsTrace`: what happens is written down, for a person to read or to be compared.
  func play(_ templates: World.Templates, keepsTrace: Bool = false) -> Result {
    var result = Result()
    do {
      if let observer {
        try TwoWorlds(run: self, observer: observer, templates: templates)
          .play(keepsTrace: keepsTrace, into: &result)
      } else {
        try playToRest(templates, keepsTrace: keepsTrace, into: &result)
      }
    } catch let failure as SimulationFailure {
      result.failure = failure
    } catch {
      // Whatever the program throws that no fault explains.
      result.failure = SimulationFailure("no error without a cause", "\(error)")
    }
    return result
  }

  private func playToRest(
    _ templates: World.Templates, keepsTrace: Bool, into result: inout Result
  ) throws {
    let world = try World(
      seed: seed, agencyCount: shape.agencies, deviceAgencies: shape.devices,
      templates: templates)
    world.trace.isKept = keepsTrace
    defer {
      templates.takeBack(world)
      result.tally = world.tally
      result.trace = world.trace
    }
    for event in events {
      try world.play(event)
      result.failedAt += 1
    }
    try world.heal()
    try world.checkRest()
  }
}
