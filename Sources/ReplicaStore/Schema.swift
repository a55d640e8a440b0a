import SQLite

/// The numbered migrations, one `.sql` file each: `Schema/….-NNNN.sql`, embedded in the program.
enum Schema {
  static func replica(for role: StoreRole) -> Migrations {
    let own = role == .agency ? PackageResources.agency_0001_sql : PackageResources.hub_0001_sql
    return Migrations([(1, text(PackageResources.replica_0001_sql) + text(own))])
  }

  static var keys: Migrations { Migrations([(1, text(PackageResources.keys_0001_sql))]) }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
