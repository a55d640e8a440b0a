/// Rare things that meet: histories that chance alone makes too seldom.
extension EventGenerator {
  mutating func compound() {
    let one = device()
    let other = device()
    let save = SimulationEvent.write(
      device: one, compartment: any(), group: any(), form: .current, size: .short)
    var kinds = [0, 0, 1, 1]
    if hasHubRestores { kinds += [2, 3] }
    if hasHubRestores && hasCopies { kinds += [4, 5] }
    if isDirected, random.chance(percent: 25) { return secondLine() }
    if isDirected, random.chance(percent: 30) { return race(one, other) }
    if isDirected, random.chance(percent: 50) { return policyCompound(one, other, save) }
    if isDirected, random.chance(percent: 30) { return storm(one, other) }
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
      // Away until the lease is over, or twice over, with unsent work, which nobody may open.
      events += [save, .leave(device: one)]
      if random.chance(percent: 30) { events.append(.lockKeys(device: one)) }
      events += [
        .pass(milliseconds: World.day * UInt64(10 + random.below(60))), .comeBack(device: one),
      ]
      if random.chance(percent: 30) {
        events.append(.crash(device: one, afterCommits: random.below(6)))
      }
      events += [
        .exchange(device: one, fault: fault()), .crash(device: one, afterCommits: nil),
        .sync(device: one),
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

  private mutating func storm(_ one: Int, _ other: Int) {
    switch random.below(4) {
    case 0,
      1 where hasCopies:
      nameStorm(one, other)
    case 2: roleStorm(one, other)
    default: decisionStorm(one, other)
    }
  }

  /// The newest device, a clone if there is one: the pick is taken modulo the count.
  private var devicesNow: Int { shape.devices.count }

  func agency(of device: Int) -> Int { shape.devices[device % shape.devices.count] }

  // MARK: Decisions

  func decide(_ device: Int, _ kind: SimulationEvent.PolicyChoice) -> SimulationEvent {
    .policy(device: device, child: 0, kind: kind)
  }

  private mutating func share(hours: Int? = nil) -> SimulationEvent.PolicyChoice {
    .share(scope: 0, reach: any(), knowing: true, excluding: false, hours: hours)
  }

  private mutating func policyCompound(_ one: Int, _ other: Int, _ save: SimulationEvent) {
    switch random.below(hasCopies ? 15 : 14) {
    case 12: openForms(one, other)
    case 13: forgottenOrders(one, other)
    case 11:
      // Three registrations, joined in a row.
      events += [
        .begin(device: one, child: 2, category: 0), .begin(device: one, child: 1, category: 0),
        .policy(device: one, child: 2, kind: .keep(scope: 6, knowing: true, hours: nil)),
        .policy(device: one, child: 2, kind: share()), .sync(device: one),
        .policy(device: other, child: 1, kind: .alias(other: 2)), decide(other, .alias(other: 1)),
        .sync(device: other), .sync(device: one), decide(0, .withdraw(scope: 0, reach: any())),
        .sync(device: 0), .sync(device: one), .sync(device: other),
        random.chance(percent: 50) ? decide(other, .unalias) : decide(0, share()),
        .sync(device: other), .sync(device: 0),
      ]
    case 14:
      // Two copies take turns, and what both hold is withdrawn.
      events += [
        .sync(device: one), .clone(device: one), write(), .sync(device: other), save,
        .exchange(device: one, fault: fault()), .exchange(device: one, fault: .none),
        .exchange(device: devicesNow, fault: .none), write(),
        .exchange(device: devicesNow, fault: .none), .exchange(device: one, fault: .none),
        decide(other, .withdraw(scope: 0, reach: agency(of: one))), .sync(device: other),
        .exchange(device: one, fault: .none), .exchange(device: one, fault: .none),
        .exchange(device: devicesNow, fault: fault()),
      ]
    case 9:
      // A program that forgets something of what belongs together.
      let mistake = random.pick([SimulationEvent.Mistake.itemForgotten, .policyForgotten])
      let place = any()
      let blank = SimulationEvent.write(
        device: one, compartment: place, group: any(), form: .blank, size: .short)
      events += [
        .sync(device: one), decide(one, .withdraw(scope: 7, reach: any())), blank, blank, save,
        .exchange(device: one, fault: .mistake(mistake, pick: random.below(3))),
        .sync(device: other), .sync(device: one), .sync(device: other),
      ]
    case 10:
      // A program that claims to have seen what it has not.
      let place = any()
      events += [
        .sync(device: one), .sync(device: other), .sync(device: one),
        .write(device: other, compartment: place, group: 0, form: .current, size: .short),
        .sync(device: other),
        .write(device: one, compartment: place, group: 0, form: .current, size: .short),
        .exchange(device: one, fault: .mistake(.contextWidened, pick: 0)),
        .sync(device: other), .sync(device: one),
      ]
    case 0:
      // Written on, knowing of a withdrawal: set apart, and what follows it as well.
      events += [
        decide(one, .withdraw(scope: 0, reach: agency(of: one))), save, save,
        .exchange(device: one, fault: fault()), save, .sync(device: one), .sync(device: other),
      ]
    case 1:
      // Reported lost, with work in hand, and used on.
      events += [
        save, .reportLost(device: one), save, .exchange(device: one, fault: fault()),
        write(), .sync(device: one), .sync(device: other),
      ]
    case 2:
      // News for a device that cannot open its keys.
      events += [
        write(), .sync(device: other), .lockKeys(device: one),
        .exchange(device: one, fault: fault()), decide(other, .withdraw(scope: 0, reach: any())),
        .sync(device: other), .exchange(device: one, fault: .none),
        .crash(device: one, afterCommits: nil), .sync(device: one),
      ]
    case 3:
      // The hub's copy goes, and is given again.
      events += [
        save, .exchange(device: one, fault: fault()), decide(0, .withdrawKeeping(scope: 0)),
        .exchange(device: 0, fault: fault()), .exchange(device: other, fault: fault()),
        .sync(device: one), .sync(device: 0), .sync(device: 0),
        decide(0, .keep(scope: 0, knowing: true, hours: nil)), decide(0, share()),
        .sync(device: 0), .sync(device: one), .sync(device: other),
      ]
    case 4:
      // Consent that is prolonged before it runs out, and runs out in the end.
      let before = 1 + random.below(20)
      let hour: UInt64 = 3_600_000
      events += [
        decide(0, share(hours: before)), .sync(device: 0), .sync(device: one),
        decide(0, share(hours: before + 30)), .sync(device: 0),
        .pass(milliseconds: UInt64(before) * hour), .exchange(device: one, fault: fault()), save,
        .sync(device: one), .pass(milliseconds: 30 * hour), .sync(device: 0), .sync(device: one),
      ]
    case 5:
      // An answer about a child, and what ends it.
      events += [
        .fact(device: 0, child: 0, kind: .name, agency: 0), .sync(device: 0),
        .enquire(device: one, child: 0), .sync(device: one),
        random.chance(percent: 50)
          ? decide(0, .withdraw(scope: 2, reach: any()))
          : .pass(milliseconds: 40 * World.day),
        .sync(device: 0), .sync(device: one),
      ]
    case 6:
      // Two registrations of one child, joined and parted.
      events += [
        .begin(device: one, child: 1, category: 0),
        .policy(device: one, child: 1, kind: .keep(scope: 6, knowing: true, hours: nil)),
        .policy(device: one, child: 1, kind: share()), .sync(device: one),
        decide(other, .alias(other: 1)), .sync(device: other), .sync(device: one),
        decide(other, .withdraw(scope: 0, reach: any())), .sync(device: other),
        decide(other, .unalias), .sync(device: other), .sync(device: one), .sync(device: other),
      ]
    case 7:
      // A large state over a bad line, consent to which is withdrawn before its end.
      let long = SimulationEvent.write(
        device: 0, compartment: any(), group: any(), form: .current, size: .long)
      events += [
        long, long, .sync(device: 0), .page(device: one, bytes: 512), decide(0, share()),
        .exchange(device: 0, fault: .none), .exchange(device: one, fault: fault()),
        .exchange(device: one, fault: fault()), save,
        random.chance(percent: 50)
          ? decide(0, .withdraw(scope: 0, reach: any())) : .crash(device: one, afterCommits: nil),
        .exchange(device: 0, fault: .none), .exchange(device: one, fault: fault()),
        .sync(device: one),
      ]
    default:
      // Withdrawn, obeyed, and forgotten by a hub that was restored without its journal.
      events += [
        .sync(device: one), .hubBackup, decide(other, .withdraw(scope: 0, reach: any())),
        .sync(device: other), .sync(device: one), .sync(device: one),
      ]
      if hasHubRestores { events.append(restoreHub()) }
      events += [
        .exchange(device: one, fault: fault()), .sync(device: other), decide(other, share()),
        .sync(device: other), .sync(device: one),
      ]
    }
  }
}
