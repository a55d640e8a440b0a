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
    after = try Self.number(arguments, "after", in: 0...Int64.max) ?? 0
  }

  /// A number of an operation's, which a page may give as it was typed; nil when it is not given.
  static func number(
    _ arguments: JSON, _ name: String, in range: ClosedRange<Int64>
  ) throws -> Int64? {
    guard let given = arguments[name], given != .null else { return nil }
    guard let number = given.integerValue ?? given.stringValue.flatMap(Int64.init),
      range.contains(number)
    else {
      throw LocalFailure(
        .usage, "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound).")
    }
    return number
  }
}
