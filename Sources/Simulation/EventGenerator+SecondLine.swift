/// Histories in which a rule counts that another nearly always makes superfluous: what chance
/// brings together once in many thousand districts. Each is told about one record.
extension EventGenerator {
  mutating func secondLine() {
    let about = someCase()
    events += [about.owner, about.visitor].flatMap { device -> [SimulationEvent] in
      [.comeBack(device: device), .cut(device: device, requests: false, replies: false)]
    }
    var histories: [(inout EventGenerator, SecondLineCase) -> Void] = [
      { $0.begunAfterErasure($1) }, { $0.overrideEnds($1) }, { $0.refusedAndRetried($1) },
      { $0.lockedBetweenRetries($1) }, { $0.partedAgain($1) }, { $0.keepingRunsOut($1) },
      { $0.erasedAfterBeingGivenAnew($1) }, { $0.submittedTwice($1) },
      { $0.keptAgainMeanwhile($1) },
      { $0.clockAhead($1) }, { $0.withdrawnWhileReplaying($1) }, { $0.claimsTooMuch($1) },
      { $0.erasedBesideSensitive($1) }, { $0.receiptTwice($1) }, { $0.declinedAndKept($1) },
      { $0.erasedInTheMiddle($1) }, { $0.partedInARow($1) }, { $0.partedAfterLettingGo($1) },
    ]
    if hasCopies {
      histories += [
        { $0.rescuedUponOwnWords($1) }, { $0.lostState($1) }, { $0.copyOfWhatWasBegunAnew($1) },
        { $0.begunInPart($1) }, { $0.custodianSetBack($1) }, { $0.lostStateBehindAnother($1) },
        { $0.saidAgainByFirstName($1) }, { $0.begunAnewFromLess($1) },
      ]
    }
    if hasHubRestores {
      histories += [
        { $0.forgottenErasure($1) }, { $0.answerOfBefore($1) },
        { $0.erasedAndHeldBack($1) }, { $0.lockedWhileGivingBack($1) },
        { $0.receiptOfAnotherPart($1) }, { $0.consentOfALostHub($1) },
      ]
    }
    if hasCopies && hasHubRestores {
      histories += [
        { $0.lacksItsOwn($1) }, { $0.decisionOfACopy($1) }, { $0.rescuedAfterRestore($1) },
        { $0.knownToACopyAlone($1) }, { $0.givenBackTwice($1) },
      ]
    }
    random.pick(histories)(&self, about)
  }

  mutating func someCase() -> SecondLineCase {
    let owner = random.chance(percent: 60) ? 0 : random.below(shape.agencies)
    let visitor = (owner + 1 + random.below(shape.agencies - 1)) % shape.agencies
    return SecondLineCase(
      record: SimulationEvent.Record(
        child: random.chance(percent: 20) ? 0 : 1 + random.below(2), category: 0, custodian: owner),
      owner: owner, visitor: visitor)
  }

  // MARK: Erasure

  /// A record is begun of a child that is erased, by who has not been told.
  mutating func begunAfterErasure(_ about: SecondLineCase) {
    if random.chance(percent: 50) { events += about.begun() }
    events += [
      .operatorErase(child: about.child),
      .begin(device: about.visitor, child: about.child, category: 1),
      .exchange(device: about.visitor, fault: fault()), .sync(device: about.visitor),
      .sync(device: about.owner),
    ]
  }

  /// Another agency erases its record of a child; a sensitive service writes on in its own, of
  /// which that agency may have been given all, or the first part.
  mutating func erasedBesideSensitive(_ about: SecondLineCase) {
    // The clinic, where there is one; and what is sensitive by its category.
    let clinic = 3 % shape.agencies
    let other = (clinic + 1) % shape.agencies
    let own = SecondLineCase(
      record: SimulationEvent.Record(child: about.child, category: 5, custodian: clinic),
      owner: clinic, visitor: other)
    events += [
      .begin(device: clinic, child: about.child, category: 5),
      own.policy(clinic, .keep(scope: 5, knowing: true, hours: nil)),
    ]
    events += (0..<3).map { own.add(clinic, $0, .long) } + [.sync(device: clinic)]
    if random.chance(percent: 70) {
      let share = SimulationEvent.PolicyChoice.share(
        scope: 5, reach: other, knowing: true, excluding: false, hours: nil)
      events += [own.policy(clinic, share), .sync(device: clinic)]
      let hasAll = random.chance(percent: 50)
      if hasAll { events.append(.sync(device: other)) }
      events += [.page(device: other, bytes: 512), own.exchange(other)]
      if hasAll { events += (0..<3).map { own.add(other, $0, .long) } }
    }
    events += [
      own.policy(other, .erase), own.exchange(other), .sync(device: other),
      .page(device: other, bytes: 1 << 16), own.add(clinic),
      .exchange(device: clinic, fault: fault()), own.add(clinic), .sync(device: clinic),
      .sync(device: other),
    ]
  }

