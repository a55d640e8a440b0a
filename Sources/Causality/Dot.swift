/// Who wrote, as the merge sees it: 64 random bits, new for each (incarnation, compartment, hold),
/// never reused. Other agencies see it as a pseudonym; the hub knows whose it is.
package struct Actor: Hashable, Comparable, Sendable {
  package let rawValue: UInt64

  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// One change's name: the `counter`-th (1, 2, 3 …) of its actor.
package struct Dot: Hashable, Comparable, Sendable {
  package let actor: Actor
  package let counter: UInt64

  package init(actor: Actor, counter: UInt64) {
    self.actor = actor
    self.counter = counter
  }

  /// An arbitrary total order for canonical encodings; it says nothing about causality.
  package static func < (left: Self, right: Self) -> Bool {
    (left.actor, left.counter) < (right.actor, right.counter)
  }
}
