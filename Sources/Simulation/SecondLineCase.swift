/// One record, its custodian's device, and one of another agency: of whom a rare history tells.
struct SecondLineCase {
  let record: SimulationEvent.Record
  let owner: Int
  let visitor: Int

  var child: Int { record.child }

  // MARK: What happens in several

  func add(
    _ device: Int, _ group: Int = 0, _ size: SimulationEvent.Size = .short
  ) -> SimulationEvent {
    .add(device: device, to: record, group: group, form: .current, size: size)
  }

  func policy(_ device: Int, _ kind: SimulationEvent.PolicyChoice) -> SimulationEvent {
    .policy(device: device, child: child, kind: kind)
  }

  func keep(hours: Int? = nil) -> SimulationEvent.PolicyChoice {
    .keep(scope: 0, knowing: true, hours: hours)
  }

  func share(with agency: Int, knowing: Bool = true) -> SimulationEvent.PolicyChoice {
    .share(scope: 0, reach: agency, knowing: knowing, excluding: false, hours: nil)
  }

  func exchange(_ device: Int) -> SimulationEvent { .exchange(device: device, fault: .none) }

  func pass(hours: Int) -> SimulationEvent { .pass(milliseconds: UInt64(hours) * 3_600_000) }

  func begun(keptFor hours: Int? = nil) -> [SimulationEvent] {
    [
      .begin(device: owner, child: child, category: record.category),
      policy(owner, keep(hours: hours)), .sync(device: owner),
    ]
  }

  func shared() -> [SimulationEvent] {
    begun() + [policy(owner, share(with: visitor)), .sync(device: owner), .sync(device: visitor)]
  }

  /// The hub lets go of its copy, and whoever had it of theirs.
  func letGo() -> [SimulationEvent] {
    [
      policy(owner, .withdrawKeeping(scope: 0)), .sync(device: owner), .sync(device: visitor),
      .sync(device: owner), exchange(owner), exchange(owner),
    ]
  }
}
