/// The value of one field group: every write that no other write has superseded, side by side.
/// A multi-value register (Shapiro et al. 2011, section 3.2.2) with dots for versions (Preguiça et
/// al. 2010). Joined under the vectors of the compartments it stands in.
package struct Register<Value: Hashable & Sendable>: Hashable, Sendable {
  package struct Sibling: Hashable, Sendable {
    /// The dots this one write was committed under: one, or more after a re-minting (an alias).
    /// Ascending. Covering any of them supersedes the write.
    package var dots: [Dot]
    package let value: Value

    package init(dots: [Dot], value: Value) {
      self.dots = dots
      self.value = value
    }
  }

  /// By least dot, ascending: the canonical order.
  package private(set) var siblings: [Sibling] = []

  package init() {}

  package init(siblings: [Sibling]) {
    self.siblings = siblings.sorted { $0.dots[0] < $1.dots[0] }
  }

  /// Two or more: a person has to choose.
  package var isInConflict: Bool { siblings.count > 1 }

  /// Applies a write whose author had seen `context`.
  package mutating func write(_ value: Value, dot: Dot, context: VersionVector) {
    siblings.removeAll { $0.dots.contains { context.contains($0) } }
    insert(Sibling(dots: [dot], value: value))
  }

  /// `dot` is another name of the write already known as `original`. When that write is no longer
  /// among the siblings it has been superseded, and stays so.
  package mutating func alias(_ dot: Dot, of original: Dot) {
    guard let index = siblings.firstIndex(where: { $0.dots.contains(original) }),
      !siblings[index].dots.contains(dot)
    else { return }
    siblings[index].dots = (siblings[index].dots + [dot]).sorted()
    siblings.sort { $0.dots[0] < $1.dots[0] }
  }

  /// The state-based join: a write survives unless the side that lacks it had seen it.
  package func joined(
    with other: Register, knownHere: VersionVector, knownThere: VersionVector
  ) -> Register {
    var result: [Sibling] = []
    for sibling in siblings {
      if let twin = other.siblings.first(where: { Self.sameWrite($0, sibling) }) {
        result.append(
          Sibling(dots: Set(sibling.dots + twin.dots).sorted(), value: sibling.value))
      } else if !sibling.dots.contains(where: { knownThere.contains($0) }) {
        result.append(sibling)
      }
    }
    for sibling in other.siblings
    where !siblings.contains(where: { Self.sameWrite($0, sibling) })
      && !sibling.dots.contains(where: { knownHere.contains($0) })
    {
      result.append(sibling)
    }
    return Register(siblings: result)
  }

  private static func sameWrite(_ left: Sibling, _ right: Sibling) -> Bool {
    left.dots.contains { right.dots.contains($0) }
  }

  private mutating func insert(_ sibling: Sibling) {
    siblings.append(sibling)
    siblings.sort { $0.dots[0] < $1.dots[0] }
  }
}
