import Testing

@testable import Tabulation

/// Somebody solves everything that is published of a whole district, as a system of equations.
@Suite("The equations of a published table say nothing of a small count") struct EquationTests {
  /// What each count may be, and what adds up to what.
  private struct System {
    var low: [Int] = []
    var high: [Int] = []
    /// So many times each count, all together, is from the one to the other.
    var sums: [(terms: [(count: Int, times: Int)], low: Int, high: Int)] = []

    mutating func add(_ low: Int, _ high: Int) -> Int {
      self.low.append(low)
      self.high.append(high)
      return self.low.count - 1
    }

    /// Narrows each range by each sum until nothing narrows any more.
    mutating func solve() {
      var isSettled = false
      while !isSettled {
        isSettled = true
        for sum in sums {
          for term in sum.terms {
            var (least, most) = (sum.low, sum.high)
            for other in sum.terms where other.count != term.count {
              let ends = [low[other.count] * other.times, high[other.count] * other.times]
              least -= ends.max() ?? 0
              most -= ends.min() ?? 0
            }
            if term.times < 0 { (least, most) = (-most, -least) }
            if least > low[term.count] || most < high[term.count] {
              low[term.count] = max(low[term.count], least)
              high[term.count] = min(high[term.count], most)
              isSettled = false
            }
          }
        }
      }
    }
  }

  private static let many = 1_000_000

  /// A district of so many children from a seed: their groups are uneven, as they are.
  private func district(_ children: Int, seed: UInt64) -> ReasonCounts {
    var state = seed
    func random(_ below: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % below
    }
    func uneven(_ groups: Int) -> Int { min(random(groups), random(groups)) }
    var counts = ReasonCounts(
      reasons: (0..<16).map(String.init),
      dimensions: [
        Dimension("age", groups: (0..<5).map(String.init)),
        Dimension("locality", groups: (0..<8).map(String.init)),
        Dimension("agency", groups: (0..<12).map(String.init), isOfReaders: true),
      ])
    for _ in 0..<children {
      let reasons = Set((0..<random(4)).map { _ in uneven(16) })
      counts.add(reasons: reasons, groups: [uneven(5), uneven(8), uneven(12)])
    }
    return counts
  }

  /// The ranges of all small counts of lines, once everything is solved.
  private func solved(
    _ counts: ReasonCounts, published: [PublishedRow],
    range: (_ count: Int, _ given: PublishedCount, _ isLineShown: Bool) -> ClosedRange<Int>
  ) -> [ClosedRange<Int>] {
    var system = System()
    var totals: [Int] = []
    var cells: [[[Int]]] = []
    for (row, publishedRow) in zip(counts.rows, published) {
      func add(_ count: Int, _ given: PublishedCount, _ isLineShown: Bool) -> Int {
        let range = range(count, given, isLineShown)
        return system.add(range.lowerBound, range.upperBound)
      }
      let total = add(row.total, publishedRow.total, true)
      let lines = zip(row.lines, publishedRow.lines).map { line, given in
        let isShown = given.contains { $0 != .withheld }
        return zip(line, given).map { add($0, $1, isShown) }
      }
      for line in lines { system.sums.append((line.map { ($0, 1) } + [(total, -1)], 0, 0)) }
      totals.append(total)
      cells.append(lines)
    }
    let none = cells.count - 1
    for row in 1..<cells.count {
      // No more than all, and those with no reason have none.
      let terms = { (own: Int, without: Int, all: Int) in
        row == none ? [(own, 1), (all, -1)] : [(own, 1), (without, 1), (all, -1)]
      }
      system.sums.append((terms(totals[row], totals[none], totals[0]), -Self.many, 0))
      for (dimension, line) in cells[row].enumerated() {
        for (group, cell) in line.enumerated() {
          system.sums.append(
            (
              terms(cell, cells[none][dimension][group], cells[0][dimension][group]), -Self.many, 0
            ))
        }
      }
    }
    for (dimension, line) in cells[0].enumerated() {
      for (group, all) in line.enumerated() {
        // Each child is in some row.
        let rows = (1..<cells.count).map { (cells[$0][dimension][group], 1) }
        system.sums.append((rows + [(all, -1)], 0, Self.many))
      }
    }
    system.solve()
    return counts.rows.indices.flatMap { row in
      counts.rows[row].lines.enumerated().flatMap { dimension, line in
        line.enumerated().filter { $0.element < 5 }.map { group, _ in
          let cell = cells[row][dimension][group]
          return system.low[cell]...system.high[cell]
        }
      }
    }
  }

