import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine

/// Agencies as the operator sees them, each with how its devices stand.
extension HubReports {
  func agencies() throws -> JSON { try agencies(try standings()) }

  func agencies(_ standings: [DeviceStanding]) throws -> JSON {
    let byAgency = Dictionary(grouping: standings, by: \.device.agency)
    return .array(
      try store.agencies().filter { $0.id != .hub }.map { agency in
        let devices = byAgency[agency.number] ?? []
        let active = devices.filter { $0.state != .revoked }
        var object = JSON.Object()
        object["id"] = .string(agency.id.text)
        object["name"] = .string(agency.name)
        object["sector"] = .string(agency.sector)
        object["locality"] = .string(agency.locality)
        object["sectorLabel"] = label(agency.sector, in: CodeLists.sector)
        object["localityLabel"] = label(agency.locality, in: CodeLists.locality)
        object["sensitive"] = .bool(agency.isSensitive)
        object["devices"] = .count(devices.count)
        object["devicesActive"] = .count(active.count)
        object["devicesInStep"] = .count(active.count { $0.state == .inStep })
        object["lastContactMilliseconds"] = .optional(
          active.compactMap(\.lastContactMilliseconds).max())
        object["unsent"] = .count(active.reduce(0) { $0 + $1.unsent })
        object["pendingPurges"] = .count(devices.reduce(0) { $0 + $1.pendingPurges })
        object["agreementLocked"] = .bool(!core.engine.locks(on: agency.id).isEmpty)
        return .object(object)
      })
  }

  /// For people; a code that an older list had stands for itself.
  private func label(_ code: String, in list: CodeList) -> JSON {
    .string(list.label(for: code) ?? code)
  }
}
