import CaseRecords
import Causality
import SyncEngine
import SyncProtocol

/// Noninterference (Goguen and Meseguer 1982): what an agency may not know has no effect on what it
/// is sent.
///
/// A history is played twice. The second time more happens that one agency, the observed one, must
/// not learn of: others work with a child that is no concern of its (the events marked `hidden`),
/// and write other words into compartments that it has never held. Every reply to its devices must
/// be the same, byte for byte. So nothing else may differ between the worlds: each event begins at
/// a moment and with a randomness of its own, whatever has happened before.
struct TwoWorlds {
  /// What is noted of a world in which one agency is observed.
  struct Observation {
    let agency: Int
    /// Compartments in which the words are others than in the first world.
    let altered: Set<CompartmentID>
    var isHidden = false
    var replies: [[UInt8]] = []
  }

  /// Between events, so that what is hidden finds room there: nobody's clock tells of it.
  private static let stepMilliseconds: UInt64 = 1_000
  private static let hiddenMilliseconds: UInt64 = 10
  /// Large enough for everything: what is hidden is not to push anything into a later page.
  private static let pageBytes = 1 << 20

  let run: SimulationRun
  let observer: Int
  let templates: World.Templates

  func play(keepsTrace: Bool, into result: inout SimulationRun.Result) throws {
    let visible = run.events.filter { !$0.isHidden }
    let first = try play(visible, altered: [], keepsTrace: false, &result)
    let altered = try first.neverHeldByObserver()
    let second = try play(run.events, altered: altered, keepsTrace: keepsTrace, &result)
    result.tally.mark("two worlds were compared")
    if !altered.isEmpty { result.tally.mark("other words in one of two worlds") }
    let replies = [first, second].map { $0.observation?.replies ?? [] }
    guard replies[0] != replies[1] else { return }
    let place = zip(replies[0], replies[1]).prefix { $0 == $1 }.count
    let told = try replies.map { list in
      try list.dropFirst(place).first.map {
        try "\($0.count) bytes \(first.brief(ExchangeReply(encoded: $0)))"
      } ?? "nothing"
    }
    throw SimulationFailure(
      "what an agency may not know changes nothing that it is sent",
      "reply \(place) to agency \(observer) is \(told[0]) in one world, \(told[1]) in the other")
  }

  private func play(
    _ events: [SimulationEvent], altered: Set<CompartmentID>, keepsTrace: Bool,
    _ result: inout SimulationRun.Result
  ) throws -> World {
    let world = try World(
      seed: run.seed, agencyCount: run.shape.agencies, deviceAgencies: run.shape.devices,
      templates: templates)
    world.trace.isKept = keepsTrace
    world.observation = Observation(agency: observer, altered: altered)
    for device in world.devices { device.pageBytes = Self.pageBytes }
    defer {
      result.tally.add(world.tally)
      result.trace = world.trace
    }
    var moment = world.now
    var (step, hidden) = (UInt64(0), UInt64(0))
    result.failedAt = 0
    for event in events {
      if event.isHidden {
        hidden += 1
        world.now = moment + hidden * Self.hiddenMilliseconds
      } else {
        step += 1
        hidden = 0
        world.now = moment + Self.stepMilliseconds
      }
      world.draw(from: run.seed &+ step << 20 &+ hidden)
      world.observation?.isHidden = event.isHidden
      try world.play(event)
      // How many round trips something takes depends on all that there is to carry.
      for device in event.exchanging.map(world.device) {
        try world.sync(device)
        try world.exchange(device, .none)
      }
      if !event.isHidden { moment = world.now }
      result.failedAt += 1
    }
    return world
  }
}

extension World {
  /// Whatever is drawn from now on, at any place, depends on nothing that was drawn before.
  fileprivate func draw(from seed: UInt64) {
    random = SimulationRandom(seed: seed)
    hub.engine.random = SimulationRandom(seed: random.next())
    for device in devices { device.engine.random = SimulationRandom(seed: random.next()) }
  }

  fileprivate func neverHeldByObserver() throws -> Set<CompartmentID> {
    guard let observation else { return [] }
    var never = Set(
      compartments.values.filter { $0.custodian != agencies[observation.agency] }.map(\.id))
    for reply in observation.replies {
      guard case .answer(let answer) = try ExchangeReply(encoded: reply) else { continue }
      never.subtract(answer.page.items.map(\.compartment))
    }
    return never
  }

