/// Counts of children that may be given out.
///
/// A count of few is as good as a name to whoever knows the neighbourhood, and it can be had
/// without being printed: from a total less what is printed beside it, from a second table of the
/// same children, from a second run with one child more, or from knowing one's own share. So a
/// count under five is withheld, every other is given as a range of five, and a line of counts is
/// withheld whole where those ranges, solved together, would still say too much of a small one.
/// That is decided by the ranges alone, and some lines are withheld by lot: that a line is missing,
/// or is not, says nothing either. `Protocol/decisions/0020-…` has the reasons, and `AttackTests`
/// the attacks. That no child is in two runs is for the caller to see to.

/// A count as it is given out.
package enum PublishedCount: Hashable, Sendable {
  /// Under five, or withheld so that another cannot be worked out: which of the two is not said.
  case withheld
  /// From this number, a multiple of five, to four more.
  case from(Int)

  package static let step = 5

  init(_ count: Int) {
    self = count < Self.step ? .withheld : .from(count - count % Self.step)
  }
}

/// One way to divide the children: each is in just one of its groups.
package struct Dimension: Hashable, Sendable {
  package let name: String
  package let groups: [String]
  /// Somebody who reads the table may know the count of one of the groups exactly: its own.
  package let isOfReaders: Bool

  package init(_ name: String, groups: [String], isOfReaders: Bool = false) {
    self.name = name
    self.groups = groups
    self.isOfReaders = isOfReaders
  }
}

/// How many children there are for each reason, by each dimension. A child may have several
/// reasons; one without any is counted under the last row.
package struct ReasonCounts: Hashable, Sendable {
  package let reasons: [String]
  package let dimensions: [Dimension]
  /// All children, then one row for each reason, then those without any.
  private(set) var rows: [CountRow]

  package init(reasons: [String], dimensions: [Dimension]) {
    self.reasons = reasons
    self.dimensions = dimensions
    let empty = CountRow(
      total: 0, lines: dimensions.map { [Int](repeating: 0, count: $0.groups.count) })
    rows = [CountRow](repeating: empty, count: reasons.count + 2)
  }

  package var total: Int { rows[0].total }

  /// Counts a child. `groups` has the index of its group in each dimension, `reasons` the indices
  /// of its reasons; a programmer's error where there is no such one.
  package mutating func add(reasons own: Set<Int>, groups: [Int]) {
    precondition(groups.count == dimensions.count, "a child has one group in each dimension")
    rows[0].add(groups)
    for reason in own { rows[reason + 1].add(groups) }
    if own.isEmpty { rows[reasons.count + 1].add(groups) }
  }
}

/// One row: its total, and its line of counts by each dimension. Each line adds up to the total.
struct CountRow: Hashable, Sendable {
  var total: Int
  var lines: [[Int]]

  mutating func add(_ groups: [Int]) {
    total += 1
    for (dimension, group) in groups.enumerated() { lines[dimension][group] += 1 }
  }
}

/// What is given out of a row.
package struct PublishedRow: Hashable, Sendable {
  package let total: PublishedCount
  /// By dimension, each by group.
  package let lines: [[PublishedCount]]
}
