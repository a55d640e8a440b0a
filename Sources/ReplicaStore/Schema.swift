import SQLite

/// The numbered migrations, one `.sql` file each: `Schema/….-NNNN.sql`, embedded in the program.
enum Schema {
  static func replica(for role: StoreRole) -> Migrations { role == .hub ? hub : agency }

  static let keys = Migrations([(1, text(PackageResources.keys_0001_sql))])

  private static let agency = Migrations([(1, shared + text(PackageResources.agency_0001_sql))])

  private static let hub = Migrations([
    (1, shared + text(PackageResources.hub_0001_sql)),
    (2, text(PackageResources.hub_0002_sql)),
    (3, text(PackageResources.hub_0003_sql)),
    (4, text(PackageResources.hub_0004_sql)),
    (6, text(PackageResources.hub_0006_sql)),
    (7, text(PackageResources.hub_0007_sql)),
    (8, text(PackageResources.hub_0008_sql)),
  ])

  private static let shared = text(PackageResources.replica_0001_sql)

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
