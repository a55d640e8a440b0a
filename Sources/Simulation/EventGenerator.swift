/// A history from a seed. What comes of an event is not known here.
struct EventGenerator {
  private var random: SimulationRandom
  let shape: SimulationRun.Shape
  /// What may happen at all in this history: a fault that is everywhere hides the others (swarm
  /// testing, Groce et al. 2012).
  private let hasCopies: Bool
  private let hasCrashes: Bool
  private let hasHubRestores: Bool
  private let losesJournals: Bool
  private let hasErasure: Bool
  private(set) var events: [SimulationEvent] = []

  init(seed: UInt64, steps: Int) {
    random = SimulationRandom(seed: seed)
    hasCopies = random.chance(percent: 50)
    hasCrashes = random.chance(percent: 70)
    hasHubRestores = random.chance(percent: 40)
    losesJournals = random.chance(percent: 25)
    hasErasure = random.chance(percent: 30)
    let agencies = 3 + random.below(3)
    let devices =
      (0..<agencies).map { $0 } + (random.chance(percent: 70) ? [0] : [])
      + (random.chance(percent: 40) ? [1] : [])
    shape = SimulationRun.Shape(agencies: agencies, devices: devices)
    begin()
    while events.count < steps {
      if random.chance(percent: 8) { compound() } else { events.append(single()) }
    }
    events = Array(events.prefix(steps))
  }

  private mutating func device() -> Int { random.below(8) }
  private mutating func child() -> Int { random.chance(percent: 75) ? 0 : random.below(3) }
  private mutating func any() -> Int { random.below(1_000) }
  private mutating func hours() -> Int? { random.chance(percent: 30) ? 1 + random.below(72) : nil }

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

  private mutating func fault() -> SimulationEvent.LineFault {
    random.weighted([
      (60, .none), (4, .requestLost), (8, .replyLost), (2, .requestCut(random.below(1_000))),
      (4, .replyCut(random.below(1_000))),
      (5, .requestTwice(firstAnswers: random.chance(percent: 50))), (4, .requestLate),
      (5, .replyLate), (4, .deviceDies), (3, .hubDies),
    ])
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

  private mutating func write() -> SimulationEvent {
    .write(
      device: device(), compartment: any(), group: random.below(6), form: form(),
      size: random.chance(percent: 10) ? .long : .short)
  }

  private mutating func fact() -> SimulationEvent {
    .fact(
      device: device(), child: child(), kind: random.pick(SimulationEvent.Fact.allCases),
      agency: any())
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

  private mutating func restoreHub() -> SimulationEvent {
    .hubRestore(journalKept: !losesJournals || random.chance(percent: 50))
  }

  // MARK: Compounds

  /// Rare things that meet.
  private mutating func compound() {
    let one = device()
    let other = device()
    let save = SimulationEvent.write(
      device: one, compartment: any(), group: any(), form: .current, size: .short)
    var kinds = [0, 0, 1, 1]
    if hasHubRestores { kinds += [2, 3] }
    if hasHubRestores && hasCopies { kinds += [4, 5] }
    switch random.pick(kinds) {
    case 0:
      // Withdrawn, granted again, run out, while a push is on its way.
      events += [
        save, .policy(device: other, child: 0, kind: .withdraw(scope: 0, reach: any())),
        .exchange(device: other, fault: .none),
        .exchange(device: one, fault: random.pick([.replyLost, .requestLate, .hubDies, .none])),
        .policy(
          device: other, child: 0,
          kind: .share(scope: 0, reach: any(), knowing: true, excluding: false, hours: hours())),
        .exchange(device: other, fault: fault()), .exchange(device: one, fault: fault()),
        .late(message: any()),
      ]
    case 1 where random.chance(percent: 50):
      // Away until the lease is over, with unsent work.
      events += [
        save, .leave(device: one), .pass(milliseconds: World.day * UInt64(10 + random.below(25))),
        .comeBack(device: one), .exchange(device: one, fault: fault()), .sync(device: one),
      ]
    case 1:
      // Two devices of one agency, and a form that has been open for long.
      events += [
        .openForm(device: one, compartment: 0), .sync(device: other),
        .write(device: other, compartment: 0, group: 0, form: .current, size: .short),
        .sync(device: other), .exchange(device: one, fault: .none),
        .write(device: one, compartment: 0, group: 0, form: .opened, size: .short),
        .exchange(device: one, fault: fault()),
      ]
    case 2:
      // A purge by whoever holds the last copy.
      events += [
        .hubBackup, save, .sync(device: one), .sync(device: other),
        .policy(device: 0, child: 0, kind: .withdraw(scope: 0, reach: any())), restoreHub(),
        .sync(device: 0), .exchange(device: other, fault: fault()),
        .exchange(device: one, fault: fault()),
      ]
    case 3:
      // A crash in the middle of a recovery.
      events += [
        .hubBackup, write(), .sync(device: one), restoreHub(),
        .exchange(device: one, fault: fault()),
        random.chance(percent: 50)
          ? .hubCrash(afterCommits: nil) : .crash(device: one, afterCommits: nil),
        .exchange(device: one, fault: fault()), .exchange(device: other, fault: .none),
      ]
    case 4:
      // A copy of a device, then an older hub.
      events += [
        .hubBackup, .clone(device: one), write(), save, .sync(device: one), restoreHub(), write(),
        .sync(device: devicesNow), .sync(device: other),
      ]
    default:
      // A device restored while a hub is.
      events += [
        .keepCopy(device: one), .hubBackup, save, .sync(device: one), .restore(device: one),
        restoreHub(), save, .exchange(device: one, fault: fault()), .sync(device: other),
      ]
    }
  }

  /// The newest device, a clone if there is one: the pick is taken modulo the count.
  private var devicesNow: Int { shape.devices.count }
}
