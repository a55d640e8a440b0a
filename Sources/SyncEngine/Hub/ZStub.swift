import CaseRecords
import Disclosure
import ReplicaStore
import SyncProtocol
package struct ChildSearchIndex: Sendable { init() {} }
extension HubEngine {
  func rebuildSearchIndex() throws {}
  func caseFacts(ofCompartment: Compartment) throws -> CaseFacts { CaseFacts() }
}
extension HubExchange {
  mutating func derive(from change: Change, in stored: StoredCompartment) throws {}
}
