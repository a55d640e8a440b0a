package import CaseRecords
import SQLite

/// What an agency was the first to say, and keeps: whose practitioner somebody is, and that it has
/// a record of a child.
extension ReplicaStore {
  // MARK: Employers

  /// The number of the agency whose practitioner this is; nil while no list has named them.
  package func employer(of practitioner: PractitionerID) throws -> Int64? {
    try database.first(
      "SELECT agency FROM employers WHERE practitioner = ?", .id(practitioner)
    ) { $0.int(0) }
  }

  /// The first to name a practitioner keeps them.
  package func noteEmployer(_ agency: Int64, of practitioner: PractitionerID) throws {
    _ = try database.run(
      "INSERT OR IGNORE INTO employers VALUES (?, ?)", .id(practitioner), .integer(agency))
  }

  // MARK: Custodians

  /// The agencies that ever had a record of the child at the hub, by number, and of which category.
  package func custodians(
    of child: ChildID
  ) throws -> [(agency: Int64, category: CaseRecords.Category)] {
    try database.query(
      "SELECT agency, category FROM custodians WHERE child = ?", .id(child)
    ) { ($0.int(0), try $0.category(1)) }
  }

  package func noteCustodian(
    _ agency: Int64, of child: ChildID, category: CaseRecords.Category
  ) throws {
    _ = try database.run(
      "INSERT OR IGNORE INTO custodians VALUES (?, ?, ?)", .id(child), .integer(agency),
      .integer(Int64(category.rawValue)))
  }
}
