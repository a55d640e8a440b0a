/// How two version vectors stand. Deliberately not `Comparable`: `concurrent` is no order.
package enum CausalOrder: Hashable, Sendable { case before, after, equal, concurrent }

/// What a replica knows of one compartment: for each actor, how many of its changes, with no holes.
/// An actor that is absent counts zero (Parker et al. 1983; Fidge, Mattern 1988).
///
/// **The idea of this module.** Which of two writes came later is asked of what their authors had
/// seen, never of a clock: a laptop's clock is wrong for weeks, and "last write wins" then loses
/// the newer address without a trace. A change is named by its `Dot`, its author's knowledge is its
/// context, a vector; a write supersedes exactly what its context covers, and what no write
/// supersedes stands side by side in a `Register` until a person chooses.
///
/// A vector may stand for a set of changes only because the set has no holes: an agency holds a
/// compartment whole or not at all, and takes in each actor's changes in order (`advance(to:)`).
/// Two vectors say nothing about each other unless they are of the same compartment.
///
/// `HybridClock` orders what people see on the screen. No merge reads it.
package struct VersionVector: Hashable, Sendable {
  /// An array rather than a dictionary: a compartment has a handful of actors, every change carries
  /// a vector, and each encoding and digest wants this order.
  private struct Entry: Hashable, Sendable {
    let actor: Actor
    /// Never zero.
    var counter: UInt64
  }

  /// By actor, strictly ascending.
  private var entries: [Entry] = []

  package init() {}

  package init(_ counters: [Actor: UInt64]) {
    entries = counters.filter { $0.value > 0 }
      .map { Entry(actor: $0.key, counter: $0.value) }
      .sorted { $0.actor < $1.actor }
  }

  package subscript(actor: Actor) -> UInt64 {
    get {
      let index = index(of: actor)
      return holds(actor, at: index) ? entries[index].counter : 0
    }
    set {
      // Whoever reads a vector comes to the end with each actor.
      if newValue > 0, entries.last.map({ $0.actor < actor }) ?? true {
        return entries.append(Entry(actor: actor, counter: newValue))
      }
      let index = index(of: actor)
      switch (holds(actor, at: index), newValue == 0) {
      case (true, false): entries[index].counter = newValue
      case (true, true): entries.remove(at: index)
      case (false, false): entries.insert(Entry(actor: actor, counter: newValue), at: index)
      case (false, true): break
      }
    }
  }

  package var isEmpty: Bool { entries.isEmpty }

  /// How many actors have changes here.
  package var count: Int { entries.count }

  /// By actor, ascending: the canonical order of every encoding.
  package var sortedEntries: [(actor: Actor, counter: UInt64)] {
    entries.map { ($0.actor, $0.counter) }
  }

  /// The dot is known here.
  package func contains(_ dot: Dot) -> Bool { dot.counter <= self[dot.actor] }

  /// Everything `other` knows is known here.
  package func covers(_ other: VersionVector) -> Bool {
    guard other.count <= count else { return false }
    return other.entries.allSatisfy { self[$0.actor] >= $0.counter }
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
    for entry in other.entries where entry.counter > self[entry.actor] {
      self[entry.actor] = entry.counter
    }
  }

  /// The least vector that covers both.
  package func merged(with other: VersionVector) -> VersionVector {
    var result = self
    result.merge(other)
    return result
  }

  /// The greatest vector that both cover: what the two know in common.
  package func intersection(_ other: VersionVector) -> VersionVector {
    var result = VersionVector()
    for entry in entries { result[entry.actor] = min(entry.counter, other[entry.actor]) }
    return result
  }

  /// The same knowledge, except that of this actor no more than the first `counter` changes count.
  package func capped(actor: Actor, at counter: UInt64) -> VersionVector {
    var result = self
    result[actor] = min(self[actor], counter)
    return result
  }

  /// What is known here and not by `other`: by actor ascending, the changes after the counter
  /// `after` (exclusive) up to `through` (inclusive). What to send is chosen so, never by author or
  /// date.
  package func ranges(
    beyond other: VersionVector
  ) -> [(actor: Actor, after: UInt64, through: UInt64)] {
    entries.compactMap { entry in
      let known = other[entry.actor]
      return entry.counter > known ? (entry.actor, known, entry.counter) : nil
    }
  }

  /// Takes in the next change of an actor. False, and nothing changed, unless it is exactly the
  /// next.
  package mutating func advance(to dot: Dot) -> Bool {
    // Not `self[dot.actor] + 1`: a peer may claim the last counter there is.
    guard dot.counter > 0, dot.counter - 1 == self[dot.actor] else { return false }
    self[dot.actor] = dot.counter
    return true
  }

  /// Where the actor stands, or would have to be inserted.
  private func index(of actor: Actor) -> Int {
    var lower = 0
    var upper = entries.count
    while lower < upper {
      let middle = (lower + upper) / 2
      if entries[middle].actor < actor { lower = middle + 1 } else { upper = middle }
    }
    return lower
  }

  private func holds(_ actor: Actor, at index: Int) -> Bool {
    index < entries.count && entries[index].actor == actor
  }
}
