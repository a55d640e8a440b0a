// Is this the same child? Used by `child find` on a replica and by the hub's enquiry desk. Pure:
// what is asked and what is known go in, a score with its reasons comes out. It never decides: a
// person reads the reasons, and the desk answers "several possible" rather than guess.

/// What is known, or asked, about a child's identity.
package struct ChildIdentity: Hashable, Sendable {
  package var given: String?
  package var family: String?
  package var otherNames: [String]
  package var dateOfBirth: CalendarDate?
  /// Years, on the day `estimatedOn`.
  package var estimatedAge: Int?
  package var estimatedOn: CalendarDate?

  package init(
    given: String? = nil, family: String? = nil, otherNames: [String] = [],
    dateOfBirth: CalendarDate? = nil, estimatedAge: Int? = nil, estimatedOn: CalendarDate? = nil
  ) {
    self.given = given
    self.family = family
    self.otherNames = otherNames
    self.dateOfBirth = dateOfBirth
    self.estimatedAge = estimatedAge
    self.estimatedOn = estimatedOn
  }
}

/// An identity with its names folded, for whoever compares it with many.
package struct FoldedIdentity: Hashable, Sendable {
  package let identity: ChildIdentity
  package let given: FoldedName?
  package let family: FoldedName?
  package let otherNames: [FoldedName]

  package init(_ identity: ChildIdentity) {
    self.identity = identity
    given = FoldedName(identity.given)
    family = FoldedName(identity.family)
    otherNames = identity.otherNames.compactMap { FoldedName($0) }
  }
}

