/// How two version vectors stand. Deliberately not `Comparable`: `concurrent` is no order.
package enum CausalOrder: Hashable, Sendable { case before, after, equal, concurrent }

/// What a replica knows of one compartment: for each actor, how many of its changes, with no holes.
/// An actor that is absent counts zero (Parker et al. 1983; Fidge, Mattern 1988).
package struct VersionVector: Hashable, Sendable {
  /// Never holds a zero.
  private var counters: [Actor: UInt64] = [:]

  package init() {}

  package init(_ counters: [Actor: UInt64]) { self.counters = counters.filter { $0.value > 0 } }

  package subscript(actor: Actor) -> UInt64 {
    get { counters[actor] ?? 0 }
    set { counters[actor] = newValue == 0 ? nil : newValue }
  }

  package var isEmpty: Bool { counters.isEmpty }
  package var count: Int { counters.count }

  /// By actor, ascending: the canonical order of every encoding.
  package var sortedEntries: [(actor: Actor, counter: UInt64)] {
    counters.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
  }

  /// The dot is known here.
  package func contains(_ dot: Dot) -> Bool { dot.counter <= self[dot.actor] }

  /// Everything `other` knows is known here.
  package func covers(_ other: VersionVector) -> Bool {
    other.counters.allSatisfy { self[$0.key] >= $0.value }
  }

  package func compared(to other: VersionVector) -> CausalOrder {
    switch (covers(other), other.covers(self)) {
    case (true, true): .equal
    case (true, false): .after
    case (false, true): .before
    case (false, false): .concurrent
    }
  }

  /// The least vector that covers both.
  package mutating func merge(_ other: VersionVector) {
    counters.merge(other.counters) { max($0, $1) }
  }

  package func merged(with other: VersionVector) -> VersionVector {
    var result = self
    result.merge(other)
    return result
  }

  /// Takes in the next change of an actor. False, and nothing changed, unless it is exactly the next.
  package mutating func advance(to dot: Dot) -> Bool {
    guard dot.counter == self[dot.actor] + 1 else { return false }
    counters[dot.actor] = dot.counter
    return true
  }
}