  /// Where the hub has begun a record anew, it has no account of the custodian's other devices.
  mutating func erasedAfterBeingGivenAnew(_ about: SecondLineCase) {
    let laptop = shape.devices.indices.last { shape.devices[$0] == about.owner } ?? about.owner
    events += about.shared() + [.sync(device: laptop), .sync(device: about.owner)] + about.letGo()
    events += [
      .sync(device: laptop), .sync(device: about.owner), about.exchange(about.owner),
      about.policy(about.owner, about.keep()), .sync(device: about.owner),
      about.exchange(about.owner),
      .operatorErase(child: about.child), .sync(device: about.owner), .sync(device: about.owner),
      about.exchange(about.owner), .sync(device: laptop), .sync(device: about.owner),
    ]
  }

  /// A hub that has lost its journal knows nothing of an erasure that has been carried out.
  mutating func forgottenErasure(_ about: SecondLineCase) {
    events +=
      about.shared() + [
        .hubBackup, .operatorErase(child: about.child), .sync(device: about.owner),
      ]
    if random.chance(percent: 50) { events.append(.sync(device: about.visitor)) }
    events += [
      .hubRestore(journalKept: false), .sync(device: about.owner), .sync(device: about.visitor),
      .sync(device: about.owner),
    ]
  }

  // MARK: Decisions

  /// What is held by an override alone is written on, knowing of a withdrawal by the last entry;
  /// then the override runs out, or the agreement ends, which its author does not know.
  mutating func overrideEnds(_ about: SecondLineCase) {
    let count = 1 + random.below(20)
    let end =
      random.chance(percent: 50)
      ? about.pass(hours: count + random.below(2))
      : .agreement(agency: about.visitor, isLocked: true)
    events +=
      about.shared() + [
        about.policy(about.owner, .override(scope: 0, reach: about.visitor, hours: count)),
        .sync(device: about.owner), .sync(device: about.visitor),
        about.policy(about.owner, .withdraw(scope: 0, reach: about.visitor)),
        .sync(device: about.owner), .sync(device: about.visitor), about.add(about.visitor), end,
        .exchange(device: about.visitor, fault: fault()),
        .sync(device: about.visitor), .sync(device: about.owner),
      ]
  }

  /// A change rests on a decision that is refused; so it is put off, in the retry as well.
  mutating func refusedAndRetried(_ about: SecondLineCase) {
    events +=
      about.shared() + [
        about.policy(about.owner, .withdraw(scope: 0, reach: about.visitor)),
        .sync(device: about.owner),
        about.policy(about.owner, about.share(with: about.visitor, knowing: false)),
        about.add(about.owner),
        .enquire(device: about.owner, child: any()),
        .exchange(device: about.owner, fault: random.pick([.replyLost, .deviceDies])),
        about.exchange(about.owner), .sync(device: about.owner),
      ]
  }

  /// A record is begun in a request that does not arrive; the next is sent while the keys are
  /// locked, and has nothing of it.
  mutating func lockedBetweenRetries(_ about: SecondLineCase) {
    let other = (about.child + 1) % 3
    events +=
      about.shared() + [
        about.policy(about.owner, .withdraw(scope: 0, reach: about.visitor)),
        .sync(device: about.owner), about.exchange(about.visitor),
        .begin(device: about.visitor, child: other, category: 0),
        .policy(device: about.visitor, child: other, kind: about.keep()),
        .exchange(device: about.visitor, fault: .requestLost), .lockKeys(device: about.visitor),
        .exchange(device: about.visitor, fault: .replyLost),
        .crash(device: about.visitor, afterCommits: nil), about.exchange(about.visitor),
        .sync(device: about.visitor),
      ]
  }

