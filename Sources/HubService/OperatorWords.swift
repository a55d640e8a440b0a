/// Spans and counts as the operator reads them.
enum OperatorWords {
  /// Whole units of the largest that fits: "3 days", "1 hour", "less than a minute".
  static func span(_ milliseconds: UInt64) -> String {
    let units: [(UInt64, String)] = [(86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute")]
    for (length, name) in units where milliseconds >= length {
      return count(Int(clamping: milliseconds / length), name, name + "s")
    }
    return "less than a minute"
  }

  static func auditChanged(atLine line: some BinaryInteger) -> String {
    "The audit log was changed at line \(line). Keep the folder as it is, and find out who had "
      + "access to it."
  }

  static func count(_ number: Int, _ one: String, _ many: String) -> String {
    "\(number) \(number == 1 ? one : many)"
  }
}
