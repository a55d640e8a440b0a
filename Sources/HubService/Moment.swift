import CaseRecords

/// Times as people read them in the hub's answers.
enum Moment {
  /// `2026-11-24 09:05 UTC`.
  static func text(_ milliseconds: UInt64) -> String {
    // Past the calendar's years the number itself says more than any date.
    guard let date = CalendarDate(millisecondsSince1970: milliseconds) else {
      return "\(milliseconds) ms"
    }
    let minutes = milliseconds / 60_000 % 1_440
    func two(_ number: UInt64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(date.text) \(two(minutes / 60)):\(two(minutes % 60)) UTC"
  }
}
