/// The same on the line, and where there are copies.
extension EventGenerator {
  // MARK: The line

  /// What was set apart is to be replayed on a state that is on its way; what was saved since is
  /// there when the record is withdrawn.
  mutating func withdrawnWhileReplaying(_ about: SecondLineCase) {
    let (owner, visitor) = (about.owner, about.visitor)
    events += about.shared()
    events += (0..<4).map { about.add(owner, $0, .long) }
    events += [
      .sync(device: owner), .sync(device: visitor), about.add(owner), .sync(device: owner),
      about.add(visitor), .page(device: visitor, bytes: 512),
      .exchange(device: visitor, fault: .mistake(.contextWidened, pick: 0)),
      about.add(visitor, 4 + random.below(2)),
    ]
    if random.chance(percent: 30) { events.append(.exchange(device: visitor, fault: fault())) }
    events += [about.policy(owner, .withdraw(scope: 0, reach: visitor)), .sync(device: owner)]
    if random.chance(percent: 40) {
      events += [
        .lockKeys(device: visitor), about.exchange(visitor),
        .crash(device: visitor, afterCommits: nil),
      ]
    }
    events += [
      .exchange(device: visitor, fault: fault()), .sync(device: visitor), .sync(device: owner),
    ]
  }

  /// A program lists what nobody has, and writes upon it once somebody has.
  mutating func claimsTooMuch(_ about: SecondLineCase) {
    let visitor = about.visitor
    let lie = SimulationEvent.exchange(
      device: visitor, fault: .mistake(.holdingsWidened, pick: random.below(8)))
    events +=
      about.shared() + [
        lie, lie, about.add(about.owner), .sync(device: about.owner),
      ]
    if random.chance(percent: 50) {
      events += [
        about.add(visitor), .exchange(device: visitor, fault: .mistake(.contextWidened, pick: 0)),
      ]
    }
    events += [.sync(device: visitor)]
  }

  /// A restored hub has spoken before an answer of the one before is heard.
  mutating func answerOfBefore(_ about: SecondLineCase) {
    let visitor = about.visitor
    events +=
      about.shared() + [
        .hubBackup, about.add(visitor), .exchange(device: visitor, fault: .replyLate),
        restoreHub(),
        about.exchange(visitor), .late(message: -1), .sync(device: visitor),
        .sync(device: about.owner),
      ]
  }

  // MARK: Copies

  /// A copy's work is rescued at the end of the lease: it follows words under dots that stand for
  /// the original's.
  mutating func rescuedUponOwnWords(_ about: SecondLineCase) {
    let (owner, visitor) = (about.owner, about.visitor)
    events +=
      about.shared() + [
        about.add(visitor), .sync(device: visitor), about.exchange(visitor),
        .clone(device: visitor),
        about.add(visitor), .sync(device: visitor), about.add(SimulationEvent.newest),
        about.add(SimulationEvent.newest), .leave(device: SimulationEvent.newest),
        .pass(milliseconds: 13 * World.day),
        .sync(device: visitor), .sync(device: owner), .pass(milliseconds: 13 * World.day),
        .sync(device: visitor), .sync(device: owner), .pass(milliseconds: 13 * World.day),
        .sync(device: visitor), .sync(device: owner), .comeBack(device: SimulationEvent.newest),
        .exchange(device: SimulationEvent.newest, fault: fault()),
        .sync(device: SimulationEvent.newest),
        .sync(device: visitor), .sync(device: owner),
      ]
  }

  /// A device that was set back is told the state; the reply is lost.
  mutating func lostState(_ about: SecondLineCase) {
    let (owner, visitor) = (about.owner, about.visitor)
    events += about.shared() + [.keepCopy(device: visitor)]
    for _ in 0..<2 { events += [about.add(owner), .sync(device: owner), .sync(device: visitor)] }
    if random.chance(percent: 50) { events += [about.add(visitor), .sync(device: visitor)] }
    events += [
      .restore(device: visitor),
      .exchange(device: visitor, fault: random.pick([.none, .replyLost])),
      .exchange(device: visitor, fault: .replyLost), about.exchange(visitor),
      .sync(device: visitor),
    ]
  }