  /// May the event that is being played look at, or write to, what is about this child?
  func concerns(_ compartment: Compartment) -> Bool {
    guard let observation else { return true }
    return (compartment.child == children[EventGenerator.hiddenChild]) == observation.isHidden
      || (observation.isHidden && observation.altered.contains(compartment.id))
  }
}

extension EventGenerator {
  /// The child that only hidden events are about.
  static let hiddenChild = 2

  /// A history for two worlds. Left out is what would make the worlds part for other reasons: what
  /// counts commits, a restored hub, which waits for whoever may know more, and what makes a device
  /// start over, copies, lost replies and repeated requests: it names all its unsent work anew.
  static func twoWorlds(seed: UInt64, steps: Int) -> SimulationRun {
    let generator = EventGenerator(seed: seed, steps: steps)
    var random = SimulationRandom(seed: seed ^ 0x2D0B_5E17)
    let observer = random.below(generator.shape.agencies)
    var events: [SimulationEvent] = []
    for event in generator.events.compactMap(\.ofTwoWorlds) {
      events.append(event)
      while random.chance(percent: 30) {
        if let event = hidden(from: observer, in: generator.shape, &random) {
          events.append(.hidden(event))
        }
      }
    }
    return SimulationRun(
      seed: seed, shape: generator.shape, events: events, observer: observer)
  }

  private static func hidden(
    from observer: Int, in shape: SimulationRun.Shape, _ random: inout SimulationRandom
  ) -> SimulationEvent? {
    let devices = shape.devices.indices.filter { shape.devices[$0] != observer }
    let agencies = (0..<shape.agencies).filter { $0 != observer }
    if devices.isEmpty { return nil }
    let (device, agency) = (random.pick(devices), random.pick(agencies))
    let (scope, knowing) = (random.below(1_000), random.chance(percent: 50))
    let choice: SimulationEvent.PolicyChoice = random.weighted([
      (4, .keep(scope: scope, knowing: knowing, hours: nil)),
      (6, .share(scope: scope, reach: agency, knowing: knowing, excluding: false, hours: nil)),
      (3, .withdraw(scope: scope, reach: agency)), (2, .withdrawKeeping(scope: scope)),
      (1, .refuse(scope: scope, reach: agency)),
      (2, .override(scope: scope, reach: agency, hours: 1 + random.below(48))),
      (1, .shield(reach: agency)), (1, .unshield), (1, .erase),
    ])
    return random.weighted([
      (8, .write(device: device, compartment: scope, group: scope, form: .current, size: .long)),
      (3, .begin(device: device, child: hiddenChild, category: scope)),
      (
        3,
        .fact(
          device: device, child: hiddenChild, kind: random.pick(SimulationEvent.Fact.allCases),
          agency: agency)
      ),
      (1, .enquire(device: device, child: hiddenChild)),
      (5, .policy(device: device, child: hiddenChild, kind: choice)),
    ])
  }
}

extension SimulationEvent {
  fileprivate var isHidden: Bool { if case .hidden = self { true } else { false } }

  fileprivate var exchanging: [Int] {
    switch self {
    case .exchange(let device, _): [device]
    case .batch(let first, let count, _): Array(first..<first + count)
    default: []
    }
  }

  /// The same about the other children; nil: it has no place in two worlds.
  fileprivate var ofTwoWorlds: SimulationEvent? {
    func seen(_ child: Int) -> Int { child % EventGenerator.hiddenChild }
    switch self {
    case .write, .openForm, .pass, .lockKeys, .agreement: return self
    case .batch(let first, let count, _): return .batch(first: first, count: count, crash: false)
    case .crash(_, nil), .hubCrash(nil): return self
    case .begin(let device, let child, let category):
      return .begin(device: device, child: seen(child), category: category)
    case .fact(let device, let child, let kind, let agency):
      return .fact(device: device, child: seen(child), kind: kind, agency: agency)
    case .enquire(let device, let child): return .enquire(device: device, child: seen(child))
    case .policy(let device, let child, .alias(let other)):
      return .policy(device: device, child: seen(child), kind: .alias(other: seen(other)))
    case .policy(let device, let child, let kind):
      return .policy(device: device, child: seen(child), kind: kind)
    case .operatorErase(let child): return .operatorErase(child: seen(child))
    case .sync(let device): return .exchange(device: device, fault: .none)
    case .exchange(_, .none), .exchange(_, .requestLost): return self
    case .exchange(let device, _): return .exchange(device: device, fault: .none)
    default: return nil
    }
  }
}
