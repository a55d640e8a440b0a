import Glibc

/// Moments in UTC, as they stand in texts for people, in logs and in names. What is beyond the
/// years 1 to 9999 is the nearest that is not.
package enum Moment {
  /// `2026-11-24 09:05 UTC`.
  package static func text(_ milliseconds: UInt64) -> String { minute(milliseconds) + " UTC" }

  /// `2026-11-24 09:05`, where everything around it is in UTC.
  package static func minute(_ milliseconds: UInt64) -> String {
    let parts = parts(Int64(clamping: milliseconds))
    return parts.day("-") + " " + parts.minute(":")
  }

  /// `2026-11-24 09:05:00Z`.
  package static func second(_ milliseconds: UInt64) -> String {
    let parts = parts(Int64(clamping: milliseconds))
    return parts.day("-") + " " + parts.second(":") + "Z"
  }

  /// RFC 3339 to the millisecond: `2026-11-24T09:05:00.123Z`.
  package static func rfc3339(_ milliseconds: Int64) -> String {
    let parts = parts(milliseconds)
    return parts.day("-") + "T" + parts.second(":") + parts.fraction + "Z"
  }

  /// `20261124T090500.123Z`, for a name of a file: in order of time, also as text.
  package static func stamp(_ milliseconds: UInt64) -> String {
    let parts = parts(Int64(clamping: milliseconds))
    return parts.day("") + "T" + parts.second("") + parts.fraction + "Z"
  }

  private struct Parts {
    let calendar: tm
    let milliseconds: Int64

    func day(_ between: String) -> String {
      [padded(calendar.tm_year + 1_900, 4), padded(calendar.tm_mon + 1), padded(calendar.tm_mday)]
        .joined(separator: between)
    }

    func minute(_ between: String) -> String {
      padded(calendar.tm_hour) + between + padded(calendar.tm_min)
    }

    func second(_ between: String) -> String { minute(between) + between + padded(calendar.tm_sec) }

    var fraction: String { "." + padded(milliseconds, 3) }

    private func padded(_ number: some BinaryInteger, _ width: Int = 2) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
  }

  private static func parts(_ milliseconds: Int64) -> Parts {
    let bounded = min(max(milliseconds, -62_135_596_800_000), 253_402_300_799_999)
    let fraction = (bounded % 1_000 + 1_000) % 1_000
    var seconds = time_t((bounded - fraction) / 1_000)
    var calendar = tm()
    gmtime_r(&seconds, &calendar)
    return Parts(calendar: calendar, milliseconds: fraction)
  }
}
