package import Operations

/// One number that was measured, in each of several rounds of one run.
package struct Figure: Hashable, Sendable {
  /// What was done: `fill`, `offline` and so on.
  package let workload: String
  package let name: String
  package let unit: String
  package let values: [Double]
  /// The least that the same work can cost, taken in the same round and unit; empty where there is
  /// no such thing. `limitName` says what it is.
  package let limits: [Double]
  package let limitName: String

  /// - Parameter limits: As many as values, or none.
  package init(
    _ workload: String, _ name: String, _ values: [Double], _ unit: String,
    limits: [Double] = [], _ limitName: String = "SQLite alone"
  ) {
    precondition(!values.isEmpty && (limits.isEmpty || limits.count == values.count))
    self.workload = workload
    self.name = name
    self.values = values
    self.unit = unit
    self.limits = limits
    self.limitName = limits.isEmpty ? "" : limitName
  }

  package var value: Double { values.median }
  package var limit: Double? { limits.isEmpty ? nil : limits.median }

  /// The median of the rounds' ratios: what the machine's other work slows down in one round, it
  /// slows down on both sides.
  package var ratio: Double? {
    limits.isEmpty
      ? nil : zip(values, limits).map { $0 / max($1, .leastNormalMagnitude) }.median
  }

  package var json: JSON {
    var object = JSON.Object()
    object["workload"] = .string(workload)
    object["name"] = .string(name)
    object["unit"] = .string(unit)
    object["median"] = .number(value)
    object["rounds"] = .array(values.map { .number($0) })
    if let limit, let ratio {
      object["limitName"] = .string(limitName)
      object["limit"] = .number(limit)
      object["limitRounds"] = .array(limits.map { .number($0) })
      object["ratio"] = .number(ratio)
    }
    return .object(object)
  }
}

extension [Double] {
  /// The middle one; of an even number the upper of the two. Of at least one.
  package var median: Double { sorted()[count / 2] }

  /// The value that the given share does not exceed: 0.95 for the 95th percentile.
  package func quantile(_ share: Double) -> Double {
    let sorted = sorted()
    return sorted[Swift.min(count - 1, Int(Double(count) * share))]
  }
}
