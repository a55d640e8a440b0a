import Glibc
import Operations
import ReplicaStore
import SQLite

/// How much room the hub takes, how fast that grows, until when the disk lasts, and which
/// statements take the time. Numbers, and names of our own files and tables only.
struct HubCapacity {
  static let dayMilliseconds: UInt64 = 86_400_000
  /// How far back the growth is looked at.
  static let growthDays: UInt64 = 30
  private static let shownMax = 12
  private static let textMax = 400

  let folder: HubFolder
  let now: UInt64

  private var today: UInt64 { now / Self.dayMilliseconds }

  /// The files that grow, and how large each is; what is not there takes no room.
  private func files() throws -> [(name: String, bytes: UInt64)] {
    let paths = [
      ("replica.sqlite", folder.databasePath), ("replica.sqlite-wal", folder.databasePath + "-wal"),
      ("keys.sqlite", folder.keysPath), ("policy.journal", try folder.journalPath),
    ]
    return paths.map { name, path in
      var facts = stat()
      return (name, stat(path, &facts) == 0 ? UInt64(max(facts.st_size, 0)) : 0)
    }
  }

  /// Of today. Reads every page, so not on the worker's thread.
  func sample() throws -> [CapacitySample] {
    let database = try Database(path: folder.databasePath, options: HubCheck.reading)
    defer { database.close() }
    return try files().map { CapacitySample(day: today, name: "file \($0.name)", bytes: $0.bytes) }
      + database.tableSizes().map {
        CapacitySample(day: today, name: "table \($0.name)", bytes: $0.bytes)
      }
  }

  func report(_ store: ReplicaStore) throws -> JSON {
    let files = try files()
    let samples = try store.capacitySamples(since: today - min(today, Self.growthDays))
    let days = Self.totals(samples)
    let growth = Self.growth(days)
    let disk = Self.disk(folder.path)
    let latest = samples.last?.day
    let tables = samples.filter { $0.day == latest && $0.name.hasPrefix("table ") }
      .sorted { ($0.bytes, $1.name) > ($1.bytes, $0.name) }.prefix(Self.shownMax)
    return [
      "files": .array(
        files.map { ["name": .string($0.name), "bytes": .count($0.bytes)] }),
      "bytes": .count(files.reduce(0) { $0 + $1.bytes }),
      "diskBytes": disk.map { .count($0.total) } ?? .null,
      "freeBytes": disk.map { .count($0.free) } ?? .null,
      "tables": .array(
        tables.map {
          ["name": .string(String($0.name.dropFirst(6))), "bytes": .count($0.bytes)]
        }),
      "days": .array(
        days.map {
          ["atMilliseconds": .count($0.day * Self.dayMilliseconds), "bytes": .count($0.bytes)]
        }),
      "growthBytesPerDay": growth.map { .integer($0) } ?? .null,
      "daysUntilFull": Self.daysUntilFull(growth, free: disk?.free).map { .count($0) } ?? .null,
      "statements": .array(store.database.slowestStatements(Self.shownMax).map(Self.json)),
      "backupMilliseconds": try store.integer(HubNote.backupName).map { .count($0) } ?? .null,
      "backupFailedMilliseconds": try store.integer(HubNote.failureName).map { .count($0) }
        ?? .null,
    ]
  }

  private static func json(_ times: StatementTimes) -> JSON {
    let text = times.sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return [
      "sql": .string(String(text.prefix(textMax))), "count": .count(times.count),
      "totalMilliseconds": .number(Double(times.totalNanoseconds / 1_000) / 1_000),
      "longestMilliseconds": .number(Double(times.longestNanoseconds / 1_000) / 1_000),
    ]
  }

  /// What all files came to, by day.
  private static func totals(_ samples: [CapacitySample]) -> [(day: UInt64, bytes: UInt64)] {
    let files = samples.filter { $0.name.hasPrefix("file ") }
    return Dictionary(grouping: files, by: \.day)
      .map { ($0.key, $0.value.reduce(0) { $0 + $1.bytes }) }.sorted { $0.0 < $1.0 }
  }

  /// Bytes per day between the first and the last of these days; nil for less than two.
  static func growth(_ days: [(day: UInt64, bytes: UInt64)]) -> Int64? {
    guard let first = days.first, let last = days.last, last.day > first.day else { return nil }
    return (Int64(clamping: last.bytes) - Int64(clamping: first.bytes))
      / Int64(clamping: last.day - first.day)
  }

  /// Whole days; nil while it does not grow, or nobody knows.
  static func daysUntilFull(_ growth: Int64?, free: UInt64?) -> UInt64? {
    guard let growth, growth > 0, let free else { return nil }
    return free / UInt64(growth)
  }

  private static func disk(_ path: String) -> (total: UInt64, free: UInt64)? {
    var facts = statvfs()
    guard statvfs(path, &facts) == 0 else { return nil }
    let unit = UInt64(facts.f_frsize)
    return (UInt64(facts.f_blocks) * unit, UInt64(facts.f_bavail) * unit)
  }
}
