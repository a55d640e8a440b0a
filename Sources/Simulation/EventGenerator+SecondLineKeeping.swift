/// Histories of the second line about what the hub keeps: lets go of, and is given anew, by whom
/// and under which of a child's names.
extension EventGenerator {
  // MARK: Begun anew

  /// One of the custodian's devices begins the record anew from an old disk; another has all of it.
  mutating func begunAnewFromLess(_ about: SecondLineCase) {
    let (owner, visitor) = (about.owner, about.visitor)
    let laptop = shape.devices.indices.last { shape.devices[$0] == owner } ?? owner
    events +=
      about.shared() + [
        .sync(device: laptop), .keepCopy(device: laptop), about.add(owner, 1),
        .sync(device: owner), .sync(device: laptop), .sync(device: visitor), .sync(device: owner),
      ]
    events +=
      about.letGo() + [
        .sync(device: laptop), .sync(device: owner), about.exchange(owner),
        .restore(device: laptop), .sync(device: laptop),
        about.policy(laptop, about.keep()), .exchange(device: laptop, fault: fault()),
        .sync(device: laptop), .sync(device: owner), .sync(device: laptop),
      ]
  }

  /// What the hub would not keep it may keep by what the same answer tells, to a retry.
  mutating func declinedAndKept(_ about: SecondLineCase) {
    let (owner, visitor) = (about.owner, about.visitor)
    events += [
      about.policy(owner, about.keep()), .sync(device: owner),
      about.policy(visitor, .withdrawKeeping(scope: 0)), .sync(device: visitor),
      .begin(device: owner, child: about.child, category: 0),
      .exchange(device: owner, fault: .replyLost), about.policy(visitor, about.keep()),
      .sync(device: visitor), .exchange(device: owner, fault: fault()), .sync(device: owner),
    ]
  }

  /// Of a record of an erased child only the first of several pages has been sent.
  mutating func erasedInTheMiddle(_ about: SecondLineCase) {
    let owner = about.owner
    events += [
      .operatorErase(child: about.child),
      .begin(device: owner, child: about.child, category: 0), about.policy(owner, about.keep()),
    ]
    events += (0..<4).map { about.add(owner, $0, .long) }
    events += [
      .page(device: owner, bytes: 512), .exchange(device: owner, fault: fault()),
      about.exchange(owner), .page(device: owner, bytes: 1 << 16), .sync(device: owner),
    ]
  }

  // MARK: Joined

  /// Three registrations joined in a row; its custodian knows the last, and parts it from the
  /// first when the hub has let go of its record, of which it has not heard.
  mutating func partedInARow(_ about: SecondLineCase) {
    let (owner, visitor) = (about.owner, about.visitor)
    let others = ((about.child + 1) % 3, (about.child + 2) % 3)
    events +=
      about.begun() + [
        .begin(device: visitor, child: others.0, category: 0),
        .policy(device: visitor, child: others.0, kind: about.keep()),
        .policy(device: visitor, child: others.0, kind: about.share(with: owner)),
        .policy(device: visitor, child: others.1, kind: .alias(other: about.child)),
        .policy(device: visitor, child: others.0, kind: .alias(other: others.1)),
        .sync(device: visitor), .sync(device: owner),
        .policy(device: visitor, child: others.0, kind: .withdrawKeeping(scope: 0)),
        .sync(device: visitor), .exchange(device: owner, fault: .replyLost),
        .exchange(device: owner, fault: random.pick([.replyLost, .replyLate])),
        .policy(device: owner, child: others.0, kind: .unalias), .sync(device: owner),
        .sync(device: visitor), .sync(device: owner),
      ]
  }

  /// Two are parted when one of them is no more known to who was told that they are one. It has
  /// private notes on that one; and the other is erased.
  mutating func partedAfterLettingGo(_ about: SecondLineCase) {
    let (owner, visitor, other) = (about.owner, about.visitor, (about.child + 1) % 3)
    let own = SecondLineCase(
      record: SimulationEvent.Record(child: other, category: 0, custodian: visitor),
      owner: visitor, visitor: owner)
    events += about.shared() + own.begun()
    events += [
      about.policy(owner, .alias(other: other)), .sync(device: owner), .sync(device: visitor),
    ]
    events +=
      about.letGo() + [
        about.policy(owner, .unalias), .sync(device: owner), .sync(device: visitor),
        .begin(device: visitor, child: about.child, category: 6), .operatorErase(child: other),
        .exchange(device: visitor, fault: fault()), .sync(device: visitor), .sync(device: owner),
      ]
  }
}
