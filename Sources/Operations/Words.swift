/// Counts and spans of time as people say them.
package enum Words {
  /// `1 change`, `2 changes`.
  /// - Parameter many: when it is not `one` with an s.
  package static func count(
    _ count: some BinaryInteger, _ one: String, _ many: String? = nil
  ) -> String {
    "\(count) \(count == 1 ? one : many ?? one + "s")"
  }

  /// In the largest unit of which there are two whole ones, rounded down: `3 days`, `47 hours`,
  /// `119 minutes`; so never wrong by more than a third.
  package static func span(_ milliseconds: UInt64) -> String {
    let minutes = milliseconds / 60_000
    if minutes < 1 { return "less than a minute" }
    if minutes < 120 { return count(minutes, "minute") }
    if minutes < 48 * 60 { return count(minutes / 60, "hour") }
    return count(minutes / (24 * 60), "day")
  }
}
