/// A day of the Gregorian calendar, without a time zone: a date of birth is the same day
/// everywhere. Its text form is "yyyy-mm-dd" (ISO 8601).
package struct CalendarDate: Hashable, Sendable, Comparable {
  package let year: Int
  package let month: Int
  package let day: Int

  /// Nil unless such a day exists, in the years of `RecordLimits`.
  package init?(year: Int, month: Int, day: Int) {
    guard RecordLimits.years.contains(year), (1...12).contains(month),
      day >= 1, day <= Self.days(inMonth: month, of: year)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// Nil unless the text is exactly "yyyy-mm-dd" and such a day exists.
  package init?(_ text: String) {
    let bytes = Array(text.utf8.prefix(11))
    guard bytes.count == 10, bytes[4] == 0x2D, bytes[7] == 0x2D else { return nil }
    func number(_ range: Range<Int>) -> Int? {
      var value = 0
      for byte in bytes[range] {
        guard (0x30...0x39).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 0x30)
      }
      return value
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else {
      return nil
    }
    self.init(year: year, month: month, day: day)
  }

  /// The UTC day of an instant. Nil past the year limits.
  package init?(millisecondsSince1970 milliseconds: UInt64) {
    guard milliseconds <= RecordLimits.instantMilliseconds else { return nil }
    self.init(daysSince1970: Int(milliseconds / 86_400_000))
  }

  /// Days since 1 January 1970, negative before. Nil outside the year limits. (The arithmetic takes
  /// March as the first month of a year, so that the leap day comes last.)
  package init?(daysSince1970 days: Int) {
    guard abs(days) < 200_000 else { return nil }
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    self.init(
      year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
      day: dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }

  package var daysSince1970: Int {
    let marchYear = month <= 2 ? year - 1 : year
    let era = marchYear / 400
    let yearOfEra = marchYear - era * 400
    let marchMonth = month > 2 ? month - 3 : month + 9
    let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// "yyyy-mm-dd".
  package var text: String {
    func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(year)-\(padded(month))-\(padded(day))"
  }

  /// Whole years from this day to the other: the age on that day. Negative before this day. Who
  /// was born on 29 February comes of age on 1 March (English law).
  package func fullYears(to other: CalendarDate) -> Int {
    let years = other.year - year
    return (other.month, other.day) < (month, day) ? years - 1 : years
  }

  package func adding(days: Int) -> CalendarDate? {
    guard abs(days) < 200_000 else { return nil }
    return CalendarDate(daysSince1970: daysSince1970 + days)
  }

  /// Day and month exchanged, the commonest slip with dates. Nil if no such day exists.
  package var dayAndMonthSwapped: CalendarDate? {
    CalendarDate(year: year, month: day, day: month)
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.year, left.month, left.day) < (right.year, right.month, right.day)
  }

  private static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }
}
