/// A hub that was restored, and what its devices know over its backup.
extension EventGenerator {
  private mutating func lostHub() -> SimulationEvent {
    .hubRestore(journalKept: random.chance(percent: 20))
  }

  /// Unsent work goes along with a state that is given back, and comes again with another's.
  mutating func unsentGivenBack(_ one: Int) {
    events += [
      .hubBackup, words(one, 0, 1), .sync(device: one), words(0, 1), .sync(device: 0),
      words(one, 0, 2), .hubRestore(journalKept: random.chance(percent: 50)), .sync(device: one),
      .exchange(device: 0, fault: fault()), .sync(device: 0), .sync(device: one),
      .sync(device: 0), .sync(device: one),
    ]
  }

  /// Work was set apart, and the hub that was to send its state is gone, with what it had taken
  /// since its backup: the state comes from another hub, or an order to purge, or the lease ends.
  mutating func restoredWhileWaiting(_ one: Int) {
    events += [
      longWords(one, 0, 0), longWords(one, 0, 1), .sync(device: one), .sync(device: 0), .hubBackup,
      words(one, 0, 2), .sync(device: one), words(0, 1, 3), .exchange(device: 0, fault: .replyLost),
      .page(device: one, bytes: 512), words(one, 0, 4),
      .exchange(device: one, fault: .mistake(.contextWidened, pick: 0)),
      .hubRestore(journalKept: random.chance(percent: 50)),
    ]
    switch random.below(3) {
    case 0: break
    case 1:
      events += [decide(0, .withdraw(scope: 0, reach: agency(of: one))), .sync(device: 0)]
    default:
      if random.chance(percent: 50) { events.append(.exchange(device: one, fault: .none)) }
      events += twoLeases(one)
    }
    events += [.exchange(device: one, fault: fault()), .sync(device: one)]
    events += [.sync(device: 0), .sync(device: one)]
  }

  /// The same in the agency's own record.
  mutating func setBackInItsOwnRecord(_ one: Int) {
    events += [
      longWords(0, 1, 0), longWords(0, 1, 1), .sync(device: 0), .sync(device: one), .hubBackup,
      words(0, 1, 2), .sync(device: 0), words(one, 0, 3),
      .exchange(device: one, fault: .replyLost),
      .page(device: 0, bytes: 512), words(0, 1, 4),
      .exchange(device: 0, fault: .mistake(.contextWidened, pick: 0)), lostHub(),
      .exchange(device: 0, fault: fault()), .sync(device: 0), .sync(device: one), .sync(device: 0),
    ]
  }

  /// Twice from one backup, and what was decided since is told to it anew by another device each
  /// time: the hub says of it what it said before, at another time.
  mutating func restoredTwice(_ one: Int, _ other: Int) {
    events += [
      .begin(device: one, child: 0, category: 1), .sync(device: one), .sync(device: 0),
      .hubBackup, decide(0, shareWith(agency(of: other))), .sync(device: 0),
    ]
    let second = sibling ?? 0
    events += [
      .sync(device: second), .hubRestore(journalKept: false), .sync(device: 0),
      .pass(milliseconds: 3_600_000 + UInt64(random.below(3_600_000))),
      .hubRestore(journalKept: false), .sync(device: second), .sync(device: 0),
      .sync(device: one),
    ]
  }

  /// A device that the hub had not heard yet when its backup was made has recorded a withdrawal
  /// that nobody else knows.
  mutating func neverHeard(_ one: Int) {
    let last = sibling ?? shape.devices.count - 1
    events += [
      .hubBackup, decide(last, .withdraw(scope: 0, reach: agency(of: one))), .sync(device: last),
      .hubRestore(journalKept: false), .sync(device: one),
    ]
    events += everyone(except: last)
    events += [
      words(0, 1), .sync(device: 0), .exchange(device: one, fault: fault()), .sync(device: one),
      .sync(device: last), .sync(device: one),
    ]
  }

  /// The operator does not wait for a device that is away, and has recorded what nobody else knows:
  /// it holds from when the device comes.
  mutating func vouchedTooEarly(_ one: Int) {
    let last = sibling ?? shape.devices.count - 1
    events += [
      .hubBackup, decide(last, .withdraw(scope: 0, reach: agency(of: one))), .sync(device: last),
      .leave(device: last), .hubRestore(journalKept: false), .sync(device: one), words(0, 1),
      .sync(device: 0), .operatorVouches, .exchange(device: one, fault: fault()),
      .sync(device: one), .comeBack(device: last), .sync(device: last), .sync(device: one),
      .sync(device: 0), .sync(device: one),
    ]
  }

  /// An order is shown to the hub before it is given back what was decided before that; whoever
  /// decided on the order comes never again.
  mutating func orderAmongDecisions(_ one: Int, _ other: Int) {
    let reach = agency(of: one)
    events += [
      .hubBackup, decide(0, shareWith(random.chance(percent: 50) ? reach : shape.agencies)),
      .sync(device: 0), .sync(device: other),
      decide(other, .withdraw(scope: 0, reach: reach)), .sync(device: other), .sync(device: one),
      .sync(device: one), .hubRestore(journalKept: false),
    ]
    if random.chance(percent: 70) { events.append(.reportLost(device: other)) }
    events += [.exchange(device: one, fault: .none), .sync(device: one), .sync(device: 0)]
    events += everyone(except: random.chance(percent: 70) ? other : nil)
    events += [words(0, 1), .sync(device: 0), .sync(device: one)]
  }

  /// More decisions than one request takes, and the hub's question for them is heard twice.
  mutating func askedTwice(_ one: Int, _ other: Int) {
    events += [
      .hubBackup, .decisions(device: one, count: 501 + random.below(3)),
      decide(one, .withdraw(scope: 0, reach: agency(of: other))), .sync(device: one),
      .hubRestore(journalKept: false), .exchange(device: one, fault: .replyLate),
      .exchange(device: one, fault: .none), .late(message: 0),
      .exchange(device: one, fault: fault()), .sync(device: one),
    ]
    events += everyone()
    events += [words(0, 1), .sync(device: 0), .sync(device: other)]
  }

  /// A record that the hub may keep because another agency has said so; restored, it hears of the
  /// record first.
  mutating func consentOfAnother(_ one: Int) {
    let (development, plan) = (1, 7)
    events += [
      .hubBackup,
      .policy(device: one, child: 1, kind: .keep(scope: development, knowing: true, hours: nil)),
      .policy(device: 0, child: 1, kind: .keep(scope: plan, knowing: true, hours: nil)),
      .begin(device: 0, child: 1, category: 0), .sync(device: one), .sync(device: 0),
      .sync(device: 0), lostHub(), .exchange(device: 0, fault: fault()), .sync(device: 0),
      .sync(device: one), .sync(device: 0),
    ]
  }

  /// Erased by the only agency that had a record; restored, the hub refuses that, since another has
  /// begun one.
  mutating func erasureForgotten(_ one: Int) {
    let second = sibling ?? 0
    events += [
      .hubBackup, .begin(device: 0, child: 2, category: 1), .sync(device: 0),
      .sync(device: second), .policy(device: 0, child: 2, kind: .erase),
      .exchange(device: 0, fault: .none), .hubRestore(journalKept: false),
      .begin(device: one, child: 2, category: 1), .sync(device: one), .sync(device: 0),
      .sync(device: second), .sync(device: 0), .sync(device: one),
    ]
  }
}
