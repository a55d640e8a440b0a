/// What comes after a decision: on a screen that shows what it took away, at a hub that has
/// forgotten it, and in work that it leaves behind.
extension EventGenerator {
  /// A form stays open while what it shows is withdrawn, and purged.
  mutating func openForms(_ one: Int, _ other: Int) {
    let typed = SimulationEvent.write(
      device: one, compartment: any(), group: any(), form: .opened, size: .short)
    events += [
      .sync(device: one), .openForm(device: one, compartment: any()),
      .openForm(device: one, compartment: any()),
      .policy(device: other, child: 0, kind: .withdraw(scope: 0, reach: agency(of: one))),
      .sync(device: other),
    ]
    // With unsent work it is revoked for as long as that has not been sent.
    if random.chance(percent: 50) {
      events += [
        .write(device: one, compartment: any(), group: any(), form: .current, size: .short),
        .page(device: one, bytes: 512),
      ]
    }
    events += [
      .exchange(device: one, fault: fault()), typed, .exchange(device: one, fault: .none), typed,
      .sync(device: one),
    ]
  }

  /// A hub that has lost its journal, and what was withdrawn since its backup: whoever obeyed comes
  /// first, or last, or whoever decided comes never again.
  mutating func forgottenOrders(_ one: Int, _ other: Int) {
    let share = SimulationEvent.PolicyChoice.share(
      scope: 0, reach: random.chance(percent: 50) ? shape.agencies : agency(of: one), knowing: true,
      excluding: false, hours: nil)
    events += [
      .policy(device: 0, child: 0, kind: share), .sync(device: 0), .sync(device: one), .hubBackup,
      .policy(device: other, child: 0, kind: .withdraw(scope: 0, reach: agency(of: one))),
      .sync(device: other),
    ]
    if random.chance(percent: 70) { events += [.sync(device: one), .sync(device: one)] }
    if hasHubRestores { events.append(.hubRestore(journalKept: random.chance(percent: 30))) }
    if random.chance(percent: 30) { events.append(.reportLost(device: other)) }
    let comers = [one, 0, other, random.below(8)]
    let first = random.below(comers.count)
    for index in comers.indices {
      events.append(.sync(device: comers[(first + index) % comers.count]))
    }
    events += [
      .policy(device: random.pick([0, other]), child: 0, kind: share), .sync(device: 0),
      .sync(device: other), .sync(device: one),
    ]
  }
}