  /// The same, and over a worse line the next attempt has no room for it, behind another state.
  mutating func lostStateBehindAnother(_ about: SecondLineCase) {
    let (owner, visitor) = (about.owner, about.visitor)
    let first = SecondLineCase(
      record: SimulationEvent.Record(child: 0, category: 0, custodian: owner), owner: owner,
      visitor: visitor)
    let about = SecondLineCase(
      record: SimulationEvent.Record(child: 1, category: 0, custodian: owner), owner: owner,
      visitor: visitor)
    events +=
      first.shared() + about.shared() + [
        .keepCopy(device: visitor), first.add(owner, 0, .long), first.add(owner, 1, .long),
        .sync(device: owner),
      ]
    for _ in 0..<2 { events += [about.add(owner), .sync(device: owner), .sync(device: visitor)] }
    events += [
      .restore(device: visitor), about.exchange(visitor),
      .exchange(device: visitor, fault: .replyLost), .page(device: visitor, bytes: 1_024),
      about.exchange(visitor), .page(device: visitor, bytes: 1 << 16),
      .exchange(device: visitor, fault: fault()), .sync(device: visitor),
    ]
  }

  /// The hub has let go of its copy and begun anew; a copy of a device has all of before.
  mutating func copyOfWhatWasBegunAnew(_ about: SecondLineCase) {
    let (owner, visitor) = (about.owner, about.visitor)
    events +=
      about.shared() + [
        about.add(visitor, 1), .sync(device: visitor), .sync(device: owner),
        .clone(device: visitor), .leave(device: SimulationEvent.newest),
      ]
    events +=
      about.letGo() + [
        about.policy(owner, about.keep()), about.policy(owner, about.share(with: visitor)),
        .sync(device: owner),
      ]
    if random.chance(percent: 50) { events.append(.sync(device: visitor)) }
    events += [
      .comeBack(device: SimulationEvent.newest),
      .exchange(device: SimulationEvent.newest, fault: fault()),
      .sync(device: SimulationEvent.newest), .sync(device: visitor), .sync(device: owner),
    ]
  }

  /// A device starts over with a state of which it has a part, and which is withdrawn.
  mutating func begunInPart(_ about: SecondLineCase) {
    let (owner, visitor) = (about.owner, about.visitor)
    events +=
      about.begun() + (0..<3).map { about.add(owner, $0, .long) } + [
        .sync(device: owner), .sync(device: visitor), .page(device: visitor, bytes: 512),
        about.policy(owner, about.share(with: visitor)), .sync(device: owner),
        about.exchange(visitor),
        .keepCopy(device: visitor), .enquire(device: visitor, child: about.child),
        about.exchange(visitor),
        .begin(device: visitor, child: (about.child + 1) % 3, category: 1), about.exchange(visitor),
        .restore(device: visitor), about.policy(owner, .withdraw(scope: 0, reach: visitor)),
        .sync(device: owner), .exchange(device: visitor, fault: fault()), .sync(device: visitor),
      ]
  }

  /// A device that is set back lacks what it has written, by the account of a hub that is restored.
  mutating func lacksItsOwn(_ about: SecondLineCase) {
    let visitor = about.visitor
    events +=
      about.shared() + [
        about.add(visitor), .sync(device: visitor), .keepCopy(device: visitor),
        about.add(visitor),
        .sync(device: visitor), about.exchange(visitor), .hubBackup, .restore(device: visitor),
      ]
    if random.chance(percent: 50) { events.append(about.add(visitor)) }
    events += [
      restoreHub(), .exchange(device: visitor, fault: fault()), .sync(device: visitor),
      .sync(device: about.owner),
    ]
  }

  /// A copy has decided something, and has to start over before it can give that back.
  mutating func decisionOfACopy(_ about: SecondLineCase) {
    let visitor = about.visitor
    events +=
      about.shared() + [
        .clone(device: visitor), .hubBackup, .exchange(device: visitor, fault: fault()),
        about.policy(SimulationEvent.newest, .withdraw(scope: 0, reach: visitor)),
        .sync(device: SimulationEvent.newest),
        .hubRestore(journalKept: false), .sync(device: visitor),
        .sync(device: SimulationEvent.newest),
        .sync(device: about.owner),
      ]
  }
}
