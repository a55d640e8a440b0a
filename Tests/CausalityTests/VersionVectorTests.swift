import Causality
import Testing

@Suite struct VersionVectorTests {
  let a = Actor(rawValue: 1)
  let b = Actor(rawValue: 2)
  let c = Actor(rawValue: 3)

  /// Every vector over three replicas and counters 0…2.
  var all: [VersionVector] {
    (0..<27).map { VersionVector([a: $0 % 3, b: $0 / 3 % 3, c: $0 / 9]) }
  }

  @Test func absentCountsZero() {
    #expect(VersionVector([a: 1]).compared(to: VersionVector([a: 1, b: 1])) == .before)
    #expect(VersionVector([a: 1, b: 1]).compared(to: VersionVector([a: 1])) == .after)
    #expect(VersionVector([a: 1]).compared(to: VersionVector([b: 1])) == .concurrent)
    #expect(VersionVector([a: 1, b: 0]) == VersionVector([a: 1]))
    #expect(VersionVector().compared(to: VersionVector([a: 0])) == .equal)
  }

  @Test func comparisonIsThePointwiseOrder() {
    for left in all {
      for right in all {
        let isBelow = [a, b, c].allSatisfy { left[$0] <= right[$0] }
        let isAbove = [a, b, c].allSatisfy { left[$0] >= right[$0] }
        let expected: CausalOrder =
          isBelow ? (isAbove ? .equal : .before) : (isAbove ? .after : .concurrent)
        #expect(left.compared(to: right) == expected)
        #expect((left == right) == (expected == .equal))
        #expect(right.covers(left) == isBelow)
      }
    }
  }

  @Test func mergeIsTheLeastUpperBoundAndIntersectionTheGreatestLowerBound() {
    for left in all {
      for right in all {
        let join = left.merged(with: right)
        let meet = left.intersection(right)
        #expect(join == right.merged(with: left))
        #expect(meet == right.intersection(left))
        #expect(join.covers(left) && join.covers(right))
        #expect(left.covers(meet) && right.covers(meet))
        for other in all {
          if other.covers(left) && other.covers(right) { #expect(other.covers(join)) }
          if left.covers(other) && right.covers(other) { #expect(meet.covers(other)) }
        }
      }
    }
  }

  @Test func rangesBeyondAreExactlyTheDotsTheOtherLacks() {
    let dots = [a, b, c].flatMap { actor in (1...2).map { Dot(actor: actor, counter: $0) } }
    for left in all {
      for right in all {
        let ranges = left.ranges(beyond: right)
        let lacking = dots.filter { left.contains($0) && !right.contains($0) }
        let listed = ranges.flatMap { range in
          (range.after + 1...range.through).map { Dot(actor: range.actor, counter: $0) }
        }
        #expect(listed == lacking)
        #expect(ranges.isEmpty == right.covers(left))
      }
    }
  }

  @Test func cappingTouchesOneActorAndNeverRaises() {
    for vector in all {
      for counter: UInt64 in 0...3 {
        let capped = vector.capped(actor: b, at: counter)
        #expect(capped[b] == min(counter, vector[b]))
        #expect(capped[a] == vector[a] && capped[c] == vector[c])
      }
    }
  }

  @Test func onlyTheNextDotAdvances() {
    var vector = VersionVector([a: 2])
    for counter: UInt64 in [0, 1, 2, 4, .max] {
      let advanced = vector.advance(to: Dot(actor: a, counter: counter))
      #expect(!advanced)
    }
    let results = [(b, 0), (a, 3), (b, 1)].map { actor, counter in
      vector.advance(to: Dot(actor: actor, counter: counter))
    }
    #expect(results == [false, true, true])
    #expect(vector == VersionVector([a: 3, b: 1]))
  }

  @Test func theLastCounterNeitherOverflowsNorAdvances() {
    var vector = VersionVector([a: .max - 1])
    let reachedLast = vector.advance(to: Dot(actor: a, counter: .max))
    #expect(reachedLast)
    for counter: UInt64 in [0, 1, .max] {
      let advanced = vector.advance(to: Dot(actor: a, counter: counter))
      #expect(!advanced)
    }
  }

  @Test func entriesAreSortedWhateverTheOrderOfInsertion() {
    let actors = [5, 1, 9, 3, 7].map { Actor(rawValue: $0) }
    var vector = VersionVector()
    for (index, actor) in actors.enumerated() { vector[actor] = UInt64(index + 1) }
    #expect(vector.sortedEntries.map(\.actor.rawValue) == [1, 3, 5, 7, 9])
    #expect(vector.sortedEntries.map(\.counter) == [2, 4, 1, 5, 3])
    #expect(vector[Actor(rawValue: 4)] == 0)
    vector[Actor(rawValue: 5)] = 0
    #expect(vector.count == 4)
    #expect(vector.sortedEntries.map(\.actor.rawValue) == [1, 3, 7, 9])
    for actor in actors { vector[actor] = 0 }
    #expect(vector.isEmpty)
    #expect(vector == VersionVector())
  }
}
