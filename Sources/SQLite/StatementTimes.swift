import Glibc

/// How long the runs of one statement took. Its text holds no values: those are bound.
package struct StatementTimes: Hashable, Sendable {
  package let sql: String
  package internal(set) var count: UInt64 = 0
  package internal(set) var totalNanoseconds: UInt64 = 0
  package internal(set) var longestNanoseconds: UInt64 = 0

  init(sql: String) { self.sql = sql }

  mutating func add(_ nanoseconds: UInt64) {
    count += 1
    totalNanoseconds &+= nanoseconds
    longestNanoseconds = max(longestNanoseconds, nanoseconds)
  }

  mutating func add(_ other: StatementTimes) {
    count += other.count
    totalNanoseconds &+= other.totalNanoseconds
    longestNanoseconds = max(longestNanoseconds, other.longestNanoseconds)
  }

  /// Never goes back, and counts from some moment in the past.
  static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

extension Database {
  /// How many texts are remembered of statements that are not prepared any more.
  static let retiredTimesMax = 256

  /// The statements that took longest altogether since the connection was opened, if it times
  /// them. What is done with a statement's rows while they come counts as its time.
  package func slowestStatements(_ count: Int) -> [StatementTimes] {
    var all = retiredTimes
    for statement in preparedStatements where statement.times.count > 0 {
      all[statement.sql, default: StatementTimes(sql: statement.sql)].add(statement.times)
    }
    return Array(
      all.values.sorted { ($0.totalNanoseconds, $1.sql) > ($1.totalNanoseconds, $0.sql) }
        .prefix(count))
  }

  /// Keeps the times of statements that are let go of; at the limit the quicker half is forgotten.
  func retireTimes() {
    guard isTimingStatements else { return }
    for statement in preparedStatements where statement.times.count > 0 {
      retiredTimes[statement.sql, default: StatementTimes(sql: statement.sql)]
        .add(statement.times)
    }
    guard retiredTimes.count > Self.retiredTimesMax else { return }
    let slow = retiredTimes.values.sorted { $0.totalNanoseconds > $1.totalNanoseconds }
      .prefix(Self.retiredTimesMax / 2)
    retiredTimes = Dictionary(uniqueKeysWithValues: slow.map { ($0.sql, $0) })
  }
}
