import CBOR
import CaseRecords
import Causality
import Cryptography
import Foundation
import ReplicaStore
import SQLite
import SyncProtocol

/// A folder with a store in it, gone with the test.
final class StoreFolder {
  let path: String
  static let master = SymmetricKey(bytes: [UInt8](repeating: 1, count: 32))
  static let record = RecordID(high: 1, low: 1)

  init() throws {
    path = NSTemporaryDirectory() + "cafsync-store-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func open(
    role: StoreRole = .agency, master: SymmetricKey? = StoreFolder.master
  ) throws -> ReplicaStore {
    try ReplicaStore(folder: path, role: role, master: master)
  }

  func bytes(of file: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path + "/" + file))
  }

  func overwrite(_ file: String, _ change: (inout Data) -> Void) throws {
    var data = try bytes(of: file)
    change(&data)
    try data.write(to: URL(fileURLWithPath: path + "/" + file))
  }

  /// Every file, for searching.
  func everything() throws -> [Data] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted().map { try bytes(of: $0) }
  }

  static func compartment(
    _ number: UInt64, _ category: CaseRecords.Category = .health
  ) -> Compartment {
    Compartment(
      id: CompartmentID(high: 7, low: number), child: ChildID(high: 8, low: number),
      category: category, custodian: AgencyID(high: 9, low: 1))
  }

  static func change(_ text: String, counter: UInt64 = 1, actor: UInt64 = 5) -> Change {
    Change(
      dot: Dot(actor: Actor(rawValue: actor), counter: counter), context: VersionVector(),
      writes: [
        Write(
          record: record, kind: "comment", group: "g\(counter)", value: CBOR.text(text).encoded)
      ], time: HybridTime(milliseconds: 1_000, logical: 0), claimedMilliseconds: 1_000,
      author: nil)
  }
}

extension ReplicaStore {
  /// Makes a compartment and applies the changes to it, in one transaction.
  @discardableResult
  func fill(_ compartment: Compartment, _ changes: [Change]) throws -> StoredCompartment {
    try transaction {
      let workspace = Workspace(store: self)
      let number = try workspace.entry(creating: compartment).stored.number
      for change in changes { _ = try workspace.update(compartment.id) { $0.apply(change) } }
      try workspace.flush()
      if try hold(number) == nil { try save(AgencyHold(number: number)) }
    }
    guard let stored = try self.compartment(compartment.id) else {
      throw StoreError.keyMissing(number: 0)
    }
    return stored
  }
}
