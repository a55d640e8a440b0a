/// Histories that need a district in which nothing else has happened: each is played at the very
/// beginning, where it is known who holds what, and in which order.
///
/// The first compartments of a district are the index entry and the assessment of its first child,
/// both of device 0, and everybody may hold the assessment. So it is in place 1 on device 0, and
/// the only one on any other device that has nothing else.
extension EventGenerator {
  mutating func opening() {
    if random.chance(percent: 50) { return secondLine() }
    let isTurned = random.chance(percent: 50)
    let (one, other) = isTurned ? (2, 1) : (1, 2)
    events += [.sync(device: 0), .sync(device: one), .sync(device: other)]
    var kinds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    if hasCopies { kinds += [12, 13] }
    if hasHubRestores { kinds += [14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24] }
    switch random.pick(kinds) {
    case 0: exclusion(one)
    case 1: consentToKeepEndsFirst(one)
    case 2: liftedShield(one)
    case 3: answerEndsEarlier(one)
    case 4: partedFromOneOfTwo(one, other)
    case 5: flagOfTheHub(one)
    case 6: otherAnswerHeard(one, other)
    case 7: lateReceipt(one)
    case 8: cutOffAtEndOfLease(one)
    case 9: workOfSeveralPages(one)
    case 10: actorOfSetApart(one)
    case 11: writtenIntoPart(one)
    case 12: twinsOfAPart(one)
    case 13: copyWaitsForAState(one, other)
    case 14: givenAnewBeforeItsReceipt(one)
    case 15: unsentGivenBack(one)
    case 16: restoredWhileWaiting(one)
    case 17: restoredTwice(one, other)
    case 18: neverHeard(one)
    case 19: orderAmongDecisions(one, other)
    case 20: askedTwice(one, other)
    case 21: consentOfAnother(one)
    case 22: erasureForgotten(one)
    case 23: vouchedTooEarly(one)
    default: setBackInItsOwnRecord(one)
    }
  }

  // MARK: Helpers

  /// The first clone, once there is one.
  var firstCopy: Int { shape.devices.count }

  /// Another device of device 0's agency, if it has one.
  var sibling: Int? {
    shape.devices.count > shape.agencies && shape.devices[shape.agencies] == 0
      ? shape.agencies : nil
  }

  func longWords(_ device: Int, _ place: Int, _ group: Int) -> SimulationEvent {
    .write(device: device, compartment: place, group: group, form: .current, size: .long)
  }

  func everyone(except absent: Int? = nil) -> [SimulationEvent] {
    shape.devices.indices.filter { $0 != absent }.map { .sync(device: $0) }
  }

  /// A second child, whose assessment device 0 keeps in place 2; nobody else may hold it yet.
  func secondChild() -> [SimulationEvent] {
    [
      .begin(device: 0, child: 1, category: 0),
      .policy(device: 0, child: 1, kind: .keep(scope: 0, knowing: true, hours: nil)),
    ]
  }

  /// Until the lease is over twice; what is unsent is sealed in the next exchange.
  func twoLeases(_ device: Int) -> [SimulationEvent] {
    [
      .leave(device: device), .pass(milliseconds: 40 * World.day), .comeBack(device: device),
    ]
  }
}

/// What the family decides.
extension EventGenerator {
  /// Consent for all but one, from a program that names the consent itself among what it lifts.
  private mutating func exclusion(_ one: Int) {
    let everyone = shape.agencies
    let reach = everyone + (everyone + 2) * random.below(6)
    let consent = SimulationEvent.PolicyChoice.share(
      scope: 0, reach: reach, knowing: random.chance(percent: 50), excluding: true,
      hours: 24 + random.below(48))
    events += [
      decide(random.pick([0, one]), consent), .sync(device: 0), .sync(device: one),
      words(0, 1), .sync(device: 0),
    ]
    events += self.everyone()
  }

  /// Consent to share that outlasts consent to keep what is shared.
  private mutating func consentToKeepEndsFirst(_ one: Int) {
    let before = 1 + random.below(20)
    let after = random.chance(percent: 50) ? before + 1 + random.below(40) : nil
    let hour: UInt64 = 3_600_000
    events += [
      .begin(device: 0, child: 1, category: 0),
      .policy(device: 0, child: 1, kind: .keep(scope: 0, knowing: true, hours: before)),
      .policy(
        device: 0, child: 1,
        kind: .share(
          scope: 0, reach: agency(of: one), knowing: true, excluding: false, hours: after)),
      .sync(device: 0), .sync(device: one), .pass(milliseconds: UInt64(before) * hour),
      .exchange(device: one, fault: fault()), .sync(device: 0), .sync(device: one),
    ]
  }

  private mutating func liftedShield(_ one: Int) {
    let whereabouts = 4
    events += [
      .begin(device: 0, child: 0, category: whereabouts),
      decide(
        0,
        .share(
          scope: whereabouts, reach: shape.agencies, knowing: true, excluding: false, hours: nil)),
      decide(0, .shield(reach: random.below(shape.agencies))), .sync(device: 0),
      .exchange(device: one, fault: fault()),
    ]
    events += [decide(0, .unshield), .sync(device: 0), .sync(device: one)]
  }

  /// An answer about a child, consent to which is given anew for a shorter time than it was.
  private mutating func answerEndsEarlier(_ one: Int) {
    let hours = 1 + random.below(72)
    let index = 2
    let reach = agency(of: one)
    events += [
      .fact(device: 0, child: 0, kind: .name, agency: 0), .sync(device: 0),
      .enquire(device: one, child: 0), .sync(device: one),
      decide(0, .withdraw(scope: index, reach: reach)),
      decide(
        0, .share(scope: index, reach: reach, knowing: true, excluding: false, hours: hours)),
      .sync(device: 0), .exchange(device: one, fault: fault()), .sync(device: one),
      .pass(milliseconds: UInt64(hours) * 3_600_000), .sync(device: 0), .sync(device: one),
      .sync(device: 0), .sync(device: one), .sync(device: 0), .sync(device: one),
    ]
  }

  /// Three registrations joined by two agencies, and one of the joins taken back by whoever made
  /// it, which has never known the third.
  private mutating func partedFromOneOfTwo(_ one: Int, _ other: Int) {
    events += secondChild()
    events += [
      .sync(device: 0), decide(0, .alias(other: 1)), .sync(device: 0),
      decide(one, .withdrawKeeping(scope: 1)), .sync(device: one), words(0, 2),
      .exchange(device: 0, fault: .none), decide(other, .alias(other: 2)), .sync(device: other),
      .sync(device: 0), decide(0, .unalias), .exchange(device: 0, fault: fault()),
      .sync(device: 0), .sync(device: one), .sync(device: other), .sync(device: 0),
    ]
  }

  /// The hub lets go of an index entry in which it has written, and is given it again.
  private mutating func flagOfTheHub(_ one: Int) {
    let index = 2
    events += [.sync(device: 0), decide(0, .withdrawKeeping(scope: index)), .sync(device: 0)]
    events += everyone()
    events += [
      .sync(device: 0), decide(0, .keep(scope: index, knowing: true, hours: nil)),
      .exchange(device: 0, fault: fault()), .sync(device: 0), .sync(device: one),
    ]
  }
}
