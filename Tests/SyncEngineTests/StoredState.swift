import Cryptography
import ReplicaStore
import SQLite

/// All that a store says, with what is sealed opened: two stores are in the same state when these
/// are equal, whatever keys and nonces they drew.
struct StoredState: Hashable {
  let digest: [UInt8]

  init(of store: ReplicaStore) throws {
    var bytes: [UInt8] = []
    let tables = try store.database.query(
      "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
    ) { $0.text(0) }
    let numbers = Set(try store.compartmentNumbers())
    for table in tables {
      let columns = try store.database.query("SELECT name FROM pragma_table_info('\(table)')") {
        $0.text(0)
      }
      let own = columns.firstIndex(of: table == "compartments" ? "number" : "compartment")
      bytes += Array("\n\n\(table)".utf8)
      try store.database.forEach("SELECT * FROM \(table)") { row in
        var number = KeyVault.ownNumber
        if let own, case .integer(let found) = row.value(own), numbers.contains(found) {
          number = found
        }
        for column in 0..<row.columnCount {
          bytes += Self.bytes(of: row.value(column), in: number, store)
        }
      }
    }
    bytes += Array("keys \(try store.vault.numbers().sorted())".utf8)
    digest = sha256(bytes)
  }

  private static func bytes(
    of value: SQLiteValue, in number: Int64, _ store: ReplicaStore
  ) -> [UInt8] {
    guard case .blob(let bytes) = value else { return Array("\(value) ".utf8) }
    // Most blobs are in the open; what opens is compared by what it says.
    let said = bytes.count < 28 ? nil : try? store.open(bytes, in: number)
    return Array("blob \((said ?? bytes).count) ".utf8) + (said ?? bytes)
  }
}
