/// Every order of a few events in the smallest district that has all of the protocol in it: two
/// agencies with a device each, and one compartment that both may hold.
///
/// Most faults of a protocol show in a short history, if only it is the right one (the small scope
/// hypothesis: Jackson, Software Abstractions, 2006). A random history is long and meets few orders
/// of what it holds; here each order is met. Histories that are another one with two events
/// exchanged that do not touch each other, or with an event that does nothing, are left out.
package struct SmallScope: Hashable, Sendable {
  /// What an event touches: the order of two that share nothing does not matter.
  private struct Parts: OptionSet, Hashable {
    let rawValue: Int
    static let custodian = Parts(rawValue: 1)
    static let other = Parts(rawValue: 2)
    static let hub = Parts(rawValue: 4)
    static let all: Parts = [.custodian, .other, .hub]
  }

  private struct Kind {
    let event: SimulationEvent
    let touches: Parts
    /// Means nothing unless that one came before.
    var needs: SimulationEvent?
    /// Means nothing unless one of those comes after.
    var waitsFor: [SimulationEvent] = []
  }

  static let shape = SimulationRun.Shape(agencies: 2, devices: [0, 1])
  static let beginning: [SimulationEvent] = [
    .policy(device: 0, child: 0, kind: .keep(scope: 1, knowing: true, hours: nil)),
    .begin(device: 0, child: 0, category: 0),
    .policy(
      device: 0, child: 0,
      kind: .share(scope: 1, reach: 1, knowing: true, excluding: false, hours: nil)),
    .sync(device: 0), .sync(device: 1),
  ]

  private static let keepCopy = SimulationEvent.keepCopy(device: 1)
  private static let restore = SimulationEvent.restore(device: 1)
  private static let hubRestores: [SimulationEvent] = [
    .hubRestore(journalKept: true), .hubRestore(journalKept: false),
  ]

  /// The most telling ones first.
  private static let kinds: [Kind] = [
    write(0, .custodian), write(1, .other), exchange(0, .none), exchange(1, .none),
    exchange(1, .replyLost), decides(.withdraw(scope: 1, reach: 1)),
    decides(.share(scope: 1, reach: 1, knowing: true, excluding: false, hours: nil)),
    Kind(event: keepCopy, touches: .other, waitsFor: [restore]),
    Kind(event: restore, touches: .other, needs: keepCopy),
    Kind(event: .hubBackup, touches: .hub, waitsFor: hubRestores),
    Kind(event: hubRestores[0], touches: .hub, needs: .hubBackup),
    Kind(event: .clone(device: 1), touches: .other),
    Kind(event: .crash(device: 1, afterCommits: 0), touches: .other),
    exchange(0, .replyLost), exchange(1, .hubDies), exchange(1, .requestLate),
    Kind(event: .late(message: 0), touches: .all, needs: .exchange(device: 1, fault: .requestLate)),
    decides(.withdrawKeeping(scope: 1)), decides(.erase),
    Kind(event: hubRestores[1], touches: .hub, needs: .hubBackup),
    Kind(event: .pass(milliseconds: 30 * World.day), touches: .all),
  ]

  private static func write(_ device: Int, _ touches: Parts) -> Kind {
    Kind(
      event: .write(device: device, compartment: 0, group: 0, form: .current, size: .short),
      touches: touches)
  }

  private static func exchange(_ device: Int, _ fault: SimulationEvent.LineFault) -> Kind {
    Kind(
      event: .exchange(device: device, fault: fault),
      touches: device == 0 ? [.custodian, .hub] : [.other, .hub])
  }

  private static func decides(_ choice: SimulationEvent.PolicyChoice) -> Kind {
    Kind(event: .policy(device: 0, child: 0, kind: choice), touches: .custodian)
  }

  package static var kindsMax: Int { kinds.count }

  /// Events after the beginning.
  package let length: Int
  /// The first so many kinds of event.
  package let kinds: Int

  /// - Parameters:
  ///   - length: 1 to 8.
  ///   - kinds: 1 to `kindsMax`.
  package init(length: Int, kinds: Int) {
    self.length = length
    self.kinds = kinds
  }

  /// How many orders there are, those that are left out among them.
  package var count: Int { (1...length).reduce(0) { sum, _ in (sum + 1) * kinds } }

  /// The history of this number, below `count`; nil: it is left out. The short ones come first.
  func history(_ number: Int) -> [SimulationEvent]? {
    var rest = number
    var events = 1
    var ofThisLength = kinds
    while rest >= ofThisLength {
      rest -= ofThisLength
      ofThisLength *= kinds
      events += 1
    }
    var picks: [Int] = []
    for _ in 0..<events {
      picks.append(rest % kinds)
      rest /= kinds
    }
    return isNew(picks) ? Self.beginning + picks.map { Self.kinds[$0].event } : nil
  }

  private func isNew(_ picks: [Int]) -> Bool {
    for (place, pick) in picks.enumerated() {
      let kind = Self.kinds[pick]
      if let needed = kind.needs,
        !picks[..<place].contains(where: { Self.kinds[$0].event == needed })
      {
        return false
      }
      if !kind.waitsFor.isEmpty,
        !picks[place...].contains(where: { kind.waitsFor.contains(Self.kinds[$0].event) })
      {
        return false
      }
      guard place > 0 else { continue }
      let before = Self.kinds[picks[place - 1]]
      // Of two that could be exchanged, the one with the lower number comes first.
      if before.touches.isDisjoint(with: kind.touches), picks[place - 1] > pick { return false }
    }
    return true
  }
}
