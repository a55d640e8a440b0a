import HTTPTransport
import Operations

/// How long an answer may be: a list has at most `limit` entries, and says how many it leaves out.
struct HubPaging {
  static let limitMax = 500
  let limit: Int
  /// Entries numbered below this one, the newest first.
  let before: Int64
  /// Of a list that has the oldest first: entries numbered above this one.
  let after: Int64

  init(_ arguments: JSON, limit: Int = 100) throws {
    let asked = try Self.number(arguments, "limit", in: 1...Int64(Self.limitMax))
    self.limit = asked.map(Int.init) ?? limit
    before = try Self.number(arguments, "before", in: 1...Int64.max) ?? .max
    after = try Self.number(arguments, "after", in: 1...Int64.max) ?? 0
  }

  private static func number(
    _ arguments: JSON, _ name: String, in range: ClosedRange<Int64>
  ) throws -> Int64? {
    guard let given = arguments[name], given != .null else { return nil }
    guard let number = given.integerValue, range.contains(number) else {
      let upTo = range.upperBound == .max ? "" : " up to \(range.upperBound)"
      throw LocalFailure(.usage, "\(name) is a whole number from 1\(upTo).")
    }
    return number
  }
}