  /// Three registrations are joined, and one is parted again: what was decided under the third
  /// counts no more for the first.
  mutating func partedAgain(_ about: SecondLineCase) {
    let (second, third) = ((about.child + 1) % 3, (about.child + 2) % 3)
    let visitor = about.visitor
    let decided: SimulationEvent.PolicyChoice =
      random.chance(percent: 50)
      ? .withdrawKeeping(scope: 6) : .withdraw(scope: 0, reach: about.owner)
    events +=
      about.begun() + [
        .begin(device: visitor, child: second, category: 0),
        .begin(device: visitor, child: third, category: 0),
        about.policy(visitor, .alias(other: second)),
        .policy(device: visitor, child: second, kind: .alias(other: third)),
        .sync(device: visitor), .sync(device: about.owner),
        .policy(device: visitor, child: third, kind: decided), .sync(device: visitor),
        .sync(device: about.owner), about.policy(visitor, .unalias), .sync(device: visitor),
        .sync(device: about.owner), .sync(device: visitor),
      ]
  }

  // MARK: Keeping

  /// Consent to keep a record that nobody else has runs out.
  mutating func keepingRunsOut(_ about: SecondLineCase) {
    let count = 1 + random.below(70)
    events +=
      about.begun(keptFor: count) + [
        about.exchange(about.owner), about.pass(hours: count), about.exchange(about.owner),
        about.exchange(about.owner),
      ]
  }

  /// The hub's own copy comes beside what is to be submitted to it anew.
  mutating func submittedTwice(_ about: SecondLineCase) {
    let (owner, visitor) = (about.owner, about.visitor)
    events +=
      about.shared() + [
        about.policy(visitor, .withdrawKeeping(scope: 0)), about.policy(visitor, about.keep()),
        about.exchange(visitor), about.exchange(owner),
        about.policy(owner, .withdrawKeeping(scope: 0)),
        about.exchange(owner), about.exchange(owner), about.policy(owner, about.keep()),
        about.exchange(owner),
        .sync(device: owner), .sync(device: visitor),
      ]
  }

  /// By an override that was recorded before it was heard that the hub might keep it no longer.
  mutating func keptAgainMeanwhile(_ about: SecondLineCase) {
    let (owner, visitor) = (about.owner, about.visitor)
    let count = 1 + random.below(20)
    let isWithdrawn = random.chance(percent: 50)
    events += about.begun(keptFor: isWithdrawn ? nil : count) + [about.exchange(owner)]
    events +=
      isWithdrawn
      ? [about.policy(visitor, .withdrawKeeping(scope: 0)), .sync(device: visitor)]
      : [about.pass(hours: count)]
    events += [
      .exchange(device: owner, fault: .replyLate), .exchange(device: owner, fault: .replyLate),
      about.policy(owner, .override(scope: 0, reach: random.below(3), hours: count + 100)),
      .late(message: random.pick([-2, -1])), .sync(device: owner), .sync(device: visitor),
    ]
  }

  /// What the hub may keep again for a time, as a device hears whose clock is ahead of that.
  mutating func clockAhead(_ about: SecondLineCase) {
    let (owner, visitor) = (about.owner, about.visitor)
    let ahead = Int64(4 * World.day)
    events +=
      about.shared() + about.letGo() + [
        .sync(device: visitor), about.policy(visitor, about.keep(hours: 40 + random.below(50))),
        .sync(device: visitor), .clock(device: owner, milliseconds: ahead),
        .exchange(device: owner, fault: fault()), about.exchange(owner),
        .clock(device: owner, milliseconds: -ahead), .sync(device: owner),
      ]
  }

  /// The custodian's disk is set back to before its record, of which the hub is to let go.
  mutating func custodianSetBack(_ about: SecondLineCase) {
    let (owner, visitor) = (about.owner, about.visitor)
    events +=
      [.sync(device: owner), .keepCopy(device: owner)] + about.begun() + [
        about.exchange(owner), about.exchange(owner), .restore(device: owner),
        about.policy(visitor, .withdrawKeeping(scope: 0)), .sync(device: visitor),
        .exchange(device: owner, fault: fault()), .sync(device: owner), .sync(device: visitor),
      ]
  }
}
