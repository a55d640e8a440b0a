import CaseRecords
import Testing

@Suite("Children are matched by name and birth")
struct ChildMatchingTests {
  private let today = CalendarDate("2007-04-30") ?? .distant

  private func child(
    _ given: String?, _ family: String?, _ birth: String? = nil, age: Int? = nil,
    other: [String] = []
  ) -> ChildIdentity {
    ChildIdentity(
      given: given, family: family, otherNames: other,
      dateOfBirth: birth.flatMap { CalendarDate($0) }, estimatedAge: age, estimatedOn: nil)
  }

  @Test func aFamilyNameAloneMayBeGivenInPartToWhoeverLooksThrough() {
    let anna = child("Anna", "Kowalska-Łęcka", "1999-03-07", age: nil)
    let table: [(ChildIdentity, ChildMatch.Band)] = [
      (child(nil, "Ko"), .possible), (child("-", "Lecka"), .possible),
      (child(nil, "Kowalska"), .possible), (child(nil, "K"), .none), (child(nil, "Ow"), .none),
      (child(nil, "Ko", age: 8), .possible), (child(nil, "Ko", age: 3), .none),
      (child("Piotr", "Kowalska"), .none),
    ]
    for (asked, band) in table {
      let strict = ChildMatching.match(
        asked: FoldedIdentity(asked), known: FoldedIdentity(anna), today: today)
      let loose = ChildMatching.match(
        asked: FoldedIdentity(asked), known: FoldedIdentity(anna), today: today, allowsPart: true)
      #expect(loose.band == band, "\(asked)")
      // What it is worth is the same: only what is shown is more.
      #expect(loose.score == strict.score && strict.band <= loose.band && loose.band < .likely)
    }
  }

  @Test func bandsAsATable() {
    typealias Row = (ChildIdentity, ChildIdentity, ChildMatch.Band, [ChildMatch.Reason])
    let anna = child("Anna", "Kowalska", "1999-03-07")
    let table: [Row] = [
      (anna, anna, .certain, [.givenSame, .familySame, .birthSame]),
      (
        child("ANNA", "kowalska", "1999-03-07"), anna, .certain,
        [.givenSame, .familySame, .birthSame]
      ),
      (
        child("Anna", "Kowalski", "1999-03-07"), anna, .likely,
        [.givenSame, .familyNear, .birthSame]
      ),
      (
        child("Anna", "Kowalska", "1999-07-03"), anna, .likely,
        [.givenSame, .familySame, .birthSwapped]
      ),
      (
        child("Anna", "Kowalska", "1999-03-17"), anna, .likely,
        [.givenSame, .familySame, .birthOneDigit]
      ),
      (
        child("Kowalska", "Anna", "1999-03-07"), anna, .likely,
        [.givenAndFamilySwapped, .birthSame]
      ),
      (child("Kowalska", "Anna"), anna, .possible, [.givenAndFamilySwapped]),
      (child("Anna", "Kowalska"), anna, .likely, [.givenSame, .familySame]),
      (
        child("Anna", "Kowalska", "2003-11-20"), anna, .possible,
        [.givenSame, .familySame, .birthDiffers]
      ),
      (child("Anna", nil), anna, .possible, [.givenSame]),
      (child(nil, "Kowalska"), anna, .possible, [.familySame]),
      (child(nil, nil, "1999-03-07"), anna, .none, [.birthSame]),
      (child("Ann", nil), anna, .possible, [.givenPrefix]),
      (
        child("A", "Kowalska", "1999-03-07"), anna, .likely,
        [.givenInitial, .familySame, .birthSame]
      ),
      // A twin: the same family, the same day, another given name.
      (
        child("Piotr", "Kowalska", "1999-03-07"), anna, .none,
        [.givenDiffers, .familySame, .birthSame]
      ),
      (
        child("Anna", "Nowak", "1999-03-07"), anna, .possible,
        [.givenSame, .familyDiffers, .birthSame]
      ),
      (
        child("Jack", "Nowak", "1999-03-07"), anna, .none,
        [.givenDiffers, .familyDiffers, .birthSame]
      ),
      // Ages: eight on the day of the test.
      (child("Anna", "Kowalska", age: 8), anna, .likely, [.givenSame, .familySame, .ageFits]),
      (child("Anna", "Kowalska", age: 7), anna, .likely, [.givenSame, .familySame, .ageFits]),
      (child("Anna", "Kowalska", age: 9), anna, .likely, [.givenSame, .familySame, .ageFits]),
      (
        child("Anna", "Kowalska", age: 10), anna, .possible, [.givenSame, .familySame, .ageDiffers]
      ),
      (child("Anna", nil, age: 8), child("Anna", nil, age: 9), .possible, [.givenSame, .ageFits]),
      // Double-barrelled and two-part names.
      (
        child("Mary", "Smith", "2001-01-02"), child("Mary-Anne", "Smith-Jones", "2001-01-02"),
        .likely, [.givenPart, .familyPart, .birthSame]
      ),
      (
        child("Maryanne", "Jones Smith", "2001-01-02"),
        child("Mary Anne", "Smith-Jones", "2001-01-02"), .certain,
        [.givenSame, .familySame, .birthSame]
      ),
      // Punctuation, diacritics, spellings, other names.
      (
        child("Seán", "OBrien", "2001-01-02"), child("Shaun", "O’Brien", "2001-01-02"), .certain,
        [.givenSame, .familySame, .birthSame]
      ),
      (
        child("Lucja", "Wisniewska", "2001-01-02"), child("Łucja", "Wiśniewska", "2001-01-02"),
        .certain, [.givenSame, .familySame, .birthSame]
      ),
      (
        child("Mohammed", "Hussein", "2001-01-02"), child("Muhammad", "Hussain", "2001-01-02"),
        .certain, [.givenSame, .familySame, .birthSame]
      ),
      (
        child("Bibi", "Akhtar", "2001-01-02"),
        child("Nasreen", "Akhtar", "2001-01-02", other: ["Bibi"]), .likely,
        [.givenIsOtherName, .familySame, .birthSame]
      ),
      (child(nil, nil), anna, .none, []),
      (child("-", "?"), anna, .none, []),
    ]
    for (asked, known, band, reasons) in table {
      let match = ChildMatching.match(
        asked: FoldedIdentity(asked), known: FoldedIdentity(known), today: today)
      #expect(match.band == band, "\(asked) \(known) \(match)")
      #expect(match.reasons == reasons, "\(asked) \(known) \(match)")
      #expect((0...100).contains(match.score))
      #expect(match.reasons.allSatisfy { !$0.words.isEmpty })
    }
  }