  /// In its first group the children without a reason, those with one and those with the other
  /// are all there are: of the last nothing would be withheld but the four.
  private var disjoint: ReasonCounts {
    var counts = ReasonCounts(
      reasons: ["money", "home"], dimensions: [Dimension("place", groups: ["a", "b"])])
    for (reasons, inFirst) in [(Set<Int>(), 9), ([0], 9), ([1], 4)] {
      for _ in 0..<inFirst { counts.add(reasons: reasons, groups: [0]) }
      for _ in 0..<6 { counts.add(reasons: reasons, groups: [1]) }
    }
    return counts
  }

  /// One place has all; by age they are in five groups of four.
  private var besideATotal: ReasonCounts {
    var counts = ReasonCounts(
      reasons: [],
      dimensions: [
        Dimension("age", groups: (0..<5).map(String.init)),
        Dimension("place", groups: ["a", "b"]),
      ])
    for number in 0..<20 { counts.add(reasons: [], groups: [number / 4, 0]) }
    return counts
  }

  @Test("not even with every withheld small count known to be small")
  func areNotSolved() {
    let drawn = (UInt64(1)...12).map { district(60 + Int($0) * 40, seed: $0) }
    for counts in drawn + [disjoint, besideATotal] {
      let published = counts.published { row, dimension in
        counts.total > 60 && (row + dimension) % 8 == 0
      }
      let ranges = solved(counts, published: published) { count, given, isLineShown in
        switch given {
        case .from(let from): from...from + 4
        // In a line that is shown a reader who knows the rule knows that it is under five. In the
        // drawn districts he is told so even of lines that are withheld.
        case .withheld: count < 5 && (isLineShown || counts.total > 60) ? 0...4 : 0...Self.many
        }
      }
      #expect(!ranges.isEmpty)
      for range in ranges {
        // One to four, or that it is small is not known either.
        let isUnknown = range.lowerBound <= 1 ? range.upperBound >= 4 : range.upperBound > 6
        #expect(isUnknown, "\(counts.total) children: \(range)")
      }
    }
  }

  @Test("and are solved at once where small counts alone are withheld")
  func wouldBeSolved() {
    let counts = district(300, seed: 7)
    let ranges = solved(counts, published: counts.published { _, _ in false }) { count, _, _ in
      count < 5 ? 0...4 : count...count
    }
    #expect(ranges.contains { $0.count == 1 })
    // Ranges of five alone are not enough either.
    let nines = { (groups: [Int]) in
      var counts = ReasonCounts(
        reasons: [], dimensions: [Dimension("age", groups: groups.map(String.init))])
      for (group, count) in groups.enumerated() {
        for _ in 0..<count { counts.add(reasons: [], groups: [group]) }
      }
      return counts
    }([9, 9, 9, 9, 4])
    let published = nines.published { _, _ in false }
    let solvedNines = solved(nines, published: published) { count, _, _ in
      count < 5 ? 0...4 : count - count % 5...count - count % 5 + 4
    }
    #expect(solvedNines.contains(4...4))
    #expect(published[0].lines[0].allSatisfy { $0 == .withheld })
  }

  @Test func countsAreGivenInRangesOfFive() {
    let table: [(Int, PublishedCount)] = [
      (0, .withheld), (4, .withheld), (5, .from(5)), (9, .from(5)), (10, .from(10)),
      (104, .from(100)),
    ]
    for (count, published) in table { #expect(PublishedCount(count) == published) }
  }
}
