/// What happened in a run, or in many: effective injections by kind, and marks.
package struct Tally: Hashable, Sendable {
  /// Faults that met something: a lost reply counts only when the hub had moved.
  package private(set) var injections: [String: Int] = [:]
  /// Rare branches reached.
  package private(set) var marks: [String: Int] = [:]
  package var steps = 0
  package var exchanges = 0

  package init() {}

  mutating func inject(_ kind: String) { injections[kind, default: 0] += 1 }

  mutating func mark(_ name: String) { marks[name, default: 0] += 1 }

  package mutating func add(_ other: Tally) {
    injections.merge(other.injections, uniquingKeysWith: +)
    marks.merge(other.marks, uniquingKeysWith: +)
    steps += other.steps
    exchanges += other.exchanges
  }
}
