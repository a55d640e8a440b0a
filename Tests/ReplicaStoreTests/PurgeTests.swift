import CaseRecords
import Causality
import Cryptography
import Foundation
import ReplicaStore
import SQLite
import SyncProtocol
import Testing

@Suite("A purge")
struct PurgeTests {
  @Test("of 100 among 1,000 leaves no key and no word of them in any file, and all of the others")
  func leavesNothing() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    try store.transaction {
      let workspace = Workspace(store: store)
      for number in 0..<1_000 {
        let compartment = StoreFolder.compartment(UInt64(number))
        let entry = try workspace.entry(creating: compartment)
        try store.save(AgencyHold(number: entry.stored.number))
        _ = try workspace.update(compartment.id) {
          $0.apply(StoreFolder.change("canary \(number) " + String(repeating: "y", count: 200)))
        }
      }
      try workspace.flush()
    }
    let purged = stride(from: 3, to: 1_000, by: 10).map { StoreFolder.compartment(UInt64($0)).id }
    let stored = try purged.map { try #require(try store.compartment($0)) }
    var secrets: [[UInt8]] = []
    for item in stored {
      secrets.append(try store.vault.key(item.number).bytes)
      secrets.append(try #require(try store.vault.wrapped(item.number)))
    }
    #expect(secrets.count == 200)
    // They were there.
    let before = try folder.everything()
    #expect(before.contains { $0.range(of: Data(secrets[1])) != nil })
    let numbers = stored.map(\.number)
    try store.vault.destroy(numbers)
    try store.transaction { try store.deleteRows(numbers) }
    try store.checkpoint()
    for file in try folder.everything() {
      for secret in secrets { #expect(file.range(of: Data(secret)) == nil) }
      #expect(file.range(of: Data("canary".utf8)) == nil)
    }
    #expect(try store.compartmentCount() == 900)
    for number in 0..<1_000 where number % 10 != 3 {
      let kept = try #require(try store.compartment(StoreFolder.compartment(UInt64(number)).id))
      #expect(try store.content(of: kept).records.count == 1)
    }
  }

  @Test("a receipt may be sent only after the files are proven clean, and again when asked again")
  func states() throws {
    let store = try StoreFolder().open()
    let held = VersionVector([Actor(rawValue: 1): 2])
    let receipt = PurgeReceipt(
      compartment: CompartmentID(high: 1, low: 1), certificate: [UInt8](repeating: 4, count: 16),
      proof: [UInt8](repeating: 5, count: 32))
    try store.savePurge(receipt, held: held, isProven: false, atMilliseconds: 1)
    #expect(try store.hasUnprovenPurges())
    #expect(try store.unacknowledgedPurges(limit: 9).isEmpty)
    #expect(try store.holdings() == [Holding(compartment: receipt.compartment, vector: held)])
    try store.markPurgesProven()
    #expect(try store.unacknowledgedPurges(limit: 9) == [receipt])
    #expect(try store.openPurge(receipt)?.held == held)
    try store.acknowledgePurge(receipt)
    #expect(try store.unacknowledgedPurges(limit: 9).isEmpty && store.openPurge(receipt) == nil)
    #expect(try store.holdings().isEmpty)
    #expect(
      try store.certificates()
        == [Revocation(compartment: receipt.compartment, certificate: receipt.certificate)])
    try store.savePurge(receipt, held: VersionVector(), isProven: true, atMilliseconds: 2)
    #expect(try store.unacknowledgedPurges(limit: 9) == [receipt])
    #expect(try store.purgeCount() == 1)
  }

  @Test("orders of what is held again are not presented to a restored hub")
  func certificatesOfHeld() throws {
    let store = try StoreFolder().open()
    let compartment = StoreFolder.compartment(1)
    for certificate in [[UInt8](repeating: 4, count: 16), PurgeReceipt.withoutOrder] {
      try store.savePurge(
        PurgeReceipt(
          compartment: compartment.id, certificate: certificate,
          proof: [UInt8](repeating: 5, count: 32)), held: VersionVector(), isProven: true,
        atMilliseconds: 1)
    }
    #expect(try store.certificates().count == 1)
    try store.fill(compartment, [])
    #expect(try store.certificates().isEmpty)
  }

  @Test("a reader that holds on keeps the purge unproven")
  func busyReader() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    let stored = try store.fill(StoreFolder.compartment(1), [StoreFolder.change("x")])
    let reader = try Database(
      path: folder.path + "/replica.sqlite",
      options: DatabaseOptions(readOnly: true, busyTimeoutMilliseconds: 0))
    try store.database.execute("PRAGMA busy_timeout = 0")
    try reader.readTransaction {
      _ = try reader.first("SELECT count(*) FROM compartments") { $0.int(0) }
      try store.vault.destroy([stored.number])
      try store.transaction { try store.deleteRows([stored.number]) }
      #expect(throws: StoreError.checkpointBusy) { try store.checkpoint() }
    }
    try store.checkpoint()
  }
}
