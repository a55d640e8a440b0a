import Foundation
import Operations
import ReplicaStore
import SQLite
import Testing

@testable import HubService

@Suite struct CheckTests {
  let folder = TemporaryFolder()

  private func file(_ name: String) -> String { folder.path + "/" + name }

  /// A hub with an agency, a device and a record, stopped.
  private func made() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    _ = hub.publish(from: device)
    try hub.settle()
    _ = try hub.operation("agreement-lock", ["agency": "school", "yes": true])
  }

  private func verdicts() -> [String: String] {
    let answer = HubCheck.run(HubFolder(path: folder.path), now: 1_764_000_000_000)
    return Dictionary(
      (answer["checks"]?.arrayValue ?? []).map {
        ($0["name"]?.stringValue ?? "", $0["verdict"]?.stringValue ?? "")
      }, uniquingKeysWith: { _, last in last })
  }

  private func edit(_ name: String, _ sql: String) throws {
    let database = try Database(path: file(name))
    try database.execute(sql)
    #expect(try database.checkpointTruncate())
    database.close()
  }

  @Test func aWholeHubIsGoodButForItsMissingBackup() throws {
    try made()
    let found = verdicts()
    #expect(found.filter { $0.value != "good" } == ["backup": "look"])
    #expect(found.count == 12, "\(found)")
  }

  @Test func eachFaultIsFoundWhereItIs() throws {
    let table: [(line: String, verdict: String, spoil: () throws -> Void)] = [
      ("rights of the files", "wrong", { chmod(file("witness"), 0o644) }),
      ("schema", "wrong", { try edit("replica.sqlite", "PRAGMA user_version = 9999") }),
      ("keys", "wrong", { try edit("keys.sqlite", "DELETE FROM keys WHERE number = 1") }),
      ("keys", "look", { try edit("keys.sqlite", "INSERT INTO keys VALUES (99, x'00')") }),
      (
        "audit log", "wrong",
        { try edit("replica.sqlite", "UPDATE audit SET subject = 'x' WHERE number = 1") }
      ),
      (
        "policy journal", "wrong",
        { try edit("replica.sqlite", "UPDATE agencies SET id = randomblob(16) WHERE number = 2") }
      ),
      ("policy journal", "look", { try edit("replica.sqlite", "DELETE FROM policy") }),
      (
        "policy journal", "wrong",
        { try FileManager.default.removeItem(atPath: file("policy.journal")) }
      ),
      ("witness", "look", { try FileManager.default.removeItem(atPath: file("witness")) }),
      (
        "witness", "look",
        { try edit("replica.sqlite", "UPDATE meta SET value = x'01' WHERE name = 'commits'") }
      ),
      ("disclosure ledger", "wrong", { try edit("replica.sqlite", "DELETE FROM disclosures") }),
      (
        "disclosure ledger", "wrong",
        { try edit("replica.sqlite", "DELETE FROM holds") }
      ),
      ("recovery", "look", { try edit("replica.sqlite", "INSERT INTO recovering VALUES (1)") }),
      (
        "left behind", "look",
        {
          try FileManager.default.createDirectory(
            atPath: file("replaced-x"), withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        }
      ),
      ("store", "wrong", { try AtomicFile.write([1, 2, 3], to: file("replica.sqlite")) }),
    ]
    for (index, row) in table.enumerated() {
      try? FileManager.default.removeItem(atPath: folder.path)  // Of the turn before.
      try made()
      try row.spoil()
      #expect(verdicts()[row.line] == row.verdict, "row \(index): \(row.line)")
      let answer = HubCheck.run(HubFolder(path: folder.path), now: 1_764_000_000_000)
      #expect(answer["isWhole"]?.boolValue == (row.verdict != "wrong"), "row \(index)")
    }
  }

  @Test func aFlippedBitIsFound() throws {
    try made()
    try edit("replica.sqlite", "VACUUM")
    var bytes = try AtomicFile.read(file("replica.sqlite"), maximumBytes: 1 << 24)
    // In the middle of the last page.
    bytes[bytes.count - 2_000] ^= 1
    try AtomicFile.write(bytes, to: file("replica.sqlite"))
    let answer = HubCheck.run(HubFolder(path: folder.path), now: 1_764_000_000_000)
    #expect(answer["isWhole"] == false)
  }
}
