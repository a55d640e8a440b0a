/// What is on its way while something else is decided: answers, receipts, parts of a state.
extension EventGenerator {
  /// The custodian hears the first of two answers, after the second was given.
  mutating func otherAnswerHeard(_ one: Int, _ other: Int) {
    events += [
      words(0, 1), .exchange(device: 0, fault: .replyLate), words(one, 0, 1),
      .exchange(device: one, fault: .none), decide(other, .withdrawKeeping(scope: 6)),
      .exchange(device: other, fault: .none), .exchange(device: 0, fault: .replyLost),
      .late(message: 0), .exchange(device: 0, fault: .none),
    ]
    // All but the custodian let go of theirs, and then the hub.
    events += shape.devices.indices.filter { agency(of: $0) != 0 }.map { .sync(device: $0) }
    events += [.exchange(device: 0, fault: fault()), .sync(device: 0)]
  }

  /// What was purged at the end of the lease is given anew, and the request that said so first
  /// arrives after that.
  mutating func lateReceipt(_ one: Int) {
    events += twoLeases(one)
    events += [
      .exchange(device: one, fault: .requestLate), .exchange(device: one, fault: .none),
      decide(
        0,
        random.chance(percent: 70)
          ? .withdrawKeeping(scope: 0) : .withdraw(scope: 0, reach: agency(of: one))),
      .sync(device: 0), .late(message: 0), .sync(device: 0),
    ]
    events += everyone(except: random.chance(percent: 50) ? one : nil)
    events += [.sync(device: 0), .sync(device: one)]
  }

  /// The power goes between any two steps of a purge that nobody has ordered.
  mutating func cutOffAtEndOfLease(_ one: Int) {
    if random.chance(percent: 60) { events += [words(one, 0), words(one, 0, 1)] }
    events += twoLeases(one)
    events += [
      .crash(device: one, afterCommits: 1 + random.below(5)), .exchange(device: one, fault: .none),
      .exchange(device: one, fault: fault()), .sync(device: one), .sync(device: 0),
    ]
  }

  /// More unsent work than one request takes, sealed away at the end of the lease.
  mutating func workOfSeveralPages(_ one: Int) {
    events += hugeWords(one, 0)
    events += twoLeases(one)
    if random.chance(percent: 30) {
      events.append(.crash(device: one, afterCommits: 1 + random.below(4)))
    }
    events += [
      .exchange(device: one, fault: fault()), .exchange(device: one, fault: .none),
      .sync(device: one), .sync(device: 0), .sync(device: one),
    ]
  }

  /// Of which two or three do not go into one page.
  private func hugeWords(_ device: Int, _ place: Int) -> [SimulationEvent] {
    (0..<3).map {
      .write(device: device, compartment: place, group: $0, form: .current, size: .huge)
    }
  }

  /// A hub that has lost what it had given gives it anew, to a device that has purged it and has
  /// not said so yet.
  mutating func givenAnewBeforeItsReceipt(_ one: Int) {
    events += secondChild()
    events += [.policy(device: 0, child: 1, kind: shareWith(shape.agencies)), .sync(device: 0)]
    events += [.hubBackup, words(0, 2), .sync(device: 0), .sync(device: one)]
    events += hugeWords(one, 0)
    events += twoLeases(one)
    events.append(.hubRestore(journalKept: random.chance(percent: 50)))
    if random.chance(percent: 50) { events.append(.sync(device: 0)) }
    events += (0..<4).map { _ in .exchange(device: one, fault: .none) }
    events += [.exchange(device: one, fault: fault())] + everyone() + [.sync(device: one)]
  }

  /// Set apart, and written on when the state has come; what came with it may be long.
  mutating func actorOfSetApart(_ one: Int) {
    if random.chance(percent: 50) {
      events += [longWords(0, 1, 3), .page(device: one, bytes: 512)]
    }
    events += [
      words(0, 1), .sync(device: 0), words(one, 0, 1),
      .exchange(device: one, fault: .mistake(.contextWidened, pick: 0)), .sync(device: one),
      words(one, 0, 2), .exchange(device: one, fault: fault()), .sync(device: one),
    ]
  }

  /// A large state over a bad line: from its first part on there is something to write into.
  private mutating func part(to one: Int) {
    events += secondChild()
    events += [
      longWords(0, 2, 0), longWords(0, 2, 1), words(0, 2, 2), words(0, 2, 2), .sync(device: 0),
      .policy(device: 0, child: 1, kind: shareWith(shape.agencies)), .sync(device: 0),
      .page(device: one, bytes: 512), .exchange(device: one, fault: .none),
    ]
  }

  mutating func writtenIntoPart(_ one: Int) {
    part(to: one)
    events += [
      words(one, 1, random.below(6)), .exchange(device: one, fault: fault()), words(0, 2, 3),
      .sync(device: 0), .exchange(device: one, fault: fault()), .sync(device: one),
      .sync(device: 0),
    ]
  }

  /// The same, by two copies, each of which goes on under the names that the other uses.
  mutating func twinsOfAPart(_ one: Int) {
    part(to: one)
    let copy = firstCopy
    events += [
      words(one, 1, 3), .clone(device: one), words(one, 1, 4),
      .exchange(device: copy, fault: .requestLate), words(copy, 1, 5),
      .exchange(device: one, fault: random.chance(percent: 80) ? .none : fault()),
      .late(message: 0), .sync(device: copy), .sync(device: one), .sync(device: 0),
    ]
  }

  /// Work was set apart, and of the state to replay the rest on nothing has come when the device is
  /// copied: another compartment goes first.
  mutating func copyWaitsForAState(_ one: Int, _ other: Int) {
    events += secondChild()
    events += [
      .policy(device: 0, child: 1, kind: shareWith(shape.agencies)), .sync(device: 0),
      .sync(device: one), longWords(0, 2, 0), longWords(0, 2, 1), words(0, 1), .sync(device: 0),
      .page(device: one, bytes: 512), words(one, 0, 1),
      .exchange(device: one, fault: .mistake(.contextWidened, pick: 0)), .clone(device: one),
      decide(other, .withdraw(scope: 0, reach: agency(of: one))), .sync(device: other),
      .sync(device: one), .exchange(device: firstCopy, fault: fault()), .sync(device: firstCopy),
      .sync(device: one),
    ]
  }
}
