import SyncProtocol

/// What happened in a run, or in many: effective injections by kind, and marks.
package struct Tally: Hashable, Sendable {
  /// Faults that met something: a lost reply counts only when there was one.
  package private(set) var injections: [String: Int] = [:]
  /// Rare branches reached.
  package private(set) var marks: [String: Int] = [:]
  package internal(set) var steps = 0
  package internal(set) var exchanges = 0

  package init() {}

  /// Every branch that a campaign should reach. Those of which the hub keeps out by construction,
  /// and a person does not type 128 kB here, are left out.
  private static let markNames: [String] =
    [
      "a page did not fit", "a request arrived late", "a twin was met in an answer", "alias",
      "change delivered", "conflict surfaced", "deferred", "gave back to a restored hub",
      "grant returned to a person", "holdings compared", "part of a state delivered",
      "purged at the end of the lease", "revoked", "several exchanges in one transaction",
      "stale reply", "started over", "state delivered", "the operator ended a recovery",
      "written into what is revoked",
    ]
    + QuarantineReason.allCases.filter { ![.tooLarge, .categoryNotAllowed].contains($0) }
    .map { "set apart: \($0)" }

  /// Branches that nothing reached.
  package var marksMissed: [String] { Self.markNames.filter { marks[$0] == nil } }

  mutating func inject(_ kind: String) { injections[kind, default: 0] += 1 }

  mutating func mark(_ name: String) { marks[name, default: 0] += 1 }

  mutating func add(_ other: Tally) {
    injections.merge(other.injections, uniquingKeysWith: +)
    marks.merge(other.marks, uniquingKeysWith: +)
    steps += other.steps
    exchanges += other.exchanges
  }
}
