import CaseRecords
import Testing

@Suite("Identifiers and dates that people type are checked")
struct IdentifierCheckTests {
  @Test func nhsNumbersNeedTheirCheckDigit() {
    for good in ["999 123 4578", "9990000018", "999-000-0026"] {
      #expect(NHSNumber.isValid(good), "\(good)")
    }
    for bad in ["9991234571", "999123456", "99912345780", "999123456X", "", "٩٩٩١٢٣٤٥٧٨"] {
      #expect(!NHSNumber.isValid(bad), "\(bad)")
    }
    // Every other last digit is wrong.
    for last in 0...9 where last != 8 { #expect(!NHSNumber.isValid("999123457\(last)")) }
    #expect(NHSNumber.checkDigit([9, 9, 9, 0, 0, 0, 0, 0, 1]) == 8)
    // 6 × 2 leaves a remainder of 1, and 11 − 1 is no digit: never issued.
    #expect(NHSNumber.checkDigit([0, 0, 0, 0, 0, 0, 0, 0, 6]) == nil)
    #expect(NHSNumber.checkDigit([0, 0, 0, 0, 0, 0, 0, 0, 0]) == 0)
    #expect(NHSNumber.checkDigit([1]) == nil)
    #expect(NHSNumber.isTestRange("999 123 4578"))
    #expect(!NHSNumber.isTestRange("998 123 4560"))
  }

  @Test func pupilNumbersNeedTheirCheckLetter() {
    #expect(UPN.isValid("B801200005001"))
    #expect(!UPN.isTemporary("B801200005001"))
    for letter in "ACDEFGHJKLMNPQRTUVWXYZ" { #expect(!UPN.isValid("\(letter)801200005001")) }
    for bad in ["", "B80120000500", "B8012000050011", "b801200005001", "BB01200005001"] {
      #expect(!UPN.isValid(bad), "\(bad)")
    }
    // A temporary number ends in a letter, valued by its place in the alphabet.
    for (position, letter) in "ABCDEFGHJKLMNPQRTUVWXYZ".enumerated() {
      let body = "80120000500\(letter)"
      let check = UPN.checkLetter(body)
      #expect(check != nil)
      let number = "\(check ?? "?")\(body)"
      #expect(UPN.isValid(number) && UPN.isTemporary(number))
      if position < 10 { #expect(check == UPN.checkLetter("80120000500\(position)")) }
    }
    #expect(UPN.checkLetter("80120000500I") == nil)
    #expect(UPN.checkLetter("8012000050A1") == nil)
  }

  @Test func postcodesOfEveryShapeLookRight() {
    for good in [
      "M1 1AA", "M60 1NW", "W1A 0AX", "CR2 6XH", "DN55 1PT", "EC1A 1BB", "wf17 5ab", "HD12AB",
    ] { #expect(Postcode.looksRight(good), "\(good)") }
    for bad in ["", "WF17", "WF17 5CB", "WF17 5AO", "WF177 5AB", "1WF 5AB", "WF17 55B", "WF17 5A"] {
      #expect(!Postcode.looksRight(bad), "\(bad)")
    }
  }

  @Test func datesAreDaysOfTheCalendar() {
    for good in ["2007-04-30", "2004-02-29", "2000-02-29", "1900-01-01", "2199-12-31"] {
      #expect(CalendarDate(good)?.text == good)
    }
    for bad in [
      "2007-02-29", "1900-02-29", "2007-13-01", "2007-00-10", "2007-04-31", "2007-4-30",
      "1899-12-31", "2200-01-01", "30-04-2007", "2007/04/30", "2007-04-30T", "+007-04-30", "",
    ] { #expect(CalendarDate(bad) == nil, "\(bad)") }
  }

  @Test func daysCountWithoutGapFromTheFirstYearToTheLast() throws {
    let first = try #require(CalendarDate(year: 1900, month: 1, day: 1))
    let last = try #require(CalendarDate(year: 2199, month: 12, day: 31))
    #expect(CalendarDate("1970-01-01")?.daysSince1970 == 0)
    #expect(CalendarDate("2007-04-30")?.daysSince1970 == 13_633)
    var previous = first
    for days in (first.daysSince1970 + 1)...last.daysSince1970 {
      let date = try #require(CalendarDate(daysSince1970: days))
      guard date.daysSince1970 == days, previous < date else {
        Issue.record("day \(days) reads \(date)")
        return
      }
      previous = date
    }
    #expect(previous == last)
    #expect(last.adding(days: 1) == nil && first.adding(days: -1) == nil)
    #expect(last.adding(days: Int.max) == nil)
    #expect(CalendarDate(millisecondsSince1970: .max) == nil)
  }

  @Test func agesAreFullYears() throws {
    let table: [(String, String, Int)] = [
      ("2001-05-10", "2007-05-09", 5), ("2001-05-10", "2007-05-10", 6),
      ("2004-02-29", "2007-02-28", 2), ("2004-02-29", "2007-03-01", 3),
      ("2007-08-01", "2007-04-30", -1),
    ]
    for (birth, day, years) in table {
      let birth = try #require(CalendarDate(birth))
      #expect(birth.fullYears(to: try #require(CalendarDate(day))) == years)
    }
  }
}
