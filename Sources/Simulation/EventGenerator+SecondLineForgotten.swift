/// Histories of the second line in which the hub has forgotten what somebody still says.
extension EventGenerator {
  /// A receipt comes again after what it was for has been begun anew, in parts.
  mutating func receiptTwice(_ about: SecondLineCase) {
    let (owner, visitor) = (about.owner, about.visitor)
    let withdraw = about.policy(owner, .withdraw(scope: 0, reach: visitor))
    events +=
      about.shared() + (0..<3).map { about.add(owner, $0, .long) } + [
        .sync(device: owner), .sync(device: visitor), withdraw, .sync(device: owner),
        about.exchange(visitor), about.policy(owner, about.share(with: visitor)),
        .sync(device: owner), .page(device: visitor, bytes: 512),
        .exchange(device: visitor, fault: .requestLate), about.exchange(visitor),
        .late(message: -1), withdraw, .sync(device: owner),
        .exchange(device: visitor, fault: fault()), .sync(device: visitor),
      ]
  }

  // MARK: Copies

  /// The hub has let go of a record twice, so it has the third name of words that a copy, sealed
  /// at the end of its lease, says by the first.
  mutating func saidAgainByFirstName(_ about: SecondLineCase) {
    let (owner, visitor) = (about.owner, about.visitor)
    events +=
      about.shared() + [
        .add(device: visitor, to: about.record, group: 2, form: .blank, size: .short),
        .clone(device: visitor), .leave(device: SimulationEvent.newest),
        .sync(device: visitor), .sync(device: owner),
      ]
    for _ in 0..<2 {
      events +=
        about.letGo() + [
          about.policy(owner, about.keep()), about.policy(owner, about.share(with: visitor)),
          .sync(device: owner), .sync(device: visitor), .sync(device: owner),
        ]
    }
    events += rescue(about)
  }

  /// What the copy has under one dot stands for other words in a state that the hub was given back.
  mutating func rescuedAfterRestore(_ about: SecondLineCase) {
    let visitor = about.visitor
    events +=
      about.shared() + [
        about.add(visitor, 1), .sync(device: visitor), about.exchange(visitor),
        .clone(device: visitor), .hubBackup, about.add(visitor, 2), .sync(device: visitor),
        about.add(SimulationEvent.newest, 3), .leave(device: SimulationEvent.newest), restoreHub(),
        .sync(device: visitor), .sync(device: about.owner),
      ]
    events += rescue(about)
  }

  /// The newest copy comes back after the end of its lease.
  private mutating func rescue(_ about: SecondLineCase) -> [SimulationEvent] {
    let (copy, others) = (SimulationEvent.newest, [about.visitor, about.owner])
    let weeks = (0..<3).flatMap { _ in
      [.pass(milliseconds: 13 * World.day)] + others.map { SimulationEvent.sync(device: $0) }
    }
    return weeks + [
      .comeBack(device: copy), .exchange(device: copy, fault: fault()), .sync(device: copy),
    ] + others.map { .sync(device: $0) }
  }

  /// A copy alone has a record: the hub was restored to before it, its custodian's disk too, and
  /// from the original it was withdrawn.
  mutating func knownToACopyAlone(_ about: SecondLineCase) {
    let (owner, visitor) = (about.owner, about.visitor)
    events +=
      [.sync(device: owner), .sync(device: visitor), .hubBackup, .keepCopy(device: owner)]
      + about.shared() + [
        .clone(device: visitor), .leave(device: SimulationEvent.newest),
        about.policy(owner, .withdraw(scope: 0, reach: visitor)), .sync(device: owner),
        .sync(device: visitor), .restore(device: owner), restoreHub(), .sync(device: visitor),
        .sync(device: owner), .comeBack(device: SimulationEvent.newest),
        .exchange(device: SimulationEvent.newest, fault: fault()),
        .sync(device: SimulationEvent.newest), .sync(device: visitor), .sync(device: owner),
      ]
  }
}
