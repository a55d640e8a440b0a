extension ReasonCounts {
  /// What may be given out: all children, each reason, those without any, in this order.
  ///
  /// `lot` says whether the line of a row by a dimension is withheld whatever it holds. It must be
  /// a secret of whoever publishes, and the same whenever the same counts are published.
  package func published(lot: (_ row: Int, _ dimension: Int) -> Bool) -> [PublishedRow] {
    var guarded = Guard(rows, readers: dimensions.map(\.isOfReaders))
    for row in rows.indices {
      for dimension in dimensions.indices where lot(row, dimension) {
        guarded.withhold(row, dimension)
      }
    }
    guarded.withholdWhatTells()
    return rows.indices.map { row in
      PublishedRow(
        total: PublishedCount(rows[row].total),
        lines: dimensions.indices.map { dimension in
          rows[row].lines[dimension].map { count in
            guarded.isShown[row][dimension] ? PublishedCount(count) : .withheld
          }
        })
    }
  }
}

/// What a reader can tell of each count from the ranges that are given out, and which lines are
/// withheld so that of a small one it is no more than "one to four".
private struct Guard {
  /// What a reader who knows the rule takes for possible.
  struct Range {
    let low: Int
    let high: Int
    let isSmall: Bool

    init(_ count: Int) {
      isSmall = count < PublishedCount.step
      low = isSmall ? 0 : count - count % PublishedCount.step
      high = low + PublishedCount.step - 1
    }
  }

  let totals: [Range]
  let ranges: [[[Range]]]
  let readers: [Bool]
  private(set) var isShown: [[Bool]]

  init(_ rows: [CountRow], readers: [Bool]) {
    totals = rows.map { Range($0.total) }
    ranges = rows.map { $0.lines.map { $0.map(Range.init) } }
    self.readers = readers
    isShown = rows.map { $0.lines.map { _ in true } }
  }

  mutating func withhold(_ row: Int, _ dimension: Int) { isShown[row][dimension] = false }

  /// Withholding a line takes knowledge away and adds none: so this comes to an end, and what was
  /// safe stays safe.
  mutating func withholdWhatTells() {
    var isSettled = false
    while !isSettled {
      isSettled = true
      for row in ranges.indices {
        for dimension in ranges[row].indices
        where isShown[row][dimension] && tells(row, dimension) {
          withhold(row, dimension)
          isSettled = false
        }
      }
    }
  }

  /// Whether a small count of this line can be told to be more than one, or less than four.
  private func tells(_ row: Int, _ dimension: Int) -> Bool {
    // All of a small total are small, and may be anything up to it.
    if totals[row].isSmall { return false }
    let line = ranges[row][dimension]
    guard line.contains(where: \.isSmall) else { return false }
    let most = PublishedCount.step - 1
    let lows = line.reduce(0) { $0 + $1.low }
    let highs = line.reduce(0) { $0 + $1.high }
    // Whoever knows the count of another group exactly knows up to four more than its range.
    let known = readers[dimension] && line.count > 1 ? most : 0
    if totals[row].low - (highs - most) + known > 1 { return true }
    let others = ranges[row].indices.filter { $0 != dimension && isShown[row][$0] }
    let totalHigh = others.reduce(totals[row].high) { high, other in
      min(high, ranges[row][other].reduce(0) { $0 + $1.high })
    }
    if totalHigh - lows < most { return true }
    return row > 0
      && line.indices.contains { line[$0].isSmall && isToldByItsGroup(row, dimension, $0) }
  }

  /// Each child of a group is in some row: where all the others of that group together may be too
  /// few, this row must have the rest.
  private func isToldByItsGroup(_ row: Int, _ dimension: Int, _ group: Int) -> Bool {
    let all = ranges[0][dimension][group]
    guard isShown[0][dimension], !all.isSmall else { return false }
    var rest = all.low
    for other in ranges.indices where other > 0 && other != row {
      // Of a line that is withheld nothing is known but that it is no more than all.
      guard isShown[other][dimension] else { return false }
      rest -= ranges[other][dimension][group].high
    }
    return rest > 1
  }
}
