/// Histories of the second line around a hub that is restored: what it is given back, and what it
/// says again.
extension EventGenerator {
  // MARK: Given back

  /// Erased under one identifier, while the record under the other is not given back.
  mutating func erasedAndHeldBack(_ about: SecondLineCase) {
    let (owner, visitor, other) = (about.owner, about.visitor, (about.child + 1) % 3)
    events += [
      .policy(device: visitor, child: other, kind: .alias(other: about.child)),
      about.policy(visitor, .withdrawKeeping(scope: 6)), .sync(device: visitor), .hubBackup,
      .policy(device: owner, child: other, kind: .withdraw(scope: 0, reach: visitor)),
      .begin(device: owner, child: about.child, category: 1), .sync(device: owner),
      about.exchange(owner), .operatorErase(child: other), .hubRestore(journalKept: true),
      .exchange(device: owner, fault: fault()), .sync(device: owner), .sync(device: visitor),
    ]
  }

  /// A device has heard that the hub was restored, and its keys are locked before it can say what
  /// was decided since.
  mutating func lockedWhileGivingBack(_ about: SecondLineCase) {
    let (owner, visitor) = (about.owner, about.visitor)
    events += [.sync(device: visitor)]
    events +=
      about.begun() + [
        about.policy(owner, about.share(with: visitor)), .sync(device: owner), .hubBackup,
        about.policy(owner, .withdraw(scope: 0, reach: visitor)), .sync(device: owner),
        .hubRestore(journalKept: false), about.exchange(owner), .lockKeys(device: owner),
        about.exchange(owner), about.exchange(owner),
      ]
    events += shape.devices.indices.filter { $0 != owner }.map { .sync(device: $0) }
  }

  /// One save, which a device and its copy have sent under two names, is given back by both.
  mutating func givenBackTwice(_ about: SecondLineCase) {
    let (owner, visitor, copy) = (about.owner, about.visitor, SimulationEvent.newest)
    events +=
      about.shared() + [
        .hubBackup, about.add(owner), .sync(device: owner), .sync(device: visitor),
        about.add(visitor, 1), .clone(device: visitor), .leave(device: copy),
        .sync(device: visitor), restoreHub(), .comeBack(device: copy),
        .exchange(device: copy, fault: fault()), .sync(device: copy), .sync(device: visitor),
        .sync(device: owner),
      ]
  }

  /// So many decisions that they go back in several requests; the hub's question comes twice.
  mutating func receiptOfAnotherPart(_ about: SecondLineCase) {
    let owner = about.owner
    events +=
      about.shared() + [
        .hubBackup, .decisions(device: owner, count: 1_100),
        about.policy(owner, .withdraw(scope: 0, reach: about.visitor)), .sync(device: owner),
        .hubRestore(journalKept: false), .exchange(device: owner, fault: .replyLate),
        about.exchange(owner), .late(message: -1), about.exchange(owner),
        .exchange(device: owner, fault: fault()), .sync(device: owner),
        .sync(device: about.visitor),
      ]
  }

  // MARK: Told again

  /// Consent that the hub has forgotten, while a withdrawal that others record comes before it.
  mutating func consentOfALostHub(_ about: SecondLineCase) {
    let (owner, visitor) = (about.owner, about.visitor)
    events +=
      [
        about.policy(owner, about.share(with: visitor)), .sync(device: owner),
        .sync(device: visitor), .hubBackup, about.policy(visitor, about.keep()),
        .sync(device: visitor),
        .begin(device: owner, child: about.child, category: 0), .sync(device: owner),
        .hubRestore(journalKept: false),
      ]
    // Who recorded it comes first, or after the custodian has given back what it has.
    events +=
      random.chance(percent: 50)
      ? [.exchange(device: owner, fault: fault()), .sync(device: owner), .sync(device: visitor)]
      : [.sync(device: visitor), .exchange(device: owner, fault: fault())]
    events += [.sync(device: owner), about.exchange(owner)]
  }
}
