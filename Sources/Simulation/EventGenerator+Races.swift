/// What is let go of while a reply about it is on its way, and what is given back to a hub that has
/// forgotten more than a device has.
extension EventGenerator {
  mutating func race(_ one: Int, _ other: Int) {
    switch random.below(hasCopies ? 7 : 6) {
    case 0: keepingRace(one, other)
    case 1: givenAnew(one, other)
    case 2: cutOffPurge(one, other)
    case 3: longAbsence(one)
    case 4: setApartAndWrittenOn(one, other)
    case 5: newsDuringRecovery(one, other)
    default: oldCopyOfCustodian(one, other)
    }
  }

  func words(_ device: Int, _ place: Int, _ group: Int = 0) -> SimulationEvent {
    .write(device: device, compartment: place, group: group, form: .current, size: .short)
  }

  func shareWith(_ reach: Int) -> SimulationEvent.PolicyChoice {
    .share(scope: 0, reach: reach, knowing: true, excluding: false, hours: nil)
  }

  /// Another's words are on their way to the custodian when the hub is to let go of its copy.
  private mutating func keepingRace(_ one: Int, _ other: Int) {
    let place = any()
    events += [
      decide(0, shareWith(shape.agencies)), .sync(device: 0), .sync(device: one), words(one, place),
      .exchange(device: one, fault: .none),
      .exchange(device: 0, fault: random.pick([.replyLost, .replyLate])),
    ]
    if random.chance(percent: 50) {
      events += [
        words(one, place, 1), .exchange(device: one, fault: .none),
        .exchange(device: 0, fault: .replyLost), .late(message: any()),
      ]
    }
    events += [
      decide(other, .withdrawKeeping(scope: 6)), .sync(device: other), .sync(device: one),
      .exchange(device: 0, fault: fault()), .sync(device: one), .sync(device: other),
      .sync(device: 0), .sync(device: 0),
    ]
  }

  /// Withdrawn, purged, and given anew by the very reply that takes the receipt.
  private mutating func givenAnew(_ one: Int, _ other: Int) {
    let reach = agency(of: one)
    events += [
      .sync(device: one), decide(other, .withdraw(scope: 0, reach: reach)), .sync(device: other),
      .exchange(device: one, fault: .none), decide(0, shareWith(reach)), .sync(device: 0),
      .exchange(
        device: one, fault: random.pick([.replyLost, .replyLate, .deviceDies, .requestLate])),
      decide(other, .withdraw(scope: 0, reach: reach)),
      .exchange(device: other, fault: random.pick([.none, .requestLost])),
      .exchange(device: one, fault: fault()), .late(message: any()), .sync(device: other),
      .exchange(device: one, fault: .none), .exchange(device: one, fault: fault()),
      .sync(device: one),
    ]
  }

  /// A purge that is cut off, between any two of its steps.
  private mutating func cutOffPurge(_ one: Int, _ other: Int) {
    events += [
      .sync(device: one), decide(other, .withdraw(scope: 0, reach: agency(of: one))),
      .sync(device: other), .crash(device: one, afterCommits: 1 + random.below(6)),
      .exchange(device: one, fault: .none), .exchange(device: one, fault: .none),
      .sync(device: one), decide(0, shareWith(agency(of: one))), .sync(device: 0),
      .sync(device: one),
    ]
  }

  /// More unsent work than one request takes, sealed away at the end of the lease.
  private mutating func longAbsence(_ one: Int) {
    let long = SimulationEvent.write(
      device: one, compartment: any(), group: any(), form: .current, size: .long)
    events += [
      .sync(device: one), .page(device: one, bytes: 512), long, long, long,
      .leave(device: one), .pass(milliseconds: 40 * World.day), .comeBack(device: one),
      .exchange(device: one, fault: fault()), .exchange(device: one, fault: .none),
      .sync(device: one),
    ]
  }

  /// What follows work that was set apart, while the state to replay it on has not come.
  private mutating func setApartAndWrittenOn(_ one: Int, _ other: Int) {
    let place = any()
    events += [
      .sync(device: one), .sync(device: other), .sync(device: one), words(other, place),
      .sync(device: other), words(one, place),
      .exchange(device: one, fault: .mistake(.contextWidened, pick: 0)), words(one, place, 1),
      .exchange(device: one, fault: fault()), words(one, place, 2),
    ]
    if random.chance(percent: 40) {
      events += [
        decide(other, .withdraw(scope: 0, reach: agency(of: one))), .sync(device: other),
      ]
    }
    events += [.exchange(device: one, fault: fault()), .sync(device: one), .sync(device: other)]
  }

  /// A hub that has lost its journal is brought news while those who decided are still away.
  private mutating func newsDuringRecovery(_ one: Int, _ other: Int) {
    let reach = agency(of: one)
    events += [
      decide(0, shareWith(shape.agencies)), .sync(device: 0), .sync(device: one),
      .sync(device: other), .hubBackup, decide(other, .withdraw(scope: 0, reach: reach)),
      .sync(device: other),
    ]
    if random.chance(percent: 60) { events += [.sync(device: one), .sync(device: one)] }
    if hasHubRestores { events.append(.hubRestore(journalKept: random.chance(percent: 20))) }
    if random.chance(percent: 30) { events.append(.reportLost(device: other)) }
    events += [words(0, any()), .sync(device: 0), .exchange(device: one, fault: fault())]
    if random.chance(percent: 40) { events += [decide(0, shareWith(reach)), .sync(device: 0)] }
    events += [.sync(device: one), .sync(device: other), .sync(device: one), .sync(device: 0)]
  }

  /// The custodian's disk is an old copy when the hub is to let go of its own.
  private mutating func oldCopyOfCustodian(_ one: Int, _ other: Int) {
    let place = any()
    events += [
      decide(0, shareWith(shape.agencies)), .sync(device: 0), .sync(device: one),
      .keepCopy(device: 0), words(one, place), .sync(device: one), .sync(device: 0),
      .restore(device: 0), decide(other, .withdrawKeeping(scope: 6)), .sync(device: other),
      .sync(device: one), .sync(device: other), .exchange(device: 0, fault: fault()),
      .sync(device: 0), .sync(device: one), .sync(device: 0),
    ]
  }
}
