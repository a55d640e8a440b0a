import CaseRecords
import Causality
import Cryptography
import Foundation
import ReplicaStore
import SQLite
import SyncProtocol
import TestSupport
import Testing

@Suite("A purge")
struct PurgeTests {
  /// `make soak` runs the full count, `make test` a tenth of it.
  private static let count =
    ProcessInfo.processInfo.environment["CAFSYNC_SOAK"] == "1" ? 10_000 : 1_000

  @Test("of every tenth leaves no key, no sealed byte and no word of it, and all of the others")
  func leavesNothing() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    try store.transaction {
      let workspace = Workspace(store: store)
      for number in 0..<Self.count {
        let compartment = StoreFolder.compartment(UInt64(number))
        let entry = try workspace.entry(creating: compartment)
        try store.save(AgencyHold(number: entry.stored.number))
        _ = try workspace.update(compartment.id) {
          $0.apply(StoreFolder.change("canary \(number) " + String(repeating: "y", count: 200)))
        }
      }
      try workspace.flush()
    }
    let purged = stride(from: 3, to: Self.count, by: 10).map {
      StoreFolder.compartment(UInt64($0)).id
    }
    let stored = try purged.map { try #require(try store.compartment($0)) }
    var secrets: [ByteSearch.Needle] = []
    var onDisk: Set<String> = []
    for item in stored {
      let sealed = try store.database.first(
        "SELECT content FROM compartments WHERE number = ?", .integer(item.number)
      ) { $0.blob(0) }
      let wrapped = try #require(try store.vault.wrapped(item.number))
      secrets.append(.init("key \(item.number)", try store.vault.key(item.number).bytes))
      secrets.append(.init("wrapped \(item.number)", wrapped))
      // Its head: the whole may lie across two pages.
      secrets.append(.init("sealed \(item.number)", Array(try #require(sealed).prefix(48))))
      onDisk.formUnion(["wrapped \(item.number)", "sealed \(item.number)"])
    }
    let search = ByteSearch(secrets)
    func found() throws -> Set<String> {
      try folder.everything().reduce(into: []) { $0.formUnion(search.found(in: Array($1))) }
    }
    // They were there, but for the keys themselves.
    #expect(try found() == onDisk)
    let numbers = stored.map(\.number)
    try store.vault.destroy(numbers)
    try store.transaction { try store.deleteRows(numbers) }
    try store.checkpoint()
    #expect(try found().isEmpty)
    for file in try folder.everything() { #expect(file.range(of: Data("canary".utf8)) == nil) }
    #expect(try store.compartmentCount() == Self.count / 10 * 9)
    for number in 0..<Self.count where number % 10 != 3 {
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
