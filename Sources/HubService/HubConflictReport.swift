import CaseRecords
import Causality
import HTTPTransport
import Operations
import ReplicaStore

/// How many answers stand side by side until somebody chooses, by category, custodian and age:
/// counts alone, which are kept with the registers, so nothing is opened for them.
struct HubConflictReport {
  let core: HubCore
  static let bands = ["under a day", "1 to 7 days", "7 to 30 days", "over 30 days"]

  func answer(_ arguments: JSON) throws -> JSON {
    let paging = try HubPaging(arguments, limit: HubPaging.limitMax)
    let counts = try core.store.conflictCounts(now: core.now)
    let names = Dictionary(
      uniqueKeysWithValues: try core.store.agencies().map { ($0.id, $0.name) })
    func oldest(_ milliseconds: UInt64?) -> JSON {
      milliseconds.map { .count(min($0, core.now)) } ?? .null
    }
    return [
      "total": .count(counts.reduce(0) { $0 + $1.bands.reduce(0, +) }),
      "oldestMilliseconds": oldest(counts.first?.oldestMilliseconds),
      "bands": .array(Self.bands.map { .string($0) }),
      "byBand": .array(
        Self.bands.indices.map { band in .count(counts.reduce(0) { $0 + $1.bands[band] }) }),
      "counts": .array(
        counts.prefix(paging.limit).map { count in
          [
            "category": .string("\(count.category)"),
            "agency": .string(names[count.custodian] ?? ""),
            "bands": .array(count.bands.map { .count($0) }),
            "total": .count(count.bands.reduce(0, +)),
            "oldestMilliseconds": oldest(count.oldestMilliseconds),
          ]
        }),
      "leftOut": .count(max(0, counts.count - paging.limit)),
      "uncounted": .count(try core.store.uncountedCount()),
    ]
  }
}
