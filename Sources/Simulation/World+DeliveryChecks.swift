import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol

/// What is sent of a compartment, and to whom.
extension World {
  /// Values of the past are not for whoever is newly allowed a compartment.
  func checkStateFirst(_ answer: ExchangeAnswer, for device: SimulatedDevice) throws {
    if isLate { return }
    var begun: Set<CompartmentID> = []
    for item in answer.page.items {
      guard case .change(let id, let change) = item else {
        begun.insert(item.compartment)
        continue
      }
      if try begun.contains(id) || change.isVoid || hasState(of: id, device) { continue }
      throw SimulationFailure(
        "who has nothing is sent the state", "\(device.name) \(id.text.prefix(6))")
    }
  }

  /// Something in it has come from others, or it is the device's agency's own.
  private func hasState(of id: CompartmentID, _ device: SimulatedDevice) throws -> Bool {
    guard let stored = try device.store.compartment(id) else { return false }
    if stored.compartment.custodian == agencies[device.agency] { return true }
    let acknowledged = try device.store.hold(stored.number)?.acknowledged ?? VersionVector()
    return acknowledged.sortedEntries.contains { minters[$0.actor] != device.agency }
  }

  /// Whatever a device has from the hub is on its books, so that it can be revoked: whichever of
  /// the replies to a request was heard, and whatever arrives late. Of a record that the hub was
  /// given anew it has none of the custodian's devices (7.7); nor has a restored one of what it
  /// might not take back from them, and then was given by another holder.
  func checkBooks(on device: SimulatedDevice) throws {
    guard device.heardRestores == hub.restores, !copied.contains(device.engine.identity.device),
      let run = try hub.store.incarnation(device.engine.session.incarnation)
    else { return }
    for hold in try device.store.allHolds() {
      let isFromHub = try !hold.acknowledged.isEmpty || device.store.hasStaged(hold.number)
      guard isFromHub, let here = try device.store.compartment(number: hold.number),
        let stored = try hub.store.compartment(here.id),
        try hub.store.destroyedCopies(of: here.id) == 0,
        hub.restores == 0 || here.compartment.custodian != agencies[device.agency],
        try hub.store.hubHold(run.number, stored.number) == nil
      else { continue }
      throw SimulationFailure(
        "what is taken in is on the books", "\(device.name) \(here.id.text.prefix(6))")
    }
  }

  /// A change covers no more than its author was sent, whatever has been set apart or withdrawn in
  /// between: unless it follows what was set apart, in this request or under this actor.
  func checkNothingUndelivered(
    _ answer: ExchangeAnswer, to request: ExchangeRequest, of device: SimulatedDevice
  ) throws {
    let reasons = Dictionary(
      answer.quarantined.map { (DotNotice(compartment: $0.compartment, dot: $0.dot), $0.reason) },
      uniquingKeysWith: { first, _ in first })
    let mayBeUndelivered =
      isLate || hub.restores > 0 || device.isReportedLost
      || copied.contains(device.engine.identity.device)
    var followed: Set<CompartmentID> = []
    for case .change(let id, let change) in request.page.items {
      let actor = change.dot.actor
      guard let reason = reasons[DotNotice(compartment: id, dot: change.dot)] else { continue }
      let isFirst = followed.insert(id).inserted && !unfit.contains(actor)
      if reason == .contextNotDelivered, isFirst, !mayBeUndelivered {
        throw SimulationFailure(
          "who saw what it was sent is believed",
          "\(device.name) \(id.text.prefix(6)) \(actor.rawValue % 1_000)")
      }
      unfit.insert(actor)
    }
  }

  /// What a device has, by the sum of its request, it is not sent again, whatever was lost on the
  /// way.
  func checkNotAgain(_ answer: ExchangeAnswer, to device: SimulatedDevice) throws {
    if isLate { return }
    for case .change(let id, let change) in answer.page.items {
      guard let stored = try device.store.compartment(id),
        try device.store.hold(stored.number)?.acknowledged.contains(change.dot) == true
      else { continue }
      throw SimulationFailure(
        "what has come does not come again",
        "\(device.name) \(id.text.prefix(6)) \(change.dot.actor.rawValue % 1_000)")
    }
  }

  /// How much stays on a device, since the hub may not keep it, is not for the hub either.
  func checkUnsent(_ request: ExchangeRequest, of device: SimulatedDevice) throws {
    if request.unsentCount == 0 || device.engine.isLocked { return }
    let known = try known(to: device)
    var leaving = 0
    for number in try device.store.outboxCompartments() {
      guard let compartment = try device.store.compartment(number: number)?.compartment else {
        continue
      }
      if compartment.custodian != agencies[device.agency]
        || hubMayKeep(compartment, by: known, at: device)
      {
        leaving += try device.store.outboxCount(of: number)
      }
    }
    if request.page.items.count + Int(request.unsentCount) > leaving {
      throw SimulationFailure("the hub is told of no work that it may not keep", device.name)
    }
  }
}
