/// The numbered steps that bring a database file from any earlier shape to the present one.
///
/// The file's `user_version` says which step it has reached. A step runs in one transaction
/// together with its number, so a crash leaves the file at a step and never between two. Published
/// steps are not changed any more.
package struct Migrations: Sendable {
  private let steps: [(version: Int, sql: String)]

  /// - Parameter steps: In ascending order from 1 upwards; anything else is a programmer's error.
  package init(_ steps: [(version: Int, sql: String)]) {
    var previous = 0
    for step in steps {
      precondition(step.version > previous, "migrations ascend from 1")
      previous = step.version
    }
    self.steps = steps
  }

  /// The version of a file that has had every step; 0 without steps.
  package var latestVersion: Int { steps.last?.version ?? 0 }

  /// Takes the missing steps.
  ///
  /// - Throws: `MigrationError` for a file of a newer program, which stays untouched; `SQLiteError`
  ///   if a step fails, with the file at the step before.
  package func apply(to database: Database) throws {
    let found = try database.userVersion
    guard found <= latestVersion else {
      throw MigrationError.newerThanKnown(found: found, known: latestVersion)
    }
    for step in steps where step.version > found {
      try database.transaction {
        // Another process may have taken this step between our look and our lock.
        guard try database.userVersion < step.version else { return }
        try database.execute(step.sql)
        try database.setUserVersion(step.version)
      }
    }
  }
}

/// Why a database cannot be brought to the present shape.
package enum MigrationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file has had steps this program does not know.
  case newerThanKnown(found: Int, known: Int)

  package var description: String {
    switch self {
    case .newerThanKnown(let found, let known):
      "The database has version \(found) and was made by a newer version of this program, "
        + "which knows versions up to \(known): upgrade the program."
    }
  }
}