package struct ChildMatch: Hashable, Sendable {
  package enum Band: Int, Comparable, Sendable {
    case none, possible, likely, certain

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  package enum Reason: String, Sendable {
    case givenSame, givenIsOtherName, givenPart, givenPrefix, givenNear, givenInitial, givenDiffers
    case familySame, familyPart, familyPrefix, familyNear, familyInitial, familyDiffers
    case givenAndFamilySwapped
    case birthSame, birthSwapped, birthOneDigit, ageFits, birthDiffers, ageDiffers

    /// Plain words, to be shown beside the result.
    package var words: String {
      switch self {
      case .givenSame: "the same given name"
      case .givenIsOtherName: "the given name is known as another name"
      case .givenPart: "one part of the given name is the same"
      case .givenPrefix: "one given name is short for the other"
      case .givenNear: "the given names differ by one letter"
      case .givenInitial: "the same initial"
      case .givenDiffers: "another given name"
      case .familySame: "the same family name"
      case .familyPart: "one part of the family name is the same"
      case .familyPrefix: "one family name begins with the other"
      case .familyNear: "the family names differ by one letter"
      case .familyInitial: "the same initial of the family name"
      case .familyDiffers: "another family name"
      case .givenAndFamilySwapped: "given and family name are swapped"
      case .birthSame: "the same date of birth"
      case .birthSwapped: "the date of birth with day and month swapped"
      case .birthOneDigit: "the dates of birth differ by one digit"
      case .ageFits: "the age fits, to a year"
      case .birthDiffers: "another date of birth"
      case .ageDiffers: "the age does not fit"
      }
    }
  }

  /// 0…100. Orders results; the band says what they are worth.
  package let score: Int
  package let band: Band
  package let reasons: [Reason]
}

package enum ChildMatching {
  /// How well what is known of one child fits what is asked. `today` dates an estimated age that
  /// carries no date of its own.
  ///
  /// - Parameter allowsPart: A family name that is asked for alone may be given in part, as by
  ///   somebody who looks through what they hold.
  package static func match(
    asked: FoldedIdentity, known: FoldedIdentity, today: CalendarDate, allowsPart: Bool = false
  ) -> ChildMatch {
    var (score, reasons) = names(asked, known)
    let birth = birth(asked.identity, known.identity, today: today)
    score += birth.points
    reasons += birth.reasons
    score = min(max(score, 0), 100)

    let bothNames =
      reasons.contains(.givenAndFamilySwapped)
      || (reasons.contains(.givenSame) && reasons.contains(.familySame))
    let band: ChildMatch.Band =
      if bothNames, reasons.contains(.birthSame), !reasons.contains(.givenAndFamilySwapped) {
        .certain
      } else if score >= 70 {
        .likely
      } else if score >= 35
        || (allowsPart && score >= familyPrefixPoints && asked.given == nil)
      {
        .possible
      } else {
        .none
      }
    return ChildMatch(score: score, band: band, reasons: reasons)
  }

  /// The candidates that are at least possible, best first, ties in the order given; at most
  /// `limit` of them.
  package static func search<Key>(
    asked: ChildIdentity, among candidates: [(key: Key, identity: ChildIdentity)],
    today: CalendarDate, limit: Int
  ) -> [(key: Key, match: ChildMatch)] {
    let asked = FoldedIdentity(asked)
    let found = candidates.enumerated().compactMap { index, candidate in
      let match = match(asked: asked, known: FoldedIdentity(candidate.identity), today: today)
      return match.band == .none ? nil : (index: index, key: candidate.key, match: match)
    }
    let sorted = found.sorted {
      ($0.match.band.rawValue, $0.match.score, -$0.index)
        > ($1.match.band.rawValue, $1.match.score, -$1.index)
    }
    return sorted.prefix(limit).map { ($0.key, $0.match) }
  }

  private typealias Evidence = (points: Int, reasons: [ChildMatch.Reason])

  private static func names(_ asked: FoldedIdentity, _ known: FoldedIdentity) -> Evidence {
    let straight = [given(asked, known), family(asked, known)].compactMap { $0 }
    let straightPoints = straight.reduce(0) { $0 + $1.points }
    let swapped =
      NameLikeness.compare(asked.given, known.family) == .same
      && NameLikeness.compare(asked.family, known.given) == .same
    if swapped, straightPoints < 65 { return (65, [.givenAndFamilySwapped]) }
    return (straightPoints, straight.flatMap(\.reasons))
  }

  private static func given(_ asked: FoldedIdentity, _ known: FoldedIdentity) -> Evidence? {
    guard let likeness = NameLikeness.compare(asked.given, known.given) else { return nil }
    if likeness == .same { return (40, [.givenSame]) }
    let others =
      known.otherNames.contains { NameLikeness.compare(asked.given, $0) == .same }
      || asked.otherNames.contains { NameLikeness.compare($0, known.given) == .same }
    if others { return (36, [.givenIsOtherName]) }
    return switch likeness {
    case .same: (40, [.givenSame])
    case .part: (36, [.givenPart])
    case .prefix: (36, [.givenPrefix])
    case .near: (30, [.givenNear])
    case .initial: (15, [.givenInitial])
    case .different: (-30, [.givenDiffers])
    }
  }

  /// The least of a family name that is like the one asked for, but for its initial.
  private static let familyPrefixPoints = 24

  private static func family(_ asked: FoldedIdentity, _ known: FoldedIdentity) -> Evidence? {
    guard let likeness = NameLikeness.compare(asked.family, known.family) else { return nil }
    return switch likeness {
    case .same: (35, [.familySame])
    case .part: (30, [.familyPart])
    case .prefix: (familyPrefixPoints, [.familyPrefix])
    case .near: (26, [.familyNear])
    case .initial: (10, [.familyInitial])
    case .different: (-25, [.familyDiffers])
    }
  }

  private static func birth(
    _ asked: ChildIdentity, _ known: ChildIdentity, today: CalendarDate
  ) -> Evidence {
    if let first = asked.dateOfBirth, let second = known.dateOfBirth {
      if first == second { return (25, [.birthSame]) }
      if first.dayAndMonthSwapped == second { return (18, [.birthSwapped]) }
      let digits = zip(first.text.utf8, second.text.utf8).filter { $0 != $1 }.count
      return digits == 1 ? (10, [.birthOneDigit]) : (-35, [.birthDiffers])
    }
    guard let first = years(asked, on: today), let second = years(known, on: today) else {
      return (0, [])
    }
    return abs(first - second) <= 1 ? (10, [.ageFits]) : (-20, [.ageDiffers])
  }

  /// Age today, from the date of birth or from the estimate carried forward.
  private static func years(_ identity: ChildIdentity, on today: CalendarDate) -> Int? {
    if let birth = identity.dateOfBirth { return birth.fullYears(to: today) }
    guard let age = identity.estimatedAge,
      (0...RecordLimits.estimatedAgeYears).contains(age)
    else { return nil }
    return age + (identity.estimatedOn?.fullYears(to: today) ?? 0)
  }
}
