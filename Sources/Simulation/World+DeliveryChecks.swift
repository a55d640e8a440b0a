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
}
