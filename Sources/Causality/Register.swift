/// The value of one field group: every write that no other write has superseded, side by side.
/// A multi-value register (Shapiro et al. 2011, section 3.2.2) with dots for versions (Preguiça et
/// al. 2010). Joined under the vectors of the compartments it stands in.
///
/// No tombstones: a dot that a vector knows and the register does not hold *was* superseded. That
/// is why a register means nothing without the vector it stands under, and why each change must be
/// applied exactly once, after all that its context covers.
package struct Register<Value: Hashable & Sendable>: Hashable, Sendable {
  /// One write that nobody has superseded.
  package struct Sibling: Hashable, Sendable {
    /// The dots this one write was committed under: one, or more after a re-minting (an alias).
    /// Ascending, never empty. Covering any of them supersedes the write.
    package fileprivate(set) var dots: [Dot]
    package let value: Value

    /// At least one dot, in any order; a decoder refuses an empty list before it comes here.
    package init(dots: [Dot], value: Value) {
      precondition(!dots.isEmpty, "a write has a dot")
      self.dots = dots.count == 1 ? dots : Set(dots).sorted()
      self.value = value
    }

    fileprivate func sharesDot(with other: Sibling) -> Bool {
      dots.contains { other.dots.contains($0) }
    }
  }

  /// By least dot, ascending: the canonical order.
  package private(set) var siblings: [Sibling] = []

  package init() {}

  /// The siblings share no dot with each other.
  package init(siblings: [Sibling]) {
    self.siblings = siblings
    if siblings.count > 1 { sort() }
  }

  /// Two or more: a person has to choose.
  package var isInConflict: Bool { siblings.count > 1 }

  /// Applies a write whose author had seen `context`.
  package mutating func write(_ value: Value, dot: Dot, context: VersionVector) {
    siblings.removeAll { $0.dots.contains { context.contains($0) } }
    siblings.append(Sibling(dots: [dot], value: value))
    if siblings.count > 1 { sort() }
  }

  /// `dot` is another name of the write already known as `original`. When that write is no longer
  /// among the siblings it has been superseded, and stays so, under either name. When the write was
  /// taken in under both names before they were known to be one, the two siblings become one.
  ///
  /// - Parameter context: What the author had seen under the names of `dot`'s run: what it covers
  ///   is superseded, whichever name came first.
  package mutating func alias(
    _ dot: Dot, of original: Dot, context: VersionVector = VersionVector()
  ) {
    siblings.removeAll { sibling in
      !sibling.dots.contains(original) && !sibling.dots.contains(dot)
        && sibling.dots.contains { context.contains($0) }
    }
    guard let index = siblings.firstIndex(where: { $0.dots.contains(original) }) else {
      siblings.removeAll { $0.dots.contains(dot) }
      return
    }
    guard !siblings[index].dots.contains(dot) else { return }
    let known = siblings.remove(at: index)
    insert(Sibling(dots: known.dots + [dot], value: known.value))
    sort()
  }

  /// The state-based join: a write survives unless a side that knows one of its dots lacks it.
  /// `knownHere` and `knownThere` are the vectors the two registers stand under; the result stands
  /// under the two merged.
  package func joined(
    with other: Register, knownHere: VersionVector, knownThere: VersionVector
  ) -> Register {
    var result = self
    // One side may know as one write what the other still holds apart, so twins are folded first.
    for sibling in other.siblings { result.insert(sibling) }
    result.siblings.removeAll { write in
      superseded(write, under: knownHere) || other.superseded(write, under: knownThere)
    }
    result.sort()
    return result
  }

  /// A dot of the write is known, and no sibling here bears it.
  private func superseded(_ write: Sibling, under known: VersionVector) -> Bool {
    write.dots.contains { dot in
      known.contains(dot) && !siblings.contains { $0.dots.contains(dot) }
    }
  }

  /// Adds a sibling, folding into it all those that share a dot with it. Leaves sorting to do.
  private mutating func insert(_ sibling: Sibling) {
    let twins = siblings.filter { $0.sharesDot(with: sibling) }
    guard !twins.isEmpty else { return siblings.append(sibling) }
    siblings.removeAll { $0.sharesDot(with: sibling) }
    let dots = sibling.dots + twins.flatMap(\.dots)
    siblings.append(Sibling(dots: dots, value: sibling.value))
  }

  private mutating func sort() { siblings.sort { $0.dots[0] < $1.dots[0] } }
}