  @Test func whoAsksAndWhoIsKnownMayBeExchanged() {
    let children = [
      child("Anna", "Kowalska", "1999-03-07"), child("Ann", "Kowalski", "1999-07-03"),
      child("Kowalska", "Anna", age: 8), child("A", nil), child(nil, "Smith-Jones", age: 3),
      child("Mary-Anne", "Smith", "2003-12-12", other: ["Annie"]),
    ]
    for one in children {
      for other in children {
        #expect(
          ChildMatching.match(
            asked: FoldedIdentity(one), known: FoldedIdentity(other), today: today)
            == ChildMatching.match(
              asked: FoldedIdentity(other), known: FoldedIdentity(one), today: today))
      }
    }
  }

  @Test func anEstimateAgesWithTheYears() {
    var known = child("Sam", nil)
    known.estimatedAge = 6
    known.estimatedOn = CalendarDate("2002-04-01")
    let match = ChildMatching.match(
      asked: FoldedIdentity(child("Sam", nil, age: 11)), known: FoldedIdentity(known), today: today)
    #expect(match.reasons == [.givenSame, .ageFits])
    known.estimatedAge = .max
    #expect(
      ChildMatching.match(
        asked: FoldedIdentity(child("Sam", nil, age: 11)), known: FoldedIdentity(known),
        today: today
      ).reasons
        == [.givenSame])
  }

  @Test func aSearchGivesTheBestFirstAndNoMoreThanAsked() {
    let candidates = [
      child("Jack", "Nowak"), child("Anna", nil), child("Anna", "Kowalska"),
      child("Anna", "Kowalska", "1999-03-07"), child("Ann", nil),
    ].enumerated().map { (key: $0.offset, identity: $0.element) }
    let asked = child("Anna", "Kowalska", "1999-03-07")
    let found = ChildMatching.search(asked: asked, among: candidates, today: today, limit: 10)
    #expect(found.map(\.key) == [3, 2, 1, 4])
    let two = ChildMatching.search(asked: asked, among: candidates, today: today, limit: 2)
    #expect(two.map(\.key) == [3, 2])
  }

  @Test func namesFoldToTheirLetters() {
    let table: [(String, [String])] = [
      ("O'Brien", ["obrien"]), ("Kowalska-Łęcka", ["kowalska", "lecka"]),
      ("  Ståle  Ångström ", ["stale", "angstrom"]), ("Weiß", ["weiss"]),
      ("e\u{301}mile", ["emile"]), ("J.R.", ["jr"]), ("", []), ("–", []), ("Ирина", ["ирина"]),
      ("Mary-Anne SMITH, 2nd", ["mary", "anne", "smith", "2nd"]),
      ("D`Arcy_Jones", ["darcy", "jones"]),
    ]
    for (name, tokens) in table { #expect(NameFolding.tokens(name) == tokens, "\(name)") }
    #expect(NameFolding.tokens(String(repeating: "a ", count: 90)).count == RecordLimits.nameTokens)
    // A letter with an accent at the end does not change what is made of the rest.
    let long = String(repeating: "Ann-B'C. ", count: 60)
    #expect(NameFolding.tokens(long) == NameFolding.tokens(long + "é"))
  }
}

extension CalendarDate {
  fileprivate static var distant: CalendarDate {
    guard let date = CalendarDate(daysSince1970: 0) else { fatalError("1970 is a year") }
    return date
  }
}
