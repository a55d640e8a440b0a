import CBOR
import CaseRecords
import Causality

/// One child as drawn, before anything is written about them.
struct ChildDraft {
  enum Birth {
    case born(CalendarDate)
    case expected(CalendarDate)
    case estimated(years: Int)
  }

  var given: String?
  var family: String?
  var birth: Birth
  var sex: String
  var locality: String
  var ethnicity: String
  var language: String

  /// Negative days of age: not born yet. No two of the family get one name.
  init(
    ageDays: Int, in household: Household, after elder: [ChildDraft] = [],
    using generator: inout SeededGenerator
  ) {
    let isGirl = generator.chance(percent: 50)
    family = household.familyName
    locality = household.locality
    ethnicity = generator.pick(household.heritage.ethnicities)
    language = generator.pick(household.heritage.languages)
    let taken = elder.compactMap(\.given)
    let names = isGirl ? household.heritage.girls : household.heritage.boys
    let given = generator.pick(names.filter { !taken.contains($0) })
    if ageDays < 0 {
      self.given = nil
      sex = "unknown"
      birth = .expected(Self.day(-ageDays))
    } else {
      self.given = given
      sex = isGirl ? "female" : "male"
      birth = .born(Self.day(-ageDays))
    }
  }

  /// In years; 0 for the unborn.
  var age: Int {
    switch birth {
    case .born(let day): day.fullYears(to: District.today)
    case .expected: 0
    case .estimated(let years): years
    }
  }

  var identity: ChildIdentity {
    switch birth {
    case .born(let day): ChildIdentity(given: given, family: family, dateOfBirth: day)
    case .expected: ChildIdentity(given: given, family: family)
    case .estimated(let years):
      ChildIdentity(
        given: given, family: family, estimatedAge: years, estimatedOn: District.today)
    }
  }

  var nameGroup: GroupValue {
    GroupValue().setting("given", given).setting("family", family)
  }

  var birthGroup: GroupValue {
    switch birth {
    case .born(let day): GroupValue().setting("dateOfBirth", day)
    case .expected(let day): GroupValue().setting("expectedDate", day)
    case .estimated(let years):
      GroupValue().setting("estimatedAge", count: years).setting("estimatedOn", District.today)
    }
  }

  /// The child's record as the agency that knows them best keeps it.
  func record(
    _ id: ChildID, school: SampleAgency?, using generator: inout SeededGenerator
  ) -> SampleRecord {
    var record = SampleRecord("child", .child(id))
    record.set("name", nameGroup)
    record.set("birth", birthGroup)
    record.set("sex", sex)
    record.set("locality", locality)
    record.set("ethnicity", ethnicity)
    record.set(
      "language",
      GroupValue().setting("firstLanguage", language)
        .setting("interpreterNeeded", language != "English" && generator.chance(percent: 20)))
    let gp = generator.chance(percent: 88) ? "known" : "none"
    record.set(
      "gp",
      GroupValue().setting("state", gp)
        .setting("name", gp == "known" ? "Market Place Surgery" : nil))
    record.set(
      "dentist",
      GroupValue().setting("state", generator.pick(["known", "known", "none", "unknown"])))
    if (2...4).contains(age) {
      record.set(
        "nursery", GroupValue().setting("state", generator.pick(["known", "none", "unknown"])))
    }
    if let school, let start = Self.rollStart(age) {
      record.set(
        "school",
        GroupValue().setting("name", school.name).setting("agency", school.id)
          .setting("rollStart", start))
      if generator.chance(percent: 60) { record.set("upn", Self.upn(using: &generator)) }
    }
    if generator.chance(percent: 60), case .born = birth {
      record.set("nhsNumber", Self.nhsNumber(using: &generator))
    }
    if generator.chance(percent: 6) {
      record.set(
        "disability",
        GroupValue().setting("disabled", true).setting("detail", "Wears hearing aids."))
    }
    return record
  }

  /// The child as another agency keeps them: less, and now and then with a slip.
  func shortRecord(_ id: ChildID, using generator: inout SeededGenerator) -> SampleRecord {
    var record = SampleRecord("child", .child(id))
    record.set("name", nameGroup)
    if case .born(let day) = birth, generator.chance(percent: 3),
      let swapped = day.dayAndMonthSwapped, swapped <= District.today
    {
      record.set("birth", GroupValue().setting("dateOfBirth", swapped))
    } else {
      record.set("birth", birthGroup)
    }
    record.set("locality", locality)
    return record
  }

  /// In the test range 999 000 0000 to 999 999 9999, which nobody is given.
  static func nhsNumber(using generator: inout SeededGenerator) -> String {
    while true {
      let nine = [9, 9, 9] + (0..<6).map { _ in generator.below(10) }
      // One in eleven has no check digit.
      if let check = NHSNumber.checkDigit(nine) {
        return (nine + [check]).map(String.init).joined()
      }
    }
  }

  /// Of the authority 000, which does not exist.
  static func upn(using generator: inout SeededGenerator) -> String {
    let body = "000" + (0..<9).map { _ in String(generator.below(10)) }.joined()
    guard let letter = UPN.checkLetter(body) else { preconditionFailure("twelve digits") }
    return "\(letter)\(body)"
  }

  /// Some day within a lifetime of today; offsets are bounded by the callers.
  static func day(_ offset: Int) -> CalendarDate {
    guard let day = District.today.adding(days: offset) else {
      preconditionFailure("a day far from the sample's")
    }
    return day
  }

  private static func rollStart(_ age: Int) -> CalendarDate? {
    CalendarDate(year: age > 10 ? 2007 - (age - 10) : 2007 - (age - 3), month: 9, day: 1)
      .flatMap { $0 <= District.today ? $0 : CalendarDate(year: 2006, month: 9, day: 1) }
  }
}
