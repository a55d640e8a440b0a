import Testing

@testable import Tabulation

/// Somebody who knows the rule, and has what was published, tries to learn a small count. What is
/// possible for him is every district that would have published the same, tried out one by one.
@Suite("A small count cannot be worked out") struct AttackTests {
  private struct Seen: Hashable {
    let row: Int
    let dimension: Int
    let group: Int
  }

  /// By what was published: what each count may be.
  private func values(
    in worlds: [ReasonCounts], lots: Int
  ) -> [[PublishedRow]: [Seen: Set<Int>]] {
    var known: [[PublishedRow]: [Seen: Set<Int>]] = [:]
    for world in worlds {
      for lot in 0..<1 << lots {
        let published = world.published { row, dimension in
          lot >> ((row * world.dimensions.count + dimension) % lots) & 1 == 1
        }
        for (row, counts) in world.rows.enumerated() {
          for (dimension, line) in counts.lines.enumerated() {
            for (group, count) in line.enumerated() {
              known[published, default: [:]][
                Seen(row: row, dimension: dimension, group: group), default: []
              ].insert(count)
            }
          }
        }
      }
    }
    return known
  }

  /// - Parameter possible: What every small count may be for all that was published.
  private func expectUnknown(
    _ worlds: [ReasonCounts], lots: Int, possible: (Set<Int>) -> Bool
  ) {
    let known = values(in: worlds, lots: lots)
    var smallOnes = 0
    for (published, counts) in known {
      for (seen, values) in counts where values.contains(where: { $0 < 5 }) {
        smallOnes += 1
        #expect(possible(values), "\(seen) may be \(values.sorted()): \(published)")
        // What is given out is five or more.
        #expect(published[seen.row].lines[seen.dimension][seen.group] == .withheld)
      }
    }
    #expect(smallOnes > 0)
  }

  @Test("from the total of its line, or from another table of the same children")
  func fromTotals() {
    // Every line of three groups beside every line of two, of the same children: up to 24, so that
    // four groups' worth of nines are among them.
    var worlds: [ReasonCounts] = []
    for first in 0...12 {
      for second in 0...12 {
        for third in 0...12 where first + second + third < 25 {
          let line =
            [Int](repeating: 0, count: first) + [Int](repeating: 1, count: second)
            + [Int](repeating: 2, count: third)
          for split in stride(from: 0, through: line.count, by: 1) {
            var counts = ReasonCounts(
              reasons: [],
              dimensions: [
                Dimension("age", groups: ["a", "b", "c"]), Dimension("place", groups: ["x", "y"]),
              ])
            for (number, group) in line.enumerated() {
              counts.add(reasons: [], groups: [group, number < split ? 0 : 1])
            }
            worlds.append(counts)
          }
        }
      }
    }
    expectUnknown(worlds, lots: 2) { $0.isSuperset(of: [1, 2, 3, 4]) }
  }

  @Test("from how many children there are in its group, and how many have no reason or another")
  func fromItsGroup() {
    // Every district of up to so many children with and without a reason, in so many groups.
    for (groups, most) in [(2, 17), (3, 10)] {
      let dimension = Dimension("place", groups: (0..<groups).map(String.init))
      var worlds: [ReasonCounts] = []
      func add(_ kinds: [Int]) {
        guard kinds.count == 2 * groups else {
          for count in 0...most - kinds.reduce(0, +) { add(kinds + [count]) }
          return
        }
        var counts = ReasonCounts(reasons: ["money"], dimensions: [dimension])
        for (kind, count) in kinds.enumerated() {
          for _ in 0..<count {
            counts.add(reasons: kind < groups ? [0] : [], groups: [kind % groups])
          }
        }
        worlds.append(counts)
      }
      add([])
      // Beyond the last whole range of five, districts are missing that would publish the same.
      expectUnknown(worlds.filter { $0.total < most - most % 5 }, lots: 3) {
        $0.count >= 3
      }
    }
  }

  @Test("by an agency that knows its own exactly", arguments: [2, 3])
  func fromOnesOwn(agencies: Int) {
    var lines: [[Int]] = []
    func add(_ line: [Int]) {
      if line.count == agencies { return lines.append(line) }
      for count in 0...24 - line.reduce(0, +) { add(line + [count]) }
    }
    add([])
    var known: [[Int]: [[PublishedRow]: [Int: Set<Int>]]] = [:]
    for line in lines {
      var counts = ReasonCounts(
        reasons: [],
        dimensions: [
          Dimension("agency", groups: line.indices.map(String.init), isOfReaders: true)
        ])
      for (group, count) in line.enumerated() {
        for _ in 0..<count { counts.add(reasons: [], groups: [group]) }
      }
      for lot in [false, true] {
        let published = counts.published { _, _ in lot }
        for own in line.indices {
          for other in line.indices where other != own {
            known[[own, line[own]], default: [:]][published, default: [:]][other, default: []]
              .insert(line[other])
          }
        }
      }
    }
    for values in known.values.flatMap(\.values).flatMap(\.values)
    where values.contains(where: { (1..<5).contains($0) }) {
      // It never knows that there is such a child, and how many: there may be none, or five.
      let isUnsure = values.count >= 3 || values.contains(0)
      #expect(values.count >= 2 && isUnsure, "\(values.sorted())")
    }
  }
}
