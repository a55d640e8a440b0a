package import CaseRecords
package import Causality
import Cryptography
package import SQLite
package import SyncProtocol

extension SQLiteValue {
  package static func id<Tag>(_ id: Identifier<Tag>) -> SQLiteValue { .blob(id.bytes) }

  package static func id<Tag>(_ id: Identifier<Tag>?) -> SQLiteValue {
    id.map { .blob($0.bytes) } ?? .null
  }

  package static func uint(_ value: UInt64?) -> SQLiteValue { value.map { .uint($0) } ?? .null }

  package static func actor(_ actor: Actor) -> SQLiteValue { .uint(actor.rawValue) }
}

extension Row {
  func category(_ column: Int) throws -> CaseRecords.Category {
    guard
      let category = UInt8(exactly: int(column)).flatMap(CaseRecords.Category.init(rawValue:))
    else {
      throw StoreError.damaged(file: "replica.sqlite", detail: "unknown category \(int(column))")
    }
    return category
  }

  package func id<Tag>(_ column: Int) throws -> Identifier<Tag> {
    guard let id = withBlob(column, { Identifier<Tag>(bytes: $0) }) else {
      throw StoreError.damaged(file: "replica.sqlite", detail: "an identifier is not 16 bytes")
    }
    return id
  }

  package func optionalID<Tag>(_ column: Int) throws -> Identifier<Tag>? {
    isNull(column) ? nil : try id(column)
  }

  package func unsigned(_ column: Int) -> UInt64 { UInt64(bitPattern: int(column)) }

  package func actor(_ column: Int) -> Actor { Actor(rawValue: unsigned(column)) }

  package func vector(_ column: Int) throws -> VersionVector {
    try VersionVector(encoded: blob(column))
  }
}

extension ReplicaStore {
  package func compartment(_ id: CompartmentID) throws -> StoredCompartment? {
    try database.first(
      "SELECT number, id, child, category, custodian, vector FROM compartments WHERE id = ?",
      .id(id), row: Self.compartment)
  }

  package func compartment(number: Int64) throws -> StoredCompartment? {
    try database.first(
      "SELECT number, id, child, category, custodian, vector FROM compartments WHERE number = ?",
      .integer(number), row: Self.compartment)
  }

  package func compartments(of child: ChildID) throws -> [StoredCompartment] {
    try database.query(
      "SELECT number, id, child, category, custodian, vector FROM compartments "
        + "WHERE child = ? ORDER BY category, number", .id(child), row: Self.compartment)
  }

  package func compartments(in category: CaseRecords.Category) throws -> [StoredCompartment] {
    try database.query(
      "SELECT number, id, child, category, custodian, vector FROM compartments "
        + "WHERE category = ? ORDER BY number", .integer(Int64(category.rawValue)),
      row: Self.compartment)
  }

  /// A page of them in the order in which they were made, from the one after `number` on.
  package func compartments(
    in category: CaseRecords.Category, after number: Int64, limit: Int
  ) throws -> [StoredCompartment] {
    try database.query(
      "SELECT number, id, child, category, custodian, vector FROM compartments "
        + "WHERE category = ? AND number > ? ORDER BY number LIMIT ?",
      .integer(Int64(category.rawValue)), .integer(number), .integer(Int64(limit)),
      row: Self.compartment)
  }

  /// Those made last.
  package func newestCompartments(
    in category: CaseRecords.Category, limit: Int
  ) throws -> [StoredCompartment] {
    try database.query(
      "SELECT number, id, child, category, custodian, vector FROM compartments "
        + "WHERE category = ? ORDER BY number DESC LIMIT ?",
      .integer(Int64(category.rawValue)), .integer(Int64(limit)), row: Self.compartment)
  }

  package func compartments(inCustodyOf agency: AgencyID) throws -> [StoredCompartment] {
    try database.query(
      "SELECT number, id, child, category, custodian, vector FROM compartments "
        + "WHERE custodian = ? ORDER BY number", .id(agency), row: Self.compartment)
  }

  package func compartmentNumbers() throws -> [Int64] {
    try database.query("SELECT number FROM compartments ORDER BY number") { $0.int(0) }
  }

  package func children() throws -> [ChildID] {
    try database.query(
      "SELECT DISTINCT child FROM compartments WHERE child IS NOT NULL ORDER BY child"
    ) { try $0.id(0) }
  }

  /// Compartments whose purge was cut off between its two files: the key is gone, the rows are not.
  package func compartmentsWithoutKey() throws -> [Int64] {
    let keys = try vault.numbers()
    return try compartmentNumbers().filter { !keys.contains($0) }
  }

  package func compartmentCount() throws -> Int {
    Int(try database.first("SELECT count(*) FROM compartments") { $0.int(0) } ?? 0)
  }

