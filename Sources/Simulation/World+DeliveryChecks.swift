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
