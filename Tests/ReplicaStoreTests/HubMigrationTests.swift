import CaseRecords
import Causality
import SQLite
import SyncProtocol
import Testing

@testable import ReplicaStore

@Suite("A hub's file from before")
struct HubMigrationTests {
  /// The file as the first version of the program left it.
  private func firstVersion() throws -> (database: Database, keys: Database) {
    let database = try Database(path: ":memory:", options: DatabaseOptions(journal: .memory))
    let keys = try Database(path: ":memory:", options: DatabaseOptions(journal: .memory))
    let first = [PackageResources.replica_0001_sql, PackageResources.hub_0001_sql]
      .map { String(decoding: $0, as: UTF8.self) }.joined()
    try Migrations([(1, first)]).apply(to: database)
    return (database, keys)
  }

  private func open(_ files: (database: Database, keys: Database)) throws -> ReplicaStore {
    try ReplicaStore(
      database: files.database, vault: KeyVault(database: files.keys, master: StoreFolder.master),
      role: .hub)
  }

  @Test("what waits to be purged gets its reason from the entry that was taken at that moment")
  func waitingOrders() throws {
    let files = try firstVersion()
    let (child, other) = (ChildID(high: 8, low: 1), ChildID(high: 8, low: 2))
    let (entry, lock) = (PolicyID(high: 3, low: 1), PolicyID(high: 3, low: 2))
    let sql = files.database
    try sql.execute(
      """
      INSERT INTO agencies (number, id, name, sector, locality) VALUES (1, x'01', 'a', '', '');
      INSERT INTO devices (number, id, agency, name, secret_digest, enrolled_ms)
        VALUES (1, x'02', 1, 'd', x'', 0);
      INSERT INTO incarnations (number, id, device, digest, digest_before)
        VALUES (1, x'03', 1, x'', x'');
      """)
    for (number, about) in [(1, child), (2, child), (3, other), (4, other)] as [(Int64, ChildID)] {
      _ = try sql.run(
        "INSERT INTO compartments VALUES (?, ?, ?, 6, x'09', ?, x'')", .integer(number),
        .id(CompartmentID(high: 7, low: UInt64(number))), .id(about),
        .blob(VersionVector().encoded()))
      let revoked: [Int64: Int64] = [1: 1_000, 2: 2_000, 3: 2_000]
      _ = try sql.run(
        "INSERT INTO holds VALUES (1, ?, ?, ?, 0, ?, 0)", .integer(number),
        .blob(VersionVector().encoded()), .blob(VersionVector().encoded()),
        .optional(revoked[number]))
    }
    for (id, about, at, kind) in [
      (entry, child, 1_000, "policy withdrawal"), (lock, nil, 2_000, "policy agreement lock"),
    ] as [(PolicyID, ChildID?, Int64, String)] {
      _ = try sql.run(
        "INSERT INTO policy (id, child, agency, at_ms, body) VALUES (?, ?, x'09', ?, x'')",
        .id(id), .id(about), .integer(at))
      _ = try sql.run(
        "INSERT INTO audit (at_ms, who, action, subject, chain) VALUES (?, '', ?, ?, x'')",
        .integer(at), .text(kind), .text(id.text))
    }
    let store = try open(files)
    let books = try store.withdrawals(openOnly: true, before: .max, limit: 9)
    #expect(
      Set(books.map(\.cause)) == [
        HubWithdrawalCause(kind: "withdrawal", policy: entry, child: child),
        HubWithdrawalCause(kind: "agreement lock", policy: lock, child: nil),
      ])
    #expect(books.map(\.compartments).sorted() == [1, 2])
    #expect(Set(books.map(\.atMilliseconds)) == [1_000, 2_000])
    // Opened again, nothing is taken in twice.
    #expect(try open(files).withdrawalCount(openOnly: true, before: .max) == 2)
  }
}