  /// Creates an empty compartment and its key. Within `transaction`.
  package func create(_ compartment: Compartment) throws -> StoredCompartment {
    _ = try database.run(
      "INSERT INTO compartments (id, child, category, custodian, vector, content) "
        + "VALUES (?, ?, ?, ?, ?, x'')",
      .id(compartment.id), .id(compartment.child), .integer(Int64(compartment.category.rawValue)),
      .id(compartment.custodian), .blob(VersionVector().encoded()))
    let number = database.lastInsertRowID
    _ = try vault.create(number)
    return StoredCompartment(number: number, compartment: compartment, vector: VersionVector())
  }

  /// Creates a compartment with the state that somebody has sent, its registers encoded as they are
  /// kept: one row, written once. Within `transaction`.
  package func create(
    _ compartment: Compartment, vector: VersionVector, contentBytes: [UInt8]
  ) throws -> StoredCompartment {
    // The registers are sealed for their row, so its number has to be known before it is there.
    let number =
      try 1
      + (database.first("SELECT seq FROM sqlite_sequence WHERE name = 'compartments'") {
        $0.int(0)
      } ?? 0)
    _ = try vault.create(number)
    _ = try database.run(
      "INSERT INTO compartments VALUES (?, ?, ?, ?, ?, ?, ?)", .integer(number),
      .id(compartment.id), .id(compartment.child), .integer(Int64(compartment.category.rawValue)),
      .id(compartment.custodian), .blob(vector.encoded()),
      .blob(try seal(contentBytes, in: number)))
    return StoredCompartment(number: number, compartment: compartment, vector: vector)
  }

  /// Opens the registers. Throws `StoreError.locked` while the keys are.
  package func content(of stored: StoredCompartment) throws -> CompartmentContent {
    try content(encodedContent(of: stored))
  }

  func content(_ encoded: [UInt8]) throws -> CompartmentContent {
    try CompartmentContent(encoded: encoded, bytesMax: contentBytesMax)
  }

  /// An agency may have as much unsent as the hub has of the others: until the hub has set apart
  /// what is too much, both stand here.
  private var contentBytesMax: Int {
    role == .hub ? SyncLimits.compartmentBytesMax : 2 * SyncLimits.snapshotBytesMax
  }

  /// The registers as they are encoded, which is also how they travel.
  package func encodedContent(of stored: StoredCompartment) throws -> [UInt8] {
    guard
      let sealed = try database.first(
        "SELECT content FROM compartments WHERE number = ?", .integer(stored.number),
        row: { $0.blob(0) }), !sealed.isEmpty
    else { return CompartmentContent().encoded() }
    return try open(sealed, in: stored.number)
  }

  /// Vector and registers change together. Throws `StoreError.tooLarge` past the limit.
  package func save(
    _ number: Int64, vector: VersionVector, content: CompartmentContent
  ) throws {
    let encoded = content.encoded()
    guard encoded.count <= contentBytesMax else {
      throw StoreError.tooLarge(limitBytes: contentBytesMax)
    }
    _ = try database.run(
      "UPDATE compartments SET vector = ?, content = ? WHERE number = ?",
      .blob(vector.encoded()), .blob(try seal(encoded, in: number)), .integer(number))
    if role == .hub { try noteConflicts(in: number, content) }
  }

  /// Deletes the rows; the caller destroys the keys first (`KeyVault.destroy`).
  package func deleteRows(_ numbers: [Int64]) throws {
    for number in numbers {
      _ = try database.run("DELETE FROM compartments WHERE number = ?", .integer(number))
    }
  }

  /// Seals under the key of compartment `number`; `KeyVault.ownNumber` is the replica's own.
  package func seal(_ plaintext: [UInt8], in number: Int64) throws -> [UInt8] {
    try vault.sealer.seal(plaintext, key: vault.key(number), associatedData: Self.place(number))
  }

  package func open(_ sealed: [UInt8], in number: Int64) throws -> [UInt8] {
    do {
      return try vault.sealer.open(
        sealed, key: vault.key(number), associatedData: Self.place(number))
    } catch is CryptographyError {
      throw StoreError.damaged(
        file: "replica.sqlite", detail: "compartment \(number) does not open under its key")
    }
  }

  /// Ties a sealed value to its row: one moved to another row does not open.
  private static func place(_ number: Int64) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
  }

  /// Its first six columns: number, id, child, category, custodian, vector.
  static func compartment(_ row: borrowing Row) throws -> StoredCompartment {
    StoredCompartment(
      number: row.int(0),
      compartment: Compartment(
        id: try row.id(1), child: try row.optionalID(2), category: try row.category(3),
        custodian: try row.id(4)),
      vector: try row.vector(5))
  }
}
