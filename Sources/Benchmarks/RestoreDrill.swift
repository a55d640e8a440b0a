import CaseRecords
package import Cryptography
import ReplicaStore
package import SyncEngine

/// A hub with so many compartments and one device that has them all, whose database is lost and
/// comes back from a backup: what the device gives back then.
///
/// Backup and restore themselves belong to the hub's daemon; whoever measures calls them in
/// between.
package final class RestoreDrill {
  private let hub: BenchHub
  private let device: BenchReplica
  private let agency: AgencyID
  private var count = 0

  /// Over a hub's folder that was made and never used. `folder` is the device's.
  package init(
    hub path: String, master: SymmetricKey, secrets: HubSecrets, device folder: String
  ) throws {
    hub = try BenchHub(existing: path, master: master, secrets: secrets)
    agency = try hub.agency("School")
    device = try BenchReplica(hub, of: agency, folder: folder)
  }

  /// Saves so many index entries on the device, and pushes them to the hub.
  package func work(entries: Int) throws {
    let drafts = (count..<count + entries).map { number in
      ChangeDraft(
        to: .creating(BenchRecords.compartment(.index, custodian: agency)),
        writes: BenchRecords.writes(number))
    }
    try device.save(drafts)
    count += entries
    try device.settle()
  }

  /// As the hub stops: nobody has its files open.
  package func stopHub() { hub.close() }

  package func startHub() throws { try hub.reopen() }

  /// The device meets the restored hub, until neither has anything for the other and nothing waits
  /// to be let out. Every entry has to be at the hub again.
  package func giveBack() throws {
    try device.settle()
    let store = hub.engine.store
    guard try store.compartments(in: .index).count == count, try store.recoveringCount() == 0
    else { throw BenchFailure("the hub did not get back what it lost") }
  }

  package func close() {
    hub.close()
    device.engine.store.close()
  }
}
