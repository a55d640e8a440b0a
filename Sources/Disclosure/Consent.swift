package import CaseRecords

/// One agency, one category, and the purposes of which any one will do.
struct Point {
  let agency: AgencyID
  let category: Category
  let purposes: CodeSet
}

/// What the family's word comes to at one point.
struct Consent {
  /// The effective grant that lasts longest; of equals, the smallest id.
  struct Lasting {
    let id: PolicyID
    /// Milliseconds since 1970; `UInt64.max`: until withdrawn.
    let end: UInt64

    static func longer(_ old: Lasting?, _ new: Lasting) -> Lasting {
      guard let old else { return new }
      return (old.end, new.id) < (new.end, old.id) ? new : old
    }
  }

  /// A denial stands at this point: a default does not hold unless consent restores it.
  let isDenied: Bool
  /// Consent that reaches the agency, by name or as one of all.
  let general: Lasting?
  /// Consent that names the agency.
  let named: Lasting?

  /// When what is allowed by default ends; nil: not allowed by default at all.
  var defaultEnd: UInt64? { isDenied ? general?.end : .max }
}

extension PolicySet {
  /// The denials that stand at a point. None ever goes away: a grant can only name it.
  private func denials(at point: Point) -> some Sequence<Denial> {
    denials.lazy.filter {
      $0.purposes.meets(point.purposes) && $0.categories.contains(point.category)
        && $0.recipients.includes(point.agency)
    }
  }

  /// Without those that exclude the agency: a grant that names itself would lift its own exclusion.
  private func grants(covering point: Point) -> some Sequence<Grant> {
    grants.lazy.filter {
      $0.purposes.meets(point.purposes) && $0.categories.contains(point.category)
        && $0.terms.scope.recipients.includes(point.agency)
        && !$0.terms.excluded.contains(point.agency)
    }
  }

  func consent(at point: Point, now: UInt64) -> Consent {
    var general: Consent.Lasting?
    var named: Consent.Lasting?
    for grant in grants(covering: point) where grant.isEffective(at: now) {
      let isBeaten = denials(at: point).contains { !grant.terms.supersedes.contains($0.id) }
      guard !isBeaten else { continue }
      let lasting = Consent.Lasting(
        id: grant.id, end: grant.terms.expiresAtMilliseconds ?? .max)
      general = Consent.Lasting.longer(general, lasting)
      if case .agencies = grant.terms.scope.recipients {
        named = Consent.Lasting.longer(named, lasting)
      }
    }
    return Consent(
      isDenied: denials(at: point).contains { _ in true }, general: general, named: named)
  }

  /// What stands against an agency in a category (for the hub: against its keeping it), whether it
  /// is what decides or something else denies it as well.
  package func objections(to agency: AgencyID, on category: Category, now: UInt64) -> [Reason] {
    objections(
      at: agency == .hub ? .keeping(category) : .receiving(category, agency: agency), now: now)
  }

  /// What stands against an agency at a point where nothing allows it: denials, and consent that
  /// has run out.
  func objections(at point: Point, now: UInt64) -> [Reason] {
    denials(at: point).map(\.reason)
      + grants(covering: point).filter { !$0.isEffective(at: now) }.map { .expired($0.id) }
  }

  /// The override that lets this agency hold the category, the longest first; for the hub, any that
  /// names somebody for whom the hub must pass it on.
  func override(
    for agency: AgencyID, category: Category, isSensitive: Bool, now: UInt64
  ) -> Consent.Lasting? {
    var longest: Consent.Lasting?
    for override in overrides(naming: agency, category: category)
    where now < override.terms.untilMilliseconds
      && override.flaw(for: category, isSensitive: isSensitive) == nil
    {
      longest = Consent.Lasting.longer(
        longest, Consent.Lasting(id: override.id, end: override.terms.untilMilliseconds))
    }
    return longest
  }

  /// Why the overrides that name this agency do not help it.
  func flaws(
    ofOverridesFor agency: AgencyID, category: Category, isSensitive: Bool, now: UInt64
  ) -> [Reason] {
    overrides(naming: agency, category: category).compactMap {
      now < $0.terms.untilMilliseconds
        ? $0.flaw(for: category, isSensitive: isSensitive) : .expired($0.id)
    }
  }

  private func overrides(
    naming agency: AgencyID, category: Category
  ) -> some Sequence<Override> {
    overrides.lazy.filter {
      $0.categories.contains(category)
        && (agency == .hub ? !$0.terms.recipients.isEmpty : $0.terms.recipients.contains(agency))
    }
  }
}

extension PolicySet.Override {
  /// The ground that is missing for the categories that need a special one.
  fileprivate func flaw(for category: Category, isSensitive: Bool) -> Reason? {
    if isSensitive && !terms.significantHarm { return .overrideNeedsSignificantHarm(id) }
    if category == .whereabouts && !terms.authorisedRole { return .overrideNeedsAuthorisedRole(id) }
    return nil
  }
}
