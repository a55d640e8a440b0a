/// A history from a seed. What comes of an event is not known here.
struct EventGenerator {
  var random: SimulationRandom
  let shape: SimulationRun.Shape
  /// What may happen at all in this history: a fault that is everywhere hides the others (swarm
  /// testing, Groce et al. 2012).
  let hasCopies: Bool
  private let hasCrashes: Bool
  let hasHubRestores: Bool
  private let losesJournals: Bool
  private let hasErasure: Bool
  /// With the rare histories that chance alone makes too seldom: see `policyCompound`.
  let isDirected: Bool
  var events: [SimulationEvent] = []

  init(seed: UInt64, steps: Int, isDirected: Bool = false) {
    self.isDirected = isDirected
    random = SimulationRandom(seed: seed)
    hasCopies = random.chance(percent: 50)
    hasCrashes = random.chance(percent: 70)
    hasHubRestores = random.chance(percent: isDirected ? 55 : 40)
    losesJournals = random.chance(percent: isDirected ? 45 : 25)
    hasErasure = random.chance(percent: 30)
    let agencies = 3 + random.below(3)
    let devices =
      (0..<agencies).map { $0 } + (random.chance(percent: 70) ? [0] : [])
      + (random.chance(percent: 40) ? [1] : [])
    shape = SimulationRun.Shape(agencies: agencies, devices: devices)
    begin()
    if isDirected, random.chance(percent: 40) {
      opening()
      // What comes afterwards mends some of what is wrong by then.
      if random.chance(percent: 40) { while events.count < steps { events.append(idle()) } }
    }
    while events.count < steps {
      if random.chance(percent: isDirected ? 16 : 8) { compound() } else { events.append(single()) }
    }
    events = Array(events.prefix(steps))
  }

  mutating func device() -> Int { random.below(8) }
  private mutating func child() -> Int { random.chance(percent: 75) ? 0 : random.below(3) }
  mutating func any() -> Int { random.below(1_000) }
  mutating func hours() -> Int? { random.chance(percent: 30) ? 1 + random.below(72) : nil }

  /// A shared child, so that there is something to lose.
  private mutating func begin() {
    events = [
      .begin(device: 0, child: 0, category: 1),
      .policy(device: 0, child: 0, kind: .keep(scope: 6, knowing: true, hours: nil)),
      .begin(device: 0, child: 0, category: 0),
      .policy(
        device: 0, child: 0,
        kind: .share(scope: 0, reach: shape.agencies, knowing: true, excluding: false, hours: nil)),
      .exchange(device: 0, fault: .none),
    ]
    for device in 0..<shape.devices.count where random.chance(percent: 80) {
      events.append(.sync(device: device))
    }
  }

  mutating func fault() -> SimulationEvent.LineFault {
    random.weighted([
      (60, .none), (4, .requestLost), (8, .replyLost), (2, .requestCut(random.below(1_000))),
      (4, .replyCut(random.below(1_000))),
      (5, .requestTwice(firstAnswers: random.chance(percent: 50))), (4, .requestLate),
      (5, .replyLate), (4, .deviceDies), (3, .hubDies),
      (isDirected ? 3 : 0, .requestMangled(dropped: isDirected ? random.below(8) : 0)),
      (isDirected ? 6 : 0, isDirected ? mistake() : .none),
    ])
  }

  private mutating func mistake() -> SimulationEvent.LineFault {
    .mistake(
      random.pick([.itemForgotten, .policyForgotten, .contextWidened]), pick: random.below(8))
  }

  private mutating func policy() -> SimulationEvent.PolicyChoice {
    let knowing = random.chance(percent: 60)
    return random.weighted([
      (4, .keep(scope: any(), knowing: knowing, hours: hours())),
      (
        8,
        .share(
          scope: any(), reach: any(), knowing: knowing, excluding: random.chance(percent: 10),
          hours: hours())
      ),
      (7, .withdraw(scope: any(), reach: any())), (2, .withdrawKeeping(scope: any())),
      (1, .refuse(scope: any(), reach: any())),
      (2, .override(scope: any(), reach: any(), hours: 1 + random.below(48))),
      (1, .shield(reach: any())), (1, .unshield), (1, .alias(other: any())), (1, .unalias),
      (hasErasure ? 1 : 0, .erase),
    ])
  }

  private mutating func form() -> SimulationEvent.Form {
    random.weighted([(6, .current), (3, .opened), (1, .blank)])
  }

  mutating func write() -> SimulationEvent {
    .write(
      device: device(), compartment: any(), group: random.below(6), form: form(),
      size: random.chance(percent: 10) ? .long : .short)
  }

  private mutating func fact() -> SimulationEvent {
    .fact(
      device: device(), child: child(), kind: random.pick(SimulationEvent.Fact.allCases),
      agency: any())
  }

  private mutating func idle() -> SimulationEvent {
    .pass(milliseconds: UInt64(random.below(60_000)))
  }

  private mutating func single() -> SimulationEvent {
    switch random.below(100) {
    case 0..<24: write()
    case 24..<27: .openForm(device: device(), compartment: any())
    case 27..<31: .begin(device: device(), child: child(), category: any())
    case 31..<36: fact()
    case 36: .enquire(device: device(), child: child())
    case 37..<44: .policy(device: device(), child: child(), kind: policy())
    case 44..<74: .exchange(device: device(), fault: fault())
    case 74..<77:
      .batch(first: device(), count: 2 + random.below(3), crash: random.chance(percent: 15))
    case 77..<80: .sync(device: device())
    case 80..<83: .late(message: any())
    case 83..<88: .pass(milliseconds: UInt64(random.below(7_200_000)))
    case 88: .pass(milliseconds: UInt64(random.below(6)) * World.day)
    default: machine()
    }
  }

  private mutating func page() -> SimulationEvent {
    .page(device: device(), bytes: random.pick([512, 1_024, 4_096, 1 << 16]))
  }

  private mutating func machine() -> SimulationEvent {
    let crashes = hasCrashes ? 1 : 0
    let copies = hasCopies ? 1 : 0
    return random.weighted([
      (3 * crashes, .crash(device: device(), afterCommits: nil)),
      (6 * crashes, .crash(device: device(), afterCommits: random.below(4))),
      (1, .lockKeys(device: device())), (2 * copies, .clone(device: device())),
      (3 * copies, .keepCopy(device: device())), (3 * copies, .restore(device: device())),
      (1, .leave(device: device())), (2, .comeBack(device: device())),
      (
        1,
        .cut(
          device: device(), requests: random.chance(percent: 50),
          replies: random.chance(percent: 50))
      ), (2, .cut(device: device(), requests: false, replies: false)),
      (isDirected ? 3 : 0, isDirected ? page() : .pass(milliseconds: 0)),
      (1, .clock(device: device(), milliseconds: Int64(random.below(40) - 20) * 43_200_000)),
      (random.chance(percent: 20) ? 1 : 0, .reportLost(device: device())),
      (2 * crashes, .hubCrash(afterCommits: nil)),
      (3 * crashes, .hubCrash(afterCommits: random.below(3))),
      (2, .hubBackup), (hasHubRestores ? 1 : 0, restoreHub()),
      (1, .agreement(agency: any(), isLocked: true)),
      (1, .agreement(agency: any(), isLocked: false)),
      (hasErasure && random.chance(percent: 50) ? 1 : 0, .operatorErase(child: child())),
    ])
  }

  mutating func restoreHub() -> SimulationEvent {
    .hubRestore(journalKept: !losesJournals || random.chance(percent: 50))
  }
}
