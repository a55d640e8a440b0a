/// Many decisions, or many copies, on one spot: what decides between them is met in most orders.
extension EventGenerator {
  /// Every part of one child's record, and decisions of all kinds about all of them: shields and
  /// their lifting, overrides, exclusions, agreements that end and are signed again.
  mutating func decisionStorm(_ one: Int, _ other: Int) {
    events += (0..<6).map { .begin(device: one, child: 0, category: $0) }
    events += [
      .policy(device: one, child: 0, kind: .keep(scope: 6, knowing: true, hours: nil)),
      .policy(device: one, child: 0, kind: .keep(scope: 5, knowing: true, hours: nil)),
      .sync(device: one), .sync(device: other),
    ]
    for _ in 0..<6 {
      events += [
        decision(random.chance(percent: 60) ? one : other), .exchange(device: one, fault: fault()),
      ]
      events.append(.exchange(device: other, fault: .none))
    }
  }

  /// Who has a part in the case, said by several at once, of themselves among others; while consent
  /// opens the index alone.
  mutating func roleStorm(_ one: Int, _ other: Int) {
    events += (0..<6).map { .begin(device: one, child: 0, category: $0) }
    let index = SimulationEvent.PolicyChoice.share(
      scope: 2, reach: shape.agencies, knowing: true, excluding: false, hours: nil)
    events += [
      .policy(device: one, child: 0, kind: .keep(scope: 6, knowing: true, hours: nil)),
      .policy(device: one, child: 0, kind: index), .sync(device: one), .sync(device: other),
    ]
    for _ in 0..<3 {
      let kind = random.pick([SimulationEvent.Fact.lead, .lead, .owner, .member, .involved])
      let named = random.pick([agency(of: other), agency(of: other), random.below(1_000)])
      // Said anew by both, neither knowing of the other.
      events += [
        .fact(device: other, child: 0, kind: kind, agency: named),
        .fact(device: one, child: 0, kind: kind, agency: named + shape.agencies),
        .exchange(device: random.pick([one, other]), fault: fault()), .sync(device: one),
        .sync(device: other),
      ]
    }
  }

  private mutating func decision(_ device: Int) -> SimulationEvent {
    // Of all parts, of the whereabouts, of what is sensitive, of health.
    let scope = random.pick([6, 6, 4, 5, 3])
    let everyone = shape.agencies
    let kind: SimulationEvent.PolicyChoice = random.weighted([
      (
        4,
        .share(
          scope: scope, reach: random.chance(percent: 50) ? everyone : random.below(1_000),
          knowing: random.chance(percent: 70), excluding: random.chance(percent: 40), hours: hours()
        )
      ),
      (2, .keep(scope: scope, knowing: true, hours: hours())),
      (2, .withdraw(scope: scope, reach: random.below(1_000))), (1, .withdrawKeeping(scope: scope)),
      (3, .override(scope: scope, reach: random.below(1_000), hours: 1 + random.below(48))),
      (3, .shield(reach: random.below(1_000))), (3, .unshield),
    ])
    switch random.below(8) {
    case 0: return .agreement(agency: random.below(shape.agencies), isLocked: true)
    case 1: return .agreement(agency: random.below(shape.agencies), isLocked: false)
    case 2: return .pass(milliseconds: UInt64(random.below(30)) * 3_600_000)
    default: return .policy(device: device, child: 0, kind: kind)
    }
  }

  /// A copy hears a reply in the original's place and goes on; what the original says again comes
  /// under a new name, once or twice over.
  mutating func nameStorm(_ one: Int, _ other: Int) {
    let copy = shape.devices.count
    let place = random.below(1_000)
    func words(_ device: Int) -> SimulationEvent {
      .write(device: device, compartment: place, group: 0, form: .current, size: .short)
    }
    events += [.sync(device: one), .sync(device: other), words(one)]
    for _ in 0..<1 + random.below(2) {
      if random.chance(percent: 50) {
        events += [.clone(device: one), words(copy)]
      } else {
        events.append(.clone(device: one))
      }
      events += [
        .exchange(device: one, fault: random.pick([.replyLost, .replyLate, .deviceDies])),
        .exchange(device: copy, fault: .none), .exchange(device: copy, fault: .none),
      ]
      if random.chance(percent: 50) { events += [words(other), .sync(device: other)] }
      events += [
        random.chance(percent: 50) ? words(one) : .openForm(device: one, compartment: place),
        .exchange(device: one, fault: .none), .exchange(device: one, fault: .none),
        .exchange(device: one, fault: random.pick([.replyLost, .none])), .late(message: 0),
      ]
    }
    events += [.sync(device: one), .sync(device: copy), .sync(device: other)]
  }
}
